"""How relaxation slows down on cooling: laws of tau(T), 1/D(T) or eta(T), which of them the data prefer, the onset."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.determined import undetermined

# A law is preferred when the others are this much less likely by AICc: a factor of 7 in likelihood.
PREFERRED = 4.0


@dataclass(frozen=True)
class Law:
    """ln y as a function of T; parameters by name, the first is ln y_0.

    start   first guess from T [n], ln y [n]
    bounds  of the parameters, from T
    """

    formula: str
    names: tuple[str, ...]
    value: Callable[..., Floats]
    start: Callable[[Floats, Floats], list[float]]
    bounds: Callable[[Floats], tuple[list[float], list[float]]]


def _slope(T: Floats, y: Floats) -> float:
    return float(np.polyfit(1 / T, y, 1)[0])


INF = np.inf
LAWS = {
    "arrhenius": Law(
        "y0 exp(E/T)", ("ln_y0", "E"),
        lambda T, a, E: a + E / T,
        lambda T, y: [float(y.min()), max(_slope(T, y), 1e-6 * float(T.max()))],
        lambda T: ([-INF, 0.0], [INF, INF]),
    ),
    "vft": Law(
        "y0 exp(B/(T - T0))", ("ln_y0", "B", "T0"),
        lambda T, a, B, T0: a + B / (T - T0),
        lambda T, y: [float(y.min()) - 1, max(0.3 * _slope(T, y), 1e-3), 0.6 * float(T.min())],
        lambda T: ([-INF, 0.0, 0.0], [INF, INF, 0.999 * float(T.min())]),
    ),
    "mct": Law(
        "y0 (T - Tc)^-gamma", ("ln_y0", "gamma", "Tc"),
        lambda T, a, g, Tc: a - g * np.log(T - Tc),
        lambda T, y: [float(y.min()), 2.0, 0.8 * float(T.min())],
        lambda T: ([-INF, 0.0, 0.0], [INF, 20.0, 0.9999 * float(T.min())]),
    ),
    "parabolic": Law(
        "y0 exp(J^2 (1/T - 1/To)^2)", ("ln_y0", "J", "To"),
        lambda T, a, J, To: a + J**2 * (1 / T - 1 / To) ** 2,
        lambda T, y: [float(y.min()), 2.0 * float(T.min()), 1.2 * float(T.max())],
        lambda T: ([-INF, 0.0, float(T.max())], [INF, INF, 5 * float(T.max())]),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class LawFit:
    """One law through the points.

    parameters, errors  by name; errors are widened by chi where chi2 per degree of freedom is above 1
    chi2, dof           with the errors of the points; aicc: chi2 + 2k + 2k(k+1)/(n-k-1), None where n is too small
    T                   [2] lowest and highest temperature, outside of which the law says nothing
    reason              why there is none; the numbers are None then
    """

    parameters: dict[str, float] | None
    errors: dict[str, float] | None
    chi2: float | None
    dof: int
    aicc: float | None
    T: tuple[float, float]
    reason: str | None = None

    @property
    def per_dof(self) -> float | None:
        """Chi2 per degree of freedom."""
        return self.chi2 / self.dof if self.chi2 is not None and self.dof else None


def fit_laws(T: Floats, y: Floats, error: Floats, below: float | None = None) -> dict[str, LawFit]:
    """Fit every law to y [n] (a time, 1/D or a viscosity) at T [n] with standard errors [n], in ln y.

    below: only at temperatures up to this one, the onset, above which the laws of a supercooled liquid say nothing. All
    laws see the same points.
    """
    use = np.isfinite(y) & (y > 0) & np.isfinite(error) & (error > 0)
    if below is not None:
        use &= T - below <= 0
    order = np.argsort(T[use])
    x, values, errors = T[use][order], np.log(y[use][order]), (error[use] / y[use])[order]
    return {name: _fit(law, x, values, errors) for name, law in LAWS.items()}


def _fit(law: Law, T: Floats, y: Floats, error: Floats) -> LawFit:
    from scipy.optimize import OptimizeWarning, curve_fit

    n, k = len(T), len(law.names)
    ends = (float(T[0]), float(T[-1])) if n else (float("nan"), float("nan"))
    dof = n - k
    if dof < 1:
        return LawFit(
            None, None, None, max(dof, 0), None, ends, f"no fit: {n} temperatures for {k} parameters"
        )
    low, high = law.bounds(T)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            found, covariance = curve_fit(
                law.value, T, y, law.start(T, y), error, absolute_sigma=True, bounds=(low, high), maxfev=20000
            )
    except (RuntimeError, ValueError):
        return LawFit(None, None, None, dof, None, ends, "no fit: none converged")
    chi2 = float((((law.value(T, *found) - y) / error) ** 2).sum())
    deviations = np.sqrt(np.abs(np.diag(covariance)) * max(1.0, chi2 / dof))
    aicc = chi2 + 2 * k + 2 * k * (k + 1) / (n - k - 1) if n > k + 1 else None
    for name, value, deviation, least, most in zip(
        law.names[1:], found[1:], deviations[1:], low[1:], high[1:], strict=True
    ):
        bounds = (least, most) if np.isfinite([least, most]).all() else None
        if reason := undetermined(name, float(value), float(deviation), bounds):
            return LawFit(None, None, None, dof, None, ends, reason)
    parameters = dict(zip(law.names, map(float, found), strict=True))
    return LawFit(
        parameters, dict(zip(law.names, map(float, deviations), strict=True)), chi2, dof, aicc, ends
    )


def preferred(fits: Mapping[str, LawFit]) -> tuple[str | None, str]:
    """Which law the data prefer, None where they do not decide; and why, in one line."""
    known = {name: fit.aicc for name, fit in fits.items() if fit.aicc is not None}
    if len(known) < 2:
        return None, "fewer than two laws could be fitted with points to spare"
    best, second = sorted(known, key=lambda name: known[name])[:2]
    ahead = known[second] - known[best]
    said = f"{best} by AICc {known[best]:.1f}, next {second} {known[second]:.1f}"
    if ahead < PREFERRED:
        return None, f"the points do not decide: {said}"
    per_dof = fits[best].per_dof
    if per_dof is not None and per_dof > 5:
        return None, f"none: the best, {best}, misses the points by chi2 per degree of freedom {per_dof:.1f}"
    return best, said


@dataclass(frozen=True)
class Onset:
    """Where the inherent energy begins to fall on cooling: constant above T_o, linear in 1/T below.

    value, error  None where it is not seen; reason: why
    """

    value: float | None
    error: float | None
    reason: str | None = None


def onset(T: Floats, energy: Floats, error: Floats) -> Onset:
    """The onset temperature from E_IS [n] with errors [n] at T [n] (Sastry, Debenedetti & Stillinger 1998).

    E_IS = E_inf - A max(0, 1/T - 1/T_o), by least squares over T_o; error where chi2 rises by its value per degree of
    freedom. There is none without two temperatures on either side, or where a straight line in 1/T does as well.
    """
    use = np.isfinite(energy) & np.isfinite(error) & (error > 0)
    order = np.argsort(T[use])
    x, e, s = T[use][order], energy[use][order], error[use][order]
    if len(x) < 5:
        return Onset(None, None, f"no onset: {len(x)} temperatures with E_IS, at least five are needed")
    grid = np.linspace(x[1], x[-2], 400)

    def chi2(columns: Floats) -> float:
        solution = np.linalg.lstsq(columns / s[:, None], e / s, rcond=None)[0]
        return float(((columns @ solution) - e) / s @ (((columns @ solution) - e) / s))

    ones = np.ones_like(x)
    found = np.array([chi2(np.stack([ones, np.maximum(0.0, 1 / x - 1 / at)], axis=1)) for at in grid])
    straight = chi2(np.stack([ones, 1 / x], axis=1))
    best = int(np.argmin(found))
    scale = max(1.0, found[best] / (len(x) - 3))
    if best in (0, len(grid) - 1):
        return Onset(None, None, "no onset: E_IS has no two temperatures on either side of one")
    if straight - found[best] < 4 * scale:
        return Onset(None, None, "no onset: a straight line in 1/T does as well")
    inside = grid[found <= found[best] + scale]
    return Onset(float(grid[best]), float(max(np.ptp(inside) / 2, grid[1] - grid[0])))


@dataclass(frozen=True)
class Fragility:
    """How steeply relaxation slows down, within the temperatures measured.

    kinetic, kinetic_error  T0/B of the VFT law (Angell's 1/D); None without one
    steepness    d log10 y / d (T_low/T) at the lowest temperature T_low, from the preferred law, else from VFT
    at           T_low
    """

    kinetic: float | None
    kinetic_error: float | None
    steepness: float | None
    at: float


def fragility(fits: Mapping[str, LawFit], best: str | None) -> Fragility:
    """From fits of `fit_laws`."""
    vft = fits["vft"]
    kinetic = kinetic_error = None
    if vft.parameters and vft.errors:
        B, T0 = vft.parameters["B"], vft.parameters["T0"]
        kinetic = T0 / B
        kinetic_error = kinetic * float(np.hypot(vft.errors["B"] / B, vft.errors["T0"] / T0))
    name = best or "vft"
    fit, steepness = fits[name], None
    if fit.parameters:
        low, step = fit.T[0], 1e-5 * fit.T[0]
        law = LAWS[name]
        above, at = (float(law.value(np.array([t]), *fit.parameters.values())[0]) for t in (low + step, low))
        steepness = -(above - at) / step * low / np.log(10)
    return Fragility(kinetic, kinetic_error, steepness, fits[name].T[0])
