"""How a box is deformed: by what, along which path of strains, in which steps."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import Field

from glasscli.box import Box, Floats
from glasscli.model.strict import Strict

Mode = Literal["simple", "pure", "uniaxial", "bulk"]
Plane = Literal["xy", "xz", "yz"]
Sides = Literal["pressure", "volume"]


class Strain(Strict):
    """A deformation x -> F x that grows with one number, F = exp(strain G) with the generator G.

    simple    planes normal to the plane's second axis slide along its first: G_ab = 1, F_ab = strain
    pure      stretched along the plane's first axis, shortened along its second, at constant volume: half of it each
    uniaxial  stretched along `axis`; sides: "volume", shortened across it at constant volume; "pressure", free there to
              give way by themselves, each side, at a pressure that is kept
    bulk      compressed from all sides: the volume goes as exp(-strain)

    The stress that belongs to it is sigma : G (sigma is minus the pressure tensor), so that the energy of a sample in
    which nothing rearranges grows as dE = V stress dstrain in all of them. Where sides are kept at a pressure P it is
    sigma : G + P, and what grows so is the enthalpy E + P V.
    """

    mode: Mode = "simple"
    plane: Plane = "xy"
    axis: Literal["x", "y", "z"] = "z"
    dimension: Literal[2, 3] = 3
    sides: Sides = "volume"

    @property
    def giving(self) -> tuple[int, ...]:
        """Axes along which the box gives way by itself."""
        if self.mode != "uniaxial" or self.sides == "volume":
            return ()
        return tuple(k for k in range(self.dimension) if "xyz"[k] != self.axis)

    @property
    def generator(self) -> Floats:
        """[3, 3] G."""
        a, b = ("xyz".index(axis) for axis in self.plane)
        found = np.zeros((3, 3))
        if self.mode == "simple":
            found[a, b] = 1.0
        elif self.mode == "pure":
            found[a, a], found[b, b] = 0.5, -0.5
        elif self.mode == "uniaxial":
            along = "xyz".index(self.axis)
            if self.sides == "volume":
                found -= np.eye(3) / 2
            found[along, along] = 1.0
        else:
            found[range(self.dimension), range(self.dimension)] = -1 / self.dimension
        return found

    @property
    def words(self) -> str:
        """For people: "simple in xy", "uniaxial along z", "bulk"."""
        where = {
            "simple": f" in {self.plane}",
            "pure": f" in {self.plane}",
            "uniaxial": f" along {self.axis}",
        }
        return f"{self.mode}{where.get(self.mode, '')}"

    @property
    def tilts(self) -> bool:
        """Whether a rectangular box becomes a tilted one."""
        return self.mode == "simple"

    def gradient(self, strain: float, given: Floats | float = 0.0) -> Floats:
        """[3, 3] F. What is not diagonal has no square. given: [3] strains by which free sides gave way, logarithms."""
        g = self.generator
        return np.diag(np.exp(strain * np.diag(g) + given)) + strain * (g - np.diag(np.diag(g)))

    def deformed(self, box: Box, strain: float, given: Floats | float = 0.0) -> Box:
        """A box at no strain as it is at this one."""
        return box.of(box.vectors @ self.gradient(strain, given).T)

    def given(self, box: Box, now: Box) -> Floats:
        """[3] strains by which the free sides of a box at no strain gave way until now, 0 of all others."""
        found = np.zeros(3)
        for k in self.giving:
            found[k] = np.log(now.vectors[k, k] / box.vectors[k, k])
        return found

    def stress(self, pressure: Floats) -> float:
        """The stress that belongs to it, from a pressure tensor [3, 3]."""
        return -float(np.sum(pressure * self.generator))


class Path(Strict):
    """Strains from none to the first turning point, on to the next, to the last, in equal steps of at most `step`."""

    turns: tuple[float, ...] = Field(min_length=1)
    step: float = Field(gt=0)

    @property
    def pieces(self) -> list[tuple[float, float, int]]:
        """(from, to, steps) of each piece between turning points."""
        ends = (0.0, *self.turns)
        return [(a, b, self._steps(abs(b - a))) for a, b in zip(ends, self.turns, strict=False)]

    def _steps(self, length: float) -> int:
        """The fewest that are no longer than asked, but for rounding."""
        return max(1, math.ceil(length / self.step * (1 - 1e-9)))

    @property
    def steps(self) -> int:
        """Steps of all of it."""
        return sum(n for _, _, n in self.pieces)

    def at(self, step: int) -> float:
        """Strain after so many steps; exactly the turning points where these are reached."""
        for first, last, n in self.pieces:
            if step <= n:
                return last if step == n else first + (last - first) * step / n
            step -= n
        return self.turns[-1]

    @property
    def closed(self) -> bool:
        """Whether it comes back to no strain."""
        return self.turns[-1] == 0

    @property
    def furthest(self) -> float:
        """The strain furthest from none."""
        return max(self.turns, key=abs)


class Straining(Strict):
    """Athermal quasistatic deformation: after each step of a path the atoms go to the nearest minimum.

    box         [3][3] vectors at no strain
    force       largest force component that is left
    resolution  strain down to which a rearrangement is bisected
    release     energy of the whole sample from which on what a step gives off is a rearrangement
    pressure    on free sides; None keeps the mean there of the start at rest
    """

    strain: Strain
    path: Path
    box: tuple[tuple[float, float, float], ...]
    force: float = Field(gt=0)
    resolution: float = Field(gt=0)
    release: float = Field(gt=0)
    pressure: float | None = None
