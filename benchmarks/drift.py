"""Energy that is kept, and the temperature of configurations, over a million steps of our own forces and LAMMPS's.

500 atoms at constant energy by LAMMPS's integrator, so that only the forces differ; both in turns of a thousand steps.
After each: the total energy, the kinetic temperature, and the configurational one, <F^2> / <div grad U> (Rugh 1997;
Butler, Ayton, Jepps & Evans 1998), which no thermostat touches. Errors are those of means of ten blocks.

    python benchmarks/drift.py [--steps 1000000] [--systems wahnstrom-smooth]
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from typing import Any

import numpy as np
from common import RESULTS, machine
from forces import LAMMPS, LONG, OURS, melt

from glasscli.engine.contract import Engine
from glasscli.model.system import System, load_system
from glasscli.simulation.gauge import gauge_of

ATOMS, EVERY, BLOCKS = 500, 1000, 10
TEMPERATURES = {"wahnstrom-smooth": 0.8, "kob-andersen": 0.7, "soft-sphere": 0.3}


def mean(values: np.ndarray) -> list[float]:
    """Mean, and its error from blocks."""
    blocks = np.array([block.mean() for block in np.array_split(values, BLOCKS)])
    return [float(values.mean()), float(blocks.std(ddof=1) / np.sqrt(BLOCKS))]


def judged(rows: np.ndarray, steps: int) -> dict[str, Any]:
    """rows [n, 4]: total energy per atom, kinetic temperature, F^2, Laplacian."""
    energy, kinetic, force, curvature = rows.T
    time = np.arange(len(rows)) / len(rows)
    slope, covariance = np.polyfit(time, energy, 1, cov=True)
    f, c, t = ([block.mean() for block in np.array_split(a, BLOCKS)] for a in (force, curvature, kinetic))
    ratio = np.array(f) / np.array(c) / np.array(t)
    return {
        "drift_per_million_steps": float(slope[0]) * 1e6 / steps,
        "drift_error": float(np.sqrt(covariance[0, 0])) * 1e6 / steps,
        "fluctuation": float(energy.std()),
        "T": mean(kinetic),
        "T_conf_over_T": [
            float(force.mean() / curvature.mean() / kinetic.mean()), float(ratio.std(ddof=1) / np.sqrt(BLOCKS)),
        ],
    }  # fmt: skip


def followed(system: System, steps: int) -> dict[str, Any]:
    """Both, in turns."""
    gauge, temperature = gauge_of(system), TEMPERATURES[system.name]
    rows: dict[str, list[tuple[float, ...]]] = {OURS: [], LAMMPS: []}

    def constant_energy(how: str) -> Engine:
        engine = melt(system, ATOMS, temperature, how)
        engine.advance(20000, (0, LONG), True)
        engine.commands(["unfix t", "fix t all nve"])
        return engine

    with closing(constant_energy(OURS)) as ours, closing(constant_energy(LAMMPS)) as theirs:
        for turn in range(steps // EVERY):
            for how, engine in ((OURS, ours), (LAMMPS, theirs)):
                engine.advance(EVERY, (0, LONG), turn == 0)
                thermo = engine.thermo()
                pull = gauge.measure(engine.configuration())
                rows[how].append(
                    (thermo["pe"] + thermo["ke"], thermo["temp"], pull.force_squared, pull.laplacian)
                )
    kept = {how: judged(np.array(values), steps) for how, values in rows.items()}
    return {"system": system.name, "atoms": ATOMS, "steps": steps, "timestep": system.timestep, **kept}


def main() -> None:
    """Measure, keep, say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=10**6)
    parser.add_argument("--systems", nargs="+", default=["wahnstrom-smooth"])
    given = parser.parse_args()
    rows = []
    for name in given.systems:
        rows.append(followed(load_system(name), given.steps))
        print(json.dumps(rows[-1]), flush=True)
    (RESULTS / "drift.json").write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
