"""From a question to its answer: pieces of work, each kept the moment it is done, and what follows from all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from glasscli.eos.answer import Mixed as MixedAt
from glasscli.eos.mixture import mixture, tangent
from glasscli.errors import InputError
from glasscli.free_energy.answer import Answer, Mixture, Row
from glasscli.free_energy.census import census
from glasscli.free_energy.deepest import Above, Held, above, glass_of
from glasscli.free_energy.figure import draw, draw_liquidus
from glasscli.free_energy.liquidus import Freezing, Mixed, freezing
from glasscli.free_energy.melting import Melting, melting
from glasscli.free_energy.pieces import Piece, worked
from glasscli.free_energy.question import Question, compositions, mixed_share, named
from glasscli.free_energy.rows import remarks, rows_of
from glasscli.free_energy.surface import Point, Surface, alike
from glasscli.free_energy.tasks import (
    CRYSTAL,
    FLUID,
    GAS,
    LIQUID,
    SOLUTION,
    Task,
    canonical,
    crystal_of,
)
from glasscli.landscape.record import Flat
from glasscli.model.system import System
from glasscli.report.beside import Outputs
from glasscli.simulation.stopping import Stop

COLUMNS = (
    "phase", "method", "composition", "temperature", "volume", "F", "F_error", "U", "U_error", "S", "P", "P_error",
    "dissipation", "size_correction", "drift", "S_mixing", "S_mixing_error", "S_ideal",
)  # fmt: skip


def tasks_of(system: System, q: Question) -> list[Task]:
    """Those of phases. Raises InputError for a question that cannot be answered."""
    found = []
    for phase in named(system, q):
        for volume in phase.volumes:
            if phase.name != LIQUID:
                share = crystal_of(phase.name)[1]
                way = CRYSTAL if share is None else SOLUTION
                found += [
                    Task(system, phase.name, way, volume, (T,), n, q.effort, q.seed, share)
                    for T in q.temperatures
                    for n in q.atoms
                ]
                continue
            for x in compositions(system, q) if phase.share is None else [phase.share]:
                n = q.atoms[-1]
                if GAS in q.ways:
                    found.append(Task(system, LIQUID, GAS, volume, q.temperatures, n, q.effort, q.seed, x))
                if FLUID in q.ways:
                    found += [
                        Task(system, LIQUID, FLUID, volume, (T,), n, q.effort, q.seed, x)
                        for T in q.temperatures
                    ]
    return list({task.key: task for task in found}.values())


def glasses_of(system: System, q: Question) -> list[Held]:
    """The pieces of work that glasses take. Raises InputError for what is none of this system."""
    glasses = [glass_of(path, system) for path in dict.fromkeys(q.glasses)]
    return [Held(system, glass, T, q.effort, q.seed) for glass in glasses for T in q.temperatures]


def pieces_of(system: System, q: Question) -> list[Piece]:
    """All pieces of work of a question. Raises InputError for what cannot be."""
    return [*tasks_of(system, q), *glasses_of(system, q)]


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
    melts = _melting(crystals, liquids, notes)
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
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        # A crystal is told by its name: its shares may differ by an atom from one box to another.
        groups.setdefault((row.phase, row.shares) if row.phase == LIQUID else (row.phase,), []).append(row)
    for mine in groups.values():
        points = [
            Point(r.volume, r.temperature, r.F, r.F_error, r.U, r.U_error, r.P / unit, r.P_error / unit)
            for r in mine
        ]
        found.append(Surface(mine[0].phase, mine[0].composition, points, mine[0].shares))
    return found


def _melting(crystals: Sequence[Surface], liquids: Sequence[Surface], notes: list[str]) -> list[Melting]:
    """Of all pairs of one composition; notes say why a pair has no melting point."""
    found = []
    for crystal, liquid in product(crystals, liquids):
        points = melting(crystal, liquid)
        found += points
        if points or not alike(crystal.shares, liquid.shares):
            continue
        low = max(crystal.temperatures[0], liquid.temperatures[0])
        high = min(crystal.temperatures[-1], liquid.temperatures[-1])
        notes.append(
            f"no melting point of {crystal.name}: "
            + (
                f"it and the liquid are in balance nowhere between T = {low:g} and {high:g} at these volumes"
                if high > low
                else "it is looked for between temperatures: give two or more"
            )
        )
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
        liquid = next((s for s in surfaces if s.name == LIQUID and alike(s.shares, one.shares)), None)
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
    composition = mixed_share(system, q)
    found = []
    for temperature in q.temperatures:
        one, other = a.curve(temperature), b.curve(temperature)
        free = [s for s in (one, other) if s.minimum is None] if q.mix_volume is None else []
        if free:
            notes.append(
                f"--mix, T = {temperature:g}: F of {free[0].name} has no minimum between V/N = "
                f"{free[0].volumes[0]:g} and {free[0].volumes[-1]:g}: give --mix-volume"
            )
            continue
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
