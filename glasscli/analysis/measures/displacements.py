"""The measure `displacements`: a map between the last frames, strings, and averages over all lags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.analysis.clock import Clock, said
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures.structure_factor import peak_wave_number
from glasscli.analysis.result import Curve, Json, Result
from glasscli.analysis.subject import Subject
from glasscli.analysis.through import through
from glasscli.configuration import Floats, Trajectory
from glasscli.errors import GlassError, InputError, near
from glasscli.formats.csv import Column
from glasscli.formats.names import atoms_of, named
from glasscli.observables.displacement import (
    Followed,
    displacements,
    drift,
    drift_note,
    largest_movers,
    magnitudes,
)
from glasscli.observables.dynamics import ALL, Motion, motions, strings
from glasscli.observables.first_passage import Kohlrausch, Passage, kohlrausch_or_reason
from glasscli.report import displacement_figure, spectra, tables
from glasscli.report.canvas import with_error
from glasscli.units import UnitNames

FAR = 1.0  # of the mean spacing: arrows that are longer in the mean cover each other
MOBILE = 0.35  # of the mean spacing: beyond the rattling in a cage
EXCHANGE = 0.6  # of the mean spacing: having taken another's place
OVERLAP = 0.3


@dataclass(frozen=True)
class Mover:
    """An atom that moved far."""

    id: int
    magnitude: float
    vector: Floats


@dataclass(frozen=True, kw_only=True)
class OfSpecies:
    """Motion of the atoms of one species; see `Averages`, which says the same of those that stand first."""

    msd: Floats
    scattering: Floats
    alpha2: Floats
    overlap: Floats
    chi4: Floats
    tau_alpha: float | None
    tau_alpha_bound: dict[str, float] | None


@dataclass(frozen=True, kw_only=True)
class Averages(OfSpecies):
    """Motion over all lags (see `observables.dynamics.Motion`), of the moving frames where there are any.

    atoms              of which, "all" or the name of a species (--of); by_species: of each species apart
    msd_cage_relative  of atoms in a plane, relative to their neighbours; None in space
    lag, tau_alpha, tau_alpha_bound  in steps, as lag_unit and tau_alpha_unit say; the bound, {"below": t} or
                                     {"above": t}, where tau_alpha is None
    time, time_unit                  the lags as time, None where steps are none or nobody says
    """

    of: str
    atoms: str
    by_species: dict[str, OfSpecies]
    q: float
    overlap_reach: float
    lag: np.ndarray
    time: Floats | None
    time_unit: str | None
    lag_unit: str = "steps"
    tau_alpha_unit: str = "steps"
    msd_cage_relative: Floats | None = None


@dataclass(frozen=True)
class Displacements(Result):
    """The last frame against the one `lag` before; lengths of strings [n]; motion over all lags.

    kohlrausch, kohlrausch_reason  the stretched exponential of F_s, or why there is none
    drift   [3] how far the centre of mass moved, which is taken off
    passed  when F_s passed 1/e; clock: what steps are in time
    """

    from_step: int
    to_step: int
    lag: int
    mean: float
    largest: float
    largest_movers: Sequence[Mover]
    mobile_fraction: float
    mobile_beyond: float
    strings: np.ndarray
    drift: Floats
    motion: Averages | None
    kohlrausch: Kohlrausch | None
    kohlrausch_reason: str | None
    passed: Passage | None
    clock: Clock | None

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them; this lag counts frames, those of the motion steps."""
        found = {k: v for k, v in super().data.items() if k not in ("passed", "clock")}
        if isinstance(law := found["kohlrausch"], dict):
            law["time_unit"] = "steps"
        motion = found["motion"]
        if isinstance(motion, dict) and motion["msd_cage_relative"] is None:
            del motion["msd_cage_relative"]
        return found | {"lag_unit": "frames"}

    def text(self, units: UnitNames) -> str:
        """One line of the motion."""
        m = self.motion
        if m is None or self.passed is None:
            return ""
        after = said(Passage(float(m.lag[-1]), float(m.lag[-1])), self.clock)
        return (
            f"motion: msd {m.msd[-1]:.4g} {units.length_unit}² after {after}, "
            f"tau_alpha {said(self.passed, self.clock)}"
        )

    def curves(self, units: UnitNames) -> Sequence[Curve]:
        """Of the motion, over the lag."""
        m = self.motion
        if m is None:
            return []
        along = f"time ({m.time_unit})" if m.time is not None else "lag"
        x = m.lag.astype(np.float64) if m.time is None else m.time
        named = {
            "msd": ("$\\langle r^2 \\rangle$", m.msd),
            "F_s": (f"$F_s$, $q$ = {m.q:.3g} {units.length_unit}⁻¹", m.scattering),
            "alpha2": (r"$\alpha_2$", m.alpha2),
            "overlap": (f"overlap within {m.overlap_reach:.2g} {units.length_unit}", m.overlap),
            "chi4": (r"$\chi_4$", m.chi4),
        }
        for species, one in m.by_species.items():
            named |= {
                f"F_s_{species}": (f"$F_s$ of {atoms_of(species)}", one.scattering),
                f"overlap_{species}": (f"overlap of {atoms_of(species)}", one.overlap),
            }
        return [Curve(name, along, x, y, label, log=True) for name, (label, y) in named.items()]

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The relaxation time, and the law that F_s falls by."""
        if self.passed is None:
            return []
        rows = [("tau_alpha", said(self.passed, self.clock))]
        if fit := self.kohlrausch:
            step, unit = (self.clock.step, self.clock.unit) if self.clock else (1.0, "steps")
            amplitude, time, exponent = fit.errors
            rows += [
                (f"F_s: stretched exponential, time ± error of the fit ({unit})",
                 with_error(step * fit.time, step * time)),
                ("F_s: its exponent ± error of the fit", with_error(fit.exponent, exponent)),
                ("F_s: its amplitude ± error of the fit", with_error(fit.amplitude, amplitude)),
            ]  # fmt: skip
        elif self.kohlrausch_reason:
            rows.append(("F_s: stretched exponential", self.kohlrausch_reason))
        return rows


def finish(subject: Subject) -> Displacements | None:
    """Displacements of the last frame against the one `lag` before; motion over all lags. None with one frame."""
    lag = subject.choices.lag
    if len(subject.trajectory) <= lag:
        subject.notes.append(f"no displacements: they need more than {lag} frame{'s' * (lag > 1)}")
        return None
    frames = followed(subject, subject.trajectory)
    try:
        before, after = frames[len(frames) - 1 - lag], frames[len(frames) - 1]
        vectors = displacements(before, after)
    except InputError as error:
        subject.notes.append(f"{subject.path}: {error}")
        return None
    centre = drift(vectors, subject.masses)
    vectors -= centre
    size = magnitudes(vectors)
    spacing = after.spacing
    mobile = np.flatnonzero(size > MOBILE * spacing)
    groups = strings(before, after, mobile, EXCHANGE * spacing)
    if why_not := _no_map(size, spacing, subject.units):
        subject.notes.append(f"no map of displacements: {why_not}")
    else:
        subject.draw(
            displacement_figure.displacement_map, "displacements", before, vectors, units=subject.units
        )
    tables.write_displacements(
        subject.table("displacements"), named(before.species, subject.labels), before.positions, vectors, subject.units,
        before.identifiers,
    )  # fmt: skip
    subject.keep["displacements/vectors"] = vectors.astype("<f4")
    every = _motion(subject, frames, spacing)
    asked = list(_whose(subject)) if subject.choices.of else []
    who = asked[0] if len(asked) == 1 else ALL
    found = every.get(who)
    law = kohlrausch_or_reason(found.lag, found.scattering) if found else None
    farthest = max(float(np.linalg.norm(centre)), found.drift if found else 0.0)
    by_mass = subject.masses is not None
    if note := drift_note(farthest, spacing, subject.units.length_unit, by_mass):
        subject.notes.append(f"{subject.path}: {note}")
    return Displacements(
        from_step=before.step,
        to_step=after.step,
        lag=lag,
        mean=float(size.mean()),
        largest=float(size.max()),
        largest_movers=[
            Mover(int(after.identifiers[i]), float(size[i]), vectors[i]) for i in largest_movers(vectors, 10)
        ],
        mobile_fraction=len(mobile) / after.n_atoms,
        mobile_beyond=MOBILE * spacing,
        strings=groups[groups > 1],
        drift=centre,
        motion=_averages(subject, who, every) if found else None,
        kohlrausch=law if isinstance(law, Kohlrausch) else None,
        kohlrausch_reason=law if isinstance(law, str) else None,
        passed=found.tau_alpha if found else None,
        clock=subject.clock,
    )


def _no_map(size: Floats, spacing: float, units: UnitNames) -> str:
    """Why a map of displacements of these sizes [n_atoms] would show nothing; empty where it shows something."""
    if size.max() <= MOBILE * spacing:
        return (
            f"between the frames no atom moved farther than {size.max():.2g} {units.length_unit}, the rattling in a "
            f"cage; --lag compares frames that lie farther apart"
        )
    if size.mean() > FAR * spacing:
        return (
            f"between the frames atoms moved by {size.mean():.2g} {units.length_unit} in the mean, farther than their "
            "neighbours: arrows would cover each other"
        )
    return ""


def followed(subject: Subject, frames: Trajectory) -> Trajectory:
    """The frames with images, said or most likely; a note where the file does not say what happened to an atom."""
    found = through(frames, subject.run)
    if isinstance(found, Followed):
        why = "states neither image flags nor unwrapped positions"
        if subject.run is not None:
            why = "has image flags that do not go on where its box was turned over"
        subject.notes.append(
            f"{subject.path} {why}: atoms are followed by the shortest steps from frame to frame, right while none "
            "moves more than half an edge in between"
        )
    return found


def _of_whom(names: Mapping[int, str], who: int) -> str:
    return atoms_of(names[who]) if who else "all atoms"


def wave_number(subject: Subject) -> float:
    """Where F_s is measured: as chosen, else at the first peak of S(q)."""
    try:
        return subject.choices.q or peak_wave_number(subject)
    except GlassError:
        # A box of a few atoms has no wave vectors there.
        return float(2 * np.pi / subject.trajectory[-1].spacing)


def _whose(subject: Subject) -> dict[int, str]:
    """{species: name} of those whose motion is measured apart: as asked for, else all where there are several.

    Raises InputError for a name that the file has not.
    """
    names, asked = subject.labels, subject.choices.of
    if asked is None:
        return names if len(names) > 1 else {}
    numbers = {name: s for s, name in names.items()}
    for name in asked:
        if name not in numbers:
            how = ": --species says what they are called" if all(n.isdigit() for n in numbers) else ""
            raise InputError(f"--of {name}: {subject.path} has no such species{near(name, numbers)}{how}")
    return {numbers[name]: name for name in asked}


def moving(subject: Subject) -> tuple[Trajectory, NDArray[np.int64]] | None:
    """A run's frames as they moved and their steps; None where there are none. Inherent structures stand without heat;
    these say how atoms diffuse.
    """
    if subject.run is None or len(subject.run.frames) < 2:
        return None
    return subject.run.frames, np.asarray(subject.run.frames.steps)


def _motion(subject: Subject, frames: Trajectory, spacing: float) -> dict[int, Motion]:
    """Motion of all atoms and of each species; {} where there is none."""
    whose = _whose(subject)
    if subject.ramp is not None:
        subject.notes.append(
            "no motion over lags, tau_alpha, F_s, alpha2: the temperature changes, and averages over a ramp are those "
            "of no temperature; hold one with `glasscli anneal`"
        )
        return {}
    q, steps = wave_number(subject), subject.steps
    if (apart := moving(subject)) is not None:
        frames, steps = apart
    elif subject.moved is not None:
        frames = followed(subject, subject.moved)
    try:
        return motions(
            frames, steps, q, OVERLAP * spacing, subject.masses, subject.choices.origins, tuple(whose)
        )
    except InputError as error:
        subject.notes.append(f"{subject.path}: no motion: {error}")
        return {}


def _averages(subject: Subject, who: int, every: Mapping[int, Motion]) -> Averages:
    """Motion over lags, as table and figure too; who: whose numbers stand first."""
    found, names = every[who], _whose(subject)
    apart = {names[s]: one for s, one in every.items() if s not in (ALL, who)}
    square = f"{subject.units.length_unit}²"
    columns: dict[str, Column] = {}
    for name, one in apart.items():
        columns |= {f"msd_{name} ({square})": one.msd, f"F_s_{name}": one.scattering, f"alpha2_{name}": one.alpha2,
                    f"overlap_{name}": one.overlap, f"chi4_{name}": one.chi4}  # fmt: skip
    clock = subject.clock
    time = clock.columns(found.lag) if clock else {}
    caged = {} if found.caged is None else {"msd_cage_relative": found.caged}
    tables.write_table(
        subject.table("motion"),
        {"lag": found.lag, **time, "msd": found.msd, **caged, "F_s": found.scattering, "alpha2": found.alpha2,
         "overlap": found.overlap, "chi4": found.chi4, "origins": found.origins, **columns},
        [f"F_s at q = {found.q:.6g}; overlap within {found.reach:.6g}; {_of_whom(names, who)}"],
        subject.units,
    )  # fmt: skip
    along = (clock(found.lag), clock.label) if clock else (found.lag.astype(np.float64), "lag (steps)")
    drawn = {_of_whom(names, who): found} | {atoms_of(name): one for name, one in apart.items()}
    subject.draw(spectra.motion, "motion", drawn, *along, subject.units)
    return Averages(
        **vars(_of_species(found)),
        of="trajectory",
        atoms=names[who] if who else "all",
        by_species={name: _of_species(one) for name, one in apart.items()},
        q=found.q,
        overlap_reach=found.reach,
        lag=found.lag,
        time=clock(found.lag) if clock else None,
        time_unit=clock.unit if clock else None,
        msd_cage_relative=found.caged,
    )


def _of_species(one: Motion) -> OfSpecies:
    return OfSpecies(
        msd=one.msd, scattering=one.scattering, alpha2=one.alpha2, overlap=one.overlap, chi4=one.chi4,
        tau_alpha=one.tau_alpha.time, tau_alpha_bound=one.tau_alpha.bound,
    )  # fmt: skip


MEASURE: Measure[None] = Measure(
    name="displacements",
    explanation="vectors between frames --lag apart, largest movers, strings; MSD, F_s, alpha2, overlap, tau_alpha",
    finish=finish,
    captions={
        "displacements": Caption("Displacements between the last frames.", place=30),
        "motion": Caption("Mean-square displacement, F_s and overlap, non-Gaussian parameter.", place=90),
    },
    dimensions=(2, 3),
    default=True,
    place=50,
)
