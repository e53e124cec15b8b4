"""Reopens a finished run, so that it can go on: its file becomes a journal again, with a checkpoint at its end."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from glasscli.errors import InputError
from glasscli.store.finished import FileRun
from glasscli.store.recorder import HISTORY, Recorder
from glasscli.store.schema import EXCHANGE, INHERENT, THERMO


def reopen(run: FileRun, folder: Path, stage: int) -> None:
    """Fill an empty working folder with all that `run` holds, ready to go on in `stage` of a longer deck.

    What is stored comes back bit for bit: positions stay float32, the rest is float64 on both sides. The finished
    file is only read; it is replaced when the longer run is whole.
    """
    velocities = run.manifest.protocol.sampling.velocities
    recorder = Recorder(folder, 0, run.manifest.protocol.species_vary)
    recorder.species(run.species)
    events = [(int(step), "frame", i) for i, step in enumerate(run.frames.steps)]
    events += [(int(step), "inherent", i) for i, step in enumerate(run.inherent.steps)]
    events += [(int(step), "state", i) for i, step in enumerate(run.state_steps)]
    exchanges = run.exchange_table
    if len(run.tempering_table["step"]):
        raise InputError(f"{run.path} belongs to a ladder of temperatures: lengthen none of it alone")
    events += [(int(step), "exchange", i) for i, step in enumerate(exchanges["step"])]
    rows = 0
    for step, kind, index in sorted(events, key=lambda event: event[0]):
        while rows < len(run.thermo["step"]) and run.thermo["step"][rows] <= step:
            values = {key: float(run.thermo[name][rows]) for name, key in THERMO.items()}
            recorder.thermo(int(run.thermo["step"][rows]), values)
            rows += 1
        if kind == "frame":
            recorder.frame(step, run.frames[index], velocities)
        elif kind == "inherent":
            table = {key: run.inherent_table[name][index].item() for name, key in INHERENT.items()}
            recorder.inherent(step, run.inherent[index], table)
        elif kind == "exchange":
            row = {key: exchanges[name][index] for name, key in EXCHANGE.items()}
            recorder.exchange(step, row | {"checked": int(row["checked"]), "error": float(row["error"])})
        else:
            state = run.state(index)
            recorder.state(step, state.configuration, state.restart, state.lammps_version)
    last = run.state(-1)
    by = run.manifest.history[-1]
    recorder.checkpoint(
        stage, last.step, last.restart, last.lammps_version, last.configuration, by.ranks, by.accelerator
    )
    (folder / HISTORY).write_text("".join(json.dumps(asdict(i)) + "\n" for i in run.manifest.history))
    recorder.close()
