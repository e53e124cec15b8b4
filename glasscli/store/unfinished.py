"""A run that is still going on, or was interrupted: read from its journal."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import FileError
from glasscli.store import journal
from glasscli.store.manifest import Manifest
from glasscli.store.recorder import JOURNAL, MANIFEST, read_history
from glasscli.store.run import Frames, Run, State
from glasscli.store.schema import EXCHANGE, INHERENT, TEMPERING, THERMO

_TABLES = {"exchange": EXCHANGE, "tempering": TEMPERING}


class JournalRun(Run):
    """A run that is still going on, or was interrupted."""

    finished = False

    def __init__(self, folder: Path) -> None:
        self.path = folder
        try:
            self.manifest = Manifest.from_json((folder / MANIFEST).read_bytes().decode())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileError(f"{folder / MANIFEST}: damaged ({error}); the run cannot be read") from error
        self.manifest.history = read_history(folder)
        self._index: dict[str, list[tuple[int, int]]] = {"frame": [], "inherent": [], "state": []}
        self._species = np.zeros(0, dtype=np.int32)
        self._thermo: list[np.ndarray] = []
        self._inherent: list[list[float]] = []
        self._tables: dict[str, dict[str, list[Any]]] = {
            kind: {name: [] for name in ("step", *columns)} for kind, columns in _TABLES.items()
        }
        start = 0
        for record in journal.read(folder / JOURNAL) if (folder / JOURNAL).exists() else ():
            if record.kind == "species":
                self._species = np.array(record.arrays["species"])
            elif record.kind == "thermo":
                self._thermo.append(np.column_stack([record.arrays["steps"], record.arrays["rows"]]))
            elif record.kind in _TABLES:
                row = record.values | record.arrays
                for name, key in {"step": "step", **_TABLES[record.kind]}.items():
                    self._tables[record.kind][name].append(row[key])
            else:
                self._index[record.kind].append((record.values["step"], start))
            if record.kind == "inherent":
                self._inherent.append([record.values[key] for key in INHERENT.values()])
            start = record.end

    @property
    def start(self) -> tuple[str, bytes] | None:
        """Name and contents of the file that the deck starts from, or None."""
        name, *digest = self.manifest.start.split()
        if not digest:
            return None
        content = (self.path / name).read_bytes() if (self.path / name).exists() else b""
        if hashlib.sha256(content).hexdigest() != digest[0]:
            raise FileError(
                f"{self.path / name}: damaged; the run cannot start from it: remove {self.path} and run anew"
            )
        return name, content

    @property
    def species(self) -> np.ndarray:
        """[N] species."""
        return self._species

    @cached_property
    def thermo(self) -> dict[str, np.ndarray]:
        """Thermodynamic series."""
        table = np.concatenate(self._thermo) if self._thermo else np.zeros((0, 1 + len(THERMO)))
        return {"step": table[:, 0].astype(np.int64)} | {
            name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(THERMO, start=1)
        }

    @cached_property
    def inherent_table(self) -> dict[str, np.ndarray]:
        """One row an inherent structure."""
        table = np.array(self._inherent).reshape(-1, len(INHERENT))
        return {"step": self._steps("inherent")} | {name: table[:, i] for i, name in enumerate(INHERENT)}

    @cached_property
    def exchange_table(self) -> dict[str, np.ndarray]:
        """What Monte Carlo did since the row before."""
        return {name: np.array(values) for name, values in self._tables["exchange"].items()}

    @cached_property
    def tempering_table(self) -> dict[str, np.ndarray]:
        """Trades between temperatures."""
        return {name: np.array(values) for name, values in self._tables["tempering"].items()}

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return Frames(self._steps("frame"), lambda i: self._configuration("frame", i))

    @property
    def inherent(self) -> Frames:
        """Inherent structures."""
        return Frames(self._steps("inherent"), lambda i: self._configuration("inherent", i))

    @property
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states."""
        return self._steps("state")

    def state(self, index: int) -> State:
        """One stored full state."""
        record = self._record("state", index % len(self._index["state"]))
        configuration = self._configuration("state", index)
        return State(configuration, record.arrays["restart"].tobytes(), record.values["lammps_version"])

    def result(self, name: str) -> dict[str, Any] | None:
        """Nothing is measured on an unfinished run's folder."""
        return None

    def _steps(self, kind: str) -> np.ndarray:
        return np.array([step for step, _ in self._index[kind]], dtype=np.int64)

    def _record(self, kind: str, index: int) -> journal.Record:
        with (self.path / JOURNAL).open("rb") as file:
            file.seek(self._index[kind][index][1])
            record = journal.read_record(file)
        if record is None:
            raise FileError(f"{self.path / JOURNAL}: changed while it was read; open it again")
        return record

    def _configuration(self, kind: str, index: int) -> Configuration:
        record = self._record(kind, index)
        arrays = record.arrays
        velocities = arrays["velocities"].astype(np.float64) if "velocities" in arrays else None
        return Configuration(
            arrays["positions"].astype(np.float64), np.array(arrays.get("species", self.species)),
            Box(np.array(arrays["box"])), np.array(arrays["images"]), velocities, record.values["step"],
        )  # fmt: skip
