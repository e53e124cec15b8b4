"""LAMMPS in this process, integrating under our own forces."""

from __future__ import annotations

import math
from collections.abc import Iterable

from glasscli.engine.deck import THERMO_COLUMNS
from glasscli.engine.launch import Launch
from glasscli.engine.library import LibraryEngine
from glasscli.engine.own.coupling import Coupling
from glasscli.model.system import System


class OwnEngine(LibraryEngine):
    """As LibraryEngine. Raises InputError for a system whose forces are not ours to sum."""

    def __init__(self, system: System, launch: Launch) -> None:
        super().__init__(system, launch)
        self._coupling = Coupling(system, self._lmp, launch.skin)

    def commands(self, lines: Iterable[str]) -> None:
        """Issue LAMMPS commands, those of the potential replaced."""
        for line in (tuned for plain in lines for tuned in self._coupling.tuned(plain)):
            super().commands([line])
            self._coupling.said(line)

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Run `steps` of a ramp stretched between two steps."""
        self._coupling.begin(steps, setup)
        super().advance(steps, ramp, setup)
        self._coupling.end()

    def record(self, every: int, columns: tuple[str, ...] = THERMO_COLUMNS) -> None:
        """From now on LAMMPS notes columns at each multiple of `every` steps, where it needs energies."""
        super().record(every, columns)
        self._coupling.every = math.gcd(self._coupling.every, every)

    def constant(self, name: str) -> float:
        """A factor of the deck's units by LAMMPS's name: "mvv2e", "ftm2v", "nktv2p"."""
        return float(self._lmp.extract_global(name))

    def close(self) -> None:
        """End the instance."""
        super().close()
        self._coupling.close()
