"""Does a glass of 32000 atoms that others made, relaxed well below T_f, lie on the line of E_IS against f_ico?

The glass (from-the-melt_LJWahnstrom.lammps.gz of the public repository derlet/SU2) is held at 0.45 by molecular
dynamics with exchanges. Its inherent structures are laid beside the line of a glass of 500 atoms, as
`glasscli reproduce derlet2019/fig1` draws it, and beside the line through the two nanocomposites of that study. About
fifteen minutes on one core; interrupted, it goes on.

    python benchmarks/trajectory.py GLASS FOLDER [--steps 3000] [--T 0.45]

    FOLDER   the one that `glasscli reproduce` ran in; what is made here goes into it

Derlet & Maass 2019, Fig. 1b: one line for all, -7.7 at f_ico = 0.5.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from common import GLASSCLI, Kept, seconds

from glasscli.cli.run import planned
from glasscli.reproduce.catalogue import study_of
from glasscli.reproduce.products import Products, last_quarter
from glasscli.reproduce.trajectory import Trajectory


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("glass", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--T", type=float, default=0.45)
    wish = parser.parse_args()
    study, tasks = planned(study_of("derlet2019/fig1"))
    products = Products(wish.folder / "reproduced" / study, tasks)
    along = Trajectory.of([products.courses("anneal")[0], products.courses("hybrid")[0]])
    slope, level = along.slope.value, along.at(0.0).value
    if slope is None or level is None:
        raise SystemExit(f"the glass of {study} has no line: {along.slope.note}")
    grains = [
        (float(last_quarter(c.icosahedra).mean()), float(last_quarter(c.energy).mean()))
        for c in products.courses("composite")
    ]
    through = np.polyfit(*np.transpose(grains), 1)

    name = f"large-{wish.T:g}.h5"
    took = seconds(
        [*GLASSCLI, "hybrid", wish.glass.absolute(), "--T", wish.T, "--steps", wish.steps, "--every", wish.steps,
         "--inherent-every", max(1, wish.steps // 6), "-o", name], wish.folder,
    )  # fmt: skip
    from glasscli.analysis.summary import course
    from glasscli.store.reader import open_run

    run = open_run(wish.folder / name)
    energy, share = run.inherent_table["inherent_energy"], course(run)[0]["icosahedral_fraction"]
    off = energy - (slope * share + level)
    kept = Kept("trajectory")
    kept.add(
        {
            "atoms": run.inherent[-1].n_atoms, "T": wish.T, "steps": wish.steps, "cpu": took.cpu,
            "energy": energy.tolist(), "icosahedral_fraction": share.tolist(), "slope": slope, "level": level,
            "off_line_mean": float(off.mean()), "off_line_largest": float(np.abs(off).max()),
            "own_slope": float(np.polyfit(share, energy, 1)[0]),
            "nanocomposites": grains, "their_line_at_half": float(np.polyval(through, 0.5)),
            "line_at_half": slope / 2 + level,
        }
    )  # fmt: skip
    json.dump(kept.rows[-1], sys.stdout, indent=1)


if __name__ == "__main__":
    main()
