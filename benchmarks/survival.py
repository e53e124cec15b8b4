"""What becomes of melts and of crystals at 1.2 T_f: do they fall, stay or melt, and how long do they last?

Derlet & Maass (2019), Sec. III C and Fig. 4, from both sides: at T = 0.656 (1.2 times the 0.547 of which 0.52 is 0.95)
and fixed volume, five samples of each of STARTS go on by dynamics with exchanges. What a melt finds is compared with
what a crystal, a segregated crystal, a nanocomposite or a close-packed solid solution of the same composition and
volume does there: where the crystal melts and no melt falls, this box holds a liquid; where both last, it is a question
of time; where melts fall to the crystal's energy, it is the paper's irreversible drop.

    python benchmarks/survival.py [--only 50] [--samples 5] [--steps 300000] [--jobs 2] [--table] [--figure] [--again]

Runs go on in rounds of 100000 steps, the first round of all before the second of any; after each, the row of the sample
is kept, so an interrupted benchmark goes on, and a larger --steps lengthens what is there. 300000 steps of all are
about three hours of one core. --table prints what is kept as Markdown and runs nothing, --figure draws it,
--again measures anew what has been run.

An event is told by the share of atoms in Laves or close-packed surroundings, a running mean over five inherent
structures: of a melt that it rises above half of what crystals of its composition begin with, of what begins as a
crystal that it falls below half of what it was, both for good. (Energies do not tell: a melt that was cooled fast goes
down by 0.08 and stays a liquid, 0.15 above the solid solution.) Rates are events over the steps at risk, with the
bounds of a Poisson count at 95 %.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, Kept
from scipy.stats import chi2

from glasscli.reproduce.products import course_of
from glasscli.reproduce.trajectory import Trajectory, late, mean
from glasscli.store.reader import open_run

HOME = Path(__file__).with_name("work-survival")
HOT, COLD = 0.656, 0.52
ROUND, EVERY = 100000, 2000
FIRST = 5  # inherent structures that are the beginning, and of a running mean
LOST = 0.5
# Of melts, by composition: half of the share that its crystals begin with (disordered C15, fcc solution, C15).
FALLEN = {"33": 0.41, "50": 0.13, "67": 0.41}
STACK = ["--stacked", "--cells", "3,2,2", "--composition", 0.5, "--box", "5.3986,6.2337,9.8458"]


@dataclass(frozen=True)
class Start:
    """Where samples begin: the command that makes one, and what is done with it before it is heated."""

    words: list[Any]
    melt: bool = False
    prepared: list[Any] | None = None


def _melt(share: float, *volume: Any) -> Start:
    words = ["quench", "--composition", share, "--steps", 50000, "--inherent-every", 0, *volume]
    return Start(words, melt=True)


SCALED = ["--species-volumes", "0.692,0.842"]  # what each species has at 50:50
STARTS = {
    "50 melt": _melt(0.5),
    "50 C15, disordered": Start(["build", "c15", *STACK]),
    "50 C15, segregated": Start(["build", "c15", *STACK], prepared=["--T", COLD, "--steps", 200000]),
    "50 nanocomposite": Start(
        ["build", "nanocomposite", "--grain-radius", 4, "--grains", 2, "--md-steps", 2000, "--temperature", 0.5]
    ),
    "33 melt": _melt(0.3333, *SCALED),
    "33 melt, at 0.767": _melt(0.3333),
    "33 fcc solution": Start(
        ["build", "fcc-large", "--cells", "5,5,5", "--composition", 0.3333, "--volume-per-atom", 0.792]
    ),
    "33 hcp solution": Start(
        ["build", "hcp-large", "--cells", "5,3,8", "--composition", 0.3333, "--volume-per-atom", 0.792]
    ),
    "67 melt": _melt(0.6667, *SCALED),
    "67 melt, at 0.767": _melt(0.6667),
    "67 C15": Start(["build", "c15", "--cells", "3,3,2", "--volume-per-atom", 0.742]),
}  # fmt: skip


def output_of(name: str, sample: int) -> str:
    """The file of a sample."""
    return f"{name.replace(',', '').replace(' ', '-')}-{sample}.h5"


def glasscli(*words: Any) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(["nice", *GLASSCLI, *map(str, words)], cwd=HOME, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


def begin(name: str, sample: int, output: str) -> None:
    """Make a sample, bring it to where its start says, and hold it hot for the first round."""
    start, stem = STARTS[name], output.removesuffix(".h5")
    made = f"{stem}-start" + (".h5" if start.melt else ".lammps")
    glasscli(*start.words, "--seed", sample, "--force", "-o", made)
    held = ["--md-per-mc", 50, "--every", ROUND // 2, "--seed", sample, "--force"]
    if start.prepared:
        glasscli("hybrid", made, *start.prepared, *held, "--inherent-every", 0, "-o", f"{stem}-cold.h5")
        made = f"{stem}-cold.h5"
    glasscli("hybrid", made, "--T", HOT, "--steps", ROUND, *held, "--inherent-every", EVERY, "-o", output)


def measured(name: str, sample: int, path: Path) -> dict[str, Any]:
    """The row of a sample: its course, and when what it began as ended."""
    run = open_run(path)
    course = course_of(run)
    steps = course.step - course.step[0]
    running = np.convolve(course.crystalline, np.full(FIRST, 1 / FIRST), mode="valid")
    before = running < FALLEN[name[:2]] if STARTS[name].melt else running >= LOST * running[0]
    (at,) = np.nonzero(before)
    changed = at[-1] + 1 if len(at) else 0
    event = float(steps[changed + FIRST // 2]) if changed < len(running) else None
    along = Trajectory(course.icosahedra, course.energy)
    row: dict[str, Any] = {"start": name, "sample": sample, "steps": int(steps[-1]), "event": event}
    for key in ("energy", "icosahedra", "crystalline"):
        values = getattr(course, key)
        row[key] = [mean(values[:FIRST]).value, late(values).value]
    row |= {"slope": along.slope.value, "slope_error": along.slope.error, "span": along.span}
    drawn = (course.energy.round(5), course.icosahedra.round(4), course.crystalline.round(4))
    return row | {"course": [values.tolist() for values in drawn]}


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a start: how many samples had their event, and the rate with its bounds."""
    lines = []
    for name in STARTS:
        mine = [row for row in rows if row["start"] == name]
        if not mine:
            continue
        events = sum(row["event"] is not None for row in mine)
        risk = sum(row["event"] or row["steps"] for row in mine) or 1
        low = chi2.ppf(0.025, 2 * events) / 2 / risk if events else 0.0
        bounds = [low * 1e6, chi2.ppf(0.975, 2 * events + 2) / 2 / risk * 1e6]
        ends = {
            key: [float(np.mean([row[key][k] for row in mine])) for k in (0, 1)]
            for key in ("energy", "icosahedra", "crystalline")
        }
        lines.append(
            {"start": name, "samples": len(mine), "events": events, "steps_at_risk": risk,
             "per_million": events / risk * 1e6, "bounds": bounds} | ends
        )  # fmt: skip
    return lines


def table(rows: list[dict[str, Any]]) -> str:
    """The same as Markdown, and the slopes where the data span a range."""
    lines = [
        "| start | samples | events | per million steps (95 %) | E_IS | f_ico | Laves or close-packed | slope |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in summary(rows):
        slopes = [r["slope"] for r in rows if r["start"] == one["start"] and r["slope"] is not None]
        said = f"{np.mean(slopes):.2f} of {len(slopes)}" if slopes else "-"
        low, high = one["bounds"]
        ends = [f"{one[key][0]:.3f} to {one[key][1]:.3f}" for key in ("energy", "icosahedra", "crystalline")]
        cells = [
            one["start"],
            one["samples"],
            one["events"],
            f"{one['per_million']:.2g} ({low:.2g} to {high:.2g})",
            *ends,
            said,
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Trajectories of each composition, melts and crystals in one panel."""
    from glasscli.report.canvas import DOUBLE, drawing
    from glasscli.report.palette import CYCLE

    with drawing(path, None, DOUBLE, 2.8) as (figure, _):
        for axes, ratio in zip(figure.subplots(1, 3, sharex=True), ("33", "50", "67"), strict=True):
            names = [name for name in STARTS if name.startswith(ratio)]
            for k, name in enumerate(names):
                for n, row in enumerate(r for r in rows if r["start"] == name):
                    energy, share = row["course"][:2]
                    axes.plot(
                        100 * np.array(share), energy, ".", color=CYCLE[k], markersize=1.5, alpha=0.6,
                        label=None if n else name[3:],
                    )  # fmt: skip
            title = f"small:large {ratio}:{100 - int(ratio)}"
            axes.set(xlabel="icosahedra (%)", ylabel="$E_{IS}$ (ε/atom)", title=title)
            axes.legend(fontsize=5, markerscale=3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="starts whose name begins with this")
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--figure", action="store_true")
    parser.add_argument("--again", action="store_true")
    wish = parser.parse_args()
    kept, lock = Kept("survival"), threading.Lock()
    if wish.again:
        for row in list(kept.rows):
            path = HOME / output_of(row["start"], row["sample"])
            if path.exists():
                kept.data["rows"][kept.rows.index(row)] = measured(row["start"], row["sample"], path)
        kept.write(temperature=HOT, by_start=summary(kept.rows))
    if wish.figure:
        draw(kept.rows, DOCS / "survival.png")
    if wish.table or wish.figure or wish.again:
        print(table(kept.rows))
        return
    HOME.mkdir(exist_ok=True)

    def go_on(name: str, sample: int, until: int) -> None:
        """Bring one sample to so many steps and keep its row."""
        output = output_of(name, sample)
        path = HOME / output
        done = next((r["steps"] for r in kept.rows if (r["start"], r["sample"]) == (name, sample)), 0)
        if done >= until:
            return
        if not path.exists():
            begin(name, sample, output)
        # An interrupted round is finished before another one is added.
        reached = int(open_run(path).inherent_table["step"][-1] - open_run(path).inherent_table["step"][0])
        if reached < until:
            glasscli("resume", output, "--steps", until - reached)
        row = measured(name, sample, path)
        with lock:
            kept.data["rows"] = [r for r in kept.rows if (r["start"], r["sample"]) != (name, sample)]
            kept.add(row)
            kept.write(temperature=HOT, by_start=summary(kept.rows))
        print(f"{name} {sample}: {row['steps']} steps, event {row['event']}", file=sys.stderr, flush=True)

    names = [name for name in STARTS if name.startswith(wish.only)]
    for k in range(1, math.ceil(wish.steps / ROUND) + 1):
        with ThreadPoolExecutor(wish.jobs) as pool:
            jobs = [
                pool.submit(go_on, name, sample, min(k * ROUND, wish.steps))
                for sample in range(1, wish.samples + 1)
                for name in names
            ]
            for job in jobs:
                job.result()
    print(table(kept.rows))


if __name__ == "__main__":
    main()
