"""Tables and figures of a liquid's dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.dynamics.ladder import Ladder
from glasscli.dynamics.measured import Liquid
from glasscli.formats.names import atoms_of
from glasscli.observables.green_kubo import spectrum_of
from glasscli.observables.temperature_laws import LAWS
from glasscli.report import liquid_figures, spectra
from glasscli.report.beside import Outputs

Columns = dict[str, NDArray[Any]]


def write(one: Liquid, outputs: Outputs) -> list[str]:
    """Write what was measured of a file; return the names of the tables."""
    return [
        _table(outputs, "dynamics", _motion(one), one),
        *([_table(outputs, "collective", columns, one)] if (columns := _collective(one)) else []),
        *([_table(outputs, "van-hove", columns, one)] if (columns := _van_hove(one)) else []),
        *([_table(outputs, "velocities", columns, one)] if (columns := _velocities(one)) else []),
        *([_table(outputs, "vibrations", columns, one)] if (columns := _spectrum(one)) else []),
        *([_table(outputs, "currents", columns, one)] if (columns := _currents(one)) else []),
        *([_table(outputs, "waves", columns, one)] if (columns := _waves(one)) else []),
        *([_table(outputs, "viscosity", columns, one)] if (columns := _viscosity(one)) else []),
    ]


def _table(outputs: Outputs, name: str, columns: Columns, one: Liquid) -> str:
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    return outputs.table(name, list(columns), rows, one.units)


def _time(one: Liquid, lag: NDArray[np.int64]) -> Columns:
    time = {} if one.unit == "steps" else {f"time ({one.unit})": lag * one.step}
    return {"lag (steps)": lag} | time


def _motion(one: Liquid) -> Columns:
    first = next(iter(one.motions.values()))
    columns = _time(one, first.lag) | {"origins": first.origins, "blocks": first.blocks}
    square = f"{one.units.length_unit}²"
    for name, m in one.motions.items():
        e = m.errors
        columns |= {f"msd_{name} ({square})": m.msd, f"msd_{name}_error ({square})": e.msd}
        for k, q in enumerate(m.wave_numbers):
            columns |= {f"F_s_{name}_q{q:.5g}": m.waves[k], f"F_s_{name}_q{q:.5g}_error": e.scattering[k]}
        pairs = {"alpha2": (m.alpha2, e.alpha2), "overlap": (m.overlap, e.overlap), "chi4": (m.chi4, e.chi4)}
        for quantity, (value, error) in pairs.items():
            columns |= {f"{quantity}_{name}": value, f"{quantity}_{name}_error": error}
    return columns


def _collective(one: Liquid) -> Columns:
    columns: Columns = {}
    for name, curves in one.collective.items():
        for curve in curves:
            columns = columns or _time(one, curve.lag)
            columns |= {
                f"F_{name}_q{curve.q:.5g}": curve.value,
                f"F_{name}_q{curve.q:.5g}_error": curve.error,
            }
    return columns


def _van_hove(one: Liquid) -> Columns:
    found = one.van_hove
    if found is None:
        return {}
    names = {0: "all"} | one.labels
    columns: Columns = {f"r ({one.units.length_unit})": found.r}
    for m, lag in enumerate(found.lag):
        for species, own in found.own.items():
            columns[f"4pi_r2_Gs_{names[species]}_{lag} (1/{one.units.length_unit})"] = own[m]
        for (a, b), distinct in found.distinct.items():
            whole = np.full(len(found.r), np.nan)
            whole[: distinct.shape[1]] = distinct[m]
            columns[f"Gd_{names[a]}-{names[b]}_{lag}"] = whole
    return columns


def _velocities(one: Liquid) -> Columns:
    if one.velocities is None:
        return {}
    return _time(one, one.velocities.lag) | {f"vacf_{name}": v for name, v in one.velocities.values.items()}


def _spectrum(one: Liquid) -> Columns:
    if one.velocities is None or one.velocities.spectra is None:
        return {}
    frequency, spectra_ = one.velocities.spectra
    unit = f"rad/{one.unit}"
    return {f"frequency ({unit})": frequency} | {
        f"spectrum_{name} ({one.unit})": s for name, s in spectra_.items()
    }


def _currents(one: Liquid) -> Columns:
    columns: Columns = {}
    # Whoever does not say what a step is in time does not say what velocities are in, either.
    unit = "velocity²" if one.unit == "steps" else f"{one.units.length_unit}²/{one.unit}²"
    for c in () if one.velocities is None else one.velocities.currents:
        columns = columns or _time(one, c.lag)
        columns |= {
            f"C_L_q{c.q:.5g} ({unit})": c.longitudinal, f"C_L_q{c.q:.5g}_error ({unit})": c.longitudinal_error,
            f"C_T_q{c.q:.5g} ({unit})": c.transverse, f"C_T_q{c.q:.5g}_error ({unit})": c.transverse_error,
        }  # fmt: skip
    return columns


def _waves(one: Liquid) -> Columns:
    """S(q, omega), and the spectra of currents: of evenly spaced frames whose steps are time."""
    columns: Columns = {}
    gap = one.gap
    if gap is None or one.unit == "steps":
        return columns
    parts = [(f"S_{name}_q{f.q:.5g} ({one.unit})", f.lag, f.value)
             for name, curves in one.collective.items() for f in curves]  # fmt: skip
    square = f"{one.units.length_unit}²/{one.unit}"
    for c in () if one.velocities is None else one.velocities.currents:
        parts += [
            (f"C_L_q{c.q:.5g} ({square})", c.lag, c.longitudinal),
            (f"C_T_q{c.q:.5g} ({square})", c.lag, c.transverse),
        ]
    for name, lag, values in parts:
        frequency, found = spectrum_of(lag, values, gap, one.step)
        columns = columns or {f"frequency (rad/{one.unit})": frequency}
        columns[name] = found
    return columns


def _viscosity(one: Liquid) -> Columns:
    columns: Columns = {}
    for name, found in (("shear", one.viscosities.shear), ("bulk", one.viscosities.bulk)):
        if found is None:
            continue
        columns = columns or {f"time ({one.unit})": found.time}
        square, flow = f"({one.units.pressure_unit})²", f"{one.units.pressure_unit} {one.unit}"
        columns |= {
            f"{name}_correlation ({square})": found.correlation,
            f"{name}_correlation_error ({square})": found.correlation_error,
            f"{name}_integral ({flow})": found.running,
            f"{name}_integral_error ({flow})": found.running_error,
        }
    return columns


def draw(one: Liquid, outputs: Outputs) -> list[str]:
    """Draw a file's motion, and its viscosity where there is one."""
    first = next(iter(one.motions.values()))
    label = "lag (steps)" if one.unit == "steps" else f"time ({one.unit})"
    named = {atoms_of(name) if name != "all" else "all atoms": m for name, m in one.motions.items()}
    drawn = [
        spectra.motion(
            outputs.figure("dynamics"),
            named,
            np.asarray(first.lag * one.step, dtype=np.float64),
            label,
            one.units,
        )
    ]
    if one.viscosities.shear is not None:
        path = outputs.figure("viscosity")
        drawn.append(liquid_figures.viscosity(path, one.viscosities.shear, one.units.pressure_unit, one.unit))
    return [str(path) for path in drawn]


def write_ladder(found: Ladder, liquids: Sequence[Liquid], outputs: Outputs) -> list[str]:
    """Write the points of all temperatures."""
    first = liquids[0]
    units = {
        "tau_alpha": first.unit,
        "1/D": f"{first.unit}/{first.units.length_unit}²",
        "viscosity": f"{first.units.pressure_unit} {first.unit}",
    }
    points = {name: laws.points for name, laws in found.laws.items()} | found.stokes_einstein
    rows = [
        [name, units.get(name, ""), *row]
        for name, p in points.items()
        for row in zip(p.T.tolist(), p.value.tolist(), p.error.tolist(), p.samples, strict=True)
    ]
    columns = ["quantity", "unit", f"T ({first.units.temperature_unit})", "value", "error", "samples"]
    return [outputs.table("ladder", columns, rows, first.units)]


def draw_ladder(found: Ladder, first: Liquid, outputs: Outputs) -> list[str]:
    """Draw the Angell plot of tau_alpha, with the laws in the temperatures that they were fitted to."""
    laws = found.laws.get("tau_alpha")
    if laws is None:
        return []
    curves = {}
    for name, fit in laws.fits.items():
        if fit.parameters is not None:
            T = np.linspace(*fit.T, 200)
            curves[name] = (T, np.exp(LAWS[name].value(T, *fit.parameters.values())))
    path = liquid_figures.angell(
        outputs.figure("angell"), laws.points.T, laws.points.value, laws.points.error, curves, found.group,
        first.units.temperature_unit, first.unit,
    )  # fmt: skip
    return [str(path)]
