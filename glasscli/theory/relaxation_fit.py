"""eta(t) of Eq. 12 and a stretched exponential fitted to a measured relaxation, with errors.

    y(t) = y0 + (y1 - y0) eta(g t; D s0^(1/2)/g, G/g)         five parameters
    y(t) = y0 + (y1 - y0) {1 - exp[-(t/tau)^beta]}            four parameters

y0 and y1 enter linearly and are solved for at every step; the others are fitted as logarithms from many starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from glasscli.errors import GlassError, InputError
from glasscli.theory.kinetics import order_parameter, time_to

# An error larger than this share of its value leaves open what a parameter is.
MOST_ERROR = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted law: parameters and their standard errors by name, residual sum, Akaike's corrected criterion.

    aicc   lower is better; differences below 2 decide nothing
    curve  the law at the measured times [n];  rms  root mean square residual, in the unit of the data
    An error of nan means that the data do not determine the parameter, or drive it to the end of its range.
    """

    law: str
    parameters: dict[str, float]
    errors: dict[str, float]
    rms: float
    aicc: float
    curve: Floats

    @property
    def reasons(self) -> dict[str, str]:
        """{parameter: why it says nothing} of those whose error is nan, or larger than half the value.

        Of the ends y0 and y1, whose zero means nothing, only nan counts.
        """
        found = {}
        for name, value in self.parameters.items():
            error = self.errors[name]
            if not np.isfinite(error):
                found[name] = f"no fit: the data do not determine {name}, or drive it to the end of its range"
            elif name not in ("y0", "y1") and error > MOST_ERROR * abs(value):
                found[name] = (
                    f"no fit: {name} is {value:.3g} ± {error:.2g}, an error of more than {MOST_ERROR:.0%}"
                )
        return found


def _law_eta(t: Floats, logs: Floats) -> Floats:
    g, gain, Gamma = np.exp(logs)
    return order_parameter(g * t, gain, Gamma)


def _law_stretched(t: Floats, logs: Floats) -> Floats:
    tau, beta = np.exp(logs)
    found: Floats = -np.expm1(-((t / tau) ** beta))
    return found


def _linear(shape: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return y0, y1 and the residuals of the best y0 + (y1 - y0) shape."""
    matrix = np.stack([1 - shape, shape], axis=1) * weight[:, None]
    ends = np.asarray(np.linalg.lstsq(matrix, weight * y, rcond=None)[0], np.float64)
    return ends, weight * y - matrix @ ends


def _fit(
    name: str,
    law: Callable[[Floats, Floats], Floats],
    names: list[str],
    starts: list[Floats],
    bounds: tuple[Floats, Floats],
    data: tuple[Floats, Floats, Floats],
) -> Fit:
    t, y, weight = data
    best = None
    # Cheap ranking first: most starts are hopeless.
    ranked = sorted(starts, key=lambda start: float((_linear(law(t, start), y, weight)[1] ** 2).sum()))
    for start in ranked[:3]:
        found = least_squares(
            lambda logs: _linear(law(t, logs), y, weight)[1],
            np.clip(start, *bounds),
            bounds=bounds,
            xtol=1e-12,
        )
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    logs = best.x
    ends, residuals = _linear(law(t, logs), y, weight)

    def full(p: Floats) -> Floats:
        shape = law(t, p[2:])
        found: Floats = weight * (p[0] + (p[1] - p[0]) * shape)
        return found

    p = np.concatenate([ends, logs])
    steps = np.concatenate([1e-6 * (np.abs(ends) + np.ptp(y)), np.full(len(logs), 1e-5)])
    jacobian = np.stack(
        [(full(p + s) - full(p - s)) / (2 * step) for s, step in zip(np.diag(steps), steps, strict=True)],
        axis=1,
    )
    free = len(t) - len(p)
    chi2 = float((residuals**2).sum())
    # Columns of unit length make the rank independent of units; what lies outside it is undetermined.
    length = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300)
    _, singular, rotation = np.linalg.svd(jacobian / length, full_matrices=False)
    weak = singular < 1e-6 * singular[0]
    spread = np.sqrt(((rotation / np.where(weak, np.inf, singular)[:, None]) ** 2).sum(axis=0)) / length
    spread *= np.sqrt(chi2 / free)
    spread[(np.abs(rotation[weak]) > 0.1).any(axis=0)] = np.nan
    spread[2:][(logs < bounds[0] + 1e-3) | (logs > bounds[1] - 1e-3)] = np.nan
    values = dict(zip(["y0", "y1", *names], [*ends, *np.exp(logs)], strict=True))
    errors = dict(zip(values, [*spread[:2], *(spread[2:] * np.exp(logs))], strict=True))
    k = len(p) + 1
    rms = float(np.sqrt(np.mean((residuals / weight) ** 2)))
    aicc = len(t) * np.log(max(chi2, 1e-300) / len(t)) + 2 * k + 2 * k * (k + 1) / max(len(t) - k - 1, 1)
    return Fit(
        name,
        {key: float(v) for key, v in values.items()},
        {key: float(v) for key, v in errors.items()},
        rms,
        float(aicc),
        full(p) / weight,
    )


def fit(t: ArrayLike, y: ArrayLike, sigma: ArrayLike | None = None) -> tuple[Fit, Fit]:
    """Return the fits of eta(t) and of the stretched exponential to y [n] at times t [n], sigma [n] optional.

    Parameters: y0, y1 the ends; g, gain = D s0^(1/2)/g, Gamma = G/g; tau, beta. g in 1/unit of t.
    Raises InputError for fewer than eight points, times that do not ascend or values that do not change.
    """
    t, y = np.asarray(t, float), np.asarray(y, float)
    weight = np.ones_like(y) if sigma is None else 1 / np.asarray(sigma, float)
    if t.ndim != 1 or t.shape != y.shape or weight.shape != y.shape or len(t) < 8:
        raise InputError("a fit needs eight or more rows of time, value (and standard error)")
    if not (
        np.isfinite(t).all() and np.isfinite(y).all() and np.isfinite(weight).all() and (weight > 0).all()
    ):
        raise InputError("times, values and errors must be finite, and errors greater than zero")
    if t[0] < 0 or not (np.diff(t) > 0).all():
        raise InputError("times must ascend and not be negative")
    if np.ptp(y) == 0:
        raise InputError("the values do not change with time: there is no relaxation to fit")
    # Data in units of their own range: the optimiser's tolerances then mean what they say.
    middle, size = float(y.mean()), float(np.ptp(y))
    data = (t, (y - middle) / size, weight * size)
    half = _half_time(t, y)
    starts = [
        np.log([time_to(0.5, gain, Gamma) / half, gain, Gamma])
        for gain in (0.3, 1.0, 3.0, 10.0, 20.0, 40.0)
        for Gamma in (0.3, 1.0, 3.0, 10.0, 30.0)
    ]
    wide = np.log([1e-6 / half, 1e-2, 1e-2]), np.log([1e6 / half, 300.0, 300.0])
    first = _fit("eta", _law_eta, ["g", "gain", "Gamma"], starts, wide, data)
    starts = [np.log([half * f, beta]) for f in (0.3, 1.0, 3.0) for beta in (0.3, 0.6, 1.0, 2.0, 4.0)]
    wide = np.log([1e-8 * half, 0.05]), np.log([1e8 * half, 20.0])
    second = _fit("stretched exponential", _law_stretched, ["tau", "beta"], starts, wide, data)
    return _in_units(first, middle, size), _in_units(second, middle, size)


def _in_units(found: Fit, middle: float, size: float) -> Fit:
    ends = {name: middle + size * found.parameters[name] for name in ("y0", "y1")}
    errors = {name: size * found.errors[name] for name in ("y0", "y1")}
    if not all(np.isfinite(value) for value in found.parameters.values()):
        raise GlassError(f"the fit of {found.law} did not converge")
    return Fit(
        found.law,
        found.parameters | ends,
        found.errors | errors,
        found.rms * size,
        found.aicc,
        middle + size * found.curve,
    )


def _half_time(t: Floats, y: Floats) -> float:
    """Time at which y is first half way between its first and last value."""
    level = (y - y[0]) / (y[-1] - y[0]) if y[-1] != y[0] else np.abs(y - y[0]) / np.ptp(y)
    return float(max(t[np.argmax(level >= 0.5)], t[1]))
