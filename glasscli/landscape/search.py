"""Saddles around one minimum without a trajectory: random local pushes, then up along the softest mode.

The activation-relaxation technique of G. T. Barkema and N. Mousseau, Phys. Rev. Lett. 77, 4358 (1996): a few atoms in
one place are pushed until the energy curves downward along some direction, which is then followed to its saddle. Each
attempt has a random number stream of its own, from the seed and its number, so that any process may do any of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.descent import Rest
from glasscli.landscape.band import stiffness
from glasscli.landscape.barriers import kept, potential
from glasscli.landscape.catalogue import SEARCH, Catalogue, key_of
from glasscli.landscape.descent import descend
from glasscli.landscape.record import Flat, Record
from glasscli.landscape.saddle import Saddle, across, follow, lowest_mode
from glasscli.landscape.surface import Surface
from glasscli.landscape.transition import between, descents, measured, same, turned
from glasscli.landscape.worker import Atoms, each, surface_of
from glasscli.model.system import System
from glasscli.progress import Advance, silent
from glasscli.simulation.stopping import Stop

VERSION = 2  # of what a record means
REACH = 1.4  # of the spacing, around the atom in whose place the push is
PUSH = 0.15  # of the spacing, how far at a time
PUSHES = 25
DOWNWARD = 2e-3  # of the stiffest curvature: below minus this a direction leads out of the basin


@dataclass(frozen=True)
class Attempt:
    """One attempt from a minimum [n, 3]."""

    atoms: Atoms
    minimum: Floats
    seed: int
    number: int
    rates: bool
    tolerance: float


def push(positions: Floats, box: Box, spacing: float, rng: np.random.Generator) -> Floats:
    """[n, 3] a random direction of unit length of the atoms around a random one."""
    centre = int(rng.integers(len(positions)))
    near = np.linalg.norm(box.minimum_image(positions - positions[centre]), axis=1) < REACH * spacing
    u = np.zeros_like(positions)
    u[near] = rng.standard_normal((int(near.sum()), 3))
    u[centre] *= 2
    u -= u.mean(axis=0)
    return np.asarray(u / np.linalg.norm(u))


def activate(surface: Surface, minimum: Floats, u: Floats, stiff: float) -> tuple[Floats, Floats] | None:
    """Push along u, the rest relaxing, until a direction curves downward: the place, and that direction, uphill."""
    x = minimum.copy()
    mode = u
    step = PUSH * surface.spacing / float(np.abs(u).max())
    for _ in range(PUSHES):
        x = x + step * u
        _, f = surface.evaluate(x)
        if not np.isfinite(f).all() or np.abs(f).max() > 1e3 * stiff * surface.spacing:
            return None
        x = x + across(surface, x, f, u, 0.5 * surface.spacing)
        curvature, mode = lowest_mode(surface, x, mode)
        if curvature < -DOWNWARD * stiff:
            return x, mode if np.sum(mode * (x - minimum)) >= 0 else -mode
    return None


def search(surface: Surface, minimum: Rest, rng: np.random.Generator, stiff: float) -> Saddle | None:
    """One attempt from a minimum; None when it leads nowhere."""
    u = push(minimum.positions, surface.atoms.box, surface.spacing, rng)
    out = activate(surface.fresh(), minimum.positions, u, stiff)
    return None if out is None else follow(surface.fresh(), *out)


def record(task: Attempt) -> Flat:
    """One attempt as a flat record, like that of a transition: no step when no saddle joins this minimum to another."""
    began, used = time.monotonic(), time.process_time()
    surface = surface_of(task.atoms, task.minimum)
    start = descend(surface, task.minimum)
    rng = np.random.default_rng([task.seed, task.number])
    stiff = stiffness(surface, start.positions)
    out: Flat = {"number": task.number, "seed": task.seed, "steps": 0, "why": "no saddle"}
    out |= {"potential": potential(task.atoms.system)}
    out |= {"start": start.positions, "start_energy": surface.exact(start.positions)[0]}
    saddle = search(surface, start, rng, stiff)
    one = descents(surface, saddle) if saddle is not None else None
    if one is not None:
        out["why"] = "not from here"
        if same(surface, one.right, start, task.tolerance):
            one = turned(one)
        if same(surface, one.left, start, task.tolerance) and not same(
            surface, one.right, start, task.tolerance
        ):
            out["why"], out["steps"] = "", 1
            step = measured(surface, one, stiff, [start], task.rates, task.tolerance)
            out |= kept(step, surface, task.atoms.box).flat(0)
            out["end"] = start.positions + between(start.positions, one.right.positions, task.atoms.box)
            out["end_energy"] = surface.exact(one.right.positions)[0]
    out["seconds"], out["cpu_seconds"] = time.monotonic() - began, time.process_time() - used
    return out


def attempts_of(
    minimum: Configuration, system: System, count: int, seed: int = 1, *, rates: bool = True, tolerance: float = 1.0,
    forces: str | None = None,
) -> dict[str, Attempt]:  # fmt: skip
    """{key: attempt} 0 ... count - 1 from a minimum."""
    atoms = Atoms(system, minimum.species, minimum.box, forces, minimum.diameters)
    source = key_of(
        f"{VERSION} {potential(system)} {seed}",
        minimum.species.astype(np.int32),
        minimum.box.packed,
        minimum.positions,
    )
    return {
        f"{source} {number:07d}": Attempt(atoms, minimum.positions, seed, number, rates, tolerance)
        for number in range(count)
    }


def explore(
    catalogue: Catalogue, minimum: Configuration, system: System, count: int, seed: int = 1, *, rates: bool = True,
    tolerance: float = 1.0, jobs: int = 1, stop: Stop | None = None, advance: Advance = silent,
    forces: str | None = None,
) -> tuple[list[Record], int]:  # fmt: skip
    """Make the attempts 0 ... count - 1 that the catalogue lacks; return all their records, and how many are new."""
    stop = stop or Stop()
    tasks = attempts_of(minimum, system, count, seed, rates=rates, tolerance=tolerance, forces=forces)
    have = catalogue.keys(SEARCH)

    def claimed() -> Iterator[tuple[str, Attempt]]:
        for key, task in tasks.items():
            if key not in have and catalogue.claim(SEARCH, key):
                yield key, task

    new, done = 0, sum(key in have for key in tasks)
    for key, result in each(record, claimed(), jobs, stop):
        catalogue.add(SEARCH, key, result)
        catalogue.release(SEARCH, key)
        new += 1
        advance(done + new, f"{new} new")
    return [Record.of(value) for key, value in catalogue.all(SEARCH) if key in tasks], new
