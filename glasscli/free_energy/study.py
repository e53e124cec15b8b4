"""From a question to its answer: pieces of work, each kept the moment it is done, and what follows from all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.eos.answer import Mixed as MixedAt
from glasscli.eos.mixture import mixture, tangent
from glasscli.errors import InputError
from glasscli.free_energy.answer import Answer, Mixture, Row
from glasscli.free_energy.census import census
from glasscli.free_energy.crystal import Effort
from glasscli.free_energy.deepest import Above, Held, above, glass_of
from glasscli.free_energy.figure import draw, draw_liquidus
from glasscli.free_energy.liquidus import Freezing, Mixed, freezing
from glasscli.free_energy.melting import ALIKE, melting
from glasscli.free_energy.pieces import Piece, worked
from glasscli.free_energy.rows import remarks, rows_of
from glasscli.free_energy.surface import Point, Surface
from glasscli.free_energy.tasks import (
    CRYSTAL,
    FLUID,
    GAS,
    LIQUID,
    SOLUTION,
    Task,
    canonical,
    check,
    crystal_of,
)
from glasscli.landscape.record import Flat
from glasscli.model.composition import Composition
from glasscli.model.system import System
from glasscli.report.beside import Outputs
from glasscli.simulation.stopping import Stop

COLUMNS = (
    "phase", "method", "composition", "temperature", "volume", "F", "F_error", "U", "U_error", "S", "P", "P_error",
    "dissipation", "size_correction", "drift", "S_mixing", "S_mixing_error", "S_ideal",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A phase (of a liquid, or of a crystal whose sites are shared, with its composition: c15:0.5), and the volumes per
    atom it is wanted at; none: those of the question."""

    phase: str
    volumes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked.

    phases        a crystal's name, or `liquid`
    temperatures  in the system's unit;  volumes per atom, for phases that name none
    atoms         of each sample; several sizes are extrapolated
    ways          of liquids: GAS, FLUID or both
    composition   of the liquid and of the mixture
    mix           two phases that share `mix_volume` per atom
    liquidus      shares of the second species of `liquid`, for where each begins to freeze: at its volume, or at
                  `pressure` (energy per volume), at which phases of one composition are compared too; liquids that are
                  named with their share (liquid:0.5) do at `pressure`, each at volumes of its own
    glasses       runs whose deepest inherent structures are held against `mix` and the liquid
    """

    phases: tuple[Wanted, ...]
    temperatures: tuple[float, ...]
    volumes: tuple[float, ...] = ()
    atoms: tuple[int, ...] = (500,)
    ways: tuple[str, ...] = (GAS, FLUID)
    composition: Composition | None = None
    mix: tuple[str, str] | None = None
    mix_volume: float | None = None
    liquidus: tuple[float, ...] = ()
    pressure: float | None = None
    glasses: tuple[Path, ...] = ()
    effort: Effort = field(default_factory=Effort)
    seed: int = 1


def tasks_of(system: System, q: Question) -> list[Task]:
    """Those of phases."""
    system.in_space("free-energy")
    check(system)
    if not q.temperatures:
        raise InputError("free-energy needs temperatures: give --temperature 0.5,0.64")
    usual = q.volumes or (system.defaults.volume_per_atom,)
    named = [_named(wanted.phase, system) for wanted in q.phases]
    if q.composition is not None and not (q.mix or q.liquidus or (LIQUID, None) in named):
        raise InputError(
            "--composition is of `liquid`, --mix or --liquidus, and none of them is asked for: leave it out"
        )
    found = []
    for wanted, (name, own) in zip(q.phases, named, strict=True):
        for volume in wanted.volumes or usual:
            if not (np.isfinite(volume) and volume > 0):
                raise InputError(f"volume per atom {volume:g} is not positive")
            if name != LIQUID:
                share = crystal_of(name)[1]
                way = CRYSTAL if share is None else SOLUTION
                found += [
                    Task(system, name, way, volume, (T,), n, q.effort, q.seed, share)
                    for T in q.temperatures
                    for n in q.atoms
                ]
                continue
            for n in q.atoms[-1:]:
                check_box(system, n, volume)
                for x in _compositions(system, q) if own is None else [own]:
                    if GAS in q.ways:
                        found.append(Task(system, name, GAS, volume, q.temperatures, n, q.effort, q.seed, x))
                    if FLUID in q.ways:
                        found += [
                            Task(system, name, FLUID, volume, (T,), n, q.effort, q.seed, x)
                            for T in q.temperatures
                        ]
    return list({task.key: task for task in found}.values())


def _named(phase: str, system: System) -> tuple[str, float | None]:
    """The one name of a phase, and a liquid's own share of the second species (liquid:0.5). Raises InputError."""
    name, share = crystal_of(phase)
    if name != LIQUID:
        return canonical(phase, system), None
    if share is not None and system.n_species < 2:
        raise InputError(f"{phase!r}: {system.name} has one species, a liquid of it has no composition")
    return LIQUID, share


def glasses_of(system: System, q: Question) -> list[Held]:
    """The pieces of work that glasses take. Raises InputError for what is none of this system."""
    glasses = [glass_of(path, system) for path in dict.fromkeys(q.glasses)]
    return [Held(system, glass, T, q.effort, q.seed) for glass in glasses for T in q.temperatures]


def pieces_of(system: System, q: Question) -> list[Piece]:
    """All pieces of work of a question. Raises InputError for what cannot be."""
    return [*tasks_of(system, q), *glasses_of(system, q)]


def _compositions(system: System, q: Question) -> list[Composition | None]:
    """Of the liquids; without a liquidus the one that was asked for."""
    if not q.liquidus:
        return [q.composition]
    if q.composition is None:
        return list(q.liquidus)
    return list(dict.fromkeys([*q.liquidus, system.second_share(q.composition)]))


def check_box(system: System, atoms: int, volume: float) -> None:
    """Exchanges need a box of two cutoffs. Raises InputError for a smaller one."""
    if system.n_species > 1 and (atoms * volume) ** (1 / 3) < 2 * system.cutoff:
        least = int(np.ceil((2 * system.cutoff) ** 3 / volume))
        raise InputError(
            f"a liquid of {atoms} atoms at V/N = {volume:g} is narrower than two cutoffs: give --atoms {least} or more"
        )


def answer(
    system: System, q: Question, outputs: Outputs, catalogue: Path, jobs: int, stop: Stop
) -> Answer:  # fmt: skip
    """Do what is not done yet and answer. `catalogue`: where results are kept; the same question goes on there."""
    tasks, glasses = tasks_of(system, q), glasses_of(system, q)
    done, notes = worked([*tasks, *glasses], catalogue, jobs, stop)
    return _concluded(system, q, tasks, glasses, done, outputs, notes)


def _concluded(
    system: System, q: Question, tasks: Sequence[Task], glasses: Sequence[Held], done: Mapping[str, Flat],
    outputs: Outputs, notes: list[str],
) -> Answer:  # fmt: skip
    failed = [
        f"{t.phase} at V/N = {t.volume:g}, T = {t.temperatures[0]:g}: {done[t.key]['failed']}"
        for t in tasks
        if "failed" in done.get(t.key, {})
    ]
    failed += [f"{g.said}: {done[g.key]['failed']}" for g in glasses if "failed" in done.get(g.key, {})]
    whole = {t.key: t for t in tasks if t.key in done and "failed" not in done[t.key]}
    rows = rows_of(system, whole, done)
    notes += [f"no free energy of {line}" for line in failed]
    notes += remarks(rows)
    surfaces = _surfaces(system, rows)
    liquids = [s for s in surfaces if s.name == LIQUID]
    crystals = [s for s in surfaces if s.name != LIQUID]
    melts = [m for s in crystals for liquid in liquids for m in melting(s, liquid)]
    mixtures = _mixtures(system, q, surfaces, notes) if q.mix else []
    every: list[Piece] = [*tasks, *glasses]
    missing = sum(piece.key not in done for piece in every)
    mixed = q.liquidus or (q.pressure is not None and len({s.small_fraction for s in liquids}) > 1)
    freezes = _liquidus(system, q, crystals, liquids, notes) if mixed else []
    held = _held(q, glasses, done, surfaces, notes)
    found = Answer(
        system,
        rows,
        surfaces,
        melts,
        mixtures,
        freezes,
        notes,
        missing,
        failed,
        glasses=held,
        census=census(surfaces, q.pressure),
    )
    written = (
        [outputs.table("phases", COLUMNS, [_cells(row) for row in rows], system.unit_system)] if rows else []
    )
    if freezes and outputs.figures:
        written.append(str(draw_liquidus(outputs.figure("liquidus"), found)))
    if outputs.figures and any(len(s.volumes) > 1 or len(s.temperatures) > 1 for s in surfaces):
        written.append(str(draw(outputs.figure("curves"), found)))
    return replace(found, written=written)


def _surfaces(system: System, rows: Sequence[Row]) -> list[Surface]:
    """F(V, T) of each phase; a liquid's points by both ways count together."""
    unit = system.unit_system.pressure_per_energy_density
    found = []
    for phase, share in dict.fromkeys((row.phase, row.composition) for row in rows):
        mine = [row for row in rows if (row.phase, row.composition) == (phase, share)]
        points = [
            Point(r.volume, r.temperature, r.F, r.F_error, r.U, r.U_error, r.P / unit, r.P_error / unit)
            for r in mine
        ]
        found.append(Surface(phase, share, points))
    return found


def _liquidus(
    system: System, q: Question, crystals: Sequence[Surface], liquids: Sequence[Surface], notes: list[str]
) -> list[Freezing]:  # fmt: skip
    """Where liquids begin to freeze: each at the volume at which all were measured, or all at one pressure."""
    if len(liquids) < 2 or not crystals:
        notes.append(
            f"no liquidus: it needs liquids of two compositions and a crystal, there are {len(liquids)} and "
            f"{len(crystals)}"
        )
        return []
    mixed = Mixed(liquids, system.unit_system.boltzmann)
    if q.pressure is not None:
        found = freezing(mixed, crystals, None, q.pressure)
    else:
        common = sorted(set.intersection(*(set(s.volumes) for s in liquids)))
        found = [one for volume in common for one in freezing(mixed, crystals, volume, None)]
    known = {one.x for one in found}
    notes += [
        f"the liquid of composition {x:.4g} is in balance with none of the crystals between T = {mixed.lowest:g} and "
        f"{mixed.highest:g}, within the volumes measured"
        for x in mixed.x
        if x not in known
    ]
    return found


def _held(
    q: Question, glasses: Sequence[Held], done: Mapping[str, Flat], surfaces: Sequence[Surface], notes: list[str]
) -> list[Above]:  # fmt: skip
    """Glasses beside the crystals of --mix and the liquid of their composition."""
    found = []
    for one in glasses:
        if one.key not in done or "failed" in done[one.key]:
            continue
        x = one.glass.small_fraction
        liquid = next((s for s in surfaces if s.name == LIQUID and abs(s.small_fraction - x) < ALIKE), None)
        pair = _pair(one.system, q, surfaces) if q.mix else None
        found.append(above(one, done[one.key], pair, liquid, notes))
    return found


def _pair(system: System, q: Question, surfaces: Sequence[Surface]) -> tuple[Surface, Surface] | None:
    """The crystals of --mix, None where one of them is not done."""
    assert q.mix is not None
    named = {s.name: s for s in surfaces}
    a, b = (named.get(canonical(name, system)) for name in q.mix)
    return None if a is None or b is None else (a, b)


def _mixtures(system: System, q: Question, surfaces: Sequence[Surface], notes: list[str]) -> list[Mixture]:
    assert q.mix is not None
    if (pair := _pair(system, q, surfaces)) is None:
        notes.append(f"--mix: not both of {', '.join(q.mix)} are among the phases that are done")
        return []
    a, b = pair
    composition = system.second_share(q.composition) if q.composition is not None else 0.5
    found = []
    for temperature in q.temperatures:
        one, other = a.curve(temperature), b.curve(temperature)
        try:
            mix = mixture(one, other, composition, q.mix_volume)
        except InputError as error:
            notes.append(f"T = {temperature:g}: {error}")
            continue
        rivals = {
            s.name: s.free(mix.volume, temperature)
            for s in surfaces
            if s.name not in (a.name, b.name)
            and s.volumes[0] <= mix.volume <= s.volumes[-1]
            and abs(s.small_fraction - composition) < 0.01
        }
        errors = [mix.fractions[s.name] * s.error(mix.volumes[s.name], temperature) for s in (a, b)]
        line = tangent(one, other, mix.pressure)
        liquid = rivals.pop(LIQUID, None)
        found.append(Mixture(MixedAt(mix, line, temperature), math.hypot(*errors), liquid, rivals))
    return found


def _cells(row: Row) -> list[Any]:
    return [getattr(row, name) for name in COLUMNS]
