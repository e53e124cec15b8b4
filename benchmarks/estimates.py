"""What --dry-run said of a run, and what the run then took: processor seconds, bytes of its file, peak memory.

One process each, the estimate first. Rows are kept as they come: start it again to go on.

    python benchmarks/estimates.py FOLDER [--rows quench,anneal,...]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from big import took
from common import Kept, glasscli

NONE = ["--inherent-every", 0]
# Each begins with what rows above it left.
ROWS: dict[str, list[Any]] = {
    "quench 500": ["quench", "--steps", 20000, "--equilibration", 2000, "--inherent-every", 2000, "-o", "a.h5"],
    "quench 500 compact": ["quench", "--steps", 8000, "--equilibration", 500, "--every", 100, "--precision", 1e-4,
                           *NONE, "-o", "b.h5"],
    "anneal 500": ["anneal", "a.h5", "--T", "0.95Tf", "--steps", 8000, "--inherent-every", 1000, "-o", "c.h5"],
    "hybrid 500": ["hybrid", "a.h5", "--T", "0.95Tf", "--steps", 12000, "-o", "d.h5"],
    "heat 500": ["heat", "a.h5", "--steps", 8000, *NONE, "-o", "e.h5"],
    "flow 500": ["flow", "a.h5", "--T", 0.4, "--rate", 0.02, "--strain-max", 0.2, "-o", "f.h5"],
    "shear 500": ["shear", "a.h5", "--strain-max", 0.01, "--strain-step", 1e-4, "-o", "g.h5"],
    "quench 500 cuzr": ["quench", "--system", "cuzr", "--atoms", 500, "--steps", 1000, "--equilibration", 200,
                        "--inherent-every", 0, "-o", "h.h5"],
    "quench 4100": ["quench", "--atoms", 4100, "--steps", 1000, "--equilibration", 200, "--inherent-every", 1000,
                    "--every", 100, "-o", "i.h5"],
    "quench 32000": ["quench", "--atoms", 32000, "--steps", 200, "--equilibration", 200, "--every", 100, *NONE, "-o",
                     "j.h5"],
    "quench 200000": ["quench", "--atoms", 200000, "--steps", 100, "--equilibration", 50, "--every", 50, "--forces",
                      "own", *NONE, "-o", "l.h5"],
}  # fmt: skip


def measured(words: list[Any], folder: Path) -> dict[str, float]:
    """Processor seconds, peak memory and bytes of the file of one command that must succeed."""
    found = took(words, folder)
    return {
        "seconds": found["seconds"],
        "memory": found["bytes"],
        "bytes": (folder / words[-1]).stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", default=",".join(ROWS))
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("estimates")
    for name in wish.rows.split(","):
        if any(row["run"] == name for row in kept.rows):
            continue
        said = glasscli(wish.folder, ROWS[name][0], "--dry-run", *ROWS[name][1:], "--force")
        real = measured([*ROWS[name][:-2], "--force", *ROWS[name][-2:]], wish.folder)
        pairs = {
            "seconds": 3600 * said["core_hours"],
            "bytes": said["bytes"],
            "memory": said["memory_bytes"],
        }
        row = {"run": name} | {f"{k} said": v for k, v in pairs.items()} | real
        kept.add(row)
        kept.write()
        print(name, {k: round(v / real[k], 2) for k, v in pairs.items()}, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
