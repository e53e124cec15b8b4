"""Writes what a run produces into its working folder: NAME.h5.partial, beside where NAME.h5 will be."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import FileError
from glasscli.grid import Grid
from glasscli.limits import TEXT, parse_json
from glasscli.store import checkpoint as checkpoints
from glasscli.store.files import own, read_end, read_own, replacing
from glasscli.store.journal import JournalReader, JournalWriter
from glasscli.store.manifest import Incarnation, Manifest
from glasscli.store.rows import gathered, single
from glasscli.store.schema import Row, Series
from glasscli.store.so_far import length_so_far, so_far

# Of the manifest, without which paid steps are worth nothing, there is a second one.
MANIFEST, COPY, JOURNAL, HISTORY = "run.json", "run.copy.json", "journal", "history"


def partial_folder(output: Path) -> Path:
    """The working folder of an output file."""
    return output.with_name(output.name + ".partial")


def renamed_run(folder: Path) -> str | None:
    """What to do with a folder that holds an unfinished run, and is not called as one; None for any other."""
    if folder.name.endswith(".partial") or not (folder / MANIFEST).is_file():
        return None
    output = f"{folder.name.removesuffix('.h5')}.h5"
    return (
        f"{folder} holds an unfinished run, but is not called NAME.h5.partial: rename it "
        f"(mv {folder.name} {output}.partial), then resume {output}"
    )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Store the manifest, the copy first; a folder without a manifest holds no run."""
    for name in (COPY, MANIFEST):
        with replacing(folder / name, follow=False) as temporary:
            temporary.write_text(manifest.to_json())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a working folder, without its history; its copy where it is damaged.

    Raises FileError when both are.
    """
    try:
        return _manifest(folder / MANIFEST)
    except _DAMAGE as error:
        with suppress(*_DAMAGE):
            return _manifest(folder / COPY)
        why = " ".join(str(error).split())[:120]
        raise FileError(f"{folder / MANIFEST}: damaged ({why}); the run cannot be read") from error


def manifest_damaged(folder: Path) -> bool:
    """Whether a working folder is read by the copy of its manifest."""
    try:
        _manifest(folder / MANIFEST)
    except _DAMAGE:
        return True
    return False


_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError)


def _manifest(path: Path) -> Manifest:
    return Manifest.from_json(read_own(path).decode())


def read_history(folder: Path) -> list[Incarnation]:
    """Incarnations of a run so far; a torn line is dropped.

    Each writes a line when it begins and one when it ends; one that never wrote the second was killed.
    """
    text = ""
    with suppress(OSError):
        text = read_end(folder / HISTORY, int(TEXT.value))
    rows: dict[tuple[str, int, int], Incarnation] = {}
    for line in text.splitlines():
        with suppress(ValueError, TypeError):
            row = Incarnation(**parse_json(line))
            row.check()
            rows[row.began, row.process, row.start_step] = row
    history = list(rows.values())
    for row in history[:-1]:
        row.reason = "killed" if row.reason == "running" else row.reason
    return history


class Recorder:
    """Appends frames, states and rows of all series to a run's journal."""

    def __init__(
        self, folder: Path, journal_length: int, species_vary: bool = False, precision: float | None = None
    ) -> None:  # fmt: skip
        """journal_length: how much of the run is to be gone on with, as a checkpoint says it."""
        self.folder, self._species_vary = folder, species_vary
        self._grid = Grid(precision) if precision else None
        self.begins = length_so_far(so_far(folder))
        self._checkpoints = [one for one in checkpoints.known(folder) if one[0] <= journal_length]
        self._journal = self._opened(journal_length)
        self._waiting: dict[str, list[tuple[int, list[float]]]] = {}

    def species(self, species: np.ndarray, diameters: np.ndarray | None = None) -> None:
        """Append the species of all atoms, and their diameters where each has its own; once, before the first frame."""
        sizes = {} if diameters is None else {"diameters": diameters.astype("<f8")}
        self._journal.append("species", {}, {"species": species.astype("<i4")} | sizes)

    def row(self, series: Series, step: int, row: Row, structure: Configuration | None = None) -> None:
        """Append one row of a series, with its configuration where it has one.

        Rows of a gathered series are kept, and written together before the next frame, structure or checkpoint.
        """
        if series.gathered:
            numbers = [float(row[column.key]) for column in series.columns]
            self._waiting.setdefault(series.kind, []).append((step, numbers))
            return
        values, arrays = single(series, row)
        if structure is not None:
            self._flush()
            arrays |= self._stored(structure)
        self._journal.append(series.kind, {"step": step} | values, arrays)

    def frame(self, step: int, configuration: Configuration, velocities: bool) -> None:
        """Append a frame."""
        self._flush()
        arrays = self._stored(configuration, self._grid)
        if velocities and configuration.velocities is not None:
            arrays["velocities"] = configuration.velocities.astype("<f4")
        self._journal.append("frame", {"step": step}, arrays)

    def state(self, step: int, configuration: Configuration, restart: bytes, lammps_version: int) -> None:
        """Append a full state that stays in the finished file."""
        self._flush()
        assert configuration.velocities is not None and configuration.images is not None
        arrays: dict[str, np.ndarray] = {
            "restart": np.frombuffer(restart, dtype=np.uint8),
            "positions": configuration.positions,
            "velocities": configuration.velocities,
            "images": configuration.images,
            "box": configuration.box.packed,
        }
        if self._species_vary:
            arrays["species"] = configuration.species.astype("<i4")
        self._journal.append("state", {"step": step, "lammps_version": lammps_version}, arrays)

    def checkpoint(
        self, leg: int, step: int, restart: bytes, lammps_version: int, configuration: Configuration,
        ranks: int = 1, accelerator: str = "",
    ) -> None:  # fmt: skip
        """Make everything so far durable, then say that the run can go on from here."""
        self._flush()
        self._journal.sync()
        length = self._journal.length
        # The one at which the file that grows ends is kept: with that file alone a run can go on from there.
        ends = [name for at, name in self._checkpoints if at == self.begins > 0]
        name = checkpoints.write(
            self.folder,
            checkpoints.Checkpoint(
                leg, step, length, restart, lammps_version, configuration, ranks, accelerator
            ),
            ends[-1] if ends else "",
        )
        self._checkpoints = [*self._checkpoints, (length, name)][-checkpoints.KEEP :]
        if ends and ends[-1] not in {name for _, name in self._checkpoints}:
            self._checkpoints.insert(0, (self.begins, ends[-1]))

    @property
    def settled(self) -> int:
        """How much of the journal is before the older of the two newest checkpoints."""
        return self._checkpoints[-checkpoints.KEEP][0] if len(self._checkpoints) >= checkpoints.KEEP else 0

    def cut(self, begins: int) -> None:
        """Keep of the journal what begins at an offset, because all before is elsewhere."""
        length = self._journal.length
        self._journal.close()
        self.begins = begins
        self._journal = self._opened(length)

    def _opened(self, length: int) -> JournalWriter:
        """The journal, its tail alone where the file that grows holds the rest."""
        path = self.folder / JOURNAL
        if self.begins:
            os.close(own(path, os.O_RDWR | os.O_CREAT))
            with JournalReader(path) as whole:
                if whole.begins != self.begins:
                    with replacing(path, follow=False) as temporary:
                        whole.write_tail(temporary, self.begins, length)
        return JournalWriter(path, length)

    def note(self, incarnation: Incarnation) -> None:
        """Append a line to the history: at the beginning and at the end of a process's share."""
        # On a full disk the run's own error is the message, not this line's. A torn line may stand before it.
        with suppress(OSError), open(self.folder / HISTORY, "a", opener=own) as file:
            file.write("\n" + json.dumps(asdict(incarnation)) + "\n")

    def close(self) -> None:
        """Write no more."""
        self._journal.close()

    def _flush(self) -> None:
        for kind, rows in self._waiting.items():
            self._journal.append(kind, {}, gathered(rows))
        self._waiting = {}

    def _stored(self, configuration: Configuration, grid: Grid | None = None) -> dict[str, np.ndarray]:
        """The arrays of a frame in the precision that is kept (see schema)."""
        c = configuration
        arrays: dict[str, np.ndarray] = {"box": c.box.packed.astype("<f8")}
        if grid:
            arrays["grid"] = grid.of(c).astype("<i8")
        else:
            images = np.zeros(c.positions.shape, dtype="<i4") if c.images is None else c.images.astype("<i4")
            arrays |= {"positions": c.positions.astype("<f4"), "images": images}
        return arrays | ({"species": c.species.astype("<i4")} if self._species_vary else {})
