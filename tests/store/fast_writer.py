"""Writes runs as fast as they can be stored: no physics, all that a file holds, from any checkpoint the same bits.

python -m tests.store.fast_writer OUTPUT FRAMES ATOMS CHECKPOINT_EVERY [PRECISION]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.model.system import load_system
from glasscli.protocols.registry import read_protocol
from glasscli.store.closing import close_due, finish
from glasscli.store.finished import FileRun
from glasscli.store.manifest import Incarnation, Manifest
from glasscli.store.recorder import MANIFEST, Recorder, partial_folder, read_manifest, write_manifest
from glasscli.store.schema import INHERENT, THERMO
from glasscli.store.so_far import SO_FAR_FILE, only_unnamed
from glasscli.store.unfinished import last_checkpoint
from glasscli.store.working import clear, clear_scratch, remove_empty, working

ROWS, MINIMA, STATES = 4, 10, 40  # thermodynamic rows to a frame; frames to a minimum, to a full state
LAMMPS = 20250722


def protocol_text(frames: int, atoms: int, every: int, precision: float | None) -> str:
    """An isotherm with a frame every 4 steps."""
    sampling = {
        "thermo_every": 1, "frames": {"every": ROWS}, "inherent": {"every": MINIMA * ROWS},
        "checkpoint_every": every * ROWS, "state_every": STATES * ROWS, "velocities": False, "precision": precision,
    }  # fmt: skip
    words = {
        "kind": "anneal", "counts": [atoms // 2, atoms - atoms // 2], "ensemble": {"kind": "nvt"}, "timestep": 0.005,
        "seed": 1, "temperature": 0.6, "steps": frames * ROWS, "sampling": sampling, "approach": None,
        "new_velocities": False, "fictive_temperature": None,
    }  # fmt: skip
    return json.dumps(words)


def configuration(frame: int, atoms: int) -> Configuration:
    """Atoms that shake about their places, and walk away from them."""
    box = Box.cube((atoms / 1.3) ** (1 / 3))
    home = np.random.default_rng(7).random((atoms, 3)) * box.length
    rng = np.random.default_rng([3, frame])
    shaken = home + 0.05 * rng.standard_normal((atoms, 3)) + 0.002 * frame
    positions, images = box.folded(shaken)
    species = np.repeat(np.array([1, 2], dtype=np.int32), [atoms // 2, atoms - atoms // 2])
    return Configuration(positions, species, box, images, 0.1 * shaken, frame * ROWS)


def begin(folder: Path, frames: int, atoms: int, every: int, precision: float | None = None) -> None:
    """Write the manifest of a run, where there is none."""
    if not (folder / MANIFEST).exists():
        protocol = read_protocol(protocol_text(frames, atoms, every, precision))
        created = "2026-01-01T00:00:00"
        write_manifest(
            folder,
            Manifest(
                load_system("wahnstrom"), protocol, "", "random", [], "fast", {"glasscli": "0"}, created
            ),
        )


def write(output: Path, frames: int, atoms: int, every: int, precision: float | None = None) -> None:
    """Write the run, or go on with it, to its end: a checkpoint every so many frames."""
    folder = partial_folder(output)
    folder.mkdir(exist_ok=True)
    with working(folder):
        clear_scratch(folder)
        if not _done(output, folder):
            begin(folder, frames, atoms, every, precision)
            if not only_unnamed(folder):
                rows(folder, frames, atoms, every, precision)
            finish(folder, output)
        clear(folder)
    remove_empty(folder)


def _done(output: Path, folder: Path) -> bool:
    """Whether only the removal of the folder is left, as `simulation.run` has it; the manifest is the first to go."""
    if not output.exists():
        return False
    there = (folder / MANIFEST).exists()
    return not there or read_manifest(folder).identity == FileRun(output).manifest.identity


def rows(
    folder: Path, frames: int, atoms: int, every: int, precision: float | None = None, stop: int | None = None
) -> None:
    """Write all frames, or those after the last checkpoint; stop: the last of them, as if a kill came then."""
    checkpoint = last_checkpoint(folder)
    if checkpoint is None:
        (folder / SO_FAR_FILE).unlink(missing_ok=True)
    recorder = Recorder(folder, checkpoint.journal_length if checkpoint else 0, precision=precision)
    recorder.note(Incarnation(0, None, "here", 1, "2026-01-01T00:00:00", LAMMPS))
    close_due(recorder)
    if checkpoint is None:
        recorder.species(configuration(0, atoms).species)
    for frame in range(checkpoint.step // ROWS + 1 if checkpoint else 0, frames + 1):
        atoms_now = configuration(frame, atoms)
        for step in range(max(0, (frame - 1) * ROWS + 1), frame * ROWS + 1):
            recorder.row(
                THERMO, step, {"temp": 0.6, "pe": -7 - 1 / (step + 1), "ke": 0.9, "press": 1.0, "vol": 9.0}
            )
        recorder.frame(atoms_now.step, atoms_now, velocities=False)
        if frame % MINIMA == 0 or frame == frames:
            row = {"energy": -7.3, "pressure": 0.1 * frame, "max_force": 1e-7, "iterations": frame}
            recorder.row(INHERENT, atoms_now.step, row, atoms_now)
        restart = np.random.default_rng([5, frame]).bytes(100 * atoms)
        if (frame and frame % STATES == 0) or frame == frames:
            recorder.state(atoms_now.step, atoms_now, restart, LAMMPS)
        if frame and (frame % every == 0 or frame == frames):
            recorder.checkpoint(0, atoms_now.step, restart, LAMMPS, atoms_now)
            close_due(recorder)
        if frame == stop:
            break
    recorder.close()


if __name__ == "__main__":
    path, *numbers = sys.argv[1:]
    many, each, often = map(int, numbers[:3])
    write(Path(path), many, each, often, float(numbers[3]) if numbers[3:] else None)
