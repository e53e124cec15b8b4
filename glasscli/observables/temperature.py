"""The configurational temperature of a series of configurations, with its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.observables.equilibration import decorrelation_time

# Fewer samples say nothing of their error.
FEWEST = 8


@dataclass(frozen=True)
class Configurational:
    """<F^2> / (k <lap U>) with its standard error, in the unit of temperature."""

    value: float
    error: float


def configurational_temperature(
    force_squared: ArrayLike, laplacian: ArrayLike, boltzmann: float
) -> Configurational | None:
    """Return the temperature of which configurations are, from both [n] per atom; None of too few.

    The error is that of the ratio of two means, neighbours in time not taken as independent. kT <lap U> = <F^2> in the
    canonical distribution (Butler et al., J. Chem. Phys. 109, 6519 (1998)).
    """
    squares, laps = np.asarray(force_squared, dtype=np.float64), np.asarray(laplacian, dtype=np.float64)
    if len(squares) < FEWEST or not laps.mean() > 0:
        return None
    ratio = float(squares.mean() / laps.mean())
    rest = squares - ratio * laps
    times = decorrelation_time(rest)
    error = float(rest.std(ddof=1) * np.sqrt(times / len(rest)) / laps.mean())
    return Configurational(ratio / boltzmann, error / boltzmann)
