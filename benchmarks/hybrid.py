"""Exchange attempts per processor second: our kernel over LAMMPS's fix atom/swap, and against the number of atoms.

Both alternate with the same molecular dynamics (50 steps), whose cost and that of setting up is counted. fix atom/swap
gets enough attempts a batch that they dominate, which is the best that can be said of it. Also: energies of attempts
against LAMMPS's total energy, many of them.

    python benchmarks/hybrid.py [--audited 100000]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import Kept

from glasscli.configuration import Configuration
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.pair_tables import tabulate
from glasscli.model.system import load_system
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.job import Job
from glasscli.simulation.kernel import Sites
from glasscli.simulation.moves import LocalMoves
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.store.manifest import Parent
from glasscli.structures.build import replicate

MD_STEPS, TEMPERATURE = 50, 0.52
# A batch: what `glasscli hybrid` does by default, and what takes fix atom/swap far longer than the steps between.
LOCAL_PER_ATOM, SWAP_ATTEMPTS = 100, {500: 1000, 32000: 100}
WORK = Path(__file__).with_name("work-hybrid")


def glass(atoms: int) -> Configuration:
    """A quick glass: 500 atoms quenched, repeated four times a side for 32000."""
    system = load_system("wahnstrom")
    WORK.mkdir(exist_ok=True)
    wish = QuenchWish(steps=20000, sampling=SamplingWish(inherent_every=0))
    small = run(plan(system, wish, WORK / "quench.h5", "benchmark")).state(-1).configuration
    repeats = round((atoms / 500) ** (1 / 3))
    return replicate(small, (repeats,) * 3)


def rate(atoms: int, kernel: str, seconds: float = 30.0) -> dict[str, Any]:
    """Attempts per processor second of alternating dynamics and attempts."""
    system, start = load_system("wahnstrom"), (glass(atoms), Parent("benchmark", ""))
    attempts = LOCAL_PER_ATOM * atoms if kernel == "local" else SWAP_ATTEMPTS[atoms]
    wish = HybridWish(
        TEMPERATURE, steps=10**6, timestep=system.timestep, engine_mc=kernel, md_per_mc=MD_STEPS, attempts=attempts,
        partners="any",
    )  # fmt: skip
    job: Job = plan(system, wish, WORK / "hybrid.h5", "benchmark", start)
    deck, stage = job.deck, job.deck.legs[-1]
    with LibraryEngine(system) as engine, Minimiser(system) as minimiser:
        moves = LocalMoves(system, job.protocol, minimiser) if kernel == "local" else None
        engine.provide(job.start.name, job.start.content)  # type: ignore[union-attr]
        engine.commands([*deck.entered, *stage.enter, *stage.fixes])

        def batch(step: int, setup: bool) -> None:
            engine.advance(MD_STEPS, stage.ramp, setup)
            if moves:
                moves.make(engine, step, False)

        batch(2 * MD_STEPS, True)  # compile, fill caches; not the first batch, which is audited
        batches, began = 0, time.process_time()
        inside = moves.seconds if moves else 0.0
        while time.process_time() - began < seconds:
            batches += 1
            batch((batches + 2) * MD_STEPS, kernel == "local")
        spent = time.process_time() - began
    row = {"atoms": atoms, "kernel": kernel, "batches": batches, "attempts_per_batch": attempts}
    row["attempts_per_cpu_second"] = batches * attempts / spent
    if moves:
        row["ns_per_attempt_in_batches"] = (moves.seconds - inside) / (batches * attempts) * 1e9
    return row


def pure(atoms: int) -> dict[str, Any]:
    """Nanoseconds of an attempt alone, many at the same positions."""
    system, start = load_system("wahnstrom"), glass(atoms)
    sites = Sites(start.positions, start.species - 1, start.box, tabulate(system))
    rng = np.random.default_rng(1)
    sites.exchange(rng, 10, 1 / TEMPERATURE)
    sites.exchange(rng, 100 * atoms, 1 / TEMPERATURE)  # the first are accepted more often
    n, began = 5_000_000, time.process_time()
    sites.exchange(rng, n, 1 / TEMPERATURE)
    return {"atoms": atoms, "kernel": "alone", "ns_per_attempt": (time.process_time() - began) / n * 1e9}


def audited(count: int) -> dict[str, Any]:
    """The worst relative error of so many attempted exchanges' energies, against LAMMPS's total energy."""
    system, start = load_system("wahnstrom"), glass(500)
    table, rng = tabulate(system), np.random.default_rng(2)
    worst, done = 0.0, 0
    positions = start.positions.copy()
    with Minimiser(system) as lammps:

        def total(where: np.ndarray) -> float:
            return lammps.evaluate(Configuration(where, start.species, start.box)).energy * 500

        while done < count:
            sites = Sites(positions, start.species - 1, start.box, table)
            sites.exchange(rng, 2000, 1 / TEMPERATURE)
            moved = np.empty_like(positions)
            moved[sites.occupant] = positions
            positions, before = moved, total(moved)
            for i, j in rng.integers(0, 500, (400, 2)):
                if sites.species[i] != sites.species[j]:
                    there = positions.copy()
                    a, b = sites.occupant[[i, j]]
                    there[[a, b]] = there[[b, a]]
                    change = total(there) - before
                    worst = max(worst, abs(sites.change(i, j) - change) / max(abs(change), 7.0))
                    done += 1
    return {"audited": done, "worst_relative_error": worst}


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audited", type=int, default=100_000)
    wish = parser.parse_args()
    kept = Kept("hybrid")
    have = {(row.get("atoms"), row.get("kernel")) for row in kept.rows}
    for atoms in (500, 32000):
        for kernel in ("local", "lammps"):
            if (atoms, kernel) not in have:
                kept.add(rate(atoms, kernel))
                print(kept.rows[-1], flush=True)
        if (atoms, "alone") not in have:
            kept.add(pure(atoms))
            print(kept.rows[-1], flush=True)
    if not any("audited" in row for row in kept.rows):
        kept.add(audited(wish.audited))
        print(kept.rows[-1], flush=True)
    by = {(row.get("atoms"), row.get("kernel")): row for row in kept.rows}
    summary = {
        f"local_over_swap_{n}": by[n, "local"]["attempts_per_cpu_second"]
        / by[n, "lammps"]["attempts_per_cpu_second"]
        for n in (500, 32000)
    }
    summary["ns_32000_over_500"] = by[32000, "alone"]["ns_per_attempt"] / by[500, "alone"]["ns_per_attempt"]
    kept.write(**summary)
    print(summary)


if __name__ == "__main__":
    main()
