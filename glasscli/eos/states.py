"""Equations of state with a structure among them: computed, drawn and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.eos.answer import Answer, Structure
from glasscli.eos.equations import Question, answer, drawn
from glasscli.formats.foreign import open_any
from glasscli.formats.names import by_name
from glasscli.formats.source import open_in, remarks
from glasscli.model.system import System
from glasscli.observables.laves import local_means
from glasscli.observables.voronoi import tessellate
from glasscli.report.beside import write_table
from glasscli.report.eos_figure import Curve, Scatter, equations_of_state
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import Claims

# The phase whose species are marked: the one that a glass of the Wahnström mixture is made of.
MARKED = "c15"


def states(
    system: System, question: Question, structure: Path | None = None, figure: Path | None = None,
    table: Path | None = None, species: Sequence[str] | None = None, claims: Claims | None = None,
) -> Answer:  # fmt: skip
    """Answer a question; with a structure's last configuration as a cloud of atoms, drawn and as a table on wish.

    structure: a file of any format; species: names of its types 1, 2, ..., by hand. figure (png, pdf, svg),
    table (CSV): where they go; claims: what may be written.
    Raises what `study.answer` raises, and MissingPackageError for a structure where OVITO does not run.
    """
    atoms = open_in(structure, system, species)[-1] if structure else None
    found = answer(system, question)
    if structure and atoms:
        notes = [*found.notes, *remarks(open_any(structure), system, species)]
        found = replace(found, structure=structure_of(structure, atoms, system), notes=notes)
    mine = claims or Claims([structure] if structure else [])
    if figure:
        mine.file(figure, picture_kind(figure))
        found = replace(found, figures=[_draw(figure, found, question)])
    if table:
        mine.file(table, TABLE)
        columns = ("phase", "volume_per_atom", "energy_per_atom", "pressure")
        found = replace(found, tables=[write_table(table, columns, _rows(found), system.unit_system)])
    return found


def structure_of(path: Path, atoms: Configuration, system: System) -> Structure:
    """Local volumes and energies of a configuration."""
    with Minimiser(system) as minimiser:
        energies = minimiser.energies(atoms)
    cells = tessellate(atoms)
    local = by_name(local_means(energies, cells, atoms.species), system.names)
    return Structure(path, cells.volumes, energies, atoms.species, atoms.volume / atoms.n_atoms, local)


def _draw(path: Path, found: Answer, question: Question) -> str:
    curves = []
    for name, phase in found.phases.items():
        curve = drawn(phase, question.temperature)
        if curve is None:
            continue
        # One species has its mark on the curve already.
        many = phase.local and len(phase.local) > 1
        marks = [(m.volume, m.energy) for m in (phase.local or {}).values()] if many else []
        shown = tuple(marks) if name == MARKED and not question.temperature else ()
        curves.append(Curve(name, curve.volumes, curve.energies, curve.minimum, shown))
    scatter = volume = None
    if seen := found.structure:
        scatter = Scatter(seen.volumes, seen.energies, seen.species, found.system.names, seen.energy)
        volume = seen.volume
    mix = found.mixed.mixture if found.mixed else None
    points = [(mix.volumes[n], mix.energies[n]) for n in mix.phases] if mix else []
    volume = question.volume or volume or (question.at[0] if question.at else None)
    units = found.system.unit_system
    return str(equations_of_state(path, curves, volume, scatter, points, question.temperature, units=units))


def _rows(found: Answer) -> Iterator[list[str]]:
    """All curves in one table: phase, V, E, P."""
    for name, phase in found.phases.items():
        curve = phase.curve
        pressures = curve.pressures * found.pressure_unit
        for v, e, p in zip(curve.volumes, curve.energies, pressures, strict=True):
            yield [name, f"{v:.10g}", f"{e:.12g}", f"{p:.10g}"]
