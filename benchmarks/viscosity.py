"""The viscosities of the Lennard-Jones liquid near its triple point, by Green and Kubo, and D beside published ones.

864 atoms at T = 0.722 and density 0.8442, cut at 3 and shifted; 800000 steps of 0.004 after a short quench and a rest
at the temperature, stress and energy every five steps. Each run goes on where it was interrupted: start it again.
Beside it D, what periodic copies take from it (Yeh and Hummer), and D eta / T.

    python benchmarks/viscosity.py [--folder FOLDER] [--steps 800000]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from common import Kept, glasscli

HOME = Path(__file__).with_name("work-viscosity")
T, DENSITY = 0.722, 0.8442
# Ferrario, Ciccotti, Holian & Ryckaert, Phys. Rev. A 44, 6936 (1991): 2048 atoms.
PUBLISHED, PUBLISHED_ERROR = 3.24, 0.04
# Bulk viscosity and D of 1372 atoms: Meier, Laesecke & Kabelac, J. Chem. Phys. 122, 014513 (2005); 121, 9526 (2004).
BULK, BULK_ERROR = 1.186, 0.084
D_OF_1372 = 0.0325
SYSTEM = f"""name = "lennard-jones"
description = "one species of Lennard-Jones atoms"
units = "lj"
timestep = 0.004
cutoff = 3.0
skin = 0.3
commands = ["pair_style lj/cut 3.0", "pair_modify shift yes", "pair_coeff 1 1 1.0 1.0 3.0"]

[[species]]
name = "A"
mass = 1.0
fraction = 1.0
radius = 0.5

[defaults]
atoms = 864
volume_per_atom = {1 / DENSITY!r}
T_start = 2.0
T_end = 0.01
"""


def rested(folder: Path) -> list[str]:
    """The liquid at rest at T, `eq.h5` in the folder; how runs of it go on."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "lj.toml").exists():
        (folder / "lj.toml").write_text(SYSTEM)
    glasscli(folder, "quench", "--system", "lj.toml", "--T-start", 2, "--T-end", T, "--steps", 10000,
             "--equilibration", 5000, "--inherent-every", 0, "-o", "melt.h5")  # fmt: skip
    held = ["--T", str(T), "--from", "final", "--inherent-every", "0", "--forces", "own"]
    glasscli(folder, "anneal", "melt.h5", *held, "--steps", 10000, "-o", "eq.h5")
    return held


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, default=HOME)
    options.add_argument("--steps", type=int, default=800_000)
    given = options.parse_args()
    folder: Path = given.folder
    held = rested(folder)
    sampled = [
        "--steps",
        given.steps,
        "--every",
        4000,
        "--log-spaced",
        "--stress-every",
        5,
        "--thermo-every",
        5,
    ]
    glasscli(folder, "anneal", "eq.h5", *held, *sampled, "-o", "lj.h5")
    found = glasscli(folder, "dynamics", "lj.h5", "--no-van-hove")
    (one,) = found["temperatures"]
    eta, d, taken = one["viscosity"], one["D"]["all"], one["D_yeh_hummer"]
    kept = Kept("viscosity")
    summary: dict[str, Any] = {
        "steps": given.steps, "atoms": one["atoms"], "T": T, "density": DENSITY, "viscosity": eta,
        "reason": one["viscosity_reason"], "published": PUBLISHED, "published_error": PUBLISHED_ERROR, "D": d,
        "D_error": one["D_error"]["all"], "D_yeh_hummer": taken, "tau_alpha": one["tau_alpha"]["all"],
        "q": found["q"][0], "bulk_viscosity": one["bulk_viscosity"], "bulk_reason": one["bulk_viscosity_reason"],
        "bulk_published": BULK, "bulk_published_error": BULK_ERROR, "D_published_1372": D_OF_1372,
    }  # fmt: skip
    if eta is not None and d is not None and taken is not None:
        summary["deviation"] = eta["value"] / PUBLISHED - 1
        summary["D_of_1372"] = d + taken * (1 - (one["atoms"] / 1372) ** (1 / 3))
        summary["D_eta_over_T"] = (d + taken) * eta["value"] / T
    kept.write(**summary)
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
