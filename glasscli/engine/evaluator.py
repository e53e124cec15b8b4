"""A LAMMPS instance of its own that holds still: configurations are placed into it and evaluated.

It leaves the molecular dynamics bit for bit untouched. What it says is a function of the configuration alone: atoms
keep their order (no spatial sorting) and neighbours are built afresh, so a resumed run finds the same bits.
"""

from __future__ import annotations

from typing import Self

from glasscli.configuration import Configuration
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.model.protocol import PLAIN, Space
from glasscli.model.system import System


class Evaluator:
    """An instance that is made anew only when the number of atoms changes, or the kind of space.

    extra: commands of a subclass
    """

    extra: tuple[str, ...] = ()

    def __init__(self, system: System) -> None:
        self.system = system
        self._engine: LibraryEngine | None = None
        self._n_atoms, self._space = 0, PLAIN
        self._evaluations = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the LAMMPS instance."""
        if self._engine:
            self._engine.close()
            self._engine = None

    def check(self, configuration: Configuration) -> None:
        """Raise InputError for atoms that the system's potential cannot be of."""
        system = self.system
        if system.sizes is None:
            system.check_species(configuration.species.max())
        system.diameters_of(configuration)  # says itself what is missing
        if system.long_range:  # a sum over all images of a net charge is no energy
            counts = configuration.counts
            system.check_neutral([counts.get(s, 0) for s in range(1, system.n_species + 1)])

    def _placed(self, configuration: Configuration) -> LibraryEngine:
        """The engine with its atoms where the configuration says."""
        self.check(configuration)
        system = self.system
        space = Space.of(configuration.box)
        if self._engine is None or (self._n_atoms, self._space) != (configuration.n_atoms, space):
            self.close()
            self._engine = LibraryEngine(system)
            self._engine.commands([*evaluation_commands(system, configuration.box), *self.extra])
            self._engine.create(configuration)
            self._n_atoms, self._space = configuration.n_atoms, space
        self._engine.place(configuration)
        return self._engine

    def _evaluated(self, configuration: Configuration) -> LibraryEngine:
        """The engine with energies and forces of the configuration as it is."""
        engine = self._placed(configuration)
        # LAMMPS computes once a timestep: every evaluation takes one of its own.
        self._evaluations += 1
        engine.commands([f"reset_timestep {self._evaluations}", "run 0 post no"])
        return engine
