"""What is kept of a transition or of an attempt: its passes, each with its minima, energies and path.

In the catalogue a record is one flat mapping, in which the values of pass k are called "k.NAME".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats

Flat = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """One pass. Energies (of the whole sample) and forces are LAMMPS's own; the tables only found the way.

    left, saddle, right  [n, 3]
    energies             of these three; forward, backward: barriers from the left and from the right
    negative             curvatures at the saddle; negative_square: the lowest w^2
    frequencies          [2] attempt frequencies forward and backward, None where they have no meaning
    mass_path            [m] mass-weighted arc, with path_energy and path_slope; path_length in the system's length
    end_curvatures       [2] along the path at both minima
    atoms ... string     of the displacement, as in `events.Event`; shape: string-like or compact
    """

    left: Floats
    saddle: Floats
    right: Floats
    energies: list[float]
    forward: float
    backward: float
    max_force: float
    negative: int
    negative_square: float | None
    end_error: float
    frequencies: list[float | None]
    path_length: float
    mass_path: Floats
    path_energy: Floats
    path_slope: Floats
    end_curvatures: list[float]
    atoms: float
    movers: NDArray[np.int64]
    distance: float
    length: float
    shape: str
    string: int
    converged: bool

    def flat(self, k: int) -> Flat:
        """Its values as number k of a flat record."""
        return {f"{k}.{name}": value for name, value in vars(self).items()}


_NAMES = tuple(field.name for field in fields(Kept))


@dataclass(frozen=True)
class Record:
    """What came of one transition or attempt.

    start, end  the minima [n, 3], and start_energy, end_energy; None of work that failed
    complete    its passes join start and end; merged: both are one minimum
    failed      why it broke off, or ''
    """

    passes: list[Kept]
    start: Floats | None
    end: Floats | None
    start_energy: float
    end_energy: float
    complete: bool
    merged: bool
    failed: str
    cpu_seconds: float

    @staticmethod
    def of(flat: Mapping[str, Any]) -> Record:
        """A record as the catalogue gives it."""
        passes = [
            Kept(**{name: flat[f"{k}.{name}"] for name in _NAMES}) for k in range(int(flat.get("steps", 0)))
        ]
        return Record(
            passes, flat.get("start"), flat.get("end"), float(flat.get("start_energy", "nan")),
            float(flat.get("end_energy", "nan")), bool(flat.get("complete")), bool(flat.get("merged")),
            str(flat.get("failed", "")), float(flat.get("cpu_seconds", 0.0)),
        )  # fmt: skip
