"""From what pieces of work found to one row of each phase, way, volume and temperature; what is to be said of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glasscli.free_energy.answer import Row
from glasscli.free_energy.tasks import FLUID, GAS, LIQUID, Task
from glasscli.landscape.record import Flat
from glasscli.model.system import System
from glasscli.observables.equilibration import ENOUGH_TIMES

# Errors by which the second half of a walk may differ from the first.
SETTLED = 5.0
# Of the exchanges between shared sites, four an atom and trial: with fewer a walk of a thousand trials changes the
# place of an atom a few times at most.
REACHED = 1e-3


def rows_of(system: System, tasks: Mapping[str, Task], done: Mapping[str, Flat]) -> list[Row]:
    """One row of each phase, way, volume and temperature: sizes together."""
    unit = system.unit_system.pressure_per_energy_density
    # By what was asked for: the share of a whole number of atoms may differ from size to size.
    groups: dict[tuple[str, str, str, float, float], list[dict[str, Any]]] = {}
    for key, task in tasks.items():
        for k, temperature in enumerate(task.temperatures):
            one = {
                name[len(f"{k}.") :]: value for name, value in done[key].items() if name.startswith(f"{k}.")
            }
            asked = repr(task.composition)
            groups.setdefault((task.phase, task.way, asked, task.volume, temperature), []).append(one)
    rows = []
    for (phase, way, _, volume, temperature), several in groups.items():
        several.sort(key=lambda one: one["atoms"])
        shares = tuple(count / several[-1]["atoms"] for count in several[-1]["counts"])
        largest, kT = several[-1], system.unit_system.boltzmann * temperature
        value, error = (largest["F"], largest["F_error"]) if way in (GAS, FLUID) else infinite(several, kT)
        rows.append(
            Row(
                phase,
                way,
                shares[1] if len(shares) > 1 else 0.0,
                shares,
                temperature,
                volume,
                value,
                error,
                largest["U"] + 1.5 * kT,
                largest["U_error"],
                largest["P"] * unit,
                largest["P_error"] * unit,
                None if largest["dissipation"] is None else largest["dissipation"] / kT,
                value - largest["F"],
                {int(one["atoms"]): one["F"] for one in several},
                largest["drift"],
                largest["estimate"],
                largest["independent"],
                **_mixing(largest, kT),
            )
        )
    return sorted(rows, key=lambda r: (r.phase, r.method, r.composition, r.volume, r.temperature))


def _mixing(one: Mapping[str, Any], kT: float) -> dict[str, float]:
    """What a row has of shared sites; nothing of others."""
    if "S_mixing" not in one:
        return {}
    entropy, error = one["S_mixing"] + one["lacking"], one["S_mixing_error"]
    return {
        "F_mixing": -kT * entropy, "F_mixing_error": kT * error, "S_mixing": entropy, "S_mixing_error": error,
        "S_ideal": one["S_ideal"], "exchanged": one["exchanged"],
    }  # fmt: skip


def infinite(several: Sequence[Mapping[str, Any]], kT: float) -> tuple[float, float]:
    """F per atom of an infinite crystal, and its error.

    F(N) + kT ln(N) / 2N is linear in 1/N (Polson et al. 2000: their F_ex + kT ln(N) / N, without the ideal gas's own
    kT ln(2 pi N) / 2N). Of one size its slope is taken to be what the n translations that bring it upon itself make of
    it: kT ln(N / n), the number of atoms in a primitive cell, without which crystals with large cells seem too stable.
    (Missing waves of infinite length are worth ln V, the crystal's place ln(V / n), whatever the cell.) Where sites are
    shared the number of patterns lacks what Stirling's formula has more (`solution.ideal`).
    """
    n = np.array([one["atoms"] for one in several], dtype=np.float64)
    f = np.array([one["F"] - kT * one.get("lacking", 0.0) for one in several]) + kT * np.log(n) / (2 * n)
    errors = np.array([one["F_error"] for one in several])
    if len(set(n.tolist())) < 2:
        return float(f[-1] + kT * np.log(n[-1] / several[-1]["translations"]) / n[-1]), float(errors[-1])
    weights = 1 / np.maximum(errors, 1e-12)
    rows = np.column_stack([np.ones_like(n), 1 / n]) * weights[:, None]
    terms, *_ = np.linalg.lstsq(rows, f * weights, rcond=None)
    return float(terms[0]), float(np.sqrt(np.linalg.inv(rows.T @ rows)[0, 0]))


def remarks(rows: Sequence[Row]) -> list[str]:
    """What is to be said of rows that may not be what they seem."""
    found = [
        f"{r.phase} at V/N = {r.volume:g}, T = {r.temperature:g} was not at rest: its energy changed by {r.drift:.2g} "
        "an atom from the first half of its walk to the second; give more --rounds"
        for r in rows
        if abs(r.drift) > SETTLED * r.U_error
    ]
    found += [
        f"{r.phase} at V/N = {r.volume:g}, T = {r.temperature:g}: its walk forgot its energy "
        f"{r.independent:.0f} times, not {ENOUGH_TIMES:g}: its errors are too small; give more --rounds"
        for r in rows
        if r.independent < ENOUGH_TIMES
    ]
    found += [
        f"{r.phase} at V/N = {r.volume:g}, T = {r.temperature:g}: {r.exchanged:.2g} of the exchanges were accepted, "
        "too few to say that all patterns were reached"
        for r in rows
        if r.exchanged is not None and r.exchanged < REACHED
    ]
    found += [
        f"{r.phase} at V/N = {r.volume:g}, T = {r.temperature:g}: switches waste {r.dissipation:.0f} kT, so that F is "
        "the mean of both ways; give more --steps"
        for r in rows
        if r.estimate == "mean" and r.dissipation is not None
    ]
    by_way = {(r.method, r.composition, r.volume, r.temperature): r for r in rows if r.phase == LIQUID}
    for (method, x, volume, temperature), gas in by_way.items():
        other = by_way.get((FLUID, x, volume, temperature)) if method == GAS else None
        if other and abs(other.F - gas.F) > 3 * np.hypot(other.F_error, gas.F_error):
            found.append(
                f"the two ways to the liquid at V/N = {volume:g}, T = {temperature:g} differ by {other.F - gas.F:.2g}, "
                "more than three errors: one of them did not settle"
            )
    return found
