"""A finished run: read from its H5MD file."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import FileError
from glasscli.limits import parse_json
from glasscli.store.content import digests_of_frames
from glasscli.store.manifest import Manifest
from glasscli.store.run import Frames, Run, State
from glasscli.store.schema import Series

DAMAGE = (OSError, KeyError, RuntimeError)  # how h5py says it
BLOCK = 2**24  # bytes of positions that are read at a time


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
        first = self._read("particles/all/species/value", 0) if vary else self._read("particles/all/species")
        return np.asarray(first)

    def table(self, series: Series) -> dict[str, np.ndarray]:
        """Observables that share their steps; no rows when they are not there."""
        if not series.expected(self.manifest.protocol) and not self._has(series.owner):
            return series.empty(self.manifest.system.n_species)
        columns = {c.key: self._read(f"observables/{c.name}/value") for c in series.columns}
        return series.table(self._read(f"{series.owner}/step"), columns)

    def structures(self, series: Series) -> Frames:
        """The configurations of a series."""
        return self._frames(f"particles/{series.kind}")

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return self._frames("particles/all")

    @property
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states."""
        return np.asarray(self._read("glasscli/states/step"))

    def state(self, index: int) -> State:
        """One stored full state."""
        ends = self._read("glasscli/states/restart_end")
        index %= len(ends)
        start = ends[index - 1] if index else 0
        where, group = np.s_[index], "glasscli/states/"
        configuration = Configuration(
            self._read(group + "position", where), self._species(group + "species", where),
            Box(self._read(group + "edges", where)), self._read(group + "image", where),
            self._read(group + "velocity", where), int(self.state_steps[index]),
        )  # fmt: skip
        restart = self._read(group + "restart", np.s_[start : ends[index]]).tobytes()
        return State(configuration, restart, int(self._read(group + "lammps", where)))

    def result(self, name: str) -> dict[str, Any] | None:
        """What was measured on this run under `name`, or None."""
        key = f"analysis/{name}/json"
        return parse_json(bytes(self._read(key)).decode()) if self._has(key) else None

    def _frames(self, group: str) -> Frames:
        if not self._has(group):
            return Frames(np.zeros(0, dtype=np.int64), self._no_frame)
        steps = self._read(f"{group}/position/step")
        return Frames(
            steps, lambda i: self._configuration(group, i), lambda: self._digests(group, len(steps))
        )

    def _digests(self, group: str, length: int) -> list[str]:
        """Of all frames, read in blocks of whole chunks."""
        found: list[str] = []
        vary = self._has(f"{group}/species/value")
        chunks = self._file[f"{group}/position/value"].chunks if length else None
        rows = max(1, BLOCK // (24 * max(1, len(self.species))))
        rows = max(1, rows // chunks[0]) * chunks[0] if chunks else rows
        for first in range(0, length, rows):
            where = np.s_[first : first + rows]
            found += digests_of_frames(
                self._read(f"{group}/position/value", where), self._read(f"{group}/box/edges/value", where),
                self._read(f"{group}/species/value", where) if vary else self.species,
                self._read(f"{group}/image/value", where),
            )  # fmt: skip
        return found

    def _no_frame(self, index: int) -> Configuration:
        raise IndexError(index)

    def _configuration(self, group: str, index: int) -> Configuration:
        where = np.s_[index]
        velocity = f"{group}/velocity/value"
        return Configuration(
            self._read(f"{group}/position/value", where).astype(np.float64),
            self._species(f"{group}/species/value", where),
            Box(self._read(f"{group}/box/edges/value", where)),
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
        except DAMAGE as error:
            raise FileError(f"{self.path}: damaged on the way to {key}: {_first_line(error)}") from error

    def _read(self, key: str, where: Any = ()) -> Any:
        """Read (a part of) a dataset; checksums that do not match are one clear line."""
        try:
            return self._file[key][where]
        except DAMAGE as error:
            raise FileError(
                f"{self.path}: dataset {key} is damaged or missing: {_first_line(error)}"
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
