"""The configurational entropy of glass-formers, down to where their liquids are certified to be in equilibrium.

`kob-andersen`: 256 atoms at density 1.2, by `dynamics` from 1.0 to 0.5, ten minutes of a core. Published T_K: 0.297 +-
0.02 (Sciortino, Kob and Tartaglia, Phys. Rev. Lett. 83, 3214 (1999)). `wahnstrom`: 250 atoms, 50:50 at its volume, by
exchanges, each temperature from the one above it; at 0.6 they crystallise it.

    python benchmarks/entropy.py [SYSTEM] [--folder FOLDER] [--T T,...] [--structures N] [--rounds N]

Runs and every inherent structure are kept: start the same command again. Results: results/entropy[-SYSTEM].json.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from common import Kept, glasscli

BINARY, WAHNSTROM = "kob-andersen", "wahnstrom"
USUAL = {BINARY: "1.0,0.8,0.7,0.6,0.55,0.5", WAHNSTROM: "1.0,0.8,0.7,0.64"}
# Steps at each temperature of wahnstrom, and how often frames and inherent structures are kept.
HELD = {"1.0": (4000, 100), "0.8": (8000, 200), "0.7": (40_000, 400), "0.64": (180_000, 750)}
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


def by_dynamics(folder: Path, temperatures: str) -> list[Path]:
    """Runs of Kob and Andersen's liquid."""
    glasscli(folder, "dynamics", "--system", BINARY, "--atoms", 256, "--T", temperatures, "--q", 7.25,
             "--steps", 100_000, "--jobs", 1, "--no-figure", "-o", "ka")  # fmt: skip
    # The last of several runs at a temperature is the one that was long enough.
    return list(
        {path.name.split("-")[0]: path for path in sorted((folder / "ka").glob("T*-[0-9].h5"))}.values()
    )


def by_exchanges(folder: Path, temperatures: str) -> list[Path]:
    """Runs of wahnstrom, from hot to cold."""
    before = folder / "melt.h5"
    if not before.exists():
        glasscli(folder, "quench", "--system", WAHNSTROM, "--atoms", 250, "--steps", 4000, "-o", before.name)
    found = []
    for T in temperatures.split(","):
        run, (steps, every) = folder / f"T{T}.h5", HELD[T]
        if not run.exists():
            glasscli(folder, "hybrid", before.name, "--from", "final", "--T", T, "--steps", steps, "--every", every,
                     "--inherent-every", every, "-o", run.name)  # fmt: skip
        found.append(run)
        before = run
    return found


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("system", nargs="?", choices=list(USUAL), default=BINARY)
    options.add_argument("--folder", type=Path)
    options.add_argument("--T")
    options.add_argument("--structures", type=int, default=3)
    options.add_argument("--rounds", type=int, default=400)
    asked = options.parse_args()
    name = "entropy" if asked.system == BINARY else f"entropy-{asked.system}"
    folder = (asked.folder or Path(__file__).with_name(f"work-{name}")).resolve()
    folder.mkdir(exist_ok=True)
    make = by_dynamics if asked.system == BINARY else by_exchanges
    runs = make(folder, asked.T or USUAL[asked.system])
    wave = ("--q", 7.25) if asked.system == BINARY else ()
    found = glasscli(folder, "free-energy", "glass", *runs, *wave, "--switches", 2, "--steps", 150,
                     "--structures", asked.structures, "--rounds", asked.rounds, "--jobs", 1)  # fmt: skip
    Kept(name).write(**of(found))


if __name__ == "__main__":
    main()
