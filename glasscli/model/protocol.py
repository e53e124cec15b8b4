"""What protocols are made of: sampling, minimisation, ensemble, exchanges. Frozen, and written into a run's file.

Everything that decides a single bit of the result is here, in the protocol that is made of it, or in the System;
nothing depends on the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field

from glasscli.box import Box
from glasscli.model.schedule import Schedule
from glasscli.model.strict import Strict


class Space(Strict):
    """What LAMMPS must know of the space before it reads atoms.

    boundary: p where it is periodic, s where it is free (the bounds follow the atoms)
    """

    boundary: str = Field(default="p p p", pattern="^[ps] [ps] [ps]$")
    tilted: bool = False
    dimension: Literal[2, 3] = 3

    @classmethod
    def of(cls, box: Box) -> Self:
        """Of a box."""
        return cls(boundary=box.boundary, tilted=box.tilted, dimension=3 if box.dimension == 3 else 2)

    @property
    def periodic(self) -> tuple[bool, bool, bool]:
        """Along x, y and z."""
        x, y, z = (word == "p" for word in self.boundary.split())
        return x, y, z


PLAIN = Space()


class Sampling(Strict):
    """What is kept, and how often (steps)."""

    thermo_every: int = Field(gt=0)
    frames: Schedule
    inherent: Schedule | None
    checkpoint_every: int = Field(gt=0)
    # Full states kept in the finished file, so that another run can start from them.
    state_every: int | None = None
    velocities: bool = False
    # Between two inherent structures, states this many steps apart are minimised where the minimum changed.
    harvest: int | None = Field(default=None, gt=0)
    # The six components of the stress, whose fluctuations are a liquid's viscosity.
    stress_every: int | None = Field(default=None, gt=0)
    # Largest error of a coordinate of a frame, which then takes half of the bytes; None keeps float32.
    precision: float | None = Field(default=None, gt=0)


class Minimisation(Strict):
    """Conjugate gradients until the largest force component is below `force_tolerance`."""

    force_tolerance: float = Field(default=1e-6, gt=0)
    max_iterations: int = Field(default=20000, gt=0)


class Ensemble(Strict):
    """Nose-Hoover chains at constant volume or pressure, or Langevin's random forces; damping times in steps."""

    kind: Literal["nvt", "npt", "langevin"]
    pressure: float | None = None
    thermostat_steps: int = 100
    barostat_steps: int = 1000


class Approach(Strict):
    """The piece of the parent's ramp that is repeated, from one of its states to exactly the temperature asked for.

    ensemble: the parent's, where what follows has another
    """

    first_step: int
    last_step: int
    ramp_steps: int
    timestep: float
    T_start: float
    T_end: float
    ensemble: Ensemble | None = None

    @property
    def ramp(self) -> Ramp:
        """The parent's ramp, the whole of it."""
        return Ramp(self.T_start, self.T_end, self.ramp_steps)


class Exchange(Strict):
    """Monte Carlo moves after every `md_per_mc` steps: unlike atoms exchange; with potentials, atoms change species."""

    kernel: Literal["local", "lammps"]
    md_per_mc: int = Field(gt=0)
    attempts: int = Field(gt=0)
    # One a species, in energy units; None keeps the composition.
    chemical_potentials: tuple[float, ...] | None = None
    # How often each pair of species is tried: (first, second, relative), first < second; None tries all pairs of
    # unlike atoms alike. Fixed for a run, so that a move and its reverse are tried alike: any keep detailed balance.
    pair_weights: tuple[tuple[int, int, float], ...] | None = None
    # Where diameters vary, those of two that exchange differ by less than this; None tries all pairs.
    width: float | None = Field(default=None, gt=0)
    # How our kernel draws who is exchanged: any pair of unlike atoms, or by how ready each is to be the other.
    partners: Literal["any", "ready"] = "any"

    def weight(self, first: int, second: int) -> float:
        """Of a pair of species (from 1, first < second), as a share of the largest; 1 where none are given."""
        if self.pair_weights is None:
            return 1.0
        largest = max(w for _, _, w in self.pair_weights)
        return next((w / largest for a, b, w in self.pair_weights if (a, b) == (first, second)), 0.0)


class Cooling(Strict):
    """Before a temperature is held it is come to: linearly from another, over the first so many steps."""

    T_start: float = Field(gt=0)
    steps: int = Field(gt=0)


class Segment(Strict):
    """A piece of a programme of temperatures: linear from one to another, or held. What it is for, in a word."""

    task: Literal["cool", "warm", "age", "heat"]
    T_start: float = Field(gt=0)
    T_end: float = Field(gt=0)
    steps: int = Field(gt=0)


@dataclass(frozen=True)
class Ramp:
    """A temperature that changes linearly with the step."""

    T_start: float
    T_end: float
    steps: int

    def temperature_at(self, step: int) -> float:
        """Temperature at `step`."""
        return self.T_start + (self.T_end - self.T_start) * step / self.steps

    def rate(self, timestep: float) -> float:
        """How fast it cools or heats: temperature per unit of time, positive."""
        return abs(self.T_start - self.T_end) / (self.steps * timestep)

    def step_at(self, temperature: float) -> int:
        """The step at which it has reached `temperature`."""
        return round((temperature - self.T_start) / (self.T_end - self.T_start) * self.steps)


@dataclass(frozen=True)
class Density:
    """How much is kept where nothing is asked for.

    frames  about so many; minima  at most so many; states  whether full states on the way, not only the last
    thermo  steps between rows of thermodynamics, at least
    """

    frames: int
    minima: int
    states: bool
    thermo: int = 100


def checkpoint_interval(atoms: int) -> int:
    """Default steps between checkpoints: some seconds of one core's work, whatever the size.

    A round number that depends on nothing but the size, so that runs of different lengths share it.
    """
    target = max(1000.0, 5e6 / atoms)
    power = int(10 ** (len(str(int(target))) - 1))
    return next(m * power for m in (5, 2, 1) if m * power <= target)
