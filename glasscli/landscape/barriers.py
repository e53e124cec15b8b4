"""Barriers of all transitions of a sample, unattended: each result is kept the moment it is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.landscape.catalogue import BARRIER, Catalogue, key_of
from glasscli.landscape.events import Events, describe, way
from glasscli.landscape.surface import Surface
from glasscli.landscape.transition import Step, between, connect
from glasscli.landscape.worker import Atoms, each, surface_of
from glasscli.model.system import System
from glasscli.progress import Advance, silent
from glasscli.simulation.stopping import Stop

VERSION = 2  # of what a record means
# How much looser energies of one minimum agree in a potential whose force jumps (places: five times at most).
JUMPING = 100.0
PATIENCE = 1.0


@dataclass(frozen=True)
class Task:
    """A transition to cross: both ends [n, 3]."""

    atoms: Atoms
    start: Floats
    end: Floats
    rates: bool
    tolerance: float


@dataclass
class Found:
    """Results of a sample's transitions, in their order: record of each distinct one, None where it is missing."""

    keys: list[str]
    records: dict[str, dict[str, Any]]
    computed: int = 0
    elsewhere: int = 0
    notes: list[str] = field(default_factory=list)


def record(task: Task) -> dict[str, Any]:
    """Cross one transition; a flat record of every step."""
    began, used = time.monotonic(), time.process_time()
    surface = surface_of(task.atoms, task.start)
    found = connect(surface, task.start, task.end, task.tolerance, task.rates)
    out: dict[str, Any] = {
        "version": VERSION, "complete": found.complete, "merged": found.merged, "steps": len(found.steps),
        "start": found.start.positions, "end": found.end.positions,
    }  # fmt: skip
    for k, step in enumerate(found.steps):
        out |= flat(k, step, surface, task.atoms.box)
    for end, rest in (("start", found.start), ("end", found.end)):
        out[f"{end}_energy"] = surface.exact(rest.positions)[0]
    out["seconds"], out["cpu_seconds"] = time.monotonic() - began, time.process_time() - used
    return out


def flat(k: int, step: Step, surface: Surface, box: Box) -> dict[str, Any]:
    """Step number k as values of a flat record. Energies and forces are LAMMPS's own; the tables only found the way."""
    checks = [surface.exact(x) for x in (step.left, step.saddle, step.right)]
    energies, max_force = [energy for energy, _ in checks], float(np.abs(checks[1][1]).max())
    u = way(step.left, step.right, box)
    atoms, movers, distance, length, kind, string = describe(box.wrap(step.left), u, box)
    forward, backward = energies[1] - energies[0], energies[1] - energies[2]
    values = {
        "left": step.left, "saddle": step.saddle, "right": step.right, "energies": energies,
        "forward": forward, "backward": backward, "max_force": max_force, "negative": step.negative,
        "negative_square": _finite(step.negative_square), "end_error": step.end_error,
        "frequencies": [_finite(f) for f in step.frequencies], "path_length": step.length,
        "mass_path": step.mass_path, "path_energy": step.path_energy, "path_slope": step.path_slope,
        "end_curvatures": list(step.end_curvatures), "atoms": atoms, "movers": movers, "distance": distance,
        "length": length, "shape": kind, "string": string,
        "converged": bool(step.negative == 1 and max_force < 1e-6 and forward > 0 and backward > 0),
    }  # fmt: skip
    return {f"{k}.{name}": value for name, value in values.items()}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def steps_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a record, each a mapping of its own."""
    out: list[dict[str, Any]] = [{} for _ in range(int(record.get("steps", 0)))]
    for name, value in record.items():
        number, _, key = name.partition(".")
        if key:
            out[int(number)][key] = value
    return out


def potential(system: System) -> str:
    """What decides energies: units and commands."""
    return f"{system.units} {' '.join(system.commands)}"


def transition_key(system: System, a: Configuration, b: Configuration) -> str:
    """Of both ends and the potential; one direction."""
    return key_of(
        f"{VERSION} {potential(system)}",
        a.species.astype(np.int32),
        a.box.edges,
        a.positions,
        b.positions,
    )


def cross(
    catalogue: Catalogue, events: Events, minima: dict[int, Configuration], system: System, *, every: bool = False,
    rates: bool = True, jumping: bool = False, jobs: int = 1, limit: int | None = None, stop: Stop | None = None,
    advance: Advance = silent,
) -> Found:  # fmt: skip
    """Make the barriers of all transitions that have none, in several processes; return what the catalogue then holds.

    every    also transitions whose displacement field was met before
    jumping  the potential's force jumps: minima are compared loosely
    limit    at most so many new ones
    """
    stop = stop or Stop()
    numbers = range(len(events.transitions)) if every else events.distinct
    tasks: dict[str, Task] = {}
    for k in numbers:
        event = events.transitions[k]
        a, b = minima[event.i], minima[event.j]
        key = transition_key(system, a, b)
        end = a.positions + between(a.positions, b.positions, a.box)
        tasks.setdefault(
            key, Task(Atoms(system, a.species, a.box), a.positions, end, rates, JUMPING if jumping else 1.0)
        )
    have = catalogue.keys(BARRIER)
    waiting = [key for key in tasks if key not in have]
    done, computed, taken = len(tasks) - len(waiting), 0, 0

    def claimed() -> Iterator[tuple[str, Task]]:
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
    found = Found(
        list(tasks), {key: value for key, value in catalogue.all(BARRIER) if key in tasks}, computed
    )
    found.elsewhere = 0 if limit is not None else sum(key not in found.records for key in tasks)
    return found
