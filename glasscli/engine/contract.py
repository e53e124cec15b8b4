"""What the rest of glasscli asks of whatever runs a deck."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.deck import EDGE_COLUMNS, STRESS_COLUMNS, THERMO_COLUMNS, TILT_COLUMNS

RECORDED = 512
# What an engine can be asked to note while it advances, each by a fix of its own: {its columns: the fix}.
RECORDS = {THERMO_COLUMNS: "record", STRESS_COLUMNS: "stress", TILT_COLUMNS: "tilt", EDGE_COLUMNS: "edge"}


class Engine(Protocol):
    """A running simulation. Every method may raise EngineError with one line that names the cause."""

    version: int
    ranks: int

    @property
    def boltzmann(self) -> float:
        """Boltzmann's constant in the units of the deck."""

    def commands(self, lines: Iterable[str]) -> None:
        """Issue LAMMPS commands."""

    def provide(self, name: str, content: bytes) -> None:
        """Make a file available under the name by which commands call it."""

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Run `steps`; `setup` must be true for the first run after a checkpoint or a change of fixes."""

    def record(self, every: int, columns: tuple[str, ...] = THERMO_COLUMNS) -> None:
        """From now on note columns of RECORDS at each multiple of `every` steps; the next advance needs `setup`."""

    def recorded(
        self, after: int, columns: tuple[str, ...] = THERMO_COLUMNS
    ) -> list[tuple[int, dict[str, float]]]:
        """(step, {column: value}) of what was noted after a step; at most RECORDED of them are kept."""

    def thermo(self) -> dict[str, float]:
        """Present temp, pe, ke (per atom), press, vol; `step` too."""

    def configuration(self) -> Configuration:
        """Present state, ordered by atom id, wrapped, with images and velocities."""

    def rearrange(self, occupant: np.ndarray) -> None:
        """Atom occupant[i] goes where atom i was and keeps its velocity; the next advance needs `setup`."""

    def replace(self, configuration: Configuration) -> None:
        """Take positions, images, species and velocities of a configuration of the same box and atoms; then `setup`."""

    def transmute(self, species: np.ndarray, speeds: np.ndarray) -> None:
        """Set [n_atoms] species and multiply velocities by `speeds`; the next advance needs `setup`."""

    def fix_value(self, name: str, index: int) -> float:
        """One number of a fix's global vector."""

    def state(self) -> bytes:
        """The present state as a LAMMPS restart file; the next advance needs `setup`."""

    def close(self) -> None:
        """End the simulation; the engine is not used again."""
