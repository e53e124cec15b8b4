"""F(V, T) of a phase through everything that was measured of it: free energies, energies and pressures at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.eos.curves import EnergyCurve, find_minimum

# Functions of T, of which as many are used as temperatures allow: a classical crystal is the first three.
MOST_OF_T, MOST_OF_V = 4, 5
# No error is taken to be smaller, as a share of the spread of what it belongs to.
LEAST = 1e-4
TABLE = 61
ALIKE = 2e-3  # compositions


def alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two compositions, shares by species, are one."""
    return all(abs(a - b) < ALIKE for a, b in zip(one, other, strict=True))


@dataclass(frozen=True)
class Point:
    """What was measured at one volume per atom and temperature, per atom; energy: kinetic energy too."""

    volume: float
    temperature: float
    free: float
    free_error: float
    energy: float
    energy_error: float
    pressure: float
    pressure_error: float


class Surface:
    """F(V, T) = sum_ij c_ij (ln V/V0)^i g_j(T), g: 1, T, T ln T, T^2, by weighted least squares to F, to
    U = F - T dF/dT and to P = -dF/dV of all points.

    chi_squared: of that fit, a degree of freedom; None where there is none left. It says whether the three agree.
    shares: of the atoms, by species; those of two where only the second's is given
    """

    def __init__(
        self, name: str, small_fraction: float, points: Sequence[Point], shares: Sequence[float] = ()
    ) -> None:
        self.name, self.small_fraction, self.points = name, small_fraction, list(points)
        self.shares = tuple(shares) or (1 - small_fraction, small_fraction)
        self.volumes = sorted({p.volume for p in points})
        self.temperatures = sorted({p.temperature for p in points})
        self._centre = float(np.exp(np.mean(np.log(self.volumes))))
        # As many functions as F, U and P at these places can tell apart.
        more = 2 if min(len(self.volumes), len(self.temperatures)) > 1 else 1
        self._of_v = min(len(self.volumes) + more, MOST_OF_V)
        self._of_t = min(len(self.temperatures) + 1, MOST_OF_T)
        rows, values = [], []
        for p in points:
            f = self._row(p.volume, p.temperature)
            # A liquid's or a crystal's errors of all three are those of means: none is zero.
            scale = LEAST * max(abs(p.free), abs(p.energy), p.temperature)
            for row, value, error in (
                (f, p.free, p.free_error),
                (f - p.temperature * self._row(p.volume, p.temperature, of_t=1), p.energy, p.energy_error),
                (
                    -self._row(p.volume, p.temperature, of_v=1) * p.volume,
                    p.pressure * p.volume,
                    p.pressure_error * p.volume,
                ),
            ):
                weight = 1 / max(error, scale)
                rows.append(weight * row)
                values.append(weight * value)
        matrix, right = np.array(rows), np.array(values)
        self._terms, *_ = np.linalg.lstsq(matrix, right, rcond=None)
        self._covariance = np.linalg.pinv(matrix.T @ matrix)
        left = len(right) - len(self._terms)
        self.chi_squared = float(((matrix @ self._terms - right) ** 2).sum() / left) if left > 0 else None

    def free(self, volume: float, temperature: float) -> float:
        """F per atom."""
        return float(self._row(volume, temperature) @ self._terms)

    def error(self, volume: float, temperature: float) -> float:
        """Its standard deviation, from the errors of the points; wider by chi where they do not agree."""
        row = self._row(volume, temperature)
        wider = max(1.0, self.chi_squared or 1.0)
        return float(np.sqrt(wider * row @ self._covariance @ row))

    def pressure(self, volume: float, temperature: float) -> float:
        """-dF/dV, energy per volume."""
        return float(-self._row(volume, temperature, of_v=1) @ self._terms)

    def entropy(self, volume: float, temperature: float) -> float:
        """-dF/dT per atom, in energy per temperature."""
        return float(-self._row(volume, temperature, of_t=1) @ self._terms)

    def curve(self, temperature: float) -> EnergyCurve:
        """F(V) at a temperature, between the volumes that were measured."""
        volumes = np.linspace(self.volumes[0], self.volumes[-1], TABLE)

        def free(v: float) -> float:
            return self.free(v, temperature)

        energies = np.array([free(v) for v in volumes])
        pressures = np.array([self.pressure(v, temperature) for v in volumes])
        minimum = find_minimum(volumes, energies, free)
        return EnergyCurve(self.name, self.small_fraction, volumes, energies, pressures, free, minimum, None)

    def _row(self, volume: float, temperature: float, of_v: int = 0, of_t: int = 0) -> Floats:
        """[terms] functions, or their derivatives with respect to V (`of_v`) or T (`of_t`)."""
        x, t = np.log(volume / self._centre), temperature
        powers = np.arange(self._of_v, dtype=np.float64)
        v = np.where(powers > 0, powers * x ** np.maximum(powers - 1, 0), 0.0) / volume if of_v else x**powers
        g = np.array([0.0, 1.0, np.log(t) + 1, 2 * t] if of_t else [1.0, t, t * np.log(t), t * t])[
            : self._of_t
        ]
        return np.asarray(np.outer(v, g).ravel())
