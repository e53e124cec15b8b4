"""A poor, a good and an ultrastable glass of one model: energy, T_f, lowest modes, two-level systems.

Liquids of `polydisperse` at the temperatures of GLASSES are those of `equilibrium.py polydisperse --home FOLDER`, which
takes them there by exchanges from both sides and certifies them. Their inherent structures, far apart in the second
half of a run, are glasses: what a quench without time to relax makes of it, so that their fictive temperature is where
the liquid was held; the certificate's word is in the results. Of each glass: E_IS; frequencies of the lowest modes, and
how many atoms move in them; the passes that so many attempts of `--search` find, and their double wells, reduced units
as argon's. Errors are over the glasses. All is kept in the folder and in results/ultrastable.json: interrupt it when
you like. The figure is docs/ultrastable.png.

    python benchmarks/ultrastable.py [--home FOLDER] [--glasses 3] [--attempts 20]
                                     [--kinds poor,good,ultrastable] [--draw]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, Kept

from glasscli.analysis.certificate import certificate
from glasscli.engine.forces import Forces
from glasscli.landscape.barriers import tolerance_of
from glasscli.landscape.catalogue import Catalogue
from glasscli.landscape.network import network
from glasscli.landscape.search import explore
from glasscli.landscape.surface import spacing
from glasscli.landscape.two_level import two_level
from glasscli.modes.hessian import Curvature
from glasscli.modes.samples import analyse
from glasscli.store.reader import open_run
from glasscli.store.run import Run
from glasscli.units import scale

GLASSES = {"poor": 0.2, "good": 0.1, "ultrastable": 0.075}
PICTURE = DOCS / "ultrastable.png"
LOWEST = 20  # modes that are told
NEARLY = 0.01  # of ε: wells so nearly level are counted


def certificates(home: Path) -> dict[str, dict[str, Any]]:
    """Of the liquids that glasses are made of."""
    names = {T: (home / f"below-{T:g}.h5", home / f"above-{T:g}.h5") for T in GLASSES.values()}
    missing = [path.name for pair in names.values() for path in pair if not path.is_file()]
    if missing:
        raise SystemExit(
            f"{home} lacks {', '.join(missing)}: equilibrium.py polydisperse --home {home} makes them"
        )
    found = {f"{T:g}": certificate(open_run(below), above).data for T, (below, above) in names.items()}
    return {T: data | {"other": Path(data["other"]).name} for T, data in found.items()}


def chosen(run: Run, number: int, of: int) -> int:
    """Which inherent structure one of so many is: they lie far apart in the second half of the run."""
    last = len(run.inherent) - 1
    return last - (of - 1 - number) * (last // 2) // of


def glass(home: Path, kind: str, number: int, of: int, attempts: int) -> dict[str, Any]:
    """Modes and passes of one inherent structure of so many that are taken."""
    began, run = time.process_time(), open_run(home / f"above-{GLASSES[kind]:g}.h5")
    frame = chosen(run, number, of)
    atoms, system = run.inherent[frame], run.manifest.system
    with Forces(system) as forces:
        modes = analyse(atoms, forces, Curvature(forces), soft=1)
    rests = ~modes.modes.zero
    with Catalogue(home / f"{kind}-{number}.db") as catalogue:
        records, _ = explore(
            catalogue, atoms, system, attempts, number, rates=False, tolerance=tolerance_of(system)
        )
    good = [one for one in records if one.passes]
    net = network([], 0, atoms.box, spacing(atoms), tolerance_of(system))
    if good and good[0].start is not None:
        net.put(0, good[0].start, good[0].start_energy)
    for one in good:
        net.add(one.passes[0])
    wells = two_level(net, scale(system.unit_system, "argon", system.name).hbar)
    return {
        "key": f"{kind} {number}", "kind": kind, "T_f": GLASSES[kind], "frame": frame, "atoms": atoms.n_atoms,
        "E_IS": float(run.inherent_table["inherent_energy"][frame]),
        "frequencies": modes.modes.frequencies[rests][:LOWEST].round(5).tolist(),
        "participation": modes.participation[rests][:LOWEST].round(2).tolist(),
        "attempts": len(records), "successful": len(good),
        "passes": [[p.forward, p.backward, p.step.atoms] for p in net.passes if p.step.converged],
        "shallow": wells.shallow, "failed": wells.failed,
        "wells": [[w.well.splitting, w.well.asymmetry, w.well.tunnelling, w.barrier] for w in wells.wells],
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip


def mean(values: list[float]) -> tuple[float, float]:
    """With its error."""
    v = np.array(values)
    return float(v.mean()), float(v.std(ddof=1) / len(v) ** 0.5) if len(v) > 1 else float("nan")


def told(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the glasses of one kind have in common."""
    level = [sum(abs(f - b) < NEARLY for f, b, _ in row["passes"]) for row in rows]
    # No event leaves a mean of three possible, as in `landscape.two_level.density`.
    return {
        "glasses": len(rows), "T_f": rows[0]["T_f"], "E_IS": mean([row["E_IS"] for row in rows]),
        "lowest_frequency": mean([row["frequencies"][0] for row in rows]),
        "mean_of_lowest": mean([float(np.mean(row["frequencies"])) for row in rows]),
        "participation": mean([float(np.mean(row["participation"][:5])) for row in rows]),
        "attempts": sum(row["attempts"] for row in rows), "passes": sum(len(row["passes"]) for row in rows),
        "passes_a_glass": mean([len(row["passes"]) for row in rows]),
        "nearly_level": sum(level), "double_wells": sum(len(row["wells"]) for row in rows),
        "median_barrier": float(np.median([min(f, b) for row in rows for f, b, _ in row["passes"]] or [np.nan])),
        "smallest_splitting": min((w[0] for row in rows for w in row["wells"]), default=None),
    }  # fmt: skip


def draw(rows: list[dict[str, Any]]) -> None:
    """E_IS, lowest modes and double wells side by side."""
    from glasscli.report.canvas import drawing
    from glasscli.report.palette import BLUE, GREEN, ORANGE

    colours = dict(zip(GLASSES, (ORANGE, GREEN, BLUE), strict=True))
    with drawing(PICTURE, None, 7.0, 2.6) as (figure, path):
        energy, modes, wells = figure.subplots(1, 3)
        for kind, colour in colours.items():
            mine = [row for row in rows if row["kind"] == kind]
            if not mine:
                continue
            label = f"{kind}: {mine[0]['T_f']:g}"
            middle, error = mean([row["E_IS"] for row in mine])
            energy.errorbar(
                mine[0]["T_f"], middle, error, marker="o", linestyle="", color=colour, capsize=2, label=label
            )
            below = np.sort(np.concatenate([row["frequencies"] for row in mine]))
            modes.step(below, np.arange(1, len(below) + 1) / len(mine), color=colour, where="post")
            passes = np.array([p for row in mine for p in row["passes"]]).reshape(-1, 3)
            asymmetry = np.sort(np.abs(passes[:, 0] - passes[:, 1]))
            wells.step(asymmetry, np.arange(1, len(asymmetry) + 1) / len(mine), color=colour, where="post")
        energy.set_xlabel("T_f (ε/k)")
        energy.set_ylabel("E_IS (ε/atom)")
        modes.set_xlabel("ω (1/τ)")
        modes.set_ylabel("modes below ω, a glass")
        energy.legend(loc="upper left")
        wells.set_xscale("log")
        wells.set_xlabel("difference of the wells (ε)")
        wells.set_ylabel("passes below it, a glass")
        figure.savefig(path)


def main() -> None:
    """Make what is missing, measure it, draw it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, default=Path(__file__).with_name("work-polydisperse"))
    parser.add_argument("--glasses", type=int, default=3)
    parser.add_argument("--attempts", type=int, default=20)
    parser.add_argument("--kinds", default=",".join(GLASSES))
    parser.add_argument("--draw", action="store_true", help="only draw what is there")
    wish = parser.parse_args()
    if not wish.draw:
        Kept("ultrastable").write(certificates=certificates(wish.home))
        for number in range(wish.glasses):  # one of each kind, then the next
            for kind in wish.kinds.split(","):
                if number_of_attempts(kind, number) < wish.attempts:
                    row = glass(wish.home, kind, number, wish.glasses, wish.attempts)
                    kept = Kept("ultrastable")  # anew: kinds may be looked at side by side
                    kept.rows[:] = [old for old in kept.rows if old["key"] != row["key"]]
                    kept.add(row)
                    print(row["key"], row["cpu_seconds"], flush=True)
    kept = Kept("ultrastable")
    kinds = {kind: [row for row in kept.rows if row["kind"] == kind] for kind in GLASSES}
    kept.write(glasses={kind: told(rows) for kind, rows in kinds.items() if rows})
    draw(kept.rows)
    print(json.dumps(kept.data["glasses"], indent=1))


def number_of_attempts(kind: str, number: int) -> int:
    """How many were made from a glass that has a row."""
    return next((row["attempts"] for row in Kept("ultrastable").rows if row["key"] == f"{kind} {number}"), 0)


if __name__ == "__main__":
    main()
