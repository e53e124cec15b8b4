"""Seconds and memory of each thing that is done to a sample, from 10^4 to 10^6 atoms, and the powers of N they follow.

A melt of Wahnstroem atoms begins, is cooled in 200 steps by our own forces and kept with two frames (quench); then its
icosahedra, g(r), topology and page are made from these, and the inherent structure of the last one alone is sought
(inherent, hours of a core for 10^6 atoms). One process each, processor seconds and the largest resident memory. Rows
are kept as they come: start it again to go on.

    python benchmarks/big.py FOLDER [--atoms 10000,100000,1000000] [--parts quench,icosahedra,...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept

PARTS: dict[str, list[Any]] = {
    "quench": ["--steps", 200, "--equilibration", 100, "--every", 200, "--inherent-every", 0, "--forces", "own"],
    "icosahedra": ["--measure", "icosahedra"],
    "pdf": ["--measure", "pdf"],
    "topology": ["--measure", "topology"],
    "report": [],
    "inherent": ["--minimise", "--measure", "icosahedra", "--jobs", 1],
}  # fmt: skip


def took(words: list[Any], folder: Path) -> dict[str, float]:
    """Processor seconds and peak memory (bytes) of one command that must succeed."""
    with (folder / "last.log").open("w") as log:
        process = subprocess.Popen([*GLASSCLI, *map(str, words)], cwd=folder, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{words}: {(folder / 'last.log').read_text()[-500:]}")
    return {"seconds": usage.ru_utime + usage.ru_stime, "bytes": 1024.0 * usage.ru_maxrss}


def powers(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """{part: {what: its power of N}} between the smallest and the largest sample that it was measured with."""
    found: dict[str, dict[str, float]] = {}
    for part in PARTS:
        mine = sorted((row for row in rows if row["part"] == part), key=lambda row: int(row["atoms"]))
        if len(mine) > 1:
            span = np.log(mine[-1]["atoms"] / mine[0]["atoms"])
            found[part] = {
                what: float(np.log(mine[-1][what] / mine[0][what]) / span) for what in ("seconds", "bytes")
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--atoms", default="10000,100000,1000000")
    parser.add_argument("--parts", default="quench,icosahedra,pdf,topology,report")
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("big")
    for atoms in map(int, wish.atoms.split(",")):
        for part in wish.parts.split(","):
            if any((row["atoms"], row["part"]) == (atoms, part) for row in kept.rows):
                continue
            name = f"quench-{atoms}.h5"
            if part == "quench":
                words = ["quench", "--atoms", atoms, *PARTS[part], "--force", "-o", name]
            elif part == "inherent":
                frame = f"melt-{atoms}.lammps"
                took(["export", name, "--kind", "frames", "-o", frame, "--force"], wish.folder)
                words = ["analyze", frame, "--system", "wahnstrom", *PARTS[part], "--force"]
            else:
                words = ["report" if part == "report" else "analyze", name, *PARTS[part], "--force"]
            row = {"atoms": atoms, "part": part} | took(words, wish.folder)
            kept.add(row)
            kept.write(powers=powers(kept.rows))
            said = f"{row['seconds']:.0f} s, {row['bytes'] / 1e9:.2f} GB, {row['bytes'] / atoms:.0f} bytes an atom"
            print(f"{atoms} atoms, {part}: {said}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
