"""What a stress says of what flows: a level with its error, moduli of an oscillation, compliance, the flow curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.observables.equilibration import decorrelation_time

# Values in a period below which a harmonic is not told from the mean.
FEWEST = 8
# Rates that a flow curve of three parameters takes, so that something is left to judge it by.
RATES = 4
SIGNIFICANT = 3.0


@dataclass(frozen=True)
class Level:
    """The mean of a series in its last half, with its standard error by independent blocks.

    steady: whether the third and the fourth quarter agree to three standard errors of their difference
    """

    value: float
    error: float
    steady: bool


@dataclass(frozen=True)
class Slope:
    """Of a line by least squares, with its standard error where deviations hang together; start: where x is none."""

    value: float
    error: float
    start: float


@dataclass(frozen=True)
class Moduli:
    """Of a stress under strain A cos(wt): A (G' cos - G'' sin). Means over periods with their standard errors.

    third  height of the third harmonic over that of the first: what is not linear
    """

    storage: float
    storage_error: float
    loss: float
    loss_error: float
    third: float
    periods: int


@dataclass(frozen=True)
class Creep:
    """How a strain grew under a stress, and what of it came back without.

    compliance       strain over stress when the stress ended; rate: of strain in the last half of the time before
    viscosity        stress over that rate; None where it is not above its own uncertainty
    recovered        share of the strain that came back; None where it was not watched
    """

    strain: float
    compliance: float
    rate: float
    rate_error: float
    viscosity: float | None
    recovered: float | None


@dataclass(frozen=True)
class FlowCurve:
    """stress = yield_stress + consistency |rate|^exponent, with standard errors of the fit.

    chi2  squared deviations in units of their errors, over the degrees of freedom: about 1 where the law holds
    """

    yield_stress: float
    yield_stress_error: float
    consistency: float
    consistency_error: float
    exponent: float
    exponent_error: float
    chi2: float
    points: int

    def stress(self, rate: Floats) -> Floats:
        """[n] stress at rates [n]."""
        return np.asarray(self.yield_stress + self.consistency * np.abs(rate) ** self.exponent)


def level(values: Floats) -> Level:
    """The level of a series [n] that began elsewhere. Raises InputError for less than 16 values."""
    if len(values) < 16:
        raise InputError(f"{len(values)} values are too few for a mean with an error: at least 16")

    def mean(part: Floats) -> tuple[float, float]:
        return float(part.mean()), float(part.std(ddof=1) * np.sqrt(decorrelation_time(part) / len(part)))

    half = values[len(values) // 2 :]
    (one, doubt), (other, more) = (mean(part) for part in np.array_split(half, 2))
    return Level(*mean(half), bool(abs(one - other) <= SIGNIFICANT * np.hypot(doubt, more)))


def slope(x: Floats, y: Floats) -> Slope:
    """The slope of y [n] against x [n], which are in the order of time."""
    away = x - x.mean()
    value = float(away @ y / (away @ away))
    rest = y - y.mean() - value * away
    error = float(np.sqrt(rest @ rest / max(1, len(x) - 2) * decorrelation_time(rest) / (away @ away)))
    return Slope(value, error, float(y.mean() - value * x.mean()))


def moduli(angle: Floats, stress: Floats, amplitude: float) -> Moduli:
    """Of stresses [n] at angles wt [n] of an oscillation amplitude cos(wt), period by period from angle 0 on.

    The first period is left out where there are more than two: it remembers how it began. Raises InputError where there
    are no two whole periods, or few values in one.
    """
    number = np.floor(angle / (2 * np.pi) + 1e-9).astype(int)
    whole = int((angle.max() + np.diff(angle).max(initial=0.0)) / (2 * np.pi) + 1e-9)
    if whole < 2:
        raise InputError("moduli with errors take two whole periods at least")
    found = []
    for period in range(1 if whole > 2 else 0, whole):
        here = number == period
        if here.sum() < FEWEST:
            raise InputError(
                f"{here.sum()} values of the stress in a period: at least {FEWEST} (--stress-every)"
            )
        a = angle[here]
        waves = np.stack([np.ones_like(a), np.cos(a), np.sin(a), np.cos(3 * a), np.sin(3 * a)], axis=1)
        found.append(np.linalg.lstsq(waves, stress[here], rcond=None)[0])
    each = np.array(found)
    storage, loss = each[:, 1] / amplitude, -each[:, 2] / amplitude
    root = np.sqrt(len(each))
    first, third = (np.hypot(*each[:, k : k + 2].mean(axis=0)) for k in (1, 3))
    return Moduli(
        float(storage.mean()), float(storage.std(ddof=1) / root), float(loss.mean()), float(loss.std(ddof=1) / root),
        float(third / first), len(each),
    )  # fmt: skip


def creep(time: Floats, strain: Floats, stress: float, ends: float) -> Creep:
    """Of strains [n] at times [n], under a stress up to the time `ends`. Raises InputError for less than 16 before."""
    under = time <= ends
    if under.sum() < 16:
        raise InputError(f"{under.sum()} values of the strain are too few for a creep: at least 16")
    t, grown = time[under], strain[under]
    half = slice(len(t) // 2, None)
    grows = slope(t[half], grown[half])
    rate, last = grows.value, float(grown[-1])
    viscosity = stress / rate if abs(rate) > SIGNIFICANT * grows.error and rate * stress > 0 else None
    recovered = float(1 - strain[-1] / last) if not under.all() and last else None
    return Creep(last, last / stress, rate, grows.error, viscosity, recovered)


def herschel_bulkley(rate: Floats, stress: Floats, error: Floats) -> FlowCurve:
    """The law of W. Herschel and R. Bulkley (Kolloid-Z. 39, 291 (1926)) through stresses [n] with errors at rates [n].

    A yield stress below its error says that there is none. Raises InputError for less than four rates.
    """
    from scipy.optimize import least_squares  # it takes its time to load

    x, y, e = np.abs(rate), np.sign(rate) * stress, np.asarray(error, float)
    if len(np.unique(x)) < RATES or not (e > 0).all():
        raise InputError(
            f"a flow curve takes {RATES} rates at least, and errors; here are {len(np.unique(x))}"
        )
    middle = float(np.exp(np.log(x).mean()))  # where the parameters hang together least
    scaled = np.log(x / middle)

    def off(p: Floats) -> Floats:
        return np.asarray((p[0] + np.exp(p[1] + p[2] * scaled) - y) / e)

    spread = max(float(y.max() - y.min()), 1e-12)
    starts = [
        (y.min() - share * spread, np.log((0.5 + share) * spread), n)
        for share in (0.1, 1.0)
        for n in (0.3, 0.5, 1)
    ]
    tried = [least_squares(off, start, x_scale="jac") for start in starts]
    best = min(tried, key=lambda found: found.cost)
    covariance = np.linalg.inv(best.jac.T @ best.jac)
    yields, log, n = best.x
    consistency = float(np.exp(log - n * np.log(middle)))
    along = np.array([0.0, 1.0, -np.log(middle)])  # of the logarithm of the consistency
    unsure = consistency * np.sqrt(along @ covariance @ along)
    errors = np.sqrt(np.diag(covariance))
    return FlowCurve(
        float(yields), float(errors[0]), consistency, float(unsure), float(n), float(errors[2]),
        float(2 * best.cost / max(1, len(x) - 3)), len(x),
    )  # fmt: skip
