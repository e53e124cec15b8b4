"""What a run holds, finished or not: tables, frames, inherent structures, full states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.store.manifest import Manifest


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
