"""The measure `rearrangements`: of each in a run of strain its drops, its Eshelby field, the icosahedra it broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glasscli.analysis.measure import Caption, Joined, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.strained import Event, events, imposed, minima
from glasscli.analysis.subject import Subject
from glasscli.configuration import Configuration, Floats
from glasscli.errors import GlassError, InputError
from glasscli.observables.drops import Drops, drops
from glasscli.observables.plasticity import not_affine
from glasscli.observables.quadrupole import Quadrupole, fit
from glasscli.progress import progress
from glasscli.report import shear_figure
from glasscli.report.tables import write_table
from glasscli.store.run import Run
from glasscli.store.schema import STRAIN
from glasscli.units import UnitNames

# The narrowest box, in mean spacings, in which there is a medium between a core and its copies.
NARROWEST = 6.0
# Of the squares of the displacements, half a correlation squared: what accounts for less is not the field of one core.
LEAST = 0.25
# Rearrangements whose field is fitted, those that gave off most: each takes seconds.
MOST = 100


@dataclass(frozen=True)
class Icosahedra:
    """Atoms whose Voronoi cell was <0,0,12,0> before; of these, how many no longer are; how many others became so."""

    before: int
    lost: int
    made: int


@dataclass(frozen=True)
class EshelbyField:
    """As `observables.quadrupole.Quadrupole`, with the strain that was imposed.

    centre    [3]; core: radius, None where it is not resolved
    strength  shear strain times volume, length^d; atoms: the same over the volume of an atom
    stretched, shortened  [d] unit vectors; dilation: the volume that was gained
    along     the part of the strength that is of the imposed kind and sense, 1 to -1
    stress_drop  what an elastic sample of the run's first modulus drops by where a core gives way so, at no strain of
              the whole: 2 mu Q:G/V, pressure units; to be compared with the drop that was seen
    """

    centre: list[float]
    core: float | None
    strength: float
    atoms: float
    stretched: list[float]
    shortened: list[float]
    dilation: float
    poisson: float
    share: float
    along: float
    stress_drop: float


@dataclass(frozen=True)
class Rearranged:
    """One: what `shear` says of it, and more. Of `field` and `icosahedra` each is None with a reason."""

    strain: float
    stress_drop: float
    energy_drop: float
    participants: float
    icosahedra: Icosahedra | None
    icosahedra_reason: str | None
    field: EshelbyField | None
    field_reason: str | None


@dataclass(frozen=True)
class Distributions:
    """Of the drops of one run, or of several together; samples: how many runs."""

    samples: int
    stress_drop: Drops
    energy_drop: Drops


@dataclass(frozen=True)
class Rearrangements(Result):
    """All of a run; together: the distributions of all files, None of a single one."""

    events: list[Rearranged]
    distributions: Distributions
    fields: int
    icosahedra_lost: float | None
    together: Distributions | None = None

    def text(self, units: UnitNames) -> str:
        """Lines for people."""
        return "\n".join(f"{name}: {value}" for name, value in self.table(units))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """How many, how large, and what they look like."""
        d = self.distributions
        rows = [("rearrangements", str(len(self.events)))]
        for name, one, unit in (
            ("stress drop", d.stress_drop, units.pressure_unit),
            ("energy drop", d.energy_drop, units.energy_unit),
        ):
            if one.n:
                rows.append((f"{name}, mean and median", f"{one.mean:.3g}, {one.median:.3g} {unit}"))
        rows.append(("with an Eshelby field", f"{self.fields} of {len(self.events)}"))
        if self.icosahedra_lost is not None:
            rows.append(("icosahedra lost in each, less those made", f"{self.icosahedra_lost:.3g}"))
        return rows

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Their means over files."""
        d = self.distributions
        found = {
            "rearrangements": float(len(self.events)),
            f"mean stress drop ({units.pressure_unit})": d.stress_drop.mean,
            f"mean energy drop ({units.energy_unit})": d.energy_drop.mean,
            "icosahedra lost in each": self.icosahedra_lost,
        }
        return {name: value for name, value in found.items() if value is not None}


def broken(before: Configuration, after: Configuration) -> Icosahedra:
    """The icosahedra of two minima. Raises GlassError where there are no cells."""
    from glasscli.observables.voronoi import tessellate  # OVITO, which needs not be there

    was, now = (tessellate(one).icosahedra for one in (before, after))
    return Icosahedra(int(was.sum()), int((was & ~now).sum()), int((now & ~was).sum()))


def field_of(before: Configuration, after: Configuration, generator: Floats, mu: float) -> EshelbyField | str:
    """The Eshelby field between two minima, or why there is none. mu: shear modulus, pressure units."""
    box, spacing = before.box, before.spacing
    if box.width < NARROWEST * spacing:
        wide = f"{box.width / spacing:.1f}"
        return f"the box is {wide} spacings wide: below {NARROWEST:g} there is no medium around a core"
    u = not_affine(before, after)
    try:
        found = fit(box, before.positions, u, spacing)
    except InputError as error:
        return str(error)
    if found.wide:
        return "no core that is smaller than the field accounts for the displacements"
    if found.share < LEAST:
        return f"one core accounts for {max(found.share, 0):.0%} of the displacements"
    return said(found, generator, mu, box.volume, before.n_atoms)


def said(found: Quadrupole, generator: Floats, mu: float, volume: float, n_atoms: int) -> EshelbyField:
    """A field beside the strain whose generator [3, 3] was imposed on a volume."""
    d = len(found.moment)
    g = (generator + generator.T)[:d, :d] / 2
    imposed = g - np.trace(g) / d * np.eye(d)
    size = float(np.sqrt(np.sum(imposed**2) * np.sum(found.shear**2)))
    stretched, shortened = found.axes
    return EshelbyField(
        found.centre.tolist(), found.core, found.strength, found.strength * n_atoms / volume, stretched.tolist(),
        shortened.tolist(),
        float(np.trace(found.moment)), found.poisson, found.share,
        float(np.sum(found.shear * imposed)) / size if size else 0.0,
        2 * mu * float(np.sum(found.shear * imposed)) / volume,
    )  # fmt: skip


def shear_modulus(run: Run) -> float:
    """mu, from the first step of strain in which nothing gave way; nan of a bulk strain, which has none.

    The stress that belongs to it is dsigma : G = 2 mu E : E, with E what space does, without its trace; where sides are
    kept at a pressure all of dsigma is along G.
    """
    how = run.manifest.protocol.straining
    assert how is not None
    table, d = run.table(STRAIN), how.strain.dimension
    calm = np.flatnonzero(table["strain_events"][1:] == 0)
    if not len(calm):
        return float("nan")
    step = slice(calm[0], calm[0] + 2)
    slope = float(np.diff(table["strain_stress"][step])[0] / np.diff(table["strain"][step])[0])
    space = imposed(run)
    g = (space + space.T)[:d, :d] / 2
    g = g - np.trace(g) / d * np.eye(d)
    if how.strain.giving:
        slope *= np.sum(g * how.strain.generator[:d, :d])
    return float(slope / (2 * np.sum(g**2))) if g.any() else float("nan")


def finish(subject: Subject) -> Rearrangements | None:
    """All of a run of strain."""
    run = subject.run
    if run is None or run.manifest.protocol.straining is None:
        subject.notes.append("rearrangements are of runs of strain (glasscli shear)")
        return None
    found = events(run)
    if not found:
        subject.notes.append("nothing rearranged in this run")
        return None
    chosen = sorted(range(len(found)), key=lambda k: -found[k].energy_drop)[:MOST]
    rows = []
    with progress(f"rearrangements of {run.path.name}", len(found), "of them") as advance:
        for k, event in enumerate(found):
            rows.append(_one(run, event, k in chosen))
            advance(k + 1)
    _write(subject, rows)
    lost = [row.icosahedra.lost - row.icosahedra.made for row in rows if row.icosahedra]
    result = Rearrangements(
        rows, _distributions([rows]), sum(row.field is not None for row in rows), float(np.mean(lost)) if lost else None
    )  # fmt: skip
    subject.draw(
        shear_figure.drops, "rearrangements", result.distributions.stress_drop, result.distributions.energy_drop,
        subject.units,
    )  # fmt: skip
    return result


def _one(run: Run, event: Event, fitted: bool) -> Rearranged:
    frames = minima(run)
    before, after = frames[event.before[-1]], frames[event.after]
    icosahedra: Icosahedra | None = None
    why: str | None = "a plane has none"
    if before.box.dimension == 3:
        try:
            icosahedra, why = broken(before, after), None
        except GlassError as error:
            why = str(error)
    field = (
        field_of(before, after, imposed(run), shear_modulus(run))
        if fitted
        else f"only the {MOST} that gave off most are fitted"
    )
    here, reason = (None, field) if isinstance(field, str) else (field, None)
    return Rearranged(
        event.strain, event.stress_drop, event.energy_drop, event.participants, icosahedra, why, here, reason
    )


def _distributions(runs: Sequence[Sequence[Rearranged]]) -> Distributions:
    rows = [row for run in runs for row in run]
    return Distributions(
        len(runs), drops(np.array([r.stress_drop for r in rows])), drops(np.array([r.energy_drop for r in rows]))
    )  # fmt: skip


def _write(subject: Subject, rows: Sequence[Rearranged]) -> None:
    """A row each, cells without a number empty."""

    def of_field(name: str) -> list[object]:
        return [getattr(row.field, name) if row.field else None for row in rows]

    own = ("strain", "stress_drop", "energy_drop", "participants")
    columns = {name: [getattr(row, name) for row in rows] for name in own}
    for name in ("before", "lost", "made"):
        columns[f"icosahedra_{name}"] = [getattr(r.icosahedra, name) if r.icosahedra else None for r in rows]
    for k, axis in enumerate("xyz"):
        columns[axis] = [row.field.centre[k] if row.field else None for row in rows]
    columns |= {
        f"field_{name}": of_field(name) for name in ("atoms", "core", "along", "share", "stress_drop")
    }
    write_table(subject.table("rearrangements"), columns, units=subject.units)


def join(subjects: Sequence[Subject], results: Joined) -> Joined:
    """The distributions of all runs together; table and figure go with the first file."""
    known = [r for r in results if isinstance(r, Rearrangements)]
    if len(known) < 2:
        return results
    first, all_of_them = subjects[0], _distributions([r.events for r in known])
    for name in ("stress_drop", "energy_drop"):
        one: Drops = getattr(all_of_them, name)
        columns = {name: one.size, "density": one.density, "density_error": one.density_error}
        write_table(first.table(f"{name.replace('_', '-')}s"), columns, units=first.units)
    shear_figure.drops(first.figure("drops"), all_of_them.stress_drop, all_of_them.energy_drop, first.units)
    return [replace(r, together=all_of_them) if isinstance(r, Rearrangements) else r for r in results]


MEASURE: Measure[None] = Measure(
    name="rearrangements",
    explanation="drops, Eshelby fields and broken icosahedra of what gives way in a run of strain",
    finish=finish,
    join=join,
    captions={
        "rearrangements": Caption("How drops of stress and energy in rearrangements are distributed."),
        "drops": Caption("Drops of stress and energy in rearrangements of all files together."),
    },
    dimensions=(2, 3),
    strained=True,
)
