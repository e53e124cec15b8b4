"""How deep does a fast quench relax in minutes of one core, at T = 0.52?

Default quenches (three seeds) held by `glasscli hybrid` (our kernel, a quarter of an hour each), and one of them by
LAMMPS's own exchanges (the paper's protocol: one attempt per 100 steps) and by molecular dynamics alone (twenty minutes
each), all with Nose-Hoover chains at a step of 0.008. E_IS against wall time, the inherent structures' cost included;
the time at which ten consecutive ones average -7.25. `--deep` instead: `hybrid --deep` against processor time, set-up
included, for about a minute (deep) and ten (deeper), beside the sampler of before; five seeds, and when ten in a row
average -7.35, -7.40, -7.45. Each finished row is kept: interrupt it when you like. Rows deep-1, deep-25 and held are
of trials by Verlet's splitting of atoms of their own masses, deep-numba of exchanges before they were C: of no kind
that is measured now.
`--draw` makes docs/relaxation.png of what is there.

    python benchmarks/relaxation.py [--minutes 15] [--draw] [--deep [--seeds 5] [--kinds deep,deeper,before]]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, Kept
from common import seconds as timed

HOME = Path(__file__).with_name("work-relaxation")
PICTURE = DOCS / "relaxation.png"
TEMPERATURE, TARGET, CONSECUTIVE = "0.52", -7.25, 10
BEFORE = ["--sampler", "nvt", "--timestep", "0.008", "--partners", "any"]
# Steps between inherent structures: about a second of this machine's work.
KINDS = {
    "local": (["hybrid", "--engine-mc", "local", *BEFORE], 800, 15),
    "swap": (["hybrid", "--engine-mc", "lammps"], 1500, 20),
    "dynamics": (["anneal"], 2000, 20),
}
# Of each: words of the command, steps between inherent structures. Minutes are what an undisturbed core takes.
DEEP = {
    "deep": (["--deep", "--T", "0.47", "--steps", "450000"], 9000),
    "deeper": (["--deep", "--T", "0.45", "--steps", "4000000"], 40000),
    "before": (["--T", "0.5", "--steps", "120000", *BEFORE], 1200),
}
TARGETS = (-7.35, -7.40, -7.45)


def glasscli(*words: Any, codes: tuple[int, ...] = (0,)) -> None:
    """Run a command that must end with one of these codes."""
    done = subprocess.run([*GLASSCLI, *map(str, words)], cwd=HOME, capture_output=True, text=True)
    if done.returncode not in codes:
        raise SystemExit(f"{words}: {done.stderr}")


def measure(kind: str, seed: int, minutes: float) -> dict[str, Any]:
    """E_IS against seconds of one run that is stopped after so many minutes."""
    from glasscli.store.reader import open_run

    words, every, _ = KINDS[kind]
    if not (HOME / f"quench-{seed}.h5").exists():
        glasscli("quench", "--seed", seed, "-o", f"quench-{seed}.h5")
    output = f"{kind}-{seed}.h5"
    glasscli(
        words[0], f"quench-{seed}.h5", "--T", TEMPERATURE, "--steps", 10**8, *words[1:], "--every", 10 * every,
        "--inherent-every", every, "--walltime", f"0:{int(minutes)}:{round(minutes % 1 * 60)}", "--force", "-o", output,
        codes=(75,),
    )  # fmt: skip
    run = open_run(HOME / output)
    table, wall = run.inherent_table, run.manifest.wall_seconds
    seconds = table["step"] / table["step"][-1] * wall
    energy = table["inherent_energy"]
    means = np.convolve(energy, np.full(CONSECUTIVE, 1 / CONSECUTIVE), "valid")
    reached = np.flatnonzero(means <= TARGET)
    return {
        "kind": kind,
        "seed": seed,
        "minutes": minutes,
        "steps": int(table["step"][-1]),
        "inherent_structures": len(energy),
        "first": float(energy[0]),
        "lowest_mean_of_ten": float(means.min()),
        "seconds_to_target": float(seconds[reached[0] + CONSECUTIVE - 1]) if len(reached) else None,
        "seconds": [round(float(s), 1) for s in seconds[::10]],
        "inherent_energy": [
            round(float(block.mean()), 5) for block in np.split(energy, range(10, len(energy), 10))
        ],
    }


def measure_deep(kind: str, seed: int) -> dict[str, Any]:
    """E_IS against processor seconds of one run."""
    from glasscli.store.reader import open_run

    words, every = DEEP[kind]
    if not (HOME / f"quench-{seed}.h5").exists():
        glasscli("quench", "--seed", seed, "-o", f"quench-{seed}.h5")
    output = f"{kind}-{seed}.h5"
    sampling = ["--every", 10 * every, "--inherent-every", every, "--force", "-o", output]
    spent = timed([*GLASSCLI, "hybrid", f"quench-{seed}.h5", *words, *sampling], HOME).cpu
    run = open_run(HOME / output)
    table, energy = run.inherent_table, run.inherent_table["inherent_energy"]
    means = np.convolve(energy, np.full(CONSECUTIVE, 1 / CONSECUTIVE), "valid")
    at = table["step"][CONSECUTIVE - 1 :] / table["step"][-1] * spent
    return {
        "kind": kind,
        "seed": seed,
        "steps": int(table["step"][-1]),
        "cpu_seconds": spent,
        "lowest_mean_of_ten": float(means.min()),
        "reached": {f"{t:.2f}": next((float(s) for s in at[means <= t]), None) for t in TARGETS},
    }


def draw(rows: list[dict[str, Any]]) -> None:
    """The picture in docs/."""
    from glasscli.report.canvas import drawing
    from glasscli.report.palette import BLACK, BLUE, ORANGE

    names = {"local": "hybrid, own kernel", "swap": "hybrid, fix atom/swap", "dynamics": "molecular dynamics"}
    colours = {"local": BLUE, "swap": ORANGE, "dynamics": BLACK}
    with drawing(PICTURE, None, 4.6, 3.0) as (figure, path):
        axes = figure.add_subplot()
        for row in rows:
            label = (
                None
                if any(names[row["kind"]] == text.get_label() for text in axes.lines)
                else names[row["kind"]]
            )
            n = min(len(row["seconds"]), len(row["inherent_energy"]))
            axes.plot(
                np.array(row["seconds"][:n]) / 60,
                row["inherent_energy"][:n],
                color=colours[row["kind"]],
                label=label,
            )
        axes.axhline(TARGET, color="grey", linewidth=0.6, linestyle=":")
        axes.set_xlabel("minutes of one core")
        axes.set_ylabel("E_IS (ε/atom)")
        axes.legend()
        figure.savefig(path)


def main() -> None:
    """Measure what is missing, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, help="instead of 15 and 20")
    parser.add_argument("--draw", action="store_true", help="only draw")
    parser.add_argument("--deep", action="store_true", help="against processor time")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kinds", default="deep,before,deeper")
    wish = parser.parse_args()
    kept = Kept("relaxation-deep" if wish.deep else "relaxation")
    HOME.mkdir(exist_ok=True)
    if wish.deep:
        for kind in wish.kinds.split(","):
            for seed in range(1, wish.seeds + 1):
                if not any(row["kind"] == kind and row["seed"] == seed for row in kept.rows):
                    kept.add(measure_deep(kind, seed))
                    print(kept.rows[-1], flush=True)
        return
    wanted = [("local", 1), ("local", 2), ("local", 3), ("swap", 1), ("dynamics", 1)]
    for kind, seed in [] if wish.draw else wanted:
        if not any(row["kind"] == kind and row["seed"] == seed for row in kept.rows):
            kept.add(measure(kind, seed, wish.minutes or KINDS[kind][2]))
            print({k: v for k, v in kept.rows[-1].items() if not isinstance(v, list)}, flush=True)
    times = [row["seconds_to_target"] or float("inf") for row in kept.rows if row["kind"] == "local"]
    if times:
        kept.write(
            median_seconds_to_target=float(np.median(times)) if np.isfinite(np.median(times)) else None
        )
        draw(kept.rows)
    json.dump({"median": kept.data.get("median_seconds_to_target")}, sys.stdout)


if __name__ == "__main__":
    main()
