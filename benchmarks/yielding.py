"""How a poor and a deep glass of one model yield, and what cyclic shear does to them.

    python benchmarks/yielding.py [--home FOLDER] [--atoms 300] [--samples 3] [--cycles 5]

A liquid of `polydisperse` for each sample is taken down by hybrid Monte Carlo with exchanges; its last inherent
structures are glasses: a poor one of T = 0.2 (what a quench without time to relax leaves), a deep one of T = 0.085.
Each is sheared at rest up to 0.2: yield strain and stress, the stress over the last quarter, by how much the first is
above the second (overshoot), the largest drop of the stress in a rearrangement over the stress where it yields
(M. Ozawa et al., PNAS 115, 6656 (2018): both grow with stability). Those of the first sample are then sheared in cycles
of a small and a large amplitude: their energies at each return. Rows are kept in results/yielding.json and runs in the
folder: interrupt it when you like.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import Kept, glasscli

from glasscli.analysis.strained import strained
from glasscli.engine.launch import Launch
from glasscli.observables.samples import mean_of_samples
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.store.finished import FileRun
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run

LADDER = ((1.0, 3000), (0.2, 8000), (0.12, 15000), (0.1, 30000), (0.085, 40000))
GLASSES = {"poor": 0.2, "deep": 0.085}
STRAIN, STEP = 0.2, 2e-3
AMPLITUDES = (0.03, 0.12)
TOLD = ("E_IS", "yield_strain", "yield_stress", "flow_stress", "overshoot", "sharpest", "modulus", "events")


def liquids(home: Path, atoms: int, seed: int) -> None:
    """The runs at all temperatures, each from where the one before ended."""
    if not (home / "melt.h5").is_file():
        words = ["--system", "polydisperse", "--atoms", atoms, "--steps", 5000, "--inherent-every", 0]
        glasscli(home, "quench", *words, "--seed", seed, "-o", "melt.h5")
    before = "melt.h5"
    for T, steps in LADDER:
        name = f"liquid-{T:g}.h5"
        if not (home / name).is_file():
            every = ["--steps", steps, "--every", steps // 10, "--inherent-every", steps // 20]
            glasscli(home, "hybrid", before, "--from", "final", "--T", T, *every, "--seed", seed, "-o", name)
        before = name


def sheared(home: Path, kind: str, name: str, **how: Any) -> FileRun:
    """A shear of one glass; resumed where it was interrupted."""
    liquid = open_run(home / f"liquid-{GLASSES[kind]:g}.h5")
    start = liquid.inherent[-1]
    wish = ShearWish(strain_step=STEP, **how)
    parent = Parent(liquid.path.name, liquid.manifest.identity)
    job = plan(
        liquid.manifest.system, wish, home / f"{kind}-{name}.h5", "", (start, parent), Launch(minima="own")
    )  # fmt: skip
    return run(job)


def told(found: Any, began: float) -> dict[str, Any]:
    """What a shear one way says."""
    stress = found.table["strain_stress"]
    flow = float(stress[-len(stress) // 4 :].mean())
    top = int(np.argmax(stress))
    drops = [event.stress_drop for event in found.events]
    return {
        "E_IS": float(found.table["strain_energy"][0]), "modulus": found.modulus,
        "yield_strain": float(found.table["strain"][top]), "yield_stress": float(stress[top]), "flow_stress": flow,
        "overshoot": float(stress[top]) / flow - 1, "sharpest": max(drops, default=0.0) / float(stress[top]),
        "events": len(found.events), "balance": found.balance, "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def main() -> None:
    """Make what is missing, and print what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("yielding"))
    parser.add_argument("--atoms", type=int, default=300)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--cycles", type=int, default=5)
    asked = parser.parse_args()
    asked.home.mkdir(exist_ok=True)
    kept = Kept("yielding")
    have = {row["key"] for row in kept.rows}
    for number in range(asked.samples):
        home = asked.home / f"sample-{number + 1}"
        home.mkdir(exist_ok=True)
        liquids(home, asked.atoms, number + 1)
        for kind in GLASSES:
            key = f"{asked.atoms} {kind} {number}"
            if key not in have:
                began = time.process_time()
                made = sheared(home, kind, "yield", strain_max=STRAIN)
                row = {"key": key, "atoms": asked.atoms, "kind": kind} | told(strained(made), began)
                kept.add(row)
                print(row, flush=True)
    for kind in GLASSES:
        for amplitude in AMPLITUDES:
            key = f"{asked.atoms} {kind} cycles {amplitude:g}"
            if key not in have:
                began = time.process_time()
                how = {"cycles": asked.cycles, "amplitude": amplitude}
                made = sheared(asked.home / "sample-1", kind, f"cycles-{amplitude:g}", **how)
                spent = round(time.process_time() - began, 1)
                row = {"key": key, "kind": kind, "amplitude": amplitude, "energies": strained(made).strobe}
                kept.add(row | {"cpu_seconds": spent})
                print(row, flush=True)
    for kind in GLASSES:
        rows = [r for r in kept.rows if r["kind"] == kind and r.get("atoms") == asked.atoms]
        for name in TOLD:
            mean, error = mean_of_samples([row[name] for row in rows])
            print(f"{kind} {name}: {float(mean):.4g} +- {float(error):.2g} of {len(rows)}")


if __name__ == "__main__":
    main()
