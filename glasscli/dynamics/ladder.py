"""Many temperatures together: points with errors, laws through them, the onset, Stokes and Einstein."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.result import Json, plain
from glasscli.configuration import Floats
from glasscli.dynamics.measured import WHOLE, Liquid
from glasscli.observables.temperature_laws import (
    LAWS,
    Fragility,
    LawFit,
    Onset,
    fit_laws,
    fragility,
    onset,
    preferred,
)

# What is fitted: tau_alpha, how slow diffusion is, viscosity.
TAU, SLOW, FLOW = "tau_alpha", "1/D", "viscosity"


@dataclass(frozen=True)
class Points:
    """One quantity over temperatures: T [n], value [n], error [n]; of several samples at a T their mean."""

    T: Floats
    value: Floats
    error: Floats
    samples: list[int]


@dataclass(frozen=True)
class Laws:
    """Laws through one quantity, which of them the points prefer (None: none), and why; how fragile it is."""

    points: Points
    fits: dict[str, LawFit]
    preferred: str | None
    reason: str
    fragility: Fragility

    @property
    def data(self) -> dict[str, Json]:
        """As JSON has it."""
        found: dict[str, Json] = {
            name: {
                "formula": LAWS[name].formula, "parameters": plain(fit.parameters), "errors": plain(fit.errors),
                "chi2": fit.chi2, "dof": fit.dof, "aicc": fit.aicc, "T": plain(fit.T), "reason": fit.reason,
            }
            for name, fit in self.fits.items()
        }  # fmt: skip
        return found | {
            "preferred": self.preferred,
            "reason": self.reason,
            "fragility": plain(self.fragility),
        }


@dataclass(frozen=True)
class Ladder:
    """What several temperatures say together.

    group            whose motion: the commonest species
    laws             {quantity: laws}
    stokes_einstein  D tau_alpha and D eta / T, each over its value at the highest temperature
    """

    group: str
    laws: dict[str, Laws]
    onset: Onset
    stokes_einstein: dict[str, Points]


def ladder(liquids: Sequence[Liquid]) -> Ladder:
    """Of files at three temperatures or more; only those in equilibrium are points."""
    group = commonest(liquids[0])
    used = [one for one in liquids if one.T is not None and one.equilibrium.equilibrated]
    inherent = _points(used, lambda one: one.inherent)
    start = (
        onset(inherent.T, inherent.value, inherent.error)
        if inherent
        else Onset(None, None, "no onset: no E_IS")
    )
    quantities = {
        TAU: _points(used, lambda one: _tau(one, group)),
        SLOW: _points(used, lambda one: _slow(one, group)),
        FLOW: _points(used, _flow),
    }
    laws = {name: _laws(points, start.value) for name, points in quantities.items() if points}
    return Ladder(group, laws, start, _stokes_einstein(quantities))


def commonest(liquid: Liquid) -> str:
    """The commonest species, else all atoms."""
    apart = [name for name in liquid.motions if name != WHOLE]
    if not apart:
        return WHOLE
    return max(apart, key=lambda name: liquid.counts.get(name, 0))


def _tau(one: Liquid, group: str) -> tuple[float, float | None] | None:
    tau = one.taus[group][0]
    if tau.passage.time is None:
        return None
    return tau.passage.time * one.step, None if tau.error is None else tau.error * one.step


def _slow(one: Liquid, group: str) -> tuple[float, float | None] | None:
    found = one.diffusions[group]
    if found.value is None:
        return None
    return 1 / found.value, None if found.error is None else found.error / found.value**2


def _flow(one: Liquid) -> tuple[float, float | None] | None:
    shear = one.viscosities.shear
    return None if shear is None or shear.value is None else (shear.value, shear.error)


def _points(
    liquids: Sequence[Liquid], of: Callable[[Liquid], tuple[float, float | None] | None]
) -> Points | None:
    """Means over samples of one temperature, their scatter as error; of a single one its own error."""
    groups: dict[float, list[tuple[float, float | None]]] = {}
    for one in liquids:
        found = of(one)
        if found is not None and one.T is not None:
            groups.setdefault(one.T, []).append(found)
    rows = []
    for T, samples in sorted(groups.items()):
        values = np.array([value for value, _ in samples])
        own = samples[0][1]
        error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else own
        if error is not None and error > 0:
            rows.append((T, float(values.mean()), error, len(values)))
    if not rows:
        return None
    table = np.array(rows)
    return Points(table[:, 0], table[:, 1], table[:, 2], [int(count) for count in table[:, 3]])


def _laws(points: Points, below: float | None) -> Laws:
    """Below the onset where there are points enough, else through all of them."""
    if below is not None and np.count_nonzero(points.T - below <= 0) < 5:
        below = None
    fits = fit_laws(points.T, points.value, points.error, below)
    best, reason = preferred(fits)
    return Laws(points, fits, best, reason, fragility(fits, best))


def _stokes_einstein(quantities: dict[str, Points | None]) -> dict[str, Points]:
    slow, found = quantities[SLOW], {}
    for name in (TAU, FLOW):
        other = quantities[name]
        if slow is None or other is None:
            continue
        both, here, there = np.intersect1d(slow.T, other.T, return_indices=True)
        if len(both) < 2:
            continue
        ratio = other.value[there] / slow.value[here] / (both if name == FLOW else 1.0)
        relative = np.hypot(other.error[there] / other.value[there], slow.error[here] / slow.value[here])
        scaled = ratio / ratio[-1]
        # The highest temperature is the unit of all others: its error is theirs too.
        error = scaled * np.hypot(relative, np.where(np.arange(len(both)) < len(both) - 1, relative[-1], 0.0))
        found[f"D {name}" + (" / T" if name == FLOW else "")] = Points(both, scaled, error, [1] * len(both))
    return found
