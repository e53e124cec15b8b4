"""Do quasi-localised modes below the first phonon follow D(w) ~ w^4?

At least 100 glasses of 2000 atoms of wahnstrom, each cooled through T_f (0.55) to 0.5 at a finite rate by
`glasscli quench`, relaxed there for a moment by `glasscli hybrid`, and minimised in wahnstrom-smooth by
`glasscli modes`; frequencies below the first transverse phonon only. The exponent is the most likely one with its
standard error, for several shares of the first phonon as the upper end. A row is kept after each glass, so an
interrupted study goes on, and several of these may run at once with seeds of their own (--first).

    python benchmarks/soft_tail.py [--glasses 100] [--first 1] [--steps 20000] [--relax 1000]
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, Kept, seconds

sys.path.insert(0, str(Path(__file__).parents[1]))

PICTURE = DOCS / "soft_tail.png"

ATOMS, COUNT, TEMPERATURE = 2000, 40, 0.5
ENDS = (0.5, 0.6, 0.7, 0.8, 0.9)  # of the first phonon


def glass(seed: int, steps: int, relax: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        quench = [*GLASSCLI, "quench", "--atoms", ATOMS, "--seed", seed, "--steps", steps, "--equilibration", "3000",
                  "--T-start", "1.2", "--T-end", TEMPERATURE, "--inherent-every", 0, "-o", "glass.h5"]  # fmt: skip
        seconds(quench, folder)
        if relax:
            hold = [*GLASSCLI, "hybrid", "glass.h5", "--T", TEMPERATURE, "--steps", relax, "--every", relax,
                    "--inherent-every", relax, "-o", "relaxed.h5"]  # fmt: skip
            seconds(hold, folder)
            (folder / "relaxed.h5").replace(folder / "glass.h5")
        made = time.perf_counter() - began
        began = time.perf_counter()
        words = ["modes", "glass.h5", "--system", "wahnstrom-smooth", "--count", str(COUNT), "--soft", "1"]
        done = subprocess.run(
            [*GLASSCLI, *words, "--no-figure", "--json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        solved = time.perf_counter() - began
        data = json.loads(done.stdout)
        with (folder / "glass-modes.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] != "zero"]
    edge = (ATOMS * 0.767) ** (1 / 3)
    debye = data["debye"]
    return {
        "seed": seed, "quench_seconds": made, "modes_seconds": solved, "unstable": data["unstable"],
        "energy": data["energy"], "first_phonon": debye["transverse"] * 2 * np.pi / edge if debye else None,
        "frequency": [float(row["frequency (1/τ)"]) for row in rows], "N": [float(row["N_k"]) for row in rows],
        "plane_waves": [float(row["plane_waves"]) for row in rows],
    }  # fmt: skip


def draw(rows: list[dict[str, Any]], exponent: float, end: float) -> None:
    """The number of modes below w, whose slope is the exponent + 1, and how many atoms they have."""
    from glasscli.report.canvas import DOUBLE, drawing
    from glasscli.report.palette import BLACK, BLUE, RED

    share = np.concatenate([np.array(row["frequency"]) / row["first_phonon"] for row in rows])
    atoms = np.concatenate([row["N"] for row in rows])
    order = np.argsort(share)
    number = np.arange(1, len(share) + 1) / len(rows)
    with drawing(PICTURE, None, DOUBLE, 2.7) as (figure, _):
        left, right = figure.subplots(1, 2)
        left.loglog(share[order], number, ".", color=BLACK, markersize=2)
        line = np.geomspace(share.min(), 1, 20)
        below = (share < end).sum() / len(rows)
        left.loglog(
            line, below * (line / end) ** (exponent + 1), color=RED, label=f"slope {exponent + 1:.1f}"
        )
        left.set_xticks([0.2, 0.3, 0.5, 1.0], ["0.2", "0.3", "0.5", "1"])
        left.set_xticks([], minor=True)
        left.set_ylabel("modes below it, per glass")
        left.legend()
        right.semilogy(share, atoms, ".", color=BLUE, markersize=2, alpha=0.5, markeredgewidth=0)
        right.set_ylabel("$N_k$")
        for axes in (left, right):
            axes.axvline(end, color="0.6", linewidth=0.7)
            axes.set_xlabel("frequency / first transverse phonon")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--glasses", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--relax", type=int, default=1000, help="steps of hybrid dynamics")
    wish = parser.parse_args()
    from glasscli.modes.density import BELOW_PHONON, tail

    kept = Kept("soft_tail")
    for seed in range(wish.first, wish.first + wish.glasses):
        if seed not in {row["seed"] for row in kept.rows}:
            row = glass(seed, wish.steps, wish.relax)
            kept = Kept("soft_tail")  # what other processes have added meanwhile
            kept.add(row)
            print(
                seed,
                f"{row['quench_seconds']:.0f} + {row['modes_seconds']:.0f} s",
                row["frequency"][:3],
                flush=True,
            )
    good = [row for row in kept.rows if not row["unstable"] and row["first_phonon"]]
    tails = {}
    for end in ENDS:
        cuts = [end * row["first_phonon"] for row in good]
        below = [
            (np.array([w for w in row["frequency"] if w < cut]), cut)
            for row, cut in zip(good, cuts, strict=True)
        ]
        tails[end] = tail(below)
    summary = {"glasses": len(good), "steps": wish.steps, "relax": wish.relax,
               "tails": {str(end): vars(found) if found else None for end, found in tails.items()}}  # fmt: skip
    kept.write(**summary)
    if found := tails[BELOW_PHONON]:
        draw(good, found.exponent, BELOW_PHONON)
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
