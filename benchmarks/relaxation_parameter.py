"""Does R (Egorushkin & Mel'nikova 1992) tell structural relaxation from crystallisation?

Each sample is a quench of 500 atoms, held at T = 0.532, and a 50:50 C15 crystal of the same density, large atoms at
random on its small sites: the crystal that the glass would become. All are inherent structures. Measured are R as
printed, R with its sign and the heights of the first two peaks of S(q), from the quenched glass to the annealed one at
times along the anneal, and to the crystal, over the second peak of the quenched glass. Two things more: R between the
quenched glasses of two samples, the noise of a box of this size, and R of S(q) averaged over the samples, where that
noise is small. Finished samples are kept: interrupt it when you like.

    python benchmarks/relaxation_parameter.py [--samples 10] [--steps 200000] [--quench-steps 200000]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept

from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system
from glasscli.observables import structure_factor as sf
from glasscli.observables.structure_factor import RelaxationParameter, StructureFactor
from glasscli.store.reader import open_run
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named

HOME = Path(__file__).with_name("work-relaxation-parameter")
TEMPERATURE, POINTS, Q_MAX = 0.532, 6, 28.0
QUANTITIES = ("R", "signed", "first_peak", "second_peak")


def made(name: str, *words: Any) -> Path:
    """A run of that name, made or gone on with when it is not there yet."""
    command = [*GLASSCLI, *map(str, words), "-o", name]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr}")
    return HOME / name


def waves(configuration: Configuration) -> StructureFactor:
    """S(q) with the same bins for every structure of one box."""
    return sf.structure_factor(configuration, Q_MAX)


def row_of(found: RelaxationParameter) -> dict[str, Any]:
    """What is kept of one R."""
    first, second = found.peaks
    return {"R": found.value, "signed": found.signed, "first_peak": first[1], "second_peak": second[1],
            "first_peak_before": first[0], "second_peak_before": second[0]}  # fmt: skip


def sample(seed: int, quench_steps: int, steps: int) -> dict[str, Any]:
    """One glass: along its anneal, and to the crystal."""
    tag = f"{seed}-{quench_steps}"
    start = made(f"quench-{tag}.h5", "quench", "--seed", seed, "--steps", quench_steps)
    name = f"anneal-{tag}-{steps}.h5"
    every = max(1, steps // 50)
    run = open_run(
        made(name, "anneal", start.name, "--T", TEMPERATURE, "--steps", steps, "--inherent-every", every)
    )
    frames = run.inherent
    system = load_system("wahnstrom")
    volume = frames[0].volume / frames[0].n_atoms
    crystal = build_crystal(
        system, phase_named("c15", system), atoms=500, volume=volume, composition=0.5, seed=seed
    )
    with Minimiser(system) as minimiser:
        laves = minimiser.minimise(crystal.configuration)
    before, ideal = waves(frames[0]), waves(laves.configuration)
    *_, q1, q2 = sf.peaks(before)
    chosen = sorted({round(k) for k in np.geomspace(1, len(frames) - 1, POINTS)})
    energies = run.inherent_table["inherent_energy"]
    last = waves(frames[-1])
    return {
        "seed": seed, "quench_steps": quench_steps, "steps": steps, "interval": [q1, q2],
        "energy": [float(energies[0]), float(energies[-1]), laves.energy],
        "anneal": [
            {"step": int(frames.steps[k])} | row_of(sf.relaxation_parameter(before, waves(frames[k]), (q1, q2)))
            for k in chosen
        ],
        "c15": row_of(sf.relaxation_parameter(before, ideal, (q1, q2))),
        # The crystal's box differs a little, and so do its wave vectors: each S(q) with its own q.
        "S": {name: [f.q.round(5).tolist(), f.total.round(5).tolist(), f.vectors.tolist()]
              for name, f in (("start", before), ("end", last), ("c15", ideal))},
    }  # fmt: skip


def factor(stored: list[list[float]]) -> StructureFactor:
    """S(q) as kept."""
    return StructureFactor(np.array(stored[0]), np.array(stored[1]), {}, np.array(stored[2], dtype=np.int64))


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Means with standard errors of relaxation, crystallisation and noise, and how far apart the first two lie."""
    starts = [factor(row["S"]["start"]) for row in rows]
    pairs = list(zip(starts, [*starts[1:], starts[0]], strict=True)) if len(rows) > 1 else []
    noise = [row_of(sf.relaxation_parameter(a, b)) for a, b in pairs]
    kinds = {
        "anneal": [row["anneal"][-1] for row in rows],
        "c15": [row["c15"] for row in rows],
        "noise": noise,
    }
    found: dict[str, Any] = {"samples": len(rows)}
    for kind, members in kinds.items():
        found[kind] = {key: _mean([m[key] for m in members]) for key in QUANTITIES} if members else None
    # The peaks are compared as they change; R and its signed version are changes already.
    found["apart"] = {}
    for key in QUANTITIES:
        values = [
            np.array([m[key] - m.get(f"{key}_before", 0.0) for m in kinds[kind]])
            for kind in ("anneal", "c15")
        ]
        spread = np.sqrt(sum(v.var(ddof=1) for v in values)) if len(rows) > 1 else np.nan
        found["apart"][key] = (
            round(float((values[1].mean() - values[0].mean()) / spread), 2) if spread > 0 else None
        )
    averaged = {
        name: sf.average([factor(row["S"][name]) for row in rows]) for name in ("start", "end", "c15")
    }
    found["of_mean_S"] = {
        name: row_of(sf.relaxation_parameter(averaged["start"], averaged[name])) for name in ("end", "c15")
    }
    return found


def _mean(values: list[float]) -> list[float]:
    error = np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.nan
    return [round(float(np.mean(values)), 5), round(float(error), 5)]


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--steps", type=int, default=200_000, help="of each anneal")
    parser.add_argument("--quench-steps", type=int, default=200_000)
    wish = parser.parse_args()
    HOME.mkdir(exist_ok=True)
    kept = Kept("relaxation_parameter")

    def mine(row: dict[str, Any]) -> bool:
        return (row["quench_steps"], row["steps"]) == (wish.quench_steps, wish.steps)

    for seed in range(1, wish.samples + 1):
        if not any(mine(row) and row["seed"] == seed for row in kept.rows):
            kept.add(sample(seed, wish.quench_steps, wish.steps))
            print(
                f"sample {seed}: {kept.rows[-1]['anneal'][-1]} {kept.rows[-1]['c15']}",
                file=sys.stderr,
                flush=True,
            )
    found = summary([row for row in kept.rows if mine(row)])
    kept.write(summary=found)
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
