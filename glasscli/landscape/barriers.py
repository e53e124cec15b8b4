"""Barriers of all transitions of a sample, unattended: each result is kept the moment it is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.landscape.catalogue import BARRIER, Catalogue, key_of
from glasscli.landscape.events import Events, describe, way
from glasscli.landscape.record import Flat, Kept, Record
from glasscli.landscape.sample import jumps
from glasscli.landscape.surface import Surface
from glasscli.landscape.transition import Step, between, connect
from glasscli.landscape.worker import Atoms, each, surface_of
from glasscli.model.system import System
from glasscli.progress import Advance, silent
from glasscli.report.beside import finite
from glasscli.simulation.stopping import Stop

VERSION = 2  # of what a record means
# How much looser energies of one minimum agree in a potential whose force jumps (places: five times at most).
JUMPING = 100.0


@dataclass(frozen=True)
class Asked:
    """A transition to cross: both ends [n, 3]."""

    atoms: Atoms
    start: Floats
    end: Floats
    rates: bool
    tolerance: float


@dataclass(frozen=True)
class Found:
    """Keys of a sample's transitions in their order, the records that there are, and how many of them are new."""

    keys: list[str]
    records: dict[str, Record]
    computed: int = 0


def record(task: Asked) -> Flat:
    """Cross one transition; a flat record of every step."""
    began, used = time.monotonic(), time.process_time()
    surface = surface_of(task.atoms, task.start)
    found = connect(surface, task.start, task.end, task.tolerance, task.rates)
    out: Flat = {
        "version": VERSION, "complete": found.complete, "merged": found.merged, "steps": len(found.steps),
        "start": found.start.positions, "end": found.end.positions,
    }  # fmt: skip
    for k, step in enumerate(found.steps):
        out |= kept(step, surface, task.atoms.box).flat(k)
    for end, rest in (("start", found.start), ("end", found.end)):
        out[f"{end}_energy"] = surface.exact(rest.positions)[0]
    out["seconds"], out["cpu_seconds"] = time.monotonic() - began, time.process_time() - used
    return out


def kept(step: Step, surface: Surface, box: Box) -> Kept:
    """A step as it is kept, with LAMMPS's energies and forces."""
    checks = [surface.exact(x) for x in (step.left, step.saddle, step.right)]
    energies, max_force = [energy for energy, _ in checks], float(np.abs(checks[1][1]).max())
    u = way(step.left, step.right, box)
    atoms, movers, distance, length, kind, string = describe(box.wrap(step.left), u, box)
    forward, backward = energies[1] - energies[0], energies[1] - energies[2]
    return Kept(
        step.left, step.saddle, step.right, energies, forward, backward, max_force, step.negative,
        finite(step.negative_square), step.end_error, [finite(f) for f in step.frequencies], step.length,
        step.mass_path, step.path_energy, step.path_slope, list(step.end_curvatures), atoms, movers, distance, length,
        kind, string, bool(step.negative == 1 and max_force < 1e-6 and forward > 0 and backward > 0),
    )  # fmt: skip


def tolerance_of(system: System) -> float:
    """How much looser than usual minima are compared: a force that jumps leaves them less sharp."""
    return JUMPING if jumps(system) else 1.0


def potential(system: System) -> str:
    """What decides energies: units and commands."""
    return f"{system.units} {' '.join(system.commands)}"


def transition_key(system: System, a: Configuration, b: Configuration) -> str:
    """Of both ends and the potential; one direction."""
    return key_of(
        f"{VERSION} {potential(system)}",
        a.species.astype(np.int32),
        a.box.packed,
        a.positions,
        b.positions,
    )


def asked_of(
    events: Events, minima: dict[int, Configuration], system: System, *, every: bool = False, rates: bool = True,
    forces: str | None = None,
) -> dict[str, Asked]:  # fmt: skip
    """{key: transition to cross} of all events, or of those whose displacement field was not met before."""
    tasks: dict[str, Asked] = {}
    for k in range(len(events.transitions)) if every else events.distinct:
        event = events.transitions[k]
        a, b = minima[event.i], minima[event.j]
        atoms = Atoms(system, a.species, a.box, forces, a.diameters)
        end = a.positions + between(a.positions, b.positions, a.box)
        key = transition_key(system, a, b)
        tasks.setdefault(key, Asked(atoms, a.positions, end, rates, tolerance_of(system)))
    return tasks


def cross(
    catalogue: Catalogue, events: Events, minima: dict[int, Configuration], system: System, *, every: bool = False,
    rates: bool = True, jobs: int = 1, limit: int | None = None, stop: Stop | None = None,
    advance: Advance = silent, forces: str | None = None,
) -> Found:  # fmt: skip
    """Make the barriers of all transitions that have none, in several processes; return what the catalogue then holds.

    every  also transitions whose displacement field was met before
    limit  at most so many new ones
    forces whose are wanted, see `engine.own.choice`
    """
    stop = stop or Stop()
    tasks = asked_of(events, minima, system, every=every, rates=rates, forces=forces)
    have = catalogue.keys(BARRIER)
    waiting = [key for key in tasks if key not in have]
    done, computed, taken = len(tasks) - len(waiting), 0, 0

    def claimed() -> Iterator[tuple[str, Asked]]:
        nonlocal taken
        for key in waiting:
            if limit is not None and taken >= limit:
                return
            if catalogue.claim(BARRIER, key):
                taken += 1
                yield key, tasks[key]

    advance(done)
    for key, result in each(record, claimed(), jobs, stop):
        catalogue.add(BARRIER, key, result)
        catalogue.release(BARRIER, key)
        computed += 1
        advance(done + computed, f"{computed} new")
    records = {key: Record.of(value) for key, value in catalogue.all(BARRIER) if key in tasks}
    return Found(list(tasks), records, computed)
