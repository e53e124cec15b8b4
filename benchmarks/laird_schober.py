"""Are the softest modes of r^-6 glasses localised on some hundred atoms, and the top of the spectrum too?

Ten glasses of 500 and ten of 1000 soft spheres (B. B. Laird and H. R. Schober, Phys. Rev. Lett. 66, 636 (1991), as
U. Buchenau (1992) shows them in Figs. 5 and 6: "Most of these modes are extended over the whole cell", "localized to
about 100 participating atoms" at the low end). Each glass is `glasscli quench`, then `glasscli modes`; a row is kept
after each, so an interrupted study goes on. At the end: the summary and the figure.

    python benchmarks/laird_schober.py [--glasses 10] [--steps 20000]
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, Kept, seconds

from glasscli.reproduce.buchenau import CRYSTAL

PICTURE = DOCS / "laird_schober.png"
SIZES = (500, 1000)


def glass(atoms: int, seed: int, steps: int) -> dict[str, Any]:
    from glasscli.observables.icosahedra import crystalline_share
    from glasscli.store.reader import open_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        quench = [*GLASSCLI, "quench", "--system", "soft-sphere", "--atoms", atoms, "--seed", seed, "--steps", steps,
                  "--equilibration", "2000", "--inherent-every", 0, "-o", "glass.h5"]  # fmt: skip
        seconds(quench, folder)
        made = time.perf_counter() - began
        ordered = crystalline_share(open_run(folder / "glass.h5").frames[-1])
        if ordered > CRYSTAL:
            return {"atoms": atoms, "seed": seed, "quench_seconds": made, "crystalline": ordered}
        done = subprocess.run(
            [*GLASSCLI, "modes", "glass.h5", "--no-figure", "--json"], cwd=folder, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        data = json.loads(done.stdout)
        with (folder / "glass-modes.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] != "zero"]
    frequency = np.array([float(row["frequency (1/τ)"]) for row in rows])
    number = np.array([float(row["N_k"]) for row in rows])
    return {
        "atoms": atoms, "seed": seed, "quench_seconds": made, "crystalline": ordered, "unstable": data["unstable"],
        "softest_N": float(number[0]), "median_of_ten_lowest_N": float(np.median(number[:10])),
        "median_p": float(np.median(number / atoms)), "median_p_middle_half": float(
            np.median(number[len(number) // 4 : 3 * len(number) // 4] / atoms)),
        "top_percent_p": float((number[-len(number) // 100 :] / atoms).mean()),
        "frequency": [float(f"{w:.4g}") for w in frequency], "N": [float(f"{n:.4g}") for n in number],
    }  # fmt: skip


def glasses(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of samples that did not crystallise."""
    return [row for row in rows if row["crystalline"] <= CRYSTAL]


def draw(rows: list[dict[str, Any]]) -> None:
    from glasscli.report.canvas import SINGLE, drawing
    from glasscli.report.palette import BLUE, RED

    with drawing(PICTURE, None, SINGLE, 2.7) as (figure, _):
        axes = figure.subplots()
        for atoms, color, marker in ((500, BLUE, "*"), (1000, RED, "o")):
            mine = [row for row in rows if row["atoms"] == atoms]
            for k, row in enumerate(mine):
                axes.plot(
                    row["frequency"], np.array(row["N"]) / atoms, marker, color=color, markersize=1.6, alpha=0.4,
                    markeredgewidth=0, label=None if k else f"N = {atoms}",
                )  # fmt: skip
        axes.set_xlabel("$\\omega$ (1/τ)")
        axes.set_ylabel("$p = N_k/N$")
        axes.set_ylim(0, 0.75)
        axes.legend(markerscale=3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--glasses", type=int, default=10)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument(
        "--atoms", type=int, choices=SIZES, help="one size only: two of these may run at once"
    )
    wish = parser.parse_args()
    for atoms in SIZES if wish.atoms is None else (wish.atoms,):
        for seed in count(1):
            mine = [row for row in Kept("laird_schober").rows if row["atoms"] == atoms]
            if len(glasses(mine)) >= wish.glasses:
                break
            if not any(row["seed"] == seed for row in mine):
                row = glass(atoms, seed, wish.steps)
                Kept("laird_schober").add(row)
                print({key: v for key, v in row.items() if not isinstance(v, list)}, flush=True)
    kept = Kept("laird_schober")
    summary = {}
    for atoms in {row["atoms"]: None for row in kept.rows}:
        every = [row for row in kept.rows if row["atoms"] == atoms]
        mine = glasses(every)
        summary[str(atoms)] = {"glasses": len(mine), "crystals": len(every) - len(mine)} | {
            key: float(np.mean([row[key] for row in mine]))
            for key in (
                "softest_N",
                "median_of_ten_lowest_N",
                "median_p",
                "median_p_middle_half",
                "top_percent_p",
            )
        }
    kept.write(summary=summary, steps=wish.steps)
    draw(glasses(kept.rows))
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
