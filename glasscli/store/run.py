"""What a run holds, finished or not: tables, frames, inherent structures, full states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import FileError
from glasscli.gate import finite
from glasscli.grid import Grid
from glasscli.store.content import digest_of_frame
from glasscli.store.manifest import Manifest
from glasscli.store.schema import EXCHANGE, INHERENT, PULL, STRESS, TEMPERING, THERMO, Series


class Frames:
    """A sequence of configurations, each read when it is asked for.

    digests: what gives a digest of each, where there is a faster way than to read them one by one
    """

    def __init__(
        self, steps: np.ndarray, read: Callable[[int], Configuration],
        digests: Callable[[], list[str]] | None = None,
    ) -> None:  # fmt: skip
        self.steps = steps
        self._read, self._digests = read, digests

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Configuration:
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        return self._read(index % len(self))

    def __iter__(self) -> Iterator[Configuration]:
        return (self._read(i) for i in range(len(self)))

    def digests(self) -> list[str]:
        """A digest of what each holds; see `content.digest_of_frame`."""
        if self._digests is not None:
            return self._digests()
        return [digest_of_frame(c.positions, c.box.packed, c.species, c.images) for c in self]


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
    stress  arrays [V]: step, pressure_xx, _yy, _zz, _xy, _xz, _yz; no rows in runs without --stress-every
    inherent_table  arrays [I]: step, inherent_energy (per atom), inherent_pressure, inherent_max_force, ...
    tempering_table  arrays [R]: step, tempering_walker, _tried, _accepted; no rows without parallel tempering
    pull_table      arrays [P]: step, force_squared, laplacian, trials_tried, trials_accepted
    exchange_table  arrays [X]: step, exchange_tried and _accepted [X, s, s], exchange_checked, exchange_error
    """

    path: Path
    manifest: Manifest
    finished: bool

    @abstractmethod
    def table(self, series: Series) -> dict[str, np.ndarray]:
        """Columns of a series, all of one length: `step`, and its own by their names; no rows in runs without."""

    @abstractmethod
    def structures(self, series: Series) -> Frames:
        """The configurations that come with the rows of a series."""

    def _shown(self, series: Series) -> dict[str, np.ndarray]:
        """A table to be computed with. Raises FileError where numbers in it are not finite."""
        table = self.table(series)
        for name, values in table.items():
            if fault := finite(name, values):
                raise FileError(f"{self.path}: {series.title}: {fault}")
        return table

    @cached_property
    def thermo(self) -> dict[str, np.ndarray]:
        """Thermodynamic series."""
        return self._shown(THERMO)

    @cached_property
    def stress(self) -> dict[str, np.ndarray]:
        """The pressure tensor in time; no rows in runs that were not asked for it."""
        return self._shown(STRESS)

    @cached_property
    def inherent_table(self) -> dict[str, np.ndarray]:
        """One row an inherent structure."""
        return self._shown(INHERENT)

    @cached_property
    def exchange_table(self) -> dict[str, np.ndarray]:
        """What Monte Carlo did since the row before; no rows in runs without."""
        return self._shown(EXCHANGE)

    @cached_property
    def pull_table(self) -> dict[str, np.ndarray]:
        """What the configurational temperature is made of; no rows in runs without."""
        return self._shown(PULL)

    @cached_property
    def tempering_table(self) -> dict[str, np.ndarray]:
        """Trades between temperatures; no rows in runs without."""
        return self._shown(TEMPERING)

    @property
    def grid(self) -> Grid | None:
        """What frames are rounded to; None where they are float32."""
        precision = self.manifest.protocol.sampling.precision
        return None if precision is None else Grid(precision)

    @property
    @abstractmethod
    def frame_bytes(self) -> int | None:
        """What positions and images of all frames take in the file; None where there is none yet."""

    @property
    @abstractmethod
    def frames(self) -> Frames:
        """Configurations as they moved."""

    @property
    def inherent(self) -> Frames:
        """Inherent structures."""
        return self.structures(INHERENT)

    @property
    @abstractmethod
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states, ascending."""

    @property
    @abstractmethod
    def state_restarts(self) -> tuple[np.ndarray, np.ndarray]:
        """[S] LAMMPS versions that wrote the states' restart files, and [S] where each ends, one after the other."""

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

    @property
    @abstractmethod
    def diameters(self) -> np.ndarray | None:
        """[N] diameters where each atom has its own, else None."""

    def inherent_or_frames(self) -> Frames:
        """Inherent structures where there are any, else the frames."""
        return self.inherent if len(self.inherent) else self.frames
