"""Barriers of a glass of 500 atoms: how many converge, and what one costs?

Quenches, anneals at half of T_f, stores inherent structures often, and crosses the transitions until
the time is over. Everything is kept in the folder: interrupted, it goes on.

    python benchmarks/landscape.py FOLDER [--hours 1] [--jobs 2] [--limit N]     --limit: only so many transitions

Goal: 100 converged barriers within an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept, seconds

SEED = "1"
# Often enough that most transitions are single ones.
INTERVAL, STEPS, T = "200", "60000", "0.5Tf"


def glass(folder: Path) -> Path:
    """The anneal, made once."""
    anneal = folder / "anneal.h5"
    if not (folder / "quench.h5").exists():
        seconds([*GLASSCLI, "quench", "--seed", SEED, "-o", "quench.h5"], folder)
    if not anneal.exists():
        words = [
            "anneal",
            "quench.h5",
            "--T",
            T,
            "--steps",
            STEPS,
            "--inherent-every",
            INTERVAL,
            "-o",
            "anneal.h5",
        ]
        seconds([*GLASSCLI, *words], folder)
    return anneal


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
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    anneal = glass(given.folder)
    events = answer(["landscape", "events", anneal.name, "--no-figure"], given.folder)
    limit = f"0:{int(60 * given.hours):02d}:00" if given.hours < 1 else f"{int(given.hours)}:00:00"
    words = ["landscape", "barriers", anneal.name, "--jobs", given.jobs, "--walltime", limit]
    barriers = answer(words + (["--limit", str(given.limit)] if given.limit else []), given.folder)
    wells = answer(["landscape", "two-level", anneal.name], given.folder)
    keys = ("done", "transitions", "complete", "split", "merged", "failed", "converged", "share_converged",
            "median_barrier", "string_share", "mean_atoms", "largest_end_error", "cpu_seconds")  # fmt: skip
    kept = Kept("landscape")
    kept.add({"minima": events["minima"], "string_share_of_events": events["string_share"]}
             | {key: barriers[key] for key in keys}
             | {"cpu_seconds_a_saddle": barriers["cpu_seconds"] / max(1, len(barriers["barriers"])), "jobs": given.jobs}
             | {"two_level": len(wells["two_level"]), "density": wells["density"]})  # fmt: skip
    print(json.dumps(kept.rows[-1], indent=1))


if __name__ == "__main__":
    main()
