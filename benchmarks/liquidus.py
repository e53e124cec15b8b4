"""The liquidus of the Wahnstrom mixture at P = 10, up to 50:50: above which temperature liquids are stable.

Nishio, Phys. Rev. E 109, 044110 (2024) has a liquidus of this mixture by molecular dynamics; of it only the abstract
was at hand, which has no numbers, so that none stand beside ours. 192 atoms. Beside it C14 and its melt in one box of
576 atoms, and which of them grows: no free energy is used there. Six minutes of a core.

    python benchmarks/liquidus.py [--folder FOLDER]

Every piece of work is kept: start the same command again. Results: results/liquidus.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from common import Kept, glasscli

PRESSURE = 10
# Each between volumes that hold P = 10 from T = 0.8 to 1.2.
PHASES = (
    "c14@0.64,0.66,0.706", "hcp-large@0.9,0.94", "liquid:0.2@0.9,0.95", "liquid:0.35@0.84,0.89",
    "liquid:0.5@0.775,0.82",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, default=Path(__file__).with_name("work-liquidus"))
    asked = options.parse_args()
    asked.folder.mkdir(exist_ok=True)
    found = glasscli(asked.folder, "free-energy", *PHASES, "--temperature", "0.8,1.0,1.2", "--pressure", PRESSURE,
                     "--liquid-by", "gas", "--atoms", 192, "--switches", 5, "--steps", 300, "--rounds", 500,
                     "--jobs", 1, "--no-figure")  # fmt: skip
    Kept("liquidus").write(
        pressure=PRESSURE,
        rows=found["freezing"],
        fits=found["fits"],
        notes=found["notes"],
        failed=found["failed"],
    )


if __name__ == "__main__":
    main()
