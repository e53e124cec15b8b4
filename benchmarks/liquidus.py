"""The liquidus of the Wahnstrom mixture at P = 10: above which temperature liquids are stable, and what freezes.

Nishio, Phys. Rev. E 109, 044110 (2024) has a liquidus of this mixture by molecular dynamics; of it only the abstract
was at hand, which has no numbers, so that none stand beside ours. 192 atoms, three minutes of a core.

    python benchmarks/liquidus.py [--folder FOLDER]

Every piece of work is kept: start the same command again. Results: results/liquidus.json, with the processor time that
the work took beside what a dry run said of it.
"""

from __future__ import annotations

import argparse
import resource
from pathlib import Path

from common import Kept, glasscli

PRESSURE = 10
# Each between volumes that hold P = 10 from T = 0.8 to 1.2.
PHASES = (
    "c14@0.64,0.66,0.706", "hcp-large@0.9,0.94", "hcp-small@0.54,0.575", "liquid:0.2@0.9,0.95",
    "liquid:0.35@0.84,0.89", "liquid:0.5@0.775,0.82", "liquid:0.6667@0.706,0.75", "liquid:0.8@0.655,0.69",
)  # fmt: skip
EFFORT = ("--liquid-by", "gas", "--atoms", 192, "--switches", 5, "--steps", 300, "--rounds", 500, "--jobs", 1)


def spent() -> float:
    """Processor seconds of commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, default=Path(__file__).with_name("work-liquidus"))
    asked = options.parse_args()
    asked.folder.mkdir(exist_ok=True)
    words = ("free-energy", *PHASES, "--temperature", "0.8,1.0,1.2", "--pressure", PRESSURE, *EFFORT)
    planned, before = glasscli(asked.folder, *words, "--dry-run"), spent()
    found = glasscli(asked.folder, *words, "--force", "--no-figure")
    took = {"estimated_seconds": planned["seconds"], "cpu_seconds": round(spent() - before, 1)}
    Kept("liquidus").write(
        pressure=PRESSURE,
        rows=found["freezing"],
        melting=found["melting"],
        census=found["census"],
        fits=found["fits"],
        notes=found["notes"],
        failed=found["failed"],
        **(took if planned["seconds"] else {}),  # else all had been done before
    )


if __name__ == "__main__":
    main()
