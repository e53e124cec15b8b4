"""Equilibrate a melt, then lower its temperature linearly (Derlet & Maaß 2019, Sec. II)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from glasscli.configuration import Box
from glasscli.engine.deck import (
    MELT,
    THERMOSTAT,
    Deck,
    Leg,
    Start,
    integrate,
    make_deck,
    prepare,
    restart_clock,
)
from glasscli.engine.random_atoms import iterations_apart, random_atoms
from glasscli.errors import InputError
from glasscli.model.composition import Composition
from glasscli.model.protocol import Density, Ramp
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol
from glasscli.protocols.wish import Sample, Wish, steps_of, temperature_of


class Quench(Protocol):
    """Equilibrate at T_start, then lower T linearly to T_end."""

    outcome: ClassVar[tuple[str, ...]] = (
        "sample", "fictive_temperature", "inherent_energy_and_pressure", "icosahedra", "wall_seconds",
    )  # fmt: skip
    kept: ClassVar[Density] = Density(frames=200, minima=50, states=True)
    from_nothing: ClassVar[bool] = True

    kind: Literal["quench"] = "quench"
    box: tuple[float, float, float]
    T_start: float = Field(gt=0)
    T_end: float = Field(gt=0)
    equilibration_steps: int = Field(ge=0)

    @classmethod
    def default_steps(cls, system: System) -> int:
        """The system's own."""
        return system.defaults.quench_steps

    @property
    def ramp(self) -> Ramp:
        """The ramp that another run may repeat from a stored state, to be halted at a temperature."""
        return Ramp(self.T_start, self.T_end, self.steps)

    def temperature_at(self, step: int) -> float:
        """Temperature of the ramp at `step`."""
        return self.ramp.temperature_at(step)

    def title(self, system: System) -> str:
        """One line that says what it is."""
        return (
            f"quench of {sum(self.counts)} atoms of {system.name} from T = {self.T_start:g} to {self.T_end:g} "
            f"in {self.steps} steps"
        )

    def deck(self, system: System, start: Start) -> Deck:
        """Equilibrate, then cool."""
        hot, cold, melt = self.T_start, self.T_end, self.equilibration_steps
        legs = []
        if melt:
            fixes = integrate(MELT, self.ensemble, hot, hot, self.timestep, self.seed, space=self.space)
            legs.append(Leg("equilibrate", (), fixes, 0, melt, (0, melt), False))
        fixes = integrate(THERMOSTAT, self.ensemble, hot, cold, self.timestep, self.seed, space=self.space)
        enter = restart_clock(MELT if legs else None)
        box = Box(np.array(self.box), dimension=self.space.dimension)
        legs.append(Leg("quench", enter, fixes, 0, self.steps, (0, self.steps), True))
        return make_deck(
            self.title(system), system, start, self.sampling, self.timestep,
            prepare(start, self.seed, hot, True, iterations_apart(system, self.counts, box)), legs,
            random_atoms(system, self.counts, box, self.seed), self.space,
        )  # fmt: skip


@dataclass(frozen=True)
class QuenchWish(Wish):
    """Options of a quench as asked for; None means the system's default."""

    protocol: ClassVar[type[Protocol]] = Quench
    keeps_state: ClassVar[bool] = False
    in_a_file: ClassVar[tuple[str, ...]] = ("atoms", "composition", "volume_per_atom", "species_volumes")

    atoms: int | None = None
    composition: Composition | None = None
    volume_per_atom: float | None = None
    species_volumes: tuple[float, ...] | None = None
    T_start: float | str | None = None
    T_end: float | str | None = None
    steps: int | str | None = None
    rate: float | None = None
    equilibration: int | None = None

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """That of the melt."""
        return temperature_of(system.defaults.T_start if self.T_start is None else self.T_start, system)

    def at_random(self, system: System) -> tuple[tuple[int, ...], Box]:
        """Atoms of each species and the box of a melt. Raises InputError for what cannot be."""
        counts = system.counts(system.defaults.atoms if self.atoms is None else self.atoms, self.composition)
        edge = (sum(counts) * self._volume_per_atom(system, counts)) ** (1 / system.dimension)
        if system.dimension == 2:
            return counts, Box(np.array([edge, edge, system.cutoff]), dimension=2)
        return counts, Box.cube(edge)

    def plan(self, system: System, sample: Sample) -> Quench:
        """The quench of a melt or of a file. Raises InputError for impossible temperatures, lengths, volumes."""
        d = system.defaults
        T_start = sample.temperature
        T_end = temperature_of(d.T_end if self.T_end is None else self.T_end, system)
        if T_end >= T_start:
            raise InputError(f"a quench cools: T-end {T_end:g} must lie below T-start {T_start:g}")
        if self.steps is not None and self.rate is not None:
            raise InputError("give --steps or --rate, not both: one follows from the other")
        steps = steps_of(d.quench_steps if self.steps is None else self.steps, system, timestep=self.timestep)
        if self.rate is not None:
            if self.rate <= 0:
                raise InputError(f"cooling rate {self.rate:g} is not positive")
            steps = max(1, round((T_start - T_end) / (self.rate * (self.timestep or system.timestep))))
        x, y, z = sample.box.lengths.tolist()
        return Quench(
            **self.settings(system, sample, steps, ensemble=d.ensemble),
            box=(x, y, z),
            T_start=T_start,
            T_end=T_end,
            equilibration_steps=d.equilibration_steps if self.equilibration is None else self.equilibration,
        )

    def _volume_per_atom(self, system: System, counts: tuple[int, ...]) -> float:
        if self.species_volumes is not None:
            if self.volume_per_atom is not None:
                raise InputError("give --volume-per-atom or --species-volumes, not both")
            volumes = self.species_volumes
            if len(volumes) != len(counts):
                raise InputError(f"--species-volumes needs {len(counts)} numbers for {system.name}")
            # Of two sizes the small one first, as people say "small:large"; else in the order of species.
            if system.two_sizes == (1, 2):
                volumes = volumes[::-1]
            if min(volumes) <= 0:
                raise InputError("--species-volumes must be positive")
            return sum(v * n for v, n in zip(volumes, counts, strict=True)) / sum(counts)
        volume = system.defaults.volume_per_atom if self.volume_per_atom is None else self.volume_per_atom
        if volume <= 0:
            raise InputError(f"volume per atom {volume:g} is not positive")
        return volume


PROTOCOL = Quench
