"""Writes what a run produces into its working folder: NAME.h5.partial, beside where NAME.h5 will be."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import FileError
from glasscli.limits import TEXT
from glasscli.store import checkpoint as checkpoints
from glasscli.store.files import replacing
from glasscli.store.journal import JournalWriter
from glasscli.store.manifest import Incarnation, Manifest
from glasscli.store.rows import gathered, single
from glasscli.store.schema import Row, Series

MANIFEST, JOURNAL, HISTORY = "run.json", "journal", "history"


def partial_folder(output: Path) -> Path:
    """The working folder of an output file."""
    return output.with_name(output.name + ".partial")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Store the manifest; a folder without one holds no run."""
    with replacing(folder / MANIFEST) as temporary:
        temporary.write_text(manifest.to_json())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a working folder, without its history; raises FileError when it is damaged."""
    try:
        TEXT.check((folder / MANIFEST).stat().st_size, folder / MANIFEST)
        return Manifest.from_json((folder / MANIFEST).read_bytes().decode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(f"{folder / MANIFEST}: damaged ({error}); the run cannot be read") from error


def read_history(folder: Path) -> list[Incarnation]:
    """Incarnations of a run so far; a torn line is dropped.

    Each writes a line when it begins and one when it ends; one that never wrote the second was killed.
    """
    path = folder / HISTORY
    rows: dict[tuple[str, int], Incarnation] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            row = Incarnation(**json.loads(line))
            rows[row.began, row.process] = row
        except (ValueError, TypeError):
            continue
    history = list(rows.values())
    for row in history[:-1]:
        row.reason = "killed" if row.reason == "running" else row.reason
    return history


class Recorder:
    """Appends frames, states and rows of all series to a run's journal."""

    def __init__(self, folder: Path, journal_length: int, species_vary: bool = False) -> None:
        self._folder, self._species_vary = folder, species_vary
        self._journal = JournalWriter(folder / JOURNAL, journal_length)
        self._waiting: dict[str, list[tuple[int, list[float]]]] = {}

    def species(self, species: np.ndarray) -> None:
        """Append the species of all atoms; once, before the first frame."""
        self._journal.append("species", {}, {"species": species.astype("<i4")})

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
        arrays = self._stored(configuration)
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
            "box": configuration.box.edges,
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
        checkpoints.write(
            self._folder,
            checkpoints.Checkpoint(
                leg, step, self._journal.length, restart, lammps_version, configuration, ranks, accelerator
            ),
        )

    def note(self, incarnation: Incarnation) -> None:
        """Append a line to the history: at the beginning and at the end of a process's share."""
        # On a full disk the run's own error is the message, not this line's. A torn line may stand before it.
        with suppress(OSError), (self._folder / HISTORY).open("a") as file:
            file.write("\n" + json.dumps(asdict(incarnation)) + "\n")

    def close(self) -> None:
        """Write no more."""
        self._journal.close()

    def _flush(self) -> None:
        for kind, rows in self._waiting.items():
            self._journal.append(kind, {}, gathered(rows))
        self._waiting = {}

    def _stored(self, configuration: Configuration) -> dict[str, np.ndarray]:
        """The arrays of a frame in the precision that is kept (see schema)."""
        c = configuration
        images = np.zeros(c.positions.shape, dtype="<i4") if c.images is None else c.images.astype("<i4")
        arrays = {"positions": c.positions.astype("<f4"), "images": images, "box": c.box.edges.astype("<f8")}
        return arrays | ({"species": c.species.astype("<i4")} if self._species_vary else {})
