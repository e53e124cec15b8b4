"""What does glasscli cost over plain LAMMPS?

The same anneal of 500 atoms (frames every 1000 steps, no inherent structures) as `glasscli anneal` and as `lmp -in` on
its own dry-run deck, which writes the same frames as a text dump: whole processes, taking turns of a tenth of a second
on one core, ratio of times.
Also: how long `glasscli --help` takes.

    python benchmarks/driver_overhead.py [--steps 400000] [--pairs 3]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from common import BIN, GLASSCLI, Kept, seconds, sliced


def main() -> None:
    """Measure until there are as many pairs as asked for, then say the median."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=400_000)
    parser.add_argument("--pairs", type=int, default=3)
    wish = parser.parse_args()
    kept = Kept("driver_overhead")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds([*GLASSCLI, "quench", "--steps", 20000, "--inherent-every", 0], folder)
        anneal = ["anneal", "--T", "0.52", "--steps", wish.steps, "--every", 1000, "--inherent-every", 0]
        seconds([*GLASSCLI, *anneal, "--dry-run", "-o", "deck"], folder)
        while len(kept.rows) < wish.pairs:
            plain = [BIN / "lmp", "-in", "anneal.in", "-log", "none"]
            ours, theirs = sliced([([*GLASSCLI, *anneal, "--force"], folder), (plain, folder / "deck")])
            (folder / "anneal.h5").unlink()
            row = {"steps": wish.steps, "glasscli_s": round(ours.wall, 2), "lmp_s": round(theirs.wall, 2)}
            row |= {"ratio": ours.wall / theirs.wall, "cpu_ratio": ours.cpu / theirs.cpu}
            kept.add(row)
            print(row, flush=True)
        help_s = statistics.median(seconds([*GLASSCLI, "--help"], folder).wall for _ in range(9))
    medians = {f"median_{name}": kept.median(name) for name in ("ratio", "cpu_ratio")}
    kept.write(**medians, help_seconds=round(help_s, 4))
    print(f"{medians}; glasscli --help {help_s:.3f} s")


if __name__ == "__main__":
    main()
