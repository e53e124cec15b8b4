"""The state a killed run goes on from.

Each checkpoint is one file, written under a temporary name, synced and renamed; the one before is removed only
then. It says how long the journal was, so that resuming cuts off what was written later and makes it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import GlassError
from glasscli.gate import admit
from glasscli.store import journal
from glasscli.store.files import own, replacing

KEEP = 2


@dataclass(frozen=True)
class Checkpoint:
    """Where in the deck (leg, step), the full state, and the length of the journal at that moment.

    `restart` goes on bit for bit, but only in the LAMMPS version, on as many ranks and with the accelerator that wrote
    it; `configuration` (with velocities) goes on in any.
    """

    leg: int
    step: int
    journal_length: int
    restart: bytes
    lammps_version: int
    configuration: Configuration
    ranks: int = 1
    accelerator: str = ""

    @property
    def order(self) -> tuple[int, int]:
        """Checkpoints in the order they were taken."""
        return self.leg, self.step


def write(folder: Path, checkpoint: Checkpoint, keep: str = "") -> str:
    """Store a checkpoint durably, then remove all but the newest two, and one by its name; return the name."""
    values = {
        "stage": checkpoint.leg,  # its name in files since the first
        "step": checkpoint.step,
        "journal_length": checkpoint.journal_length,
        "lammps_version": checkpoint.lammps_version,
        "ranks": checkpoint.ranks,
        "accelerator": checkpoint.accelerator,
    }
    c = checkpoint.configuration
    assert c.images is not None and c.velocities is not None
    arrays: dict[str, np.ndarray] = {
        "restart": np.frombuffer(checkpoint.restart, dtype=np.uint8),
        "positions": c.positions,
        "species": c.species,
        "box": c.box.packed,
        "images": c.images,
        "velocities": c.velocities,
    }
    if c.diameters is not None:
        arrays["diameters"] = c.diameters
    path = folder / f"checkpoint-{checkpoint.leg}-{checkpoint.step:015d}"
    with replacing(path, follow=False) as temporary:
        temporary.write_bytes(journal.encode("checkpoint", values, arrays))
    for old in _files(folder)[:-KEEP]:
        if old.name != keep:
            old.unlink()
    return path.name


def latest(folder: Path, journal_length: int, least: int = 0) -> Checkpoint | None:
    """The newest checkpoint that is whole and that a journal of this length still covers, or None.

    least: how much of the journal is where it cannot be taken back.
    """
    for path in reversed(_files(folder)):
        checkpoint = _read(path)
        if checkpoint is not None and least <= checkpoint.journal_length <= journal_length:
            return checkpoint
    return None


def known(folder: Path) -> list[tuple[int, str]]:
    """Of the whole checkpoints, from the oldest on, the length of the journal that each relies on, and its name."""
    return [(c.journal_length, path.name) for path in _files(folder) if (c := _read(path)) is not None]


def rewind(folder: Path, leg: int, step: int) -> None:
    """Remove the checkpoints after a step of a leg."""
    for path in _files(folder):
        _, number, at = path.name.split("-")
        if (int(number), int(at)) > (leg, step):
            path.unlink()


def damaged(folder: Path) -> list[Path]:
    """Checkpoint files that are not whole."""
    return [path for path in _files(folder) if _read(path) is None]


def newest_length(folder: Path) -> int:
    """Length of the journal that the newest whole checkpoint relies on; 0 when there is none."""
    return max([0, *(length for length, _ in known(folder)[-1:])])


def _read(path: Path) -> Checkpoint | None:
    """The checkpoint in a file; None where it is damaged, or no state that LAMMPS could take."""
    try:
        with open(path, "rb", opener=own) as file:
            record = journal.read_record(file)
        if record is None or record.kind != "checkpoint":
            return None
        arrays = {name: np.array(array) for name, array in record.arrays.items()}
        restart, box = arrays.pop("restart").tobytes(), Box.unpacked(arrays.pop("box"))
        configuration = admit(Configuration(**arrays, box=box, step=record.values["step"]), path.name)
        values = dict(record.values)
        return Checkpoint(values.pop("stage"), restart=restart, configuration=configuration, **values)
    except (GlassError, KeyError, ValueError, TypeError):
        return None


def _files(folder: Path) -> list[Path]:
    names = re.compile(r"checkpoint-\d+-\d+")
    return sorted(
        path for path in folder.glob("checkpoint-*") if names.fullmatch(path.name) and path.is_file()
    )
