"""How much does T_f differ from quench to quench, against what the fit to one of them says?

Default quenches of `wahnstrom` at two sizes and three rates, as many seeds as are asked for. Of each its T_f is kept,
and the series that it is made from (temperature, energy and pressure, means over consecutive rows, at most 500): what
was quenched is never quenched again, and the guards and the fit can be tried on all of it. From the table follows the
relation that the system's file states in [fictive.spread]: deviation s = a (N/500)^(-1/2) (rate/slowest)^b of one T_f,
by restricted maximum likelihood with a mean of its own for each cell.

    python benchmarks/fictive_spread.py [FOLDER...] [--make 30] [--minutes 14] [--jobs 2]

FOLDERs are looked through for q-ATOMS-STEPS-SEED.h5. With --make so many seeds a cell are quenched, a seed of every
cell before the next, until the minutes are over; run again it goes on.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, RESULTS, machine, seconds

SYSTEM, ATOMS, STEPS = "wahnstrom", (500, 1000), (15000, 60000, 200000)
NAME = re.compile(r"q-(\d+)-(\d+)-(\d+)\.h5")
SERIES, TABLE = RESULTS / "fictive_spread.npz", RESULTS / "fictive_spread.json"
ROWS = 500  # kept of each series
Row = dict[str, Any]


def measured(path: Path) -> tuple[Row, np.ndarray] | None:
    """The row of the table and the series [n, 3] of a finished quench; None of any other file."""
    from glasscli.analysis.summary import construction, fictive_series
    from glasscli.errors import GlassError
    from glasscli.store.reader import open_run

    try:
        run = open_run(path)
    except GlassError:
        return None
    if not run.finished or run.manifest.system.name != SYSTEM:
        return None
    protocol = run.manifest.protocol
    ramp = protocol.ramp
    assert ramp is not None
    row: Row = {
        "atoms": sum(protocol.counts), "steps": protocol.steps, "seed": protocol.seed,
        "rate": (ramp.T_start - ramp.T_end) / (protocol.steps * protocol.timestep),
        "T_f": None, "fit_error": None, "reason": None,
    }  # fmt: skip
    temperature, series = fictive_series(run)
    try:
        found = construction(run)[2]
        row |= {"T_f": found.value, "fit_error": found.error}
    except GlassError as error:
        row["reason"] = str(error)
    pieces = np.array_split(np.column_stack([temperature, *series.values()]), min(ROWS, len(temperature)))
    return row, np.stack([piece.mean(axis=0) for piece in pieces]).astype("<f4")


def key(row: Row) -> str:
    """Size, steps and seed of a quench."""
    return f"{row['atoms']}-{row['steps']}-{row['seed']}"


class Quenches:
    """Rows and series of all quenches so far, on disk after each."""

    def __init__(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        rows = json.loads(TABLE.read_text())["rows"] if TABLE.exists() else []
        self.rows: dict[str, Row] = {key(row): row for row in rows}
        self.series: dict[str, np.ndarray] = dict(np.load(SERIES)) if SERIES.exists() else {}

    def add(self, path: Path) -> None:
        """Keep what a file says."""
        if (found := measured(path)) is not None:
            row, series = found
            self.rows[key(row)], self.series[key(row)] = row, series

    def write(self) -> dict[str, Any]:
        """Write series, table, and what follows from it."""
        rows = sorted(self.rows.values(), key=lambda row: (row["atoms"], row["steps"], row["seed"]))
        said = {"system": SYSTEM, "cells": cells(rows), "relation": relation(rows), "rows": rows}
        np.savez_compressed(SERIES, **{key(row): self.series[key(row)] for row in rows})  # type: ignore[arg-type]
        TABLE.write_text(json.dumps({"machine": machine()} | said, indent=1) + "\n")
        return said


def grouped(rows: list[Row]) -> list[list[Row]]:
    """Rows that have a T_f, those of each cell together."""
    found = sorted((r for r in rows if r["T_f"] is not None), key=lambda r: (r["atoms"], -r["rate"]))
    return [list(group) for _, group in itertools.groupby(found, key=lambda r: (r["atoms"], r["steps"]))]


def cells(rows: list[Row]) -> list[Row]:
    """Of each size and rate: quenches, those without T_f, mean and deviation of T_f, what the fits say, who differs."""
    said = []
    for group in grouped(rows):
        first, values = group[0], np.array([r["T_f"] for r in group])
        like = [r for r in rows if (r["atoms"], r["steps"]) == (first["atoms"], first["steps"])]
        said.append({
            "atoms": first["atoms"], "steps": first["steps"], "rate": first["rate"], "quenches": len(like),
            "without": len(like) - len(group), "mean": float(values.mean()),
            "deviation": float(values.std(ddof=1)) if len(group) > 1 else None,
            "fit_error": float(np.sqrt(np.mean([r["fit_error"] ** 2 for r in group]))),
        })  # fmt: skip
    return said


def relation(rows: list[Row]) -> dict[str, Any] | None:
    """a and b with their errors, and the share of pairs of like quenches that differ by more than two errors."""
    groups = [group for group in grouped(rows) if len(group) > 1]
    if not groups:
        return None
    size, slowest = min(r["atoms"] for g in groups for r in g), min(r["rate"] for g in groups for r in g)
    data = [
        (np.array([r["T_f"] for r in g]), np.array([r["fit_error"] for r in g]),
         (g[0]["atoms"] / size) ** -0.5, g[0]["rate"] / slowest)
        for g in groups
    ]  # fmt: skip
    scale, power = np.geomspace(0.004, 0.2, 241), np.linspace(-0.6, 1.4, 201)
    likelihood = np.zeros((len(scale), len(power)))
    for values, _, sized, rated in data:
        variance = (scale[:, None] * sized * rated ** power[None, :]) ** 2
        away = ((values - values.mean()) ** 2).sum()
        likelihood -= 0.5 * ((len(values) - 1) * np.log(variance) + away / variance)
    chance = np.exp(likelihood - likelihood.max())
    a, b = (
        v[i] for v, i in zip((scale, power), np.unravel_index(chance.argmax(), chance.shape), strict=True)
    )
    spreads = []
    for axis, grid in ((1, np.log(scale)), (0, power)):
        share = chance.sum(axis=axis) / chance.sum()
        middle = float(share @ grid)
        spreads.append(float(np.sqrt(share @ (grid - middle) ** 2)))
    beyond = pairs = 0
    for values, fits, sized, rated in data:
        error = np.sqrt(2) * np.maximum(a * sized * rated**b, fits)
        for i, j in itertools.permutations(range(len(values)), 2):  # by what either says of itself
            pairs += 1
            beyond += bool(abs(values[i] - values[j]) > 2 * error[i])
    return {
        "atoms": [size, max(r["atoms"] for g in groups for r in g)],
        "rates": [slowest, max(r["rate"] for g in groups for r in g)],
        "deviation": float(a), "deviation_error": float(a * spreads[0]),
        "rate_exponent": float(b), "rate_exponent_error": spreads[1],
        "quenches": sum(map(len, groups)), "pairs": pairs // 2, "beyond_two_errors": beyond / pairs,
    }  # fmt: skip


def make(quenches: Quenches, seeds: int, minutes: float, jobs: int) -> None:
    """Quench what is missing until the time is over."""
    end = time.monotonic() + 60 * minutes
    wanted = [
        (atoms, steps, seed)
        for seed in range(1, seeds + 1) for steps in STEPS for atoms in ATOMS
        if f"{atoms}-{steps}-{seed}" not in quenches.rows
    ]  # fmt: skip

    def one(job: tuple[int, int, int], folder: Path) -> Path | None:
        atoms, steps, seed = job
        if time.monotonic() > end:
            return None
        path = folder / f"q-{atoms}-{steps}-{seed}.h5"
        seconds(
            [*GLASSCLI, "quench", "--system", SYSTEM, "--atoms", atoms, "--steps", steps, "--seed", seed,
             "--inherent-every", 0, "-o", path.name], folder,
        )  # fmt: skip
        return path

    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(jobs) as pool:
        folder = Path(name)
        for path in pool.map(lambda job: one(job, folder), wanted):
            if path is not None:
                quenches.add(path)
                path.unlink()
                quenches.write()


def draw(said: dict[str, Any]) -> None:
    """The deviation of T_f in each cell against the rate, the relation, and what one fit says."""
    from glasscli.report.canvas import SINGLE, drawing
    from glasscli.report.palette import BLUE, RED

    found = said["relation"]
    with drawing(DOCS / "fictive_spread.png", None, SINGLE, 2.7) as (figure, _):
        axes = figure.subplots()
        for atoms, color in zip(found["atoms"], (BLUE, RED), strict=True):
            like = [c for c in said["cells"] if c["atoms"] == atoms and c["deviation"] is not None]
            rate, n = (
                np.array([c["rate"] for c in like]),
                np.array([c["quenches"] - c["without"] for c in like]),
            )
            deviation, fit = (np.array([c[k] for c in like]) for k in ("deviation", "fit_error"))
            axes.errorbar(
                rate,
                deviation,
                deviation / np.sqrt(2 * (n - 1)),
                fmt="o",
                color=color,
                capsize=2,
                markersize=4,
                label=f"{atoms} atoms",
            )
            axes.plot(rate, fit, "x", color=color, markersize=4)
            s = found["deviation"] * (atoms / found["atoms"][0]) ** -0.5
            s = s * (rate / found["rates"][0]) ** found["rate_exponent"]
            axes.plot(rate, s, color=color, linewidth=0.9)
        axes.plot([], [], "x", color="0.4", label="error of one fit")
        axes.set(
            xscale="log", ylim=(0, None), xlabel="cooling rate (ε/kτ)", ylabel="deviation of $T_f$ (ε/k)"
        )
        axes.xaxis.set_minor_formatter("")
        axes.legend(loc="upper left")


def main() -> None:
    """Read, quench, write, say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--make", type=int, default=0, help="quench so many seeds of each cell")
    parser.add_argument("--minutes", type=float, default=14)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    quenches = Quenches()
    for path in sorted(
        p for folder in given.folders for p in folder.glob("q-*.h5") if NAME.fullmatch(p.name)
    ):
        atoms, steps, seed = NAME.fullmatch(path.name).groups()  # type: ignore[union-attr]
        if f"{atoms}-{steps}-{seed}" not in quenches.rows:
            quenches.add(path)
    if given.make:
        make(quenches, given.make, given.minutes, given.jobs)
    said = quenches.write()
    for cell in said["cells"]:
        print(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in cell.items()}))
    print(json.dumps(said["relation"], indent=1))
    if said["relation"]:
        draw(said)


if __name__ == "__main__":
    main()
