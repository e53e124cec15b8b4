"""From energies and entropies at temperatures to the configurational entropy, where it would vanish, and what it does
to relaxation. All temperatures are kT, all entropies in k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.determined import undetermined

# Powers of kT of a liquid's energy at constant volume: Rosenfeld and Tarazona, Mol. Phys. 95, 141 (1998), and one more.
POWERS = (0.0, 0.6, 1.2)
FEWEST = 3  # temperatures for a T_K
SURE = 2.0  # errors by which an S_c is above zero for certain


class LiquidEnergy:
    """U(kT) = sum_j a_j (kT)^p_j through points [n] with errors; as many p of POWERS as leave a point to spare.

    chi_squared: a degree of freedom, None where there is none left
    """

    def __init__(self, kT: Floats, energy: Floats, error: Floats) -> None:
        self.powers = np.array(POWERS[: max(1, min(len(POWERS), len(kT) - (len(kT) > 2)))])
        self.highest = float(kT.max())
        rows = kT[:, None] ** self.powers / error[:, None]
        self.terms, *_ = np.linalg.lstsq(rows, energy / error, rcond=None)
        left = len(kT) - len(self.terms)
        rest = rows @ self.terms - energy / error
        self.chi_squared = float(rest @ rest / left) if left else None
        self.covariance = np.linalg.pinv(rows.T @ rows) * max(1.0, self.chi_squared or 1.0)

    def excess(self, kT: float, top: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """S_ex and F_ex/kT with their errors, but that of `top`: F_ex/kT at the highest temperature.

        F_ex/kT = top + int_kT^highest U dt / t^2, S_ex = U/kT - F_ex/kT.
        """
        p = self.powers
        free = (self.highest ** (p - 1) - kT ** (p - 1)) / (p - 1)
        entropy = kT ** (p - 1) - free
        doubts = [float(np.sqrt(row @ self.covariance @ row)) for row in (entropy, free)]
        return (float(entropy @ self.terms) - top, doubts[0]), (top + float(free @ self.terms), doubts[1])


def anharmonic_entropy(kT: Floats, energy: Floats, error: Floats, at: float) -> tuple[float, float]:
    """int_0^at (de/dt)/t dt and its error, from e [n] at kT [n]: e = c t^2 + d t^3, nothing at rest (Sciortino, Kob and
    Tartaglia, Phys. Rev. Lett. 83, 3214 (1999))."""
    weight = 1 / np.maximum(error, 1e-12)
    rows = np.column_stack([kT**2, kT**3]) * weight[:, None]
    terms, *_ = np.linalg.lstsq(rows, energy * weight, rcond=None)
    row = np.array([2 * at, 1.5 * at**2])
    return float(row @ terms), float(np.sqrt(row @ np.linalg.pinv(rows.T @ rows) @ row))


@dataclass(frozen=True)
class Kauzmann:
    """S_c = K (1/T_K - 1/T), that is T S_c = K (T/T_K - 1) (Sastry, Nature 409, 164 (2001)).

    T_K, K       and their errors, in the unit of kT; None where there are none: reason says why. The error of T_K has
                 by how much it is another where S_c is a line in 1/T^2, as of a Gaussian landscape of minima
    T_K_below    the lowest temperature in equilibrium at which S_c is above zero by more than SURE errors: a bound that
                 no line is needed for; None where there is none
    chi_squared  of the line, a degree of freedom; None where there is none left
    """

    T_K: float | None
    T_K_error: float | None
    K: float | None
    K_error: float | None
    chi_squared: float | None = None
    reason: str | None = None
    T_K_below: float | None = None

    def over(self, boltzmann: float) -> Kauzmann:
        """With T_K as a temperature, K as an energy still."""
        scaled = {name: getattr(self, name) for name in ("T_K", "T_K_error", "T_K_below")}
        return replace(self, **{k: None if v is None else v / boltzmann for k, v in scaled.items()})


def kauzmann(kT: Floats, entropy: Floats, error: Floats, common: float) -> Kauzmann:
    """From S_c [n] at kT [n] with errors of each, and one that all of them have in common."""
    above = kT[entropy > SURE * np.hypot(error, common)]
    return replace(_through(kT, entropy, error, common), T_K_below=float(above.min()) if len(above) else None)


def _through(kT: Floats, entropy: Floats, error: Floats, common: float) -> Kauzmann:
    n = len(kT)
    if n < FEWEST:
        return Kauzmann(
            None, None, None, None, reason=f"S_c is known in equilibrium at {n} temperatures, not {FEWEST}"
        )
    rows, (high, K), chi = _line(1 / kT, entropy, error)
    _, (other_high, other), _ = _line(1 / kT**2, entropy, error)
    covariance = np.linalg.pinv(rows.T @ rows) * max(1.0, chi)
    covariance[0, 0] += common**2
    K_error = float(np.sqrt(covariance[1, 1]))
    if K <= 0 or high <= 0:
        return Kauzmann(None, None, None, None, chi, "S_c does not fall on cooling towards zero")
    T_K = float(K / high)
    row = np.array([-T_K / high, 1 / high])
    bent = float(np.sqrt(other / other_high)) if min(other, other_high) > 0 else float("nan")
    T_error = float(np.hypot(np.sqrt(row @ covariance @ row), bent - T_K))
    if why := undetermined("Kauzmann temperature", T_K, T_error):
        return Kauzmann(None, None, float(K), K_error, chi, why)
    if kT.min() <= T_K:
        why = f"S_c is below zero at temperatures in equilibrium: {entropy.min():.3g} at {kT[entropy.argmin()]:g}"
        return Kauzmann(None, None, float(K), K_error, chi, why)
    return Kauzmann(T_K, T_error, float(K), K_error, chi)


def _line(x: Floats, y: Floats, error: Floats) -> tuple[Floats, Floats, float]:
    """y = a - b x: the rows of its least squares, (a, b), chi squared a degree of freedom."""
    rows = np.column_stack([np.ones_like(x), -x]) / error[:, None]
    terms, *_ = np.linalg.lstsq(rows, y / error, rcond=None)
    rest = rows @ terms - y / error
    return rows, np.asarray(terms, np.float64), float(rest @ rest / (len(x) - 2))


@dataclass(frozen=True)
class AdamGibbs:
    """ln tau = ln tau_0 + A / (kT S_c) through points; chi_squared a degree of freedom; reason: why there is none."""

    ln_tau0: float | None
    A: float | None
    A_error: float | None
    chi_squared: float | None
    reason: str | None = None


def adam_gibbs(kT: Floats, entropy: Floats, error: Floats, tau: Floats, tau_error: Floats) -> AdamGibbs:
    """The line through ln tau [n] against 1 / (kT S_c) [n], errors of both in its weights."""
    good = (entropy > 0) & (tau > 0) & np.isfinite(tau_error)
    x, y = 1 / (kT * entropy)[good], np.log(tau[good])
    if len(x) < FEWEST:
        return AdamGibbs(
            None, None, None, None, f"tau_alpha and S_c are known together at {len(x)} temperatures"
        )
    x_error, y_error = x * (error / np.abs(entropy))[good], (tau_error / tau)[good]
    slope = float(np.polyfit(x, y, 1)[0])
    for _ in range(20):  # of the slope in its own weights
        weight = 1 / np.hypot(y_error, slope * x_error)
        rows = np.column_stack([np.ones_like(x), x]) * weight[:, None]
        (first, slope), *_ = np.linalg.lstsq(rows, y * weight, rcond=None)
    rest = rows @ np.array([first, slope]) - y * weight
    chi = float(rest @ rest / (len(x) - 2)) if len(x) > 2 else None
    error_of = float(np.sqrt(np.linalg.inv(rows.T @ rows)[1, 1] * max(1.0, chi or 1.0)))
    if why := undetermined("slope of ln tau against 1/(T S_c)", float(slope), error_of):
        return AdamGibbs(None, None, None, chi, why)
    return AdamGibbs(float(first), float(slope), error_of, chi)


def mean_of(values: Sequence[float], errors: Sequence[float] = ()) -> tuple[float, float]:
    """Mean of independent values, two or more, and its error: their scatter, or what their own errors make of it where
    that is more."""
    found = np.array(values)
    own = float(np.sqrt(np.square(errors).sum())) / len(found)
    return float(found.mean()), max(own, float(found.std(ddof=1) / np.sqrt(len(found))))
