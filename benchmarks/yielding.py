"""How a poor, a good and an ultrastable glass of one model yield, and what cyclic shear makes of them.

    python benchmarks/equilibrium.py polydisperse --home LIQUIDS
    python benchmarks/yielding.py --home LIQUIDS [--samples 10] [--kinds poor,good,ultrastable]
    python benchmarks/equilibrium.py polydisperse --atoms 300 --home SMALL
    python benchmarks/yielding.py --home SMALL --cycles 5 [--amplitudes 0.05,0.08,0.14]
    python benchmarks/yielding.py --draw

Liquids are certified from both sides; inherent structures far apart in the second halves of the runs from above and
from below, half of the samples from each, are glasses whose fictive temperatures are theirs (`ultrastable.py`). Each is
sheared at rest up to 0.2, or in cycles of each amplitude. Of the first: the slope up to 0.02; where the stress is
largest and that stress; the largest drop in a rearrangement; the overshoot, the largest stress of the mean curve of a
kind over the curve's mean in the last quarter, less 1 (M. Ozawa et al., PNAS 115, 6656 (2018): drop and overshoot grow
with stability). Of cycles: energies at each return. Errors are over samples. Rows are kept in results/yielding.json,
one of each kind after the other, runs in the folder: interrupt it when you like. The figure is docs/yielding.png.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, Kept
from ultrastable import GLASSES, certificates, chosen

from glasscli.analysis.strained import strained
from glasscli.configuration import Floats
from glasscli.engine.launch import Launch
from glasscli.observables.samples import jackknife, mean_of_samples
from glasscli.observables.yielding import ELASTIC
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run

PICTURE = DOCS / "yielding.png"
STRAIN, STEP = 0.2, 2e-3
SIDES = ("above", "below")
# The shares of a path in which its stress is no longer where it yields.
FLOW = 4
MEANS = ("E_IS", "modulus", "yield_strain", "yield_stress", "sharpest", "sharpest_share", "events")


def sheared(home: Path, kind: str, number: int, of: int, path: dict[str, Any], name: str) -> dict[str, Any]:
    """A row of one glass of so many along a path; the run is resumed where it was interrupted."""
    began, side = time.process_time(), SIDES[number % 2]
    liquid = open_run(home / f"{side}-{GLASSES[kind]:g}.h5")
    frame = chosen(liquid, number // 2, (of + 1) // 2)
    parent = Parent(liquid.path.name, liquid.manifest.identity)
    start, system = liquid.inherent[frame], liquid.manifest.system
    folder = home / "yielding"
    folder.mkdir(exist_ok=True)
    key = f"{start.n_atoms} {kind} {side} {frame} {name}"
    known = next((row for row in Kept("yielding").rows if row["key"] == key), None)
    if known:
        return known
    wish = ShearWish(strain_step=STEP, **path)
    out = folder / f"{key.replace(' ', '-')}.h5"
    found = strained(run(plan(system, wish, out, "", (start, parent), Launch(minima="own"))))
    row = {"key": key, "atoms": start.n_atoms, "kind": kind, "T_f": GLASSES[kind], "path": name}
    row |= {"E_IS": float(found.table["strain_energy"][0]), "balance": found.balance}
    row |= cycled(found) if "cycles" in path else one_way(found)
    row["cpu_seconds"] = round(time.process_time() - began, 1)
    Kept("yielding").add(row)  # anew: kinds may be sheared side by side
    print(key, row["cpu_seconds"], flush=True)
    return row


def one_way(found: Any) -> dict[str, Any]:
    """What a shear one way says."""
    strain, stress = found.table["strain"], found.table["strain_stress"]
    top, first = int(np.argmax(stress)), strain < ELASTIC + STEP / 2
    sharpest = max((event.stress_drop for event in found.events), default=0.0)
    return {
        "modulus": float(np.polyfit(strain[first], stress[first], 1)[0]),
        "yield_strain": float(strain[top]), "yield_stress": float(stress[top]),
        "sharpest": sharpest, "sharpest_share": sharpest / float(stress[top]), "events": len(found.events),
        "stress": stress.round(6).tolist(),
    }  # fmt: skip


def cycled(found: Any) -> dict[str, Any]:
    """What one in cycles says."""
    return {"energies": found.strobe, "change": found.strobe[-1] - found.strobe[0]}


def curve(rows: list[dict[str, Any]]) -> Floats:
    """[samples, strains] stresses."""
    return np.array([row["stress"] for row in rows])


def overshoot(stress: Floats) -> float:
    """Of the mean of curves [samples, strains]: their fluctuations alone would give each one."""
    mean = stress.mean(axis=0)
    return float(mean.max() / mean[-len(mean) // FLOW :].mean() - 1)


def steepest(stress: Floats) -> float:
    """The mean curve's steepest descent over five steps, per strain."""
    mean = stress.mean(axis=0)
    return float((mean[:-5] - mean[5:]).max() / (5 * STEP))


def of_all(measure: Callable[[Floats], float], stress: Floats) -> tuple[float, float]:
    """Of all curves together, with its error by leaving one out at a time."""
    left = [measure(np.delete(stress, k, axis=0)) for k in range(len(stress))] if len(stress) > 1 else []
    return measure(stress), float(jackknife(left)) if left else float("nan")


def mean(values: list[float]) -> tuple[float, float]:
    """With its error."""
    middle, error = mean_of_samples(values)
    return float(middle), float(error)


def told(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What samples of one kind, of one size and along one path have in common."""
    summary: dict[str, Any] = {"samples": len(rows), "worst_balance": max(row["balance"] for row in rows)}
    if "energies" in rows[0]:
        energies, error = mean_of_samples([row["energies"] for row in rows])
        summary |= {"energies": energies.tolist(), "energies_error": error.tolist()}
        return summary | {"change": mean([row["change"] for row in rows])}
    summary |= {name: mean([row[name] for row in rows]) for name in MEANS}
    stress = curve(rows)
    flow = [float(one[-len(one) // FLOW :].mean()) for one in stress]
    return summary | {
        "flow_stress": mean(flow), "overshoot": of_all(overshoot, stress), "steepest": of_all(steepest, stress),
    }  # fmt: skip


def groups(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows that are samples of the same, from the poorest glass on, those one way first."""
    found: dict[str, list[dict[str, Any]]] = {}
    order = [(kind, way) for way in (False, True) for kind in GLASSES]
    for row in sorted(rows, key=lambda row: (order.index((row["kind"], "energies" in row)), row["path"])):
        found.setdefault(f"{row['atoms']} {row['kind']} {row['path']}", []).append(row)
    return found


def draw(rows: list[dict[str, Any]]) -> None:
    """Mean stresses against strain, and energies from return to return."""
    from glasscli.report.canvas import drawing
    from glasscli.report.palette import BLUE, GREEN, ORANGE, STROKES

    colours = dict(zip(GLASSES, (ORANGE, GREEN, BLUE), strict=True))
    paths = sorted({row["path"] for row in rows if "energies" in row}, key=lambda p: float(p.split()[-1]))
    with drawing(PICTURE, None, 7.0, 2.8) as (figure, path):
        stresses, energies = figure.subplots(1, 2)
        for mine in groups(rows).values():
            kind, colour = mine[0]["kind"], colours[mine[0]["kind"]]
            if "energies" in mine[0]:
                middle, error = mean_of_samples([row["energies"] for row in mine])
                stroke = STROKES[paths.index(mine[0]["path"]) % len(STROKES)]
                label = mine[0]["path"].split()[-1] if kind == "poor" else None
                energies.errorbar(
                    range(len(middle)), middle, error, color=colour, ls=stroke, capsize=2, label=label
                )
                continue
            middle, error = mean_of_samples(curve(mine))
            strain = STEP * np.arange(len(middle))
            stresses.plot(strain, middle, color=colour, label=f"{kind}: {mine[0]['T_f']:g}")
            stresses.fill_between(strain, middle - error, middle + error, color=colour, alpha=0.25, lw=0)
        stresses.set_xlabel("strain")
        stresses.set_ylabel("stress (ε/σ³)")
        stresses.legend(title="T_f (ε/k)")
        energies.set_xlabel("cycles")
        energies.set_ylabel("E_IS (ε/atom)")
        if paths:
            energies.legend(title="amplitude")
        figure.savefig(path)


def main() -> None:
    """Make what is missing, draw, and print what there is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, default=Path(__file__).with_name("work-polydisperse"))
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--kinds", default=",".join(GLASSES))
    parser.add_argument("--cycles", type=int)
    parser.add_argument("--amplitudes", default="0.05,0.08,0.14")
    parser.add_argument("--draw", action="store_true", help="only draw and print what is there")
    asked = parser.parse_args()
    paths: dict[str, dict[str, Any]] = {"one way": {"strain_max": STRAIN}}
    if asked.cycles:
        paths = {
            f"{asked.cycles} cycles of {size}": {"cycles": asked.cycles, "amplitude": float(size)}
            for size in asked.amplitudes.split(",")
        }
    if not asked.draw:
        kept, certified = Kept("yielding"), certificates(asked.home)
        for number in range(asked.samples):  # one of each kind, then the next
            for name, path in paths.items():
                for kind in asked.kinds.split(","):
                    atoms = sheared(asked.home, kind, number, asked.samples, path, name)["atoms"]
        kept = Kept("yielding")
        kept.write(certificates=kept.data.get("certificates", {}) | {str(atoms): certified})
    kept = Kept("yielding")
    kept.write(found={name: told(rows) for name, rows in groups(kept.rows).items()})
    draw(kept.rows)
    print(json.dumps(kept.data["found"], indent=1))


if __name__ == "__main__":
    main()
