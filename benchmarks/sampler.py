"""Does a sampler sample what it says? T_conf, E, P and g(r) at three temperatures against LAMMPS at a step of 0.001.

500 atoms of each system: `hmc` at the step of `glasscli hybrid`, `nvt` at 0.008 (what hybrids did once) and at 0.001,
the reference, all under the same forces and, in wahnstrom, with exchanges between. Each row is one state and sampler
after so many processor seconds, begun with the same liquid; errors take neighbours in time as the same. Rows are kept:
interrupt it when you like; rows of fewer --seconds are made again. `--table` only prints what is there.

    python benchmarks/sampler.py [--seconds 20] [--systems wahnstrom,kob-andersen,soft-sphere] [--table]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import Kept

from glasscli.configuration import Box, Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.launch import OWN, Launch
from glasscli.engine.own.engine import OwnEngine
from glasscli.engine.own.trials import Trials
from glasscli.engine.pair_tables import tabulate
from glasscli.model.system import System, load_system
from glasscli.observables.equilibration import decorrelation_time
from glasscli.observables.pair_counts import pair_counts
from glasscli.observables.temperature import configurational_temperature
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.kinds.hybrid import READY_MD_STEPS
from glasscli.protocols.samplers import step_of_trials
from glasscli.simulation.gauge import Gauge
from glasscli.simulation.kernel import Sites
from glasscli.simulation.partners import exchange_ready
from glasscli.simulation.plan import plan
from glasscli.store.manifest import Parent

ATOMS, SEED, BINS, REACH = 500, 3, 25, 2.5
TEMPERATURES = (0.5, 0.8, 1.2)
REFERENCE = "nvt-0.001"
STEPS = {REFERENCE: 0.001, "hmc": None, "nvt-0.008": 0.008}
# Of time: between two samples; before the first.
BETWEEN, BEFORE = 0.16, 4.0
# Systems whose exchanges are accepted, and how many are tried between samples.
EXCHANGED = {"wahnstrom": 50}


def engine_of(
    system: System, start: Configuration, T: float, timestep: float
) -> tuple[OwnEngine, tuple[int, int]]:
    """LAMMPS under our own forces with Nose-Hoover chains, its atoms where they start."""
    wish = AnnealWish(T, timestep=timestep, steps=10**7, seed=SEED)
    launch = Launch(accelerator=OWN)
    job = plan(system, wish, Path("none.h5"), "benchmark", (start, Parent("benchmark", "")), launch)
    engine, leg = OwnEngine(system, launch), job.deck.legs[-1]
    engine.provide(job.start.name, job.start.content)  # type: ignore[union-attr]
    engine.commands([*job.deck.entered, *leg.enter, *leg.fixes])
    return engine, leg.ramp


def liquid(system: System, T: float) -> Configuration:
    """Atoms on a lattice, melted and cooled by trials, where they can with exchanges."""
    counts, rng = system.counts(ATOMS, None), np.random.default_rng(SEED)
    box = Box.cube((ATOMS * system.defaults.volume_per_atom) ** (1 / 3))
    grid = np.stack(np.meshgrid(*[np.arange(8)] * 3, indexing="ij"), -1).reshape(-1, 3)
    places = box.cartesian((rng.permutation(grid)[:ATOMS] + 0.5) / 8)
    species = rng.permutation(np.repeat(np.arange(1, len(counts) + 1), counts)).astype(np.int32)
    start = Configuration(places, species, box, np.zeros((ATOMS, 3), np.int32))
    for factor, share, steps in ((3.0, 0.1, 4000), (2.0, 0.6, 4000), (1.0, 1.0, 10000)):
        step = share * step_of_trials(system, ATOMS, factor * T)
        lammps, ramp = engine_of(system, start, T, step)
        trials = Trials(lammps, system, 0.0, SEED, step, lambda _, T=factor * T: T)
        table = tabulate(system)
        for k in range(steps // 10):
            trials.advance(10, ramp, True)
            _exchange(system, trials, table, k, factor * T)
        start = trials.configuration()
        trials.close()
    return start


def _exchange(system: System, engine: Engine, table: Any, k: int, T: float) -> bool:
    if system.name not in EXCHANGED:
        return False
    c = engine.configuration()
    sites = Sites(c.positions, c.species - 1, c.box, table)
    exchange_ready(sites, np.random.default_rng([SEED, k]), EXCHANGED[system.name], 1 / T)
    engine.rearrange(sites.occupant)
    return True


def measure(name: str, T: float, sampler: str, start: Configuration, seconds: float) -> dict[str, Any]:
    """One state by one sampler."""
    system = load_system(name)
    step = STEPS[sampler] or step_of_trials(system, ATOMS, T)
    lammps, ramp = engine_of(system, start, T, step)
    engine: Engine = lammps
    if sampler == "hmc":
        engine = Trials(lammps, system, 0.0, SEED, step, lambda _: T)
    gauge, table = Gauge(system), tabulate(system)
    stretch = READY_MD_STEPS if sampler == "hmc" else round(BETWEEN / step)
    every, rows, counts = max(1, round(BETWEEN / step / stretch)), [], []
    setup, k, began = True, 0, time.process_time()
    while time.process_time() - began < seconds:
        engine.advance(stretch, ramp, setup)
        k += 1
        if k * stretch * step > BEFORE and k % every == 0:
            c, thermo = engine.configuration(), engine.thermo()
            pull = gauge.measure(c)
            rows.append((pull.force_squared, pull.laplacian, thermo["pe"], thermo["press"]))
            counts.append(pair_counts(c.positions, c.box, np.zeros(ATOMS, np.int64), 1, REACH, BINS)[0, 0])
        setup = _exchange(system, engine, table, k, T)
    spent = time.process_time() - began
    tried, accepted = engine.trials() if isinstance(engine, Trials) else (0, 0)
    engine.close()
    squares, laplacians, energy, pressure = np.array(rows).T
    found = configurational_temperature(squares, laplacians, 1.0)
    assert found is not None
    row = {
        "system": name, "T": T, "sampler": sampler, "step": step, "seconds": seconds, "samples": len(rows),
        "steps_per_second": k * stretch / spent, "acceptance": accepted / tried if tried else None,
        "T_conf": found.value, "T_conf_error": found.error, "counts": np.mean(counts, axis=0).tolist(),
        "counts_error": [error(column) for column in np.array(counts).T],
    }  # fmt: skip
    for key, values in (("E", energy), ("P", pressure)):
        row |= {key: float(values.mean()), f"{key}_error": error(values)}
    return row


def error(values: np.ndarray) -> float:
    """Standard error of a mean, neighbours in time not taken as independent."""
    return float(values.std(ddof=1) * np.sqrt(decorrelation_time(values) / len(values)))


def table(rows: list[dict[str, Any]]) -> str:
    """Every row beside the reference of its state."""
    lines = [
        f"{'system':<13} {'T':>4} {'sampler':<10} {'T_conf/T':>18} {'E - E_ref':>18} {'P - P_ref':>18} chi2/bin steps/s"
    ]
    for row in rows:
        there = [
            r for r in rows if (r["system"], r["T"], r["sampler"]) == (row["system"], row["T"], REFERENCE)
        ]
        said = f"{row['system']:<13} {row['T']:>4} {row['sampler']:<10} "
        said += f"{row['T_conf'] / row['T']:.4f} ± {row['T_conf_error'] / row['T']:.4f}  "
        if there and row["sampler"] != REFERENCE:
            (r,) = there
            for key in "EP":
                said += (
                    f"{row[key] - r[key]:+9.4f} ± {np.hypot(row[f'{key}_error'], r[f'{key}_error']):.4f}  "
                )
            errors = np.hypot(row["counts_error"], r["counts_error"])
            judged = np.array(errors) > 0
            apart = (np.array(row["counts"]) - r["counts"])[judged] / errors[judged]
            said += f"{float(np.mean(apart**2)):7.2f}"
        else:
            said += f"{row['E']:9.4f} ± {row['E_error']:.4f}  {row['P']:9.4f} ± {row['P_error']:.4f}         "
        lines.append(f"{said} {row['steps_per_second']:8.0f}")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--systems", default="wahnstrom,kob-andersen,soft-sphere")
    parser.add_argument("--table", action="store_true", help="only print")
    wish, kept = parser.parse_args(), Kept("sampler")
    for name in [] if wish.table else wish.systems.split(","):
        for T in TEMPERATURES:
            start = None
            for sampler in STEPS:
                key = (name, T, sampler)
                old = [r for r in kept.rows if (r["system"], r["T"], r["sampler"]) == key]
                if old and old[0]["seconds"] >= wish.seconds:
                    continue
                start = start or liquid(load_system(name), T)
                for row in old:
                    kept.rows.remove(row)
                kept.add(measure(name, T, sampler, start, wish.seconds))
    print(table(kept.rows))


if __name__ == "__main__":
    main()
