"""Stretching and compressing along one axis at a temperature: what deforms the box, and what keeps its sides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from glasscli.engine.deck import Leg
from glasscli.model.protocol import Ensemble
from glasscli.model.strict import Strict

Axis = Literal["x", "y", "z"]
Sides = Literal["pressure", "volume"]


class Uniaxial(Strict):
    """The edge along `axis` grows as exp(rate t), below a rate of 0 it shrinks: the strain is its logarithm.

    sides  pressure: each of the others is kept at the ensemble's by itself; volume: they give way as the volume stays
    rest   steps before, in which every edge comes to that pressure by itself: its stress is none when the strain begins
    """

    axis: Axis = "z"
    sides: Sides = "pressure"
    rest: int = Field(default=0, ge=0)

    def words(self, pressure: float | None) -> str:
        """What keeps the sides."""
        return "constant volume" if self.sides == "volume" else f"sides at pressure {pressure or 0.0:g}"

    def across(self, dimension: int) -> str:
        """The other axes."""
        return "xyz"[:dimension].replace(self.axis, "")

    def legs(
        self, kind: str, name: str, enter: tuple[str, ...], before: tuple[str, ...], *, rate: float, steps: int,
        temperature: float, ensemble: Ensemble, timestep: float, dimension: int,
    ) -> list[Leg]:  # fmt: skip
        """The rest, which is not kept, and the stretch; arguments as of `Continued.kept_legs`."""
        warm = f"temp {temperature:.17g} {temperature:.17g} {ensemble.thermostat_steps * timestep:.10g}"
        plane = ("fix plane all enforce2d",) if dimension == 2 else ()
        legs: list[Leg] = []
        if self.rest:
            every = _held("xyz"[:dimension], ensemble, timestep)
            fixes = (*before, f"fix {name}_rest all npt {warm} {every}", *plane)
            legs.append(Leg("rest", enter, fixes, 0, self.rest, (0, self.rest), False))
            enter = (*(f"unfix {line.split()[1]}" for line in fixes[len(before) :]), "reset_timestep 0")
        across = self.across(dimension)
        if self.sides == "pressure":
            moves = f"npt {warm} {_held(across, ensemble, timestep)}"
            box = f"{self.axis} trate {rate:.17g}"
        else:
            moves = f"nvt {warm}"
            box = " ".join((f"{self.axis} trate {rate:.17g}", *(f"{side} volume" for side in across)))
        # Atoms go with the box, their velocities are beside its flow.
        fixes = (
            *before,
            f"fix {name}_box all deform 1 {box} remap x",
            f"fix {name}_{kind} all {moves}",
            *plane,
        )
        legs.append(Leg(kind, enter, fixes, 0, steps, (0, steps), True))
        return legs


def _held(axes: str, ensemble: Ensemble, timestep: float) -> str:
    """What of `fix npt` keeps each of these axes at the pressure.

    Space grows from a point that is in no restart: by default the middle of the box that there is, which rounding makes
    another one when a run goes on.
    """
    pressure, slow = f"{ensemble.pressure or 0.0:.17g}", f"{ensemble.barostat_steps * timestep:.10g}"
    return " ".join((*(f"{axis} {pressure} {pressure} {slow}" for axis in axes), "fixedpoint 0 0 0"))
