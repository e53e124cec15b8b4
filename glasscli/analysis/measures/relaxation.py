"""The measure `relaxation`: how energy falls and icosahedra grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.analysis import calorimetry
from glasscli.analysis.clock import Clock, said
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.passages import passages
from glasscli.analysis.result import Json, Result, plain
from glasscli.analysis.subject import Subject
from glasscli.analysis.summary import construction, stored_fictive_temperature
from glasscli.configuration import Floats
from glasscli.errors import GlassError
from glasscli.model.system import same_model
from glasscli.observables import first_passage
from glasscli.observables.equilibration import Verdict, verdict
from glasscli.observables.first_passage import LogFit, Passage, StretchedFit
from glasscli.observables.relaxation import energy_against_icosahedra
from glasscli.report import fictive_figure, figures, tables
from glasscli.report.canvas import with_error
from glasscli.store.reader import is_run, open_run
from glasscli.units import UnitNames

OF_FILE = ("frames", "along_ramp", "energy", "clock")  # what a result has for its words alone
ON_A_RAMP = Verdict(
    None, "the temperature changes: only what is held can be in equilibrium, age or crystallise"
)


@dataclass(frozen=True)
class FirstTime(Result):
    """When something first happened, in steps, None where nobody could see it; `named`: the threshold, by its name."""

    named: tuple[str, float]
    passage: Passage | None

    @property
    def data(self) -> dict[str, Json]:
        """The threshold, the time, and both in words."""
        name, threshold = self.named
        p = self.passage
        return {
            name: threshold,
            "time": p.time if p else None,
            "time_unit": "steps",
            "bound": plain(p.bound) if p else None,
            "censored": p.censored if p else None,
            "text": str(p) if p else "not known",
        }


@dataclass(frozen=True)
class Relaxation(Result):
    """The line of the energy against f_ico, fits of E(t), first times in steps from the first frame, the verdict.

    energy: what it is, "E_IS" of inherent structures, else "potential energy"
    slope_reason, stretched_exponential_reason, logarithm_reason  why there is no such fit, None where there is
    """

    slope: float | None
    slope_error: float | None
    intercept: float | None
    intercept_error: float | None
    slope_reason: str | None
    points: int
    stretched_exponential: StretchedFit | None
    stretched_exponential_reason: str | None
    logarithm: LogFit | None
    logarithm_reason: str | None
    energy_drop: FirstTime
    icosahedral_rise: FirstTime
    crystallisation: FirstTime
    equilibrium: Verdict
    frames: int
    along_ramp: bool
    energy: str
    clock: Clock | None

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them; how many frames there are, and of what, stands beside them."""
        found = {k: v for k, v in super().data.items() if k not in OF_FILE}
        for law in ("stretched_exponential", "logarithm"):
            if isinstance(fit := found[law], dict):
                fit["time_unit"] = "steps"
        return found

    def text(self, units: UnitNames) -> str:
        """One line of first times; none for a single frame, or while the temperature changes."""
        if self.frames < 2 or self.along_ramp:
            return ""
        drop, crystal = self.energy_drop, self.crystallisation
        return (
            f"first times: {self.energy} down {drop.named[1]:g}: {said(drop.passage, self.clock)}; "
            f"crystal: {said(crystal.passage, self.clock)}"
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The stretched exponential, and whether it crystallised."""
        rows = []
        if self.stretched_exponential_reason and self.frames > 1:
            rows.append((f"stretched exponential of {self.energy}", self.stretched_exponential_reason))
        if fit := self.stretched_exponential:
            rows.append(
                (
                    f"stretched exponential of {self.energy}: time ± error of the fit (steps)",
                    with_error(fit.time, fit.errors[2]),
                )
            )
            if self.clock:
                times = self.clock.step * fit.time, self.clock.step * fit.errors[2]
                rows.append(
                    (
                        f"stretched exponential of {self.energy}: time ± error of the fit ({self.clock.unit})",
                        with_error(*times),
                    )
                )
            rows.append(
                (
                    f"stretched exponential of {self.energy}: exponent ± error of the fit",
                    with_error(fit.exponent, fit.errors[3]),
                )
            )
        if crystal := self.crystallisation.passage:
            rows.append(("crystallised", said(crystal, self.clock)))
        return rows


def finish(subject: Subject) -> Relaxation:
    """The line of the energy against f_ico, fits of E(t), first times; the table of frames."""
    course, steps, choices, ramp = subject.course, subject.steps, subject.choices, subject.ramp
    tables.write_frames(
        subject.table("frames"), steps,
        subject.times | _temperature(ramp) |
        {course.energy_column: course.energy, "pressure": course.pressure, "max_force": course.max_force,
         "icosahedral_fraction": course.fraction,
         **{f"icosahedral_fraction_{size}": share for size, share in course.by_size.items()},
         **{f"f_ico_{name}": share for name, share in course.by_species.items()},
         "crystalline": course.crystalline},
        units=subject.units,
    )  # fmt: skip
    subject.keep |= {
        "frames/step": steps,
        "frames/icosahedral_fraction": course.fraction,
        f"frames/{course.energy_column}": course.energy,
    }
    line = energy_against_icosahedra(course.fraction, course.energy)
    time = (steps - steps[0]).astype(np.float64)
    no_fit = "no fit: the temperature changes"
    stretched = no_fit if ramp is not None else first_passage.stretched_fit_or_reason(time, course.energy)
    log = no_fit if ramp is not None else first_passage.log_fit_or_reason(time, course.energy)
    along, label = subject.along()
    if len(steps) > 1 and np.isfinite(course.energy).any():
        subject.draw(
            figures.energy_and_icosahedra, "relaxation", along, course.energy, course.fraction, course.shares, label,
            units=subject.units, energy=course.energy_symbol,
        )  # fmt: skip
        if not np.nan_to_num(course.fraction).any():
            subject.notes.append("no energy against the icosahedral fraction: there are no icosahedra")
        else:
            subject.draw(
                figures.energy_against_icosahedra, "line", course.fraction, course.energy, line, along, label,
                units=subject.units, energy=course.energy_symbol,
            )  # fmt: skip
    _of_protocol(subject)
    first = passages(subject)
    return Relaxation(
        slope=line.slope,
        slope_error=line.slope_error,
        intercept=line.intercept,
        intercept_error=line.intercept_error,
        slope_reason=line.reason,
        points=line.n_points,
        stretched_exponential=None if isinstance(stretched, str) else stretched,
        stretched_exponential_reason=stretched if isinstance(stretched, str) else None,
        logarithm=None if isinstance(log, str) else log,
        logarithm_reason=log if isinstance(log, str) else None,
        energy_drop=FirstTime(("of", choices.drop), first["drop"]),
        icosahedral_rise=FirstTime(("of", choices.rise), first["rise"]),
        crystallisation=FirstTime(("share", choices.crystal), first["crystal"]),
        equilibrium=verdict(course.energy, course.crystalline, _other(subject), course.energy_name)
        if ramp is None
        else ON_A_RAMP,
        frames=len(steps),
        along_ramp=ramp is not None,
        energy=course.energy_name,
        clock=subject.clock,
    )


def _of_protocol(subject: Subject) -> None:
    """Draw what a run was made for, as it did itself when it ended: T_f of a quench; of a heating tables, too."""
    run = subject.run
    if run is None or not run.finished:
        return
    wanted = run.manifest.protocol.outcome
    try:
        if "fictive_temperature" in wanted and stored_fictive_temperature(run):
            found = construction(run)
            subject.draw(fictive_figure.fictive_temperature, "Tf", *found, run.manifest.system.unit_system)
        if "calorimetry" in wanted:
            heatings, _ = calorimetry.cycles(run)
            calorimetry.draw(subject.figure("heat"), run, heatings)
            units = run.manifest.system.unit_system
            tables.write_table(subject.table("heat"), calorimetry.capacities(heatings, units), units=units)
            if held := calorimetry.ageing(heatings, units):
                tables.write_table(subject.table("ageing"), held, units=units)
    except GlassError as reason:
        subject.notes.append(str(reason))


def _temperature(ramp: Floats | None) -> dict[str, Floats]:
    """The column of a ramp's temperatures."""
    return {} if ramp is None else {"temperature": ramp}


def _other(subject: Subject) -> Floats | None:
    """E_IS of the run that --reference names, if it is one of glasscli's and has any; only E_IS compares with it."""
    if subject.choices.reference is None or not subject.course.inherent:
        return None
    name, _, frame = subject.choices.reference.rpartition(":")
    path = Path(name if name and frame.lstrip("-").isdigit() else subject.choices.reference)
    if not path.exists() or not is_run(path):
        return None
    other, system = open_run(path), subject.system
    same = system is not None and same_model(other.manifest.system, system)
    return other.inherent_table["inherent_energy"] if same else None


MEASURE: Measure[None] = Measure(
    name="relaxation",
    explanation=(
        "E(t), f_ico(t), P(t): line of the energy on f_ico, fits, first times; equilibrated, ageing or crystallising"
    ),
    finish=finish,
    captions={
        "relaxation": Caption(
            "Energy and icosahedral fraction in time, along a ramp against temperature.", place=10
        ),
        "Tf": Caption(
            "T_f by Tool's construction: where the lines of glass and liquid cross.", wide=True, place=5
        ),
        "heat": Caption("Heat capacity and enthalpy of the heatings.", wide=True, place=5),
        "line": Caption("Energy against icosahedral fraction, with its line.", place=20),
    },
    default=True,
    place=80,
)
