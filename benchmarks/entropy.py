"""The configurational entropy of glass-formers, down to where their liquids are certified to be in equilibrium.

`kob-andersen`: 256 atoms at density 1.2, by `dynamics` from 1.0 to 0.5, ten minutes of a core. Published T_K: 0.297 +-
0.02 (Sciortino, Kob and Tartaglia, Phys. Rev. Lett. 83, 3214 (1999)). `wahnstrom`: 250 atoms, 50:50 at its volume, by
exchanges, each temperature from the one above it; at 0.6 they crystallise it. `kob-andersen-ternary`: 250 atoms, by
exchanges, 0.4 twice: from 0.7 and from 0.5.

    python benchmarks/entropy.py [SYSTEM] [--folder FOLDER] [--T T,...] [--structures N] [--rounds N]

Runs and every inherent structure are kept: start the same command again. Results: results/entropy[-SYSTEM].json.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import Kept, glasscli

BINARY, WAHNSTROM, TERNARY = "kob-andersen", "wahnstrom", "kob-andersen-ternary"
BY_DYNAMICS = "1.0,0.8,0.7,0.6,0.55,0.5"


@dataclass(frozen=True)
class Run:
    """A run with exchanges: where it begins, at which temperature, how long, and how often structures are kept."""

    start: str
    T: str
    steps: int
    every: int


# By name, in the order in which they are made; those called `by` only begin others.
RUNS = {
    WAHNSTROM: {
        "T1.0": Run("melt", "1.0", 4000, 100), "T0.8": Run("T1.0", "0.8", 8000, 200),
        "T0.7": Run("T0.8", "0.7", 40_000, 400), "T0.64": Run("T0.7", "0.64", 180_000, 750),
    },
    TERNARY: {
        "above-1.0": Run("melt", "1.0", 4000, 50), "above-0.8": Run("above-1.0", "0.8", 8000, 100),
        "above-0.7": Run("above-0.8", "0.7", 10_000, 100), "above-0.6": Run("above-0.7", "0.6", 20_000, 200),
        "by-0.5": Run("above-0.7", "0.5", 40_000, 200), "above-0.4": Run("by-0.5", "0.4", 240_000, 800),
        "hot-0.4": Run("above-0.7", "0.4", 90_000, 800),
    },
}  # fmt: skip
# Exchanges of the ternary mixture go through a twentieth of its atoms: the pace that `--tune` chose among.
PACE = {WAHNSTROM: (), TERNARY: ("--md-per-mc", 10, "--attempts", 500)}
KEPT = (
    "T", "energy", "energy_error", "inherent", "S_liquid", "S_liquid_error", "S_harmonic", "S_harmonic_error",
    "S_anharmonic", "S_anharmonic_error", "S_configurational", "S_configurational_error",
    "S_configurational_by_springs", "S_configurational_by_springs_error", "tau", "tau_error", "structures",
)  # fmt: skip


def of(found: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer of `free-energy glass`."""
    rows = [{key: one[key] for key in KEPT} for one in found["temperatures"] if one["equilibrated"]]
    laws = ("T_K", "T_K_error", "T_K_reason", "T_K_below", "fragility", "by_springs", "adam_gibbs")
    return {"rows": rows, "atoms": found["atoms"]} | {key: found[key] for key in laws}


def by_dynamics(folder: Path, temperatures: str) -> list[Path]:
    """Runs of Kob and Andersen's liquid."""
    glasscli(folder, "dynamics", "--system", BINARY, "--atoms", 256, "--T", temperatures, "--q", 7.25,
             "--steps", 100_000, "--jobs", 1, "--no-figure", "-o", "ka")  # fmt: skip
    # The last of several runs at a temperature is the one that was long enough.
    return list(
        {path.name.split("-")[0]: path for path in sorted((folder / "ka").glob("T*-[0-9].h5"))}.values()
    )


def by_exchanges(folder: Path, system: str) -> list[Path]:
    """Runs of a mixture with exchanges."""
    if not (folder / "melt.h5").exists():
        glasscli(folder, "quench", "--system", system, "--atoms", 250, "--steps", 4000, "-o", "melt.h5")
    for name, run in RUNS[system].items():
        if not (folder / f"{name}.h5").exists():
            glasscli(folder, "hybrid", f"{run.start}.h5", "--from", "final", "--T", run.T, "--steps", run.steps,
                     "--every", run.every, "--inherent-every", run.every, *PACE[system],
                     "-o", f"{name}.h5")  # fmt: skip
    return [folder / f"{name}.h5" for name in RUNS[system] if not name.startswith("by-")]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("system", nargs="?", choices=[BINARY, *RUNS], default=BINARY)
    options.add_argument("--folder", type=Path)
    options.add_argument("--T", default=BY_DYNAMICS, help="of the runs by dynamics")
    options.add_argument("--structures", type=int, default=3)
    options.add_argument("--rounds", type=int, default=400)
    asked = options.parse_args()
    name = "entropy" if asked.system == BINARY else f"entropy-{asked.system}"
    folder = (asked.folder or Path(__file__).with_name(f"work-{name}")).resolve()
    folder.mkdir(exist_ok=True)
    runs = by_dynamics(folder, asked.T) if asked.system == BINARY else by_exchanges(folder, asked.system)
    wave = ("--q", 7.25) if asked.system == BINARY else ()
    found = glasscli(folder, "free-energy", "glass", *runs, *wave, "--switches", 2, "--steps", 150,
                     "--structures", asked.structures, "--rounds", asked.rounds, "--jobs", 1)  # fmt: skip
    Kept(name).write(**of(found))


if __name__ == "__main__":
    main()
