"""An engine that does by itself what moves the atoms; the LAMMPS within keeps the state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from glasscli.engine.contract import RECORDED, Engine
from glasscli.engine.deck import THERMO_COLUMNS


class Around(ABC):
    """What such engines share, of `Engine`: commands go to the one within, thermodynamics are noted here.

    engine: with the atoms where they begin.
    """

    ranks = 1

    def __init__(self, engine: Engine) -> None:
        self._within = engine
        self.version, self.boltzmann = engine.version, engine.boltzmann
        self._every, self._rows = 0, list[tuple[int, dict[str, float]]]()

    def commands(self, lines: Iterable[str]) -> None:
        """Issue LAMMPS commands."""
        self._within.commands(lines)

    def provide(self, name: str, content: bytes) -> None:
        """Make a file available under the name by which commands call it."""
        self._within.provide(name, content)

    def fix_value(self, name: str, index: int) -> float:
        """One number of a fix's global vector."""
        return self._within.fix_value(name, index)

    def record(self, every: int, columns: tuple[str, ...] = THERMO_COLUMNS) -> None:
        """From now on note thermodynamics at each multiple of `every` steps; of stress in time nothing is known."""
        assert columns == THERMO_COLUMNS
        self._every = every

    def recorded(
        self, after: int, columns: tuple[str, ...] = THERMO_COLUMNS
    ) -> list[tuple[int, dict[str, float]]]:
        """(step, values as in `thermo`) of what was noted after a step."""
        return [row for row in self._rows if row[0] > after]

    def _note(self, step: int) -> None:
        """Keep the thermodynamics of a step where they are due."""
        if self._every and step % self._every == 0:
            self._rows = [*self._rows[1 - RECORDED :], (step, self.thermo())]

    @abstractmethod
    def thermo(self) -> dict[str, float]:
        """Present temp, pe, ke (per atom), press, vol; `step` too."""
