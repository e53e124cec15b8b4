"""Heat capacity of an population of soft configurations from their exact levels (Klinger 3.25-3.26).

C(T) = sum over configurations of k_B Var(E)/(k_B T)^2. A flat density P(D1, D2) gives C ~ T far below w (tunnelling)
and C ~ T^5 far above; between them C/T^3 has the minimum T* of Buchenau's Figs. 1-2, W = 1.6 k_B T* (Eq. 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from glasscli.theory.population import Population

Floats = NDArray[np.float64]


def heat_capacity(population: Population, T: Floats) -> Floats:
    """Return C [n_T] in k_B per atom (per unit P for `flat`) at temperatures T [n_T] in units of w/k_B."""
    excitations = population.levels - population.levels[:, :1]
    squares = excitations**2
    out = np.empty(len(T))
    for i, t in enumerate(np.asarray(T, float)):
        boltzmann = np.exp(-excitations / t)
        total = boltzmann.sum(axis=1)
        first = np.einsum("ij,ij->i", boltzmann, excitations) / total
        second = np.einsum("ij,ij->i", boltzmann, squares) / total
        out[i] = population.weight @ (second - first**2) / t**2
    return out


def schottky(x: Floats) -> Floats:
    """Return the heat capacity of a two-level system in k_B, (x/2)^2/cosh^2(x/2), x = E/k_B T."""
    half = np.minimum(np.asarray(x, float) / 2, 350.0)
    return (half / np.cosh(half)) ** 2


@dataclass(frozen=True)
class Shape:
    """Landmarks of C/T^3: T* of the minimum, T of the maximum above it (nan where there is none), exponents.

    exponent  [n_T] d ln C/d ln T
    """

    T_star: float
    T_bump: float
    exponent: Floats


def shape(T: Floats, C: Floats) -> Shape:
    """Return the landmarks of C/T^3 from values at ascending temperatures, by a cubic spline in the logarithms."""
    spline = CubicSpline(np.log(T), np.log(C))
    slope = spline.derivative()
    turns = np.sort(spline.derivative().solve(3.0, extrapolate=False))
    bends = slope.derivative()(turns) if len(turns) else turns
    minima, maxima = turns[bends > 0], turns[bends < 0]
    T_star = float(np.exp(minima[0])) if len(minima) else np.nan
    above = maxima[maxima > minima[0]] if len(minima) else maxima
    return Shape(T_star, float(np.exp(above[0])) if len(above) else np.nan, slope(np.log(T)))
