"""Barriers of a glass of 500 atoms: how many converge, what does one cost, and what tunnels?

Quenches, anneals with a harvest of the minima on the way, crosses the transitions until the time is over, and looks
for two-level systems. Everything is kept in the folder: interrupted, it goes on. The map of asymmetry and lambda and
the C/T^3 that follows are drawn to docs/wells.png.

    python benchmarks/landscape.py FOLDER [--T 0.5Tf] [--minutes 14] [--jobs 2] [--limit N]

--limit: only so many transitions. Goal: 100 converged barriers within an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from common import DOCS, GLASSCLI, Kept, seconds

SEED = 1
# Steps, and steps between inherent structures: near T_f most frames differ from the one before, at half of it few do.
PLANS = {"0.95Tf": (20000, 200), "0.5Tf": (100000, 500)}
PICTURE = DOCS / "wells.png"


def glass(folder: Path, T: str, quench_steps: int | None, steps: int | None) -> tuple[Path, float]:
    """The anneal, and the seconds it took; made once."""
    if not (folder / "quench.h5").exists():
        words = ["--steps", quench_steps] if quench_steps else []
        seconds([*GLASSCLI, "quench", "--seed", SEED, *words, "-o", "quench.h5"], folder)
    length, interval = PLANS.get(T, PLANS["0.95Tf"])
    words = [
        "--T",
        T,
        "--steps",
        steps or length,
        "--inherent-every",
        interval,
        "--harvest",
        "-o",
        "anneal.h5",
    ]
    took = seconds([*GLASSCLI, "anneal", "quench.h5", *words], folder)
    return folder / "anneal.h5", took.wall


def answer(words: list[str], folder: Path) -> dict[str, Any]:
    """One command's object; stopped by its own walltime it answers too."""
    done = subprocess.run([*GLASSCLI, *words, "--json"], cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 75):
        raise SystemExit(f"{words} failed:\n{done.stderr[-1000:]}")
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--T", default="0.95Tf", help="a folder for each")
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--quench-steps", type=int, help="shorter, to try it out")
    parser.add_argument("--steps", type=int, help="of the anneal")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    anneal, annealed = glass(given.folder, given.T, given.quench_steps, given.steps)
    events = answer(["landscape", "events", anneal.name, "--no-figure"], given.folder)
    left = round(60 * given.minutes)
    walltime = f"{left // 3600}:{left % 3600 // 60:02d}:{left % 60:02d}"
    words = ["landscape", "barriers", anneal.name, "--jobs", given.jobs, "--walltime", walltime]
    barriers = answer(words + (["--limit", str(given.limit)] if given.limit else []), given.folder)
    wells = answer(["landscape", "two-level", anneal.name], given.folder)
    if given.T == "0.95Tf":
        shutil.copyfile(given.folder / "anneal-two-level.png", given.picture)
    keys = ("transitions", "done", "complete", "split", "merged", "failed", "converged", "share_converged",
            "median_barrier", "string_share", "mean_atoms", "largest_end_error")  # fmt: skip
    saddles = len(barriers["barriers"])
    counted = wells["density"]
    row = {
        "T": given.T,
        "frames": events["frames"],
        "minima": events["minima"],
        "anneal_seconds": round(annealed, 1),
    }
    row |= {key: barriers[key] for key in keys}
    row |= {"saddles": saddles, "cpu_seconds_a_saddle": barriers["cpu_seconds"] / max(1, saddles)}
    row |= {"string_share_of_events": events["string_share"], "explored": wells["explored"]}
    row |= {"double_wells": len(wells["two_level"]), "shallow": wells["shallow"], "unsolved": wells["failed"]}
    row |= {"below": counted["energy"], "two_level": counted["count"], "density": counted["density"],
            "bound": counted["bound"], "completeness": wells["completeness"]}  # fmt: skip
    kept = Kept("landscape")
    # A folder that goes on replaces its row; its anneal took what it took the first time.
    for old in [old for old in kept.rows if old.get("T") == given.T]:
        row["anneal_seconds"] = max(old["anneal_seconds"], row["anneal_seconds"])
        kept.rows.remove(old)
    kept.add(row)
    print(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
