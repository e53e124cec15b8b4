"""E1 - E0 of a deep double well to full relative precision, where doubles have long lost it.

About X = -K2/4 the potential is D2 Y^2 + Y^4 + D1 Y. For D1 = 0 its even and odd solutions are entire functions
whose power series has a recurrence of four terms; summed in whole numbers of as many digits as it takes, their zeros
at a far wall give E0 and E1 apart however close they are. A small D1 then makes 2 (Delta^2 + J^2)^(1/2) of the
splitting 2 J, with Delta = D1 <L|Y|L> of the localised states, good to D1^2. Where doubles resolve E1 - E0 of unlike
wells, Delta and J are those of each well with its mirror image (`mirrored`), as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import GlassError
from glasscli.theory import soft_potential, wkb
from glasscli.theory.mirrored import well_alone
from glasscli.theory.quartic_levels import box, localised, states

Floats = NDArray[np.float64]
# hbar of -d^2/dX^2.
HBAR = 2**0.5

# Digits beyond which the series takes longer than a second; WKB says the rest.
MAX_DIGITS = 400


@dataclass(frozen=True)
class Splitting:
    """E1 - E0, its logarithm to base 10 (finite where it underflows), how it was found, and the two-level system.

    Of deep wells value = 2 (Delta^2 + J^2)^(1/2), Klinger 3.15 with the power 1/2 that the print lost; where the upper
    state nears the barrier's top the right side is up to 9 % larger. J, the tunnelling amplitude,
    and Delta, half the difference of the wells, are None where there is no such system: one well, a level above the
    barrier, or both states in the same well.
    """

    value: float
    log10: float
    method: str
    J: float | None
    Delta: float | None


def _at_wall(E: int, D2: int, wall: int, odd: int, bits: int) -> int:
    """Return the even (odd = 0) or odd solution at Y = wall, all numbers times 2^bits.

    Term n of the series carries wall^n: (n + 1)(n + 2) t_{n+2} = -E L^2 t_n + D2 L^4 t_{n-2} + L^6 t_{n-4}.
    """
    square = wall * wall >> bits
    a, b, c = -(E * square >> bits), D2 * (square * square >> bits) >> bits, square**3 >> 2 * bits
    t, t2, t4 = 1 << bits, 0, 0
    total, n = t, odd
    while abs(t) > 4 or abs(t2) > 4 or abs(t4) > 4:
        t, t2, t4 = (a * t + b * t2 + c * t4 >> bits) // ((n + 1) * (n + 2)), t, t2
        total += t
        n += 2
    return total


def _level(guess: float, D2: int, wall: int, odd: int, bits: int) -> int:
    """Return the level of that parity nearest to `guess`, times 2^bits, by the secant rule."""
    one = 1 << bits
    E, step = int(mpmath.ldexp(guess, bits)), one >> 30
    before, at_before = E - step, _at_wall(E - step, D2, wall, odd, bits)
    for _ in range(40):
        at = _at_wall(E, D2, wall, odd, bits)
        if at == at_before:
            return E
        move = -at * (E - before) // (at - at_before)
        before, at_before, E = E, at, E + move
        # The secant rule squares what it has: once half of the digits stand, the next step has them all.
        if abs(move) <= 1 << 16:
            return E
    raise GlassError(f"the level near {guess:g} did not converge with {bits} bits")


def _symmetric_log10(K1: float, K2: float, D2: float, energy: float, lost: float) -> tuple[float, int]:
    """Return log10(E1 - E0) for D1 = 0 and the digits used; nan when they would be too many."""
    # Walls where psi^2 is below the splitting: decay of a quartic, int p dY = Y^3/3, beyond the barrier's own.
    height = 60 + (3 * (lost + 18) * np.log(10) / 2) ** (4 / 3)
    wall = float(box(D2, 0.0, height)[1])
    # The series grows to exp(wall^3/3 + |D2| wall/2) or so before its terms cancel.
    digits = int(lost + (wall**3 / 3 + abs(D2) * wall / 2) / np.log(10) + 30)
    if digits > MAX_DIGITS:
        return np.nan, digits
    bits = int(digits * np.log2(10))
    with mpmath.workprec(2 * bits):
        k1, k2 = mpmath.mpf(K1), mpmath.mpf(K2)
        exact = int(mpmath.ldexp(k1 - 3 * k2 * k2 / 8, bits))
        fixed_wall = int(mpmath.ldexp(wall, bits))
        low, high = (_level(energy, exact, fixed_wall, odd, bits) for odd in (0, 1))
        if high <= low:
            raise GlassError(f"the splitting at K1 = {K1:g}, K2 = {K2:g} is lost even with {digits} digits")
        return float(mpmath.log10(high - low) - bits * mpmath.log10(2)), digits


class _Quartic:
    """K1 X^2 + K2 X^3 + X^4 with two wells, as `mirrored.TwoWells` asks for it."""

    def __init__(self, K1: float, K2: float) -> None:
        self.K1, self.K2 = K1, K2
        found = soft_potential.wells(K1, K2)
        places = sorted((float(found.deep), float(found.shallow)))
        self.wells = (places[0], places[1])
        self.top = float(found.top)
        self.height = float(self(found.top))
        self.ends = (float(self(self.wells[0])), float(self(self.wells[1])))
        bends = 2 * soft_potential.curvature(self.wells, K1, K2)
        self.curvatures = (float(bends[0]), float(bends[1]))

    def __call__(self, s: ArrayLike) -> Floats:
        """V(X)."""
        return soft_potential.value(s, self.K1, self.K2)

    def interval(self, hbar: float) -> tuple[float, float]:
        """Left and right wall."""
        high = self.height - min(self.ends) + 14 * hbar * float(np.sqrt(max(self.curvatures)))
        left, right = box(self.K1, self.K2, high)
        return float(left), float(right)


def _two_wells(K1: float, K2: float) -> tuple[float, float] | None:
    """Return J and Delta of two wells that each hold one of the lowest two states; None where they do not."""
    well = soft_potential.wells(K1, K2)
    if not np.isfinite(well.top):
        return None
    pair = states(K1, K2, 2)
    left, right = localised(pair)
    below = pair.energies[1] < float(soft_potential.value(well.top, K1, K2))
    if not (below and left < float(well.top) < right):
        return None
    quartic = _Quartic(K1, K2)
    sides = [well_alone(quartic, HBAR, side) for side in (0, 1)]
    if sides[0] is None or sides[1] is None:
        return None
    J = float(np.exp((sides[0].log_amplitude + sides[1].log_amplitude) / 2))
    return J, abs(sides[1].level - sides[0].level) / 2


def splitting(K1: float, K2: float) -> Splitting:
    """Return the lowest pair: from doubles while they resolve it, with mpmath below, by WKB beyond 400 digits."""
    energies = states(K1, K2, 2).energies
    gap = float(energies[1] - energies[0])
    symmetric = soft_potential.is_symmetric(K1, K2)
    if gap > (1e-3 if symmetric else 1e-5):
        parts = _two_wells(K1, K2)
        J, Delta = parts or (None, None)
        if parts and symmetric:
            J, Delta = gap / 2, 0.0
        return Splitting(gap, float(np.log10(gap)), "double", J, Delta)
    with mpmath.workdps(60):
        k1, k2 = mpmath.mpf(K1), mpmath.mpf(K2)
        D1 = 0.0 if symmetric else float(abs(k2 / 2 * (k2 * k2 / 4 - k1)))
    D2 = float(soft_potential.without_cubic(K1, K2)[1])
    even = states(D2, 0.0, 2)
    guess = wkb.levels(D2, 0.0, 2).log10_splitting
    log10, _ = _symmetric_log10(K1, K2, D2, float(even.energies.mean()), max(0.0, -guess))
    method = "mpmath" if np.isfinite(log10) else "wkb"
    log10 = log10 if np.isfinite(log10) else guess
    x = even.moment(1)
    Delta = D1 * float(np.hypot(x[0, 1], (x[1, 1] - x[0, 0]) / 2))
    J = 0.5 * 10.0**log10
    if Delta > 0:
        half = float(np.hypot(J, Delta))
        return Splitting(2 * half, float(np.log10(2 * half)), method, J, Delta)
    return Splitting(2 * J, log10, method, J, 0.0)
