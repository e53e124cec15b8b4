"""What `glasscli dynamics` answers: each file, and all temperatures together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glasscli.analysis.files import stems_of
from glasscli.analysis.result import Json, plain
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.ladder import Ladder, ladder
from glasscli.dynamics.measured import Liquid, measure
from glasscli.dynamics.relaxation import chi4_peak
from glasscli.dynamics.written import draw, draw_ladder, write, write_ladder
from glasscli.model.system import System
from glasscli.observables.green_kubo import Integral
from glasscli.report.beside import Outputs, wrote
from glasscli.report.canvas import with_error

FEWEST = 3  # temperatures, for what they say together


@dataclass(frozen=True)
class Dynamics:
    """The answer; tables and figures: what was written."""

    liquids: tuple[Liquid, ...]
    together: Ladder | None
    tables: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def data(self) -> dict[str, Json]:
        """The contract object."""
        first = self.liquids[0]
        found: dict[str, Json] = {
            "system": first.system.name if first.system else None,
            "time_unit": first.unit,
            "length_unit": first.units.length_unit,
            "q": [tau.q for tau in next(iter(first.taus.values()))],
            "temperatures": [_of(one) for one in self.liquids],
        }
        found |= _together(self.together)
        return found | {"tables": list(self.tables), "figures": list(self.figures)}

    def text(self) -> str:
        """For people."""
        lines = [line for one in self.liquids for line in _lines(one)]
        if self.together is not None:
            lines += _laws_text(self.together)
        return "\n".join([*lines, *wrote([*self.tables, *self.figures])])

    @property
    def notes(self) -> list[str]:
        """Lines about what could not be had."""
        found = [note for one in self.liquids for note in one.notes]
        for one in self.liquids:
            found += [f"{one.file}: {name}: {d.reason}" for name, d in one.diffusions.items() if d.reason]
            if one.velocities is not None and one.velocities.reason:
                found.append(f"{one.file}: {one.velocities.reason}")
        return list(dict.fromkeys(found))


def dynamics(
    files: Sequence[Path], system: System | None, choices: DynamicsChoices, outputs: Outputs, stem: Path | None = None
) -> Dynamics:  # fmt: skip
    """Measure files, one after the other, and say what their temperatures say together.

    outputs: of what is said of all of them, and of a single one; stem: how the names of what is said of each of several
    begin, by default beside each with its name. Raises InputError for a file that cannot be measured.
    """
    liquids, tables, figures = [], [], []
    q, stems = choices.q, stems_of(files, stem)
    for number, path in enumerate(files):
        mine = outputs if len(files) == 1 else replace(outputs, stem=stems[path], own=stem is None)
        # All at one q: that of the first.
        liquid = measure(path, system, replace(choices, q=q), number)
        q = q or tuple(tau.q for tau in next(iter(liquid.taus.values())))
        liquids.append(liquid)
        tables += write(liquid, mine)
        figures += draw(liquid, mine) if outputs.figures else []
    known = {one.T for one in liquids if one.T is not None}
    together = ladder(liquids) if len(known) >= FEWEST else None
    if together is not None:
        tables += write_ladder(together, liquids, outputs)
        figures += draw_ladder(together, liquids[0], outputs) if outputs.figures else []
    return Dynamics(tuple(liquids), together, tuple(tables), tuple(figures))


def _of(one: Liquid) -> dict[str, Json]:
    """One temperature of the contract."""
    whole = one.motions["all"]
    peak, peak_error, peak_lag = chi4_peak(whole)
    flows, diffusions = one.viscosities, one.diffusions
    return {
        "T": one.T,
        "T_from": one.said,
        "equilibrated": one.equilibrium.equilibrated,
        "equilibrated_reason": one.equilibrium.reason,
        "tau_alpha": {
            name: None if (time := taus[0].passage.time) is None else time * one.step
            for name, taus in one.taus.items()
        },
        "tau_alpha_error": {
            name: None if (error := taus[0].error) is None else error * one.step
            for name, taus in one.taus.items()
        },
        "relaxation": {name: [tau.data(one.step) for tau in taus] for name, taus in one.taus.items()},
        "D": {name: d.value for name, d in diffusions.items()},
        "D_error": {name: d.error for name, d in diffusions.items()},
        "D_window": {name: plain(d.window) for name, d in diffusions.items()},
        "D_reason": {name: d.reason for name, d in diffusions.items()},
        "D_yeh_hummer": one.corrected,
        "chi4_max": peak,
        "chi4_max_error": peak_error,
        "chi4_time": None if peak_lag is None else peak_lag * one.step,
        "alpha2_max": _largest(whole.alpha2),
        "viscosity": _flow(flows.shear),
        "viscosity_reason": flows.reason if flows.shear is None else flows.shear.reason,
        "bulk_viscosity": _flow(flows.bulk),
        "bulk_viscosity_reason": flows.bulk_reason if flows.bulk is None else flows.bulk.reason,
        "inherent_energy": None if one.inherent is None else one.inherent[0],
        "inherent_energy_error": None if one.inherent is None else one.inherent[1],
        "atoms": one.atoms,
        "overlap_reach": whole.reach,
        "files": [str(one.file)],
    }


def _largest(values: np.ndarray) -> float | None:
    return float(np.nanmax(values)) if np.isfinite(values).any() else None


def _flow(found: Integral | None) -> dict[str, Json] | None:
    if found is None or found.value is None:
        return None
    return {
        "value": found.value,
        "error": found.error,
        "plateau": found.plateau,
        "window": plain(found.window),
    }


def _together(found: Ladder | None) -> dict[str, Json]:
    if found is None:
        return {"fits": None, "onset": None}
    return {
        "of": found.group,
        "fits": found.laws["tau_alpha"].data if "tau_alpha" in found.laws else None,
        "fits_of": {name: laws.data for name, laws in found.laws.items() if name != "tau_alpha"},
        "onset": plain(found.onset),
        "stokes_einstein": {
            name: {"T": plain(p.T), "value": plain(p.value), "error": plain(p.error)}
            for name, p in found.stokes_einstein.items()
        },
    }


def _lines(one: Liquid) -> list[str]:
    """One file for people."""
    length, time = one.units.length_unit, one.unit
    T = "T not known" if one.T is None else f"T = {one.T:g} {one.units.temperature_unit}"
    word = {True: "equilibrated", False: "not equilibrated", None: "not judged"}[one.equilibrium.equilibrated]
    lines = [f"{one.file}: {one.atoms} atoms, {T}", f"  {word}: {one.equilibrium.reason}"]
    for name, taus in one.taus.items():
        for tau in taus:
            p = tau.passage
            value = f"{p.sign}{p.value * one.step:.4g}" if p.time is None else with_error(
                p.time * one.step, None if tau.error is None else tau.error * one.step
            )  # fmt: skip
            law = tau.stretched
            stretched = law if isinstance(law, str) else (
                f"stretched {with_error(law.time * one.step, law.errors[1] * one.step)}, "
                f"exponent {with_error(law.exponent, law.errors[2])}"
            )  # fmt: skip
            lines.append(f"  tau_alpha of {name} at q = {tau.q:.4g}: {value} {time} (1/e); {stretched}")
        d = one.diffusions[name]
        if d.value is not None:
            lines.append(f"  D of {name}: {_small(d.value, d.error)} {length}²/{time}")
    if one.corrected is not None:
        lines.append(
            f"  periodic copies take {one.corrected:.3g} {length}²/{time} from D (Yeh and Hummer): not added"
        )
    peak, error, lag = chi4_peak(one.motions["all"])
    if peak is not None and lag is not None:
        lines.append(f"  chi_4 peaks at {with_error(peak, error)} after {lag * one.step:.3g} {time}")
    for name, flow in (("shear", one.viscosities.shear), ("bulk", one.viscosities.bulk)):
        if flow is not None:
            unit = f"{one.units.pressure_unit} {time}"
            value = "" if flow.value is None else f"{with_error(flow.value, flow.error)} {unit}; "
            lines.append(f"  {name} viscosity: {value}{flow.reason}")
    return lines


def _small(value: float, error: float | None) -> str:
    """A number that may be tiny, with its error."""
    return f"{value:.4g}" if error is None else f"{value:.4g} ± {error:.1g}"


def _laws_text(found: Ladder) -> list[str]:
    lines = []
    for name, laws in found.laws.items():
        lines.append(f"{name} of {found.group}: {laws.preferred or 'no law'} ({laws.reason})")
        for law, fit in laws.fits.items():
            if fit.parameters is None or fit.errors is None:
                lines.append(f"  {law}: {fit.reason}")
                continue
            said = ", ".join(f"{k} {with_error(v, fit.errors[k])}" for k, v in fit.parameters.items())
            per = "" if fit.per_dof is None else f"; chi2 per degree of freedom {fit.per_dof:.2g}"
            lines.append(f"  {law}: {said}{per}; T from {fit.T[0]:g} to {fit.T[1]:g}")
    value = found.onset.value
    lines.append(
        found.onset.reason or "no onset"
        if value is None
        else f"onset from E_IS: {with_error(value, found.onset.error)}"
    )
    return lines
