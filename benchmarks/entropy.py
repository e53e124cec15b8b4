"""The configurational entropy of Kob and Andersen's liquid: 256 atoms at density 1.2, from 1.0 to 0.5.

Published T_K: 0.297 +- 0.02 (Sciortino, Kob and Tartaglia, Phys. Rev. Lett. 83, 3214 (1999)).

    python benchmarks/entropy.py [--folder FOLDER] [--T T,...] [--structures N] [--rounds N]

The runs of the ladder and every inherent structure are kept: start the same command again. Ten minutes of a core.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from common import Kept, glasscli

HOME = Path(__file__).with_name("work-entropy")
KEPT = (
    "T", "energy", "energy_error", "inherent", "S_liquid", "S_liquid_error", "S_harmonic", "S_harmonic_error",
    "S_anharmonic", "S_anharmonic_error", "S_configurational", "S_configurational_error",
    "S_configurational_by_springs", "S_configurational_by_springs_error", "tau", "tau_error", "structures",
)  # fmt: skip


def of(found: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer of `free-energy glass`."""
    rows = [{key: one[key] for key in KEPT} for one in found["temperatures"] if one["equilibrated"]]
    laws = ("T_K", "T_K_error", "T_K_reason", "fragility", "by_springs", "adam_gibbs")
    return {"rows": rows, "atoms": found["atoms"]} | {key: found[key] for key in laws}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, default=HOME)
    options.add_argument("--T", default="1.0,0.8,0.7,0.6,0.55,0.5")
    options.add_argument("--structures", type=int, default=3)
    options.add_argument("--rounds", type=int, default=400)
    asked = options.parse_args()
    asked.folder.mkdir(exist_ok=True)
    glasscli(asked.folder, "dynamics", "--system", "kob-andersen", "--atoms", 256, "--T", asked.T, "--q", 7.25,
             "--steps", 100_000, "--jobs", 1, "--no-figure", "-o", "ka")  # fmt: skip
    # The last of several runs at a temperature is the one that was long enough.
    runs = {path.name.split("-")[0]: path for path in sorted((asked.folder / "ka").glob("T*-[0-9].h5"))}
    found = glasscli(asked.folder, "free-energy", "glass", *runs.values(), "--q", 7.25, "--switches", 2, "--steps", 150,
                     "--structures", asked.structures, "--rounds", asked.rounds, "--jobs", 1)  # fmt: skip
    Kept("entropy").write(**of(found))


if __name__ == "__main__":
    main()
