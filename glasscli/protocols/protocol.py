"""What every protocol is: a frozen, complete description of a run, that knows its deck and what is said of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from glasscli.engine.deck import (
    HOLD,
    THERMOSTAT,
    Deck,
    Leg,
    Start,
    approaching,
    integrate,
    make_deck,
    prepare,
    restart_clock,
)
from glasscli.model.protocol import (
    PLAIN,
    Approach,
    Density,
    Ensemble,
    Exchange,
    Minimisation,
    Ramp,
    Sampling,
    Space,
)
from glasscli.model.strain import Straining
from glasscli.model.strict import Strict
from glasscli.model.system import System

Setting = float | int | str | bool | None
_NO_SETTING = dict.fromkeys(
    ("kind", "seed", "counts", "box", "sampling", "minimisation", "space", "approach", "fictive_temperature"), True
) | {"how": {"box": True}}  # fmt: skip


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Setting]:
    """Tables within tables as one: {"ensemble": {"kind": "npt", "pressure": 1}} as `ensemble`, `ensemble_pressure`."""
    found: dict[str, Setting] = {}
    for key, value in values.items():
        name = above if key == "kind" and above else f"{above}_{key}" if above else key
        if isinstance(value, dict):
            found |= _flat(value, name)
        else:
            found[name] = ",".join(map(str, value)) if isinstance(value, list) else value
    return found


class Protocol(Strict, ABC):
    """What is done to a system, written into the run's file as it is; each kind adds its own fields.

    outcome       sections of what is said of a finished run, in their order: names in analysis/sections.py
    kept          how much is kept where nothing is asked for
    from_nothing  whether it can start without a file, and draws all velocities from its seed
    extendable    whether a finished one can be lengthened
    drawn         whether anything of it follows from its seed
    """

    outcome: ClassVar[tuple[str, ...]]
    kept: ClassVar[Density] = Density(frames=1000, minima=200, states=False)
    from_nothing: ClassVar[bool] = False
    extendable: ClassVar[bool] = False
    drawn: ClassVar[bool] = True

    kind: str
    counts: tuple[int, ...]
    ensemble: Ensemble
    timestep: float = Field(gt=0)
    seed: int = Field(gt=0, lt=2**31)
    steps: int = Field(gt=0)
    sampling: Sampling
    minimisation: Minimisation = Minimisation()
    space: Space = PLAIN

    @abstractmethod
    def temperature_at(self, step: int) -> float:
        """Temperature of the thermostat at `step`."""

    @abstractmethod
    def deck(self, system: System, start: Start) -> Deck:
        """The LAMMPS commands of it; its last leg is the one that is kept."""

    @classmethod
    def default_steps(cls, system: System) -> int:
        """Its length where none is asked for."""
        return 100_000

    @property
    def ramp(self) -> Ramp | None:
        """The ramp that another run may repeat from a stored state, to be halted at a temperature; None without."""
        return None

    @property
    def moves(self) -> Exchange | None:
        """The Monte Carlo moves between its steps, which then are no time; None without."""
        return None

    @property
    def sampled_by(self) -> str:
        """What moves its atoms, a name of `samplers`."""
        return self.ensemble.kind

    @property
    def straining(self) -> Straining | None:
        """How its box is deformed while its atoms rest, step by step, which then are no time; None without."""
        return None

    @property
    def timed(self) -> bool:
        """Whether its steps are time."""
        return not self.steps_are

    @property
    def steps_are(self) -> str:
        """What its steps are that are no time, for people: "between exchanges", "of strain at rest"; '' of time."""
        return "between exchanges" if self.moves else "of strain at rest" if self.straining else ""

    @property
    def driven(self) -> bool:
        """Whether something deforms its sample in time, which then is never in equilibrium."""
        return False

    @property
    def turns_over(self) -> bool:
        """Whether its box, sheared too far, is described by other vectors on the way."""
        return False

    @property
    def miscounts(self) -> bool:
        """Whether images go on by the old vectors there, so that they do not say where atoms went."""
        return False

    @property
    def leans(self) -> bool:
        """Whether its box leans as its atoms make it, so that tilts are noted beside the stress."""
        return False

    @property
    def lengthens(self) -> bool:
        """Whether its box is stretched along one axis in time, so that edges are noted beside the stress."""
        return False

    @property
    def trials(self) -> bool:
        """Whether its dynamics between exchanges are proposals that Metropolis accepts or not."""
        return False

    @property
    def gauged(self) -> bool:
        """Whether its configurations are held against the temperature they are to have."""
        return False

    @property
    def fictive(self) -> float | None:
        """The T_f that it was planned with, None where it had none."""
        return None

    @property
    def species_vary(self) -> bool:
        """Whether atoms change species (LAMMPS exchanges species, not places) instead of keeping them."""
        moves = self.moves
        return moves is not None and (moves.kernel == "lammps" or moves.chemical_potentials is not None)

    @property
    def temperatures(self) -> tuple[float, float]:
        """Those of its first and last step; of a ramp exactly its ends, not what rounding makes of them."""
        if self.ramp:
            return self.ramp.T_start, self.ramp.T_end
        return self.temperature_at(0), self.temperature_at(self.steps)

    @property
    def constant_temperature(self) -> float | None:
        """The one temperature of all its steps, None where it changes."""
        first, last = self.temperatures
        return first if first == last else None

    @property
    def course(self) -> dict[str, str]:
        """What it does to the sample, for people: {quantity: its course}."""
        first, last = self.temperatures
        return {"temperature": f"{first:g}" if first == last else f"{first:g} -> {last:g}"}

    @property
    def settings(self) -> dict[str, Setting]:
        """What was chosen of it, by name: two runs of the same system and settings are samples of one protocol.

        Without what is drawn by lot (seed), what is kept, and what a table has beside it (how many atoms, its volume).
        Of a ramp the rate too.
        """
        found = _flat(self.model_dump(mode="json", exclude=_NO_SETTING))
        if self.ramp:
            found["rate"] = self.ramp.rate(self.timestep)
        if self.fictive:
            found["T_over_Tf"] = float(f"{self.temperature_at(0) / self.fictive:.9g}")
        return found

    def title(self, system: System) -> str:
        """One line that says what it is."""
        course = ", ".join(f"{quantity} {said}" for quantity, said in self.course.items())
        return f"{self.kind} of {sum(self.counts)} atoms of {system.name}, {course}, for {self.steps} steps"


class Continued(Protocol):
    """A protocol that goes on from what another left: from its stored state, or from bare positions.

    approach        the piece of the parent's ramp that is repeated first
    new_velocities  Maxwellian ones at the start: a cold glass is reheated, a built crystal has none
    """

    approach: Approach | None
    new_velocities: bool

    @property
    def settings(self) -> dict[str, Setting]:
        """Those of every protocol, and how fast the ramp was that it goes on from (`parent_rate`)."""
        approach = self.approach
        rate = {"parent_rate": approach.ramp.rate(approach.timestep)} if approach else {}
        return super().settings | rate

    def fixes(self, name: str, start: Start) -> tuple[str, ...]:
        """Fixes of the leg that is kept, its thermostat called `name`."""
        return integrate(name, self.ensemble, *self.temperatures, self.timestep, self.seed, space=self.space)

    def deck(self, system: System, start: Start) -> Deck:
        """Repeat the parent's ramp down to the first temperature, then go on (Derlet & Maaß 2019, Sec. III A and C)."""
        legs: list[Leg] = []
        timestep = self.timestep
        if self.approach:
            timestep = self.approach.timestep
            legs.append(approaching(self.approach, self.ensemble, self.seed, self.space))
        before = (f"timestep {self.timestep:.10g}",) if timestep != self.timestep else ()
        enter = restart_clock(THERMOSTAT if legs else None)
        legs += self.kept_legs(HOLD if legs else THERMOSTAT, start, enter, before)
        ready = prepare(start, self.seed, self.temperature_at(0), self.new_velocities)
        ready += (f"reset_timestep {legs[0].first_step}",)
        return make_deck(
            self.title(system), system, start, self.sampling, timestep, ready, legs, space=self.space
        )

    def kept_legs(
        self, name: str, start: Start, enter: tuple[str, ...], before: tuple[str, ...]
    ) -> list[Leg]:
        """The legs that are stored, from step 0 on without a gap.

        name: of the first one's thermostat; enter, before: its commands to come to it, and those before its fixes.
        """
        # LAMMPS makes its own exchanges while it runs; ours come in batches between its steps.
        batches = self.moves if self.moves and self.moves.kernel == "local" else None
        fixes = (*before, *self.fixes(name, start))
        return [Leg(self.kind, enter, fixes, 0, self.steps, (0, self.steps), True, batches, self.trials)]
