"""Opens what a run wrote: the finished H5MD file, or the journal of one that is unfinished."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import FileError, MissingFileError
from glasscli.store import journal
from glasscli.store.manifest import Manifest
from glasscli.store.recorder import JOURNAL, MANIFEST, partial_folder, read_history
from glasscli.store.schema import EXCHANGE, INHERENT, TEMPERING, THERMO

_TABLES = {"exchange": EXCHANGE, "tempering": TEMPERING}


class Frames:
    """A sequence of configurations, each read when it is asked for."""

    def __init__(self, steps: np.ndarray, read: Callable[[int], Configuration]) -> None:
        self.steps = steps
        self._read = read

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Configuration:
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        return self._read(index % len(self))

    def __iter__(self) -> Iterator[Configuration]:
        return (self._read(i) for i in range(len(self)))


@dataclass(frozen=True)
class State:
    """A full state: another run can start from it."""

    configuration: Configuration
    restart: bytes
    lammps_version: int

    @property
    def step(self) -> int:
        """The step it was taken at."""
        return self.configuration.step


class Run(ABC):
    """A run as stored.

    manifest  system, protocol, deck, parents, history
    finished  whether it reached its end
    thermo    arrays [T]: step, temperature, potential_energy, kinetic_energy (per atom), pressure, volume
    inherent_table  arrays [I]: step, inherent_energy (per atom), inherent_pressure, inherent_max_force, ...
    tempering_table  arrays [R]: step, tempering_walker, _tried, _accepted; no rows without parallel tempering
    exchange_table  arrays [X]: step, exchange_tried and _accepted [X, s, s], exchange_checked, exchange_error
    """

    path: Path
    manifest: Manifest
    finished: bool

    @property
    @abstractmethod
    def thermo(self) -> dict[str, np.ndarray]:
        """Thermodynamic series."""

    @property
    @abstractmethod
    def inherent_table(self) -> dict[str, np.ndarray]:
        """One row an inherent structure."""

    @property
    @abstractmethod
    def exchange_table(self) -> dict[str, np.ndarray]:
        """What Monte Carlo did since the row before; no rows in runs without."""

    @property
    @abstractmethod
    def tempering_table(self) -> dict[str, np.ndarray]:
        """Trades between temperatures; no rows in runs without."""

    @property
    @abstractmethod
    def frames(self) -> Frames:
        """Configurations as they moved."""

    @property
    @abstractmethod
    def inherent(self) -> Frames:
        """Inherent structures."""

    @property
    @abstractmethod
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states, ascending."""

    @abstractmethod
    def state(self, index: int) -> State:
        """One stored full state."""

    @abstractmethod
    def result(self, name: str) -> dict[str, Any] | None:
        """What was measured on this run under `name`, or None."""

    @property
    @abstractmethod
    def start(self) -> tuple[str, bytes] | None:
        """Name and contents of the file that the deck starts from, or None."""

    @property
    @abstractmethod
    def species(self) -> np.ndarray:
        """[N] species, 1 ... n, in the order of atom ids; those of the first frame where atoms change species."""

    def inherent_or_frames(self) -> Frames:
        """Inherent structures where there are any, else the frames."""
        return self.inherent if len(self.inherent) else self.frames


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
            np.array(arrays["box"]), np.array(arrays["images"]), velocities, record.values["step"],
        )  # fmt: skip


_DAMAGE = (OSError, KeyError, RuntimeError)  # how h5py says it


class FileRun(Run):
    """A finished run in its H5MD file, which nothing ever writes into: results come in by renaming a copy over it."""

    finished = True

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            raise FileError(f"{path}: not an HDF5 file, or truncated: {_first_line(error)}") from error
        if not self._has("glasscli/manifest"):
            raise FileError(f"{path}: an HDF5 file, but not one of glasscli's (no /glasscli/manifest)")
        try:
            self.manifest = Manifest.from_json(bytes(self._read("glasscli/manifest")).decode())
        except (ValueError, KeyError, TypeError) as error:
            raise FileError(
                f"{path}: its manifest is damaged or from a newer glasscli: {_first_line(error)}"
            ) from error

    @property
    def start(self) -> tuple[str, bytes] | None:
        """Name and contents of the file that the deck starts from, or None."""
        name = self.manifest.start.split()[0]
        return (name, self._read("glasscli/start").tobytes()) if self._has("glasscli/start") else None

    @cached_property
    def species(self) -> np.ndarray:
        """[N] species."""
        vary = self._has("particles/all/species/value")
        return self._read("particles/all/species/value", 0) if vary else self._read("particles/all/species")

    @cached_property
    def thermo(self) -> dict[str, np.ndarray]:
        """Thermodynamic series."""
        return {"step": self._read("observables/temperature/step")} | {
            name: self._read(f"observables/{name}/value") for name in THERMO
        }

    @cached_property
    def inherent_table(self) -> dict[str, np.ndarray]:
        """One row an inherent structure."""
        if not self._has("observables/inherent_energy"):
            return {"step": np.zeros(0, dtype=np.int64)} | {name: np.zeros(0) for name in INHERENT}
        return {"step": self._read("observables/inherent_energy/step")} | {
            name: self._read(f"observables/{name}/value") for name in INHERENT
        }

    @cached_property
    def exchange_table(self) -> dict[str, np.ndarray]:
        """What Monte Carlo did since the row before."""
        return self._table(EXCHANGE)

    @cached_property
    def tempering_table(self) -> dict[str, np.ndarray]:
        """Trades between temperatures."""
        return self._table(TEMPERING)

    def _table(self, names: Mapping[str, str]) -> dict[str, np.ndarray]:
        """Observables that share their steps; no rows when they are not there."""
        first = next(iter(names))
        if not self._has(f"observables/{first}"):
            return {name: np.zeros(0, dtype=np.int64) for name in ("step", *names)}
        return {"step": self._read(f"observables/{first}/step")} | {
            name: self._read(f"observables/{name}/value") for name in names
        }

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return self._frames("particles/all")

    @property
    def inherent(self) -> Frames:
        """Inherent structures."""
        return self._frames("particles/inherent")

    @property
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states."""
        return self._read("glasscli/states/step")

    def state(self, index: int) -> State:
        """One stored full state."""
        ends = self._read("glasscli/states/restart_end")
        index %= len(ends)
        start = ends[index - 1] if index else 0
        where, group = np.s_[index], "glasscli/states/"
        configuration = Configuration(
            self._read(group + "position", where), self._species(group + "species", where),
            self._read(group + "edges", where), self._read(group + "image", where),
            self._read(group + "velocity", where), int(self.state_steps[index]),
        )  # fmt: skip
        restart = self._read(group + "restart", np.s_[start : ends[index]]).tobytes()
        return State(configuration, restart, int(self._read(group + "lammps", where)))

    def result(self, name: str) -> dict[str, Any] | None:
        """What was measured on this run under `name`, or None."""
        key = f"analysis/{name}/json"
        return json.loads(bytes(self._read(key)).decode()) if self._has(key) else None

    def _frames(self, group: str) -> Frames:
        if not self._has(group):
            return Frames(np.zeros(0, dtype=np.int64), self._no_frame)
        return Frames(self._read(f"{group}/position/step"), lambda i: self._configuration(group, i))

    def _no_frame(self, index: int) -> Configuration:
        raise IndexError(index)

    def _configuration(self, group: str, index: int) -> Configuration:
        where = np.s_[index]
        velocity = f"{group}/velocity/value"
        return Configuration(
            self._read(f"{group}/position/value", where).astype(np.float64),
            self._species(f"{group}/species/value", where),
            self._read(f"{group}/box/edges/value", where),
            self._read(f"{group}/image/value", where),
            self._read(velocity, where).astype(np.float64) if self._has(velocity) else None,
            int(self._read(f"{group}/position/step", where)),
        )

    def _species(self, key: str, where: Any) -> np.ndarray:
        return self._read(key, where) if self._has(key) else self.species

    def _has(self, key: str) -> bool:
        """Whether the file holds this; HDF5 may stumble over damage on the way there."""
        try:
            return key in self._file
        except _DAMAGE as error:
            raise FileError(f"{self.path}: damaged on the way to {key}: {_first_line(error)}") from error

    def _read(self, key: str, where: Any = ()) -> Any:
        """Read (a part of) a dataset; checksums that do not match are one clear line."""
        try:
            return self._file[key][where]
        except _DAMAGE as error:
            raise FileError(
                f"{self.path}: dataset {key} is damaged or missing: {_first_line(error)}"
            ) from error


def open_run(path: str | Path) -> Run:
    """Open a finished file, or the unfinished run that will become it (NAME.h5 or its folder NAME.h5.partial).

    Raises MissingFileError when there is neither, FileError when it is damaged or not glasscli's.
    """
    path = Path(path)
    folder = path if path.is_dir() else partial_folder(path)
    if path.is_file():
        return FileRun(path)
    if (folder / MANIFEST).is_file():
        return JournalRun(folder)
    if path.is_dir():
        raise FileError(f"{path}: a folder, but not a run's (no {MANIFEST} in it)")
    raise MissingFileError(f"{path}: no such file, and no unfinished run of that name")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
