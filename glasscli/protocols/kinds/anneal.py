"""Hold a constant temperature: an isotherm, here of molecular dynamics alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.protocols.protocol import Continued, Protocol
from glasscli.protocols.wish import Sample, Wish, steps_of, temperature_of


class Isotherm(Continued):
    """Hold a constant temperature."""

    extendable: ClassVar[bool] = True

    temperature: float = Field(gt=0)
    fictive_temperature: float | None

    def temperature_at(self, step: int) -> float:
        """The same at every step."""
        return self.temperature

    @property
    def fictive(self) -> float | None:
        """The T_f that it was planned with, None where it had none."""
        return self.fictive_temperature

    def title(self, system: System) -> str:
        """One line that says what it is."""
        return (
            f"{self.kind} of {sum(self.counts)} atoms of {system.name} at T = {self.temperature:g} "
            f"for {self.steps} steps"
        )


class Anneal(Isotherm):
    """An isotherm of molecular dynamics alone."""

    outcome: ClassVar[tuple[str, ...]] = (
        "held", "length", "inherent_energy", "icosahedra", "steps_per_second",
    )  # fmt: skip

    kind: Literal["anneal"] = "anneal"


@dataclass(frozen=True)
class IsothermWish(Wish):
    """Options of an isotherm as asked for; temperatures and lengths as numbers or as people write them."""

    temperature: float | str
    steps: int | str | None = None
    duration: str | None = None

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """The temperature to hold."""
        return temperature_of(self.temperature, system, fictive)

    def isotherm(self, system: System, sample: Sample, timestep: float | None = None) -> dict[str, Any]:
        """What all isotherms have, by name. Raises InputError."""
        if self.duration is not None and self.steps is not None:
            raise InputError("give --time or --steps, not both")
        step = self.step_of(system, sample, timestep)
        if self.duration is not None:
            steps = steps_of(self.duration, system, "time", step)
        else:
            asked = self.protocol.default_steps(system) if self.steps is None else self.steps
            steps = steps_of(asked, system, timestep=step)
        return self.settings(system, sample, steps, timestep) | {
            "temperature": sample.temperature,
            "fictive_temperature": sample.fictive,
        }


@dataclass(frozen=True)
class AnnealWish(IsothermWish):
    """Options of an anneal as asked for."""

    protocol: ClassVar[type[Protocol]] = Anneal

    def plan(self, system: System, sample: Sample) -> Anneal:
        """The anneal of a sample. Raises InputError for what cannot be."""
        return Anneal(**self.isotherm(system, sample))


PROTOCOL = Anneal
