"""What to do with a system: the frozen, complete description of a run, written into its file as it is.

Everything that decides a single bit of the result is here or in the System; nothing depends on the clock.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from glasscli.model.schedule import Schedule
from glasscli.model.strict import Strict


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


class Quench(Strict):
    """Equilibrate at T_start, then lower T linearly to T_end."""

    kind: Literal["quench"] = "quench"
    counts: tuple[int, ...]
    box: tuple[float, float, float]
    ensemble: Ensemble
    timestep: float = Field(gt=0)
    seed: int = Field(gt=0, lt=2**31)
    T_start: float = Field(gt=0)
    T_end: float = Field(gt=0)
    equilibration_steps: int = Field(ge=0)
    steps: int = Field(gt=0)
    sampling: Sampling
    minimisation: Minimisation = Minimisation()

    def temperature_at(self, step: int) -> float:
        """Temperature of the ramp at `step`."""
        return self.T_start + (self.T_end - self.T_start) * step / self.steps

    def step_at(self, temperature: float) -> int:
        """The step at which the ramp has reached `temperature`."""
        return round((temperature - self.T_start) / (self.T_end - self.T_start) * self.steps)


class Approach(Strict):
    """The piece of the parent's ramp that is repeated, from one of its states to exactly the temperature asked for."""

    first_step: int
    last_step: int
    ramp_steps: int
    timestep: float
    T_start: float
    T_end: float


class Isotherm(Strict):
    """Hold a constant temperature."""

    counts: tuple[int, ...]
    ensemble: Ensemble
    timestep: float = Field(gt=0)
    seed: int = Field(gt=0, lt=2**31)
    temperature: float = Field(gt=0)
    fictive_temperature: float | None
    approach: Approach | None
    # New Maxwellian velocities at the start: a cold glass is reheated, a built crystal has none.
    new_velocities: bool
    steps: int = Field(gt=0)
    sampling: Sampling
    minimisation: Minimisation = Minimisation()


class Anneal(Isotherm):
    """An isotherm of molecular dynamics alone."""

    kind: Literal["anneal"] = "anneal"


class Exchange(Strict):
    """Monte Carlo moves after every `md_per_mc` steps: unlike atoms exchange; with potentials, atoms change species."""

    kernel: Literal["local", "lammps"]
    md_per_mc: int = Field(gt=0)
    attempts: int = Field(gt=0)
    # One a species, in energy units; None keeps the composition.
    chemical_potentials: tuple[float, ...] | None = None


class Hybrid(Isotherm):
    """An isotherm of molecular dynamics and Monte Carlo in turns; its steps are no time."""

    kind: Literal["hybrid"] = "hybrid"
    exchange: Exchange


Protocol = Annotated[Quench | Anneal | Hybrid, Field(discriminator="kind")]


def species_vary(protocol: Quench | Anneal | Hybrid) -> bool:
    """Whether atoms change species (LAMMPS exchanges species, not places) instead of keeping them."""
    if not isinstance(protocol, Hybrid):
        return False
    return protocol.exchange.kernel == "lammps" or protocol.exchange.chemical_potentials is not None


def checkpoint_interval(atoms: int) -> int:
    """Default steps between checkpoints: some seconds of one core's work, whatever the size.

    A round number that depends on nothing but the size, so that runs of different lengths share it.
    """
    target = max(1000.0, 5e6 / atoms)
    power = 10 ** (len(str(int(target))) - 1)
    return next(m * power for m in (5, 2, 1) if m * power <= target)
