"""The state a killed run goes on from.

Each checkpoint is one file, written under a temporary name, synced and renamed; the one before is removed only
then. It says how long the journal was, so that resuming cuts off what was written later and makes it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.store import journal
from glasscli.store.files import replacing

KEEP = 2


@dataclass(frozen=True)
class Checkpoint:
    """Where in the deck (stage, step), LAMMPS's restart file, and the length of the journal at that moment."""

    stage: int
    step: int
    journal_length: int
    restart: bytes
    lammps_version: int

    @property
    def order(self) -> tuple[int, int]:
        """Checkpoints in the order they were taken."""
        return self.stage, self.step


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """Store a checkpoint durably, then remove all but the newest two."""
    values = {
        "stage": checkpoint.stage,
        "step": checkpoint.step,
        "journal_length": checkpoint.journal_length,
        "lammps_version": checkpoint.lammps_version,
    }
    arrays = {"restart": np.frombuffer(checkpoint.restart, dtype=np.uint8)}
    path = folder / f"checkpoint-{checkpoint.stage}-{checkpoint.step:015d}"
    with replacing(path) as temporary:
        temporary.write_bytes(journal.encode("checkpoint", values, arrays))
    for old in _files(folder)[:-KEEP]:
        old.unlink()


def latest(folder: Path) -> Checkpoint | None:
    """The newest checkpoint that is whole, or None."""
    for path in reversed(_files(folder)):
        with path.open("rb") as file:
            record = journal.read_record(file)
        if record is not None and record.kind == "checkpoint":
            return Checkpoint(restart=record.arrays["restart"].tobytes(), **record.values)
    return None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("checkpoint-*"))
