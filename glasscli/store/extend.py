"""Reopens a finished run, so that it can go on: a journal again, or a file that grows, with a checkpoint at its end."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from glasscli.store.assemble import append
from glasscli.store.files import replacing, require_space
from glasscli.store.finished import FileRun
from glasscli.store.recorder import HISTORY, Recorder
from glasscli.store.schema import SERIES
from glasscli.store.so_far import SO_FAR_FILE, segment_bytes


def reopen(run: FileRun, folder: Path, leg: int) -> None:
    """Fill an empty working folder with all that `run` holds, ready to go on in `leg` of a longer deck.

    What is stored comes back bit for bit: positions stay float32 or on their grid, the rest is float64. The finished
    file is only read; it is replaced when the longer run is whole.
    """
    protocol = run.manifest.protocol
    long = run.path.stat().st_size >= segment_bytes()
    if long:
        _begin_with(run, folder)
    recorder = Recorder(folder, 0, protocol.species_vary, protocol.sampling.precision)
    if not long:
        _record(run, recorder)
    last = run.state(-1)
    by = run.manifest.history[-1]
    recorder.checkpoint(
        leg, last.step, last.restart, last.lammps_version, last.configuration, by.ranks, by.accelerator
    )
    with replacing(folder / HISTORY, follow=False) as temporary:
        temporary.write_text("".join(json.dumps(asdict(i)) + "\n" for i in run.manifest.history))
    recorder.close()


def _begin_with(run: FileRun, folder: Path) -> None:
    """Let a copy of a finished file be the one that grows, with an empty journal behind it."""
    require_space(folder, run.path.stat().st_size)
    with replacing(folder / SO_FAR_FILE, follow=False) as temporary:
        shutil.copyfile(run.path, temporary)
        copy = FileRun(temporary)
        append(copy, temporary, copy, 0)


def _record(run: FileRun, recorder: Recorder) -> None:
    """Write all that a run holds into a journal again."""
    velocities = run.manifest.protocol.sampling.velocities
    recorder.species(run.species, run.diameters)
    tables = {series.kind: run.table(series) for series in SERIES.values()}
    structures = {series.kind: run.structures(series) for series in SERIES.values() if series.structure}
    steps = {kind: table["step"] for kind, table in tables.items()}
    steps |= {"frame": run.frames.steps, "state": run.state_steps}
    # What belongs to one step in the order in which it was recorded.
    gathered = [series.kind for series in SERIES.values() if series.gathered]
    kinds = [*gathered, "frame", *(kind for kind in tables if kind not in gathered), "state"]
    events = sorted(
        (int(step), rank, index) for rank, kind in enumerate(kinds) for index, step in enumerate(steps[kind])
    )
    for step, rank, index in events:
        kind = kinds[rank]
        if kind == "frame":
            recorder.frame(step, run.frames[index], velocities)
        elif kind == "state":
            state = run.state(index)
            recorder.state(step, state.configuration, state.restart, state.lammps_version)
        else:
            row = {c.key: tables[kind][c.name][index] for c in SERIES[kind].columns}
            structure = structures[kind][index] if kind in structures else None
            recorder.row(SERIES[kind], step, row, structure)
