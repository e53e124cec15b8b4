"""Semiclassical levels of h = -d^2/dX^2 + K1 X^2 + K2 X^3 + X^4, below, at and above the barrier.

With p = (E - V)^(1/2), actions alpha and beta of the left and right well, theta = int |p| through the barrier
(negative above it), the levels solve the uniform condition (Child, Semiclassical Mechanics (1991), Sec. 3.3)

    [1 + exp(-2 theta)]^(1/2) cos(alpha + beta + phi) = -cos(alpha - beta),
    phi = e + arg Gamma(1/2 + i e) - e ln|e|,   e = -theta/pi,

which far below the barrier is alpha = (n + 1/2) pi in each well, far above it alpha + beta = (n + 1/2) pi. For
the quartic that is E_n = 2.18507 (n + 1/2)^(4/3). Two like wells split by (2 omega/pi) exp(-theta) with
V''/2 = omega^2 in the harmonic bottom: the hbar omega_0 exp(-lambda) of Klinger 3.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import loggamma

from glasscli.theory import soft_potential
from glasscli.theory.roots import find_root

Floats = NDArray[np.float64]

_NODES = 400
_ANGLES = np.pi * np.arange(1, _NODES + 1) / (_NODES + 1)
_COSINES, _WEIGHTS = np.cos(_ANGLES), np.pi / (_NODES + 1) * np.sin(_ANGLES) ** 2


def _action(a: complex, b: complex, c: complex, d: complex) -> complex:
    """Return int_a^b [(x - a)(b - x)(x - c)(x - d)]^(1/2) dx along the straight line, by Gauss-Chebyshev.

    The root of (x - c)(x - d) is followed continuously from the middle of the line.
    """
    half = (b - a) / 2
    x = (a + b) / 2 + half * _COSINES
    root = np.sqrt((x - c).astype(complex)) * np.sqrt((x - d).astype(complex))
    return complex(half**2 * (_WEIGHTS * root).sum())


@dataclass(frozen=True)
class Phases:
    """Actions at one energy: alpha and beta of the left and right well, theta of the barrier (inf: one well)."""

    alpha: float
    beta: float
    theta: float

    @property
    def sum(self) -> float:
        """alpha + beta + phi."""
        e = -self.theta / np.pi
        phi = 0.0
        if 0 < abs(e) < np.inf:
            phi = float(e + loggamma(0.5 + 1j * e).imag - e * np.log(abs(e)))
        return self.alpha + self.beta + phi

    @property
    def delta(self) -> float:
        """The angle in 0 ... pi with cos(delta) = cos(alpha - beta)/[1 + exp(-2 theta)]^(1/2), exact when small."""
        difference = self.alpha - self.beta
        through = np.exp(min(-self.theta, 350.0))
        return float(np.arctan2(np.hypot(np.sin(difference), through), np.cos(difference)))


def phases(E: float, K1: float, K2: float) -> Phases:
    """Return the actions of a potential at energy E; above the barrier alpha and beta meet over its top."""
    well = soft_potential.wells(K1, K2)
    top = well.depth + well.asymmetry + well.barrier  # nan when there is one well
    roots = np.roots([1.0, K2, K1, 0.0, -E])
    roots = roots[np.argsort(roots.real)]
    if well.depth + well.asymmetry < E < top:
        r1, r2, r3, r4 = roots.real
        theta = abs(_action(r2, r3, r1, r4))
        alpha, beta = abs(_action(r1, r2, r3, r4)), abs(_action(r3, r4, r1, r2))
        if soft_potential.is_symmetric(K1, K2):  # or rounding would look like an asymmetry
            alpha = beta = (alpha + beta) / 2
        return Phases(alpha, beta, theta)
    imaginary = np.abs(roots.imag)
    r1, r4 = np.sort(roots[np.argsort(imaginary)[:2]].real)
    c = roots[np.argmax(roots.imag)]
    total = abs(_action(r1, r4, c, np.conj(c)))
    if not top <= E:  # one well, or below the bottom of the shallow one
        return Phases(total, 0.0, np.inf)
    alpha = abs(_action(r1, c, r4, np.conj(c)).real)
    return Phases(alpha, total - alpha, -abs(_action(np.conj(c), c, r1, r4)))


@dataclass(frozen=True)
class Semiclassical:
    """WKB levels [n], the splitting E1 - E0 and its logarithm to base 10 (which does not underflow)."""

    energies: Floats
    splitting: float
    log10_splitting: float


def levels(K1: float, K2: float, count: int = 6) -> Semiclassical:
    """Return the lowest `count` semiclassical levels.

    Level 2m solves alpha + beta + phi + delta = (2m + 1) pi, level 2m + 1 the same with -delta; the splitting of a
    pair closer than 1e-6 is 2 delta/(d/dE)(alpha + beta + phi), to which the difference of the levels would round.
    """
    bottom = float(soft_potential.wells(K1, K2).depth)

    def missing(E: float, n: int) -> float:
        phase = phases(E, K1, K2)
        return float(phase.sum + (-1) ** n * phase.delta - np.pi * (n + 1 - n % 2))

    energies = []
    low = bottom + 1e-9 * (1 + abs(bottom))
    for n in range(count):
        start = step = 1.0 + 2 * float(np.sqrt(abs(K1)))
        while missing(bottom + start, n) <= 0:
            start += (step := 1.5 * step)
        energies.append(find_root(partial(missing, n=n), low, bottom + start, 1e-13))
    found = np.array(energies)
    if count < 2:
        return Semiclassical(found, np.nan, np.nan)
    splitting = found[1] - found[0]
    log10 = np.log10(splitting) if splitting > 0 else -np.inf
    if splitting < 1e-6:
        phase, step = phases(found[0], K1, K2), 1e-4
        rate = (phases(found[0] + step, K1, K2).sum - phases(found[0] - step, K1, K2).sum) / (2 * step)
        log_delta = np.log(phase.delta) if phase.delta > 0 else -phase.theta
        splitting, log10 = 2 * phase.delta / rate, (np.log(2 / rate) + log_delta) / np.log(10)
    return Semiclassical(found, float(splitting), float(log10))
