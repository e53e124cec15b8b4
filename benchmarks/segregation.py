"""What exchanges find that dynamics cannot: segregation of a disordered crystal, and glasses below T = 0.52.

1. The disordered 50:50 C15 crystal of Derlet and Maass (2019, Fig. 3a) at T = 0.52 and V/N = 0.767: fifteen minutes of
   one core by our exchanges, and twenty by the paper's protocol (one attempt per 100 steps). The box is that in which
   both phases fit side by side: across it C15 of the volume it has beside close-packed large atoms (0.687), the third
   edge makes V/N. In a box of cubic cells (`c15-cubic`) C15 cannot shrink, and melts instead.
2. A default quench relaxed at T = 0.52 for eight minutes, then taken on at 0.45 and at 0.40, half an hour each.

Of each: E_IS and icosahedra, first and last (means of ten inherent structures), local Laves and close-packed shares.
Finished rows are kept; pictures lie beside the runs.

    python benchmarks/segregation.py [--only NAME] [--minutes 30]
"""

from __future__ import annotations

import argparse
import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from common import DOCS, GLASSCLI, Kept

from glasscli.observables.icosahedra import close_packed
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import tessellate
from glasscli.store.reader import open_run
from glasscli.store.run import Run

HOME = Path(__file__).with_name("work-segregation")
PICTURE = DOCS / "segregation.png"
EVERY, TEN = 2000, 10
# Name, start, options, minutes; a stage that starts from another's end waits for it.
STAGES = [
    ("c15-cubic", "c15-cubic.lammps", ["--T", 0.52], 20),
    ("c15-local", "c15.lammps", ["--T", 0.52], 15),
    ("c15-swap", "c15.lammps", ["--T", 0.52, "--engine-mc", "lammps"], 20),
    ("glass-0.52", "quench.h5", ["--T", 0.52], 8),
    ("glass-0.45", "glass-0.52.lammps", ["--T", 0.45], 30),
    ("glass-0.40", "glass-0.45.lammps", ["--T", 0.40], 30),
]
CELLS, VOLUME, BESIDE = (2, 2, 8), 0.767, 0.687
ACROSS = CELLS[0] * (24 * BESIDE) ** (1 / 3)
ALONG = 24 * math.prod(CELLS) * VOLUME / ACROSS**2
CRYSTALS = {
    "c15.lammps": ["--cells", ",".join(map(str, CELLS)), "--box", f"{ACROSS},{ACROSS},{ALONG}"],
    "c15-cubic.lammps": ["--atoms", 500, "--volume-per-atom", VOLUME],
}


def glasscli(*words: Any, codes: tuple[int, ...] = (0,)) -> None:
    """Run a command that must end with one of these codes."""
    done = subprocess.run([*GLASSCLI, *map(str, words)], cwd=HOME, capture_output=True, text=True)
    if done.returncode not in codes:
        raise SystemExit(f"{words}: {done.stderr}")


def make_start(start: str) -> None:
    """The disordered crystal with its picture, or a default quench."""
    if start == "quench.h5":
        glasscli("quench", "-o", start)
    elif start in CRYSTALS:
        glasscli("build", "c15", "--composition", 0.5, *CRYSTALS[start], "--force", "-o", start)
        glasscli(
            "render", start, "--view", "laves", "--system", "wahnstrom", "-o", Path(start).with_suffix(".png")
        )
    else:
        raise SystemExit(f"{start}: run the stage that makes it first")


def structure(run: Run, frames: range) -> dict[str, float]:
    """Mean shares over these inherent structures: icosahedra, local Laves, and close-packed atoms."""
    found = []
    for k in frames:
        c = run.inherent[k]
        tessellation = tessellate(c, bonds=True)
        z12 = float(tessellation.icosahedra.mean())
        found.append((z12, laves_test(tessellation, c.species).fraction, float(close_packed(c).mean())))
    return dict(zip(("icosahedra", "laves", "close_packed"), np.mean(found, axis=0).round(4), strict=True))


def hold(name: str, start: str, words: list[Any], minutes: float) -> dict[str, Any]:
    """One run of so many minutes: where it began, where it ended, the deepest it was."""
    output = f"{name}.h5"
    glasscli(
        "hybrid", start, *words, "--steps", 10**8, "--every", 10 * EVERY, "--inherent-every", EVERY,
        "--walltime", f"0:{int(minutes)}:{round(minutes % 1 * 60)}", "--force", "-o", output, codes=(75,),
    )  # fmt: skip
    run = open_run(HOME / output)
    energy, n = run.inherent_table["inherent_energy"], len(run.inherent)
    deepest = int(energy.argmin())
    glasscli("export", output, "--frame", -1, "-o", f"{name}.lammps", "--force")
    glasscli("render", output, "--view", "laves", "-o", f"{name}.png")
    return {
        "run": name,
        "minutes": minutes,
        "steps": int(run.inherent_table["step"][-1]),
        "exchanges": int(run.exchange_table["exchange_accepted"].sum()) if run.exchange_table else None,
        "start": {"inherent_energy": float(energy[0])} | structure(run, range(1)),
        "first": {"inherent_energy": float(energy[:TEN].mean())} | structure(run, range(min(TEN, n))),
        "last": {"inherent_energy": float(energy[-TEN:].mean())} | structure(run, range(max(0, n - TEN), n)),
        "lowest": {"inherent_energy": float(energy[deepest])} | structure(run, range(deepest, deepest + 1)),
        "highest_icosahedra": max(structure(run, range(k, k + 1))["icosahedra"] for k in range(0, n, 10)),
    }


def draw(path: Path) -> None:
    """The crystal before and after, and E_IS by both protocols against exchanges accepted."""
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    figure = Figure(figsize=(8, 4.2), layout="constrained")
    panels = figure.subplot_mosaic([["c15", "c15-local", "course"]], width_ratios=(1, 1, 1.6))
    for name, title in (("c15", "disordered C15, 50:50"), ("c15-local", "after exchanges")):
        image = imread(HOME / f"{name}.png")[..., :3]
        inked = np.flatnonzero((image < 0.99).any(axis=(0, 2)))
        panels[name].imshow(image[:, inked[0] : inked[-1] + 1])
        panels[name].set_axis_off()
        panels[name].set_title(title, fontsize=9)
    for name, label, color in (("c15-local", "own kernel", "C3"), ("c15-swap", "fix atom/swap", "C0")):
        run = open_run(HOME / f"{name}.h5")
        steps, accepted = (run.exchange_table[key] for key in ("step", "exchange_accepted"))
        exchanges = np.concatenate([[0], np.cumsum(accepted.sum(axis=(1, 2)))])
        done = np.interp(run.inherent_table["step"], np.concatenate([[0], steps]), exchanges)
        energies = run.inherent_table["inherent_energy"]
        panels["course"].semilogx(1 + done, energies, ".-", ms=3, color=color, label=label)
    panels["course"].set(xlabel="1 + exchanges", ylabel="$E_{IS}$ (ε/atom)")
    panels["course"].legend()
    figure.savefig(path, dpi=150)


def main() -> None:
    """Run what is missing, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=[stage[0] for stage in STAGES], help="one stage")
    parser.add_argument("--minutes", type=float, help="of every stage, instead of its own")
    parser.add_argument("--draw", action="store_true", help="draw docs/segregation.png, run nothing")
    wish = parser.parse_args()
    if wish.draw:
        return draw(PICTURE)
    HOME.mkdir(exist_ok=True)
    for name, start, words, minutes in STAGES:
        kept = Kept("segregation")  # with what other processes have added meanwhile
        if wish.only in (None, name) and not any(row["run"] == name for row in kept.rows):
            if not (HOME / start).exists():
                make_start(start)
            row = hold(name, start, words, wish.minutes or minutes)
            kept = Kept("segregation")
            kept.add(row)
            print(kept.rows[-1], flush=True)


if __name__ == "__main__":
    main()
