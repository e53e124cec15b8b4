"""Diameters that vary from atom to atom: how a system's file says them, and which diameter each of n atoms has.

The n diameters are the distribution's quantiles at (k - 1/2) / n, so nothing is drawn: every sample of n atoms has the
same ones, in the order of atom ids, and samples differ by where the atoms are alone.
"""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from glasscli.model.strict import Strict

# By which partial functions of a sample without species are told apart: thirds of its atoms, from the smallest.
THIRDS = {1: "S", 2: "M", 3: "L"}
# What each law needs besides `mean` and `nonadditivity`.
NEEDS = {
    "power": ("exponent", "smallest", "largest"),
    "gaussian": ("deviation", "smallest", "largest"),
    "list": ("diameters",),
}


class Sizes(Strict):
    """The distribution of diameters, and how two of them make the length of a pair.

    law            power: a density s^exponent from smallest to largest (0 is a top hat); gaussian: of a deviation,
                   about the middle of smallest and largest and cut there; list: these diameters, of equally many atoms
    mean           what the diameters of any sample are scaled to, whatever their number
    nonadditivity  e of s_ij = (s_i + s_j)/2 (1 - e |s_i - s_j|), which a pair's energy depends on
    """

    law: Literal["power", "gaussian", "list"]
    exponent: float | None = None
    deviation: float | None = Field(default=None, gt=0)
    smallest: float | None = Field(default=None, gt=0)
    largest: float | None = Field(default=None, gt=0)
    diameters: tuple[float, ...] | None = None
    mean: float | None = Field(default=None, gt=0)
    nonadditivity: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in {word for words in NEEDS.values() for word in words}:
            wanted = name in NEEDS[self.law]
            if wanted is (getattr(self, name) is None):
                raise ValueError(f"the law {self.law!r} has {'a' if wanted else 'no'} key {name!r}")
        if self.diameters is not None and not (self.diameters and min(self.diameters) > 0):
            raise ValueError("diameters must be positive lengths")
        if self.smallest is not None and self.largest is not None and self.smallest >= self.largest:
            raise ValueError(f"smallest {self.smallest:g} must lie below largest {self.largest:g}")
        if self.nonadditivity * float(np.ptp(self.of(len(self.diameters or range(1000))))) >= 1:
            raise ValueError(f"nonadditivity {self.nonadditivity:g} makes lengths of pairs negative")
        return self

    def of(self, n: int) -> NDArray[np.float64]:
        """[n] diameters, ascending, in the order of atom ids."""
        share = (np.arange(n) + 0.5) / n
        found = self._quantiles(share)
        return found if self.mean is None else found * (self.mean / (math.fsum(found) / n))

    def _quantiles(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.diameters is not None:
            values = np.sort(np.array(self.diameters))
            return np.asarray(values[(share * len(values)).astype(np.int64)])
        assert self.smallest is not None and self.largest is not None
        low, high = self.smallest, self.largest
        if self.law == "gaussian":
            from scipy.special import ndtr, ndtri  # seldom wanted

            assert self.deviation is not None
            middle = (low + high) / 2
            first, last = ndtr((low - middle) / self.deviation), ndtr((high - middle) / self.deviation)
            return np.asarray(middle + self.deviation * ndtri(first + share * (last - first)))
        assert self.exponent is not None
        k = self.exponent + 1
        if abs(k) < 1e-9:
            return np.asarray(low * (high / low) ** share)
        return np.asarray((low**k + share * (high**k - low**k)) ** (1 / k))

    def text(self) -> str:
        """For people."""
        said = [f"{name} {getattr(self, name):g}" for name in NEEDS[self.law] if name != "diameters"]
        if self.diameters is not None:
            said = [", ".join(f"{d:g}" for d in self.diameters)]
        if self.mean is not None:
            said.append(f"scaled to mean {self.mean:g}")
        return f"{self.law}: {', '.join(said)}; nonadditivity {self.nonadditivity:g}"


def pair_length(a: NDArray[np.float64], b: NDArray[np.float64], nonadditivity: float) -> NDArray[np.float64]:
    """s_ij of diameters a and b."""
    half = 0.5 * (a + b)
    return np.asarray(half - half * (nonadditivity * np.abs(a - b)))


def thirds(diameters: NDArray[np.float64]) -> NDArray[np.int32]:
    """[n] which third of the atoms each belongs to by its diameter, 1 to 3 from the smallest; equal ones by order."""
    rank = np.empty(len(diameters), dtype=np.int64)
    rank[np.argsort(diameters, kind="stable")] = np.arange(len(diameters))
    return (rank * 3 // len(diameters) + 1).astype(np.int32)
