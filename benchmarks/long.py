"""Long and wide trajectories: time and memory that `analyze` takes, and what a second process and parts make of it.

Runs of wahnstrom by our own forces: 500 atoms with a frame at each of 200000 steps, and 100000 atoms with 200 frames,
five steps apart. Icosahedra of every frame and g(r) of the last ten are measured by one process, by two, and by three
parts that a last call takes in; the tables of all are compared to the last byte. Wall and processor seconds of whole
commands, and the largest resident memory of a process. `--share 0.1` takes a tenth of the frames and says by how much
memory grows with them. Rows are kept as they come: start it again to go on.

    python benchmarks/long.py FOLDER [--share 1] [--kinds long,wide]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept

# Atoms, frames, steps between them.
KINDS = {"long": (500, 200_000, 1), "wide": (100_000, 200, 5)}
PARTS = 3


def took(words: list[Any], folder: Path) -> dict[str, float]:
    """Wall and processor seconds and peak memory (bytes) of one command that must succeed."""
    began = time.perf_counter()
    with (folder / "last.log").open("w") as log:
        process = subprocess.Popen([*GLASSCLI, *map(str, words)], cwd=folder, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{words}: {(folder / 'last.log').read_text()[-500:]}")
    wall = time.perf_counter() - began
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "bytes": 1024.0 * usage.ru_maxrss}


def tables(folder: Path, stem: str) -> dict[str, str]:
    """{table: checksum} of the tables that an analysis made."""
    made = sorted(folder.glob(f"{stem}-*.csv"))
    return {path.name.removeprefix(stem): hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("long")

    def row(kind: str, part: str, *commands: list[Any]) -> None:
        """Commands one after another as one row, unless it is there."""
        atoms, frames, _ = sizes(kind)
        key = {"kind": kind, "atoms": atoms, "frames": frames, "part": part}
        if any(all(old[k] == v for k, v in key.items()) for old in kept.rows):
            return
        each = [took(words, wish.folder) for words in commands]
        found = {"wall": sum(one["wall"] for one in each), "cpu": sum(one["cpu"] for one in each)}
        kept.add(key | found | {"bytes": max(one["bytes"] for one in each), "load": os.getloadavg()[0]})
        print(kept.rows[-1], file=sys.stderr, flush=True)

    def sizes(kind: str) -> tuple[int, int, int]:
        atoms, frames, every = KINDS[kind]
        return atoms, round(wish.share * frames), every

    for kind in wish.kinds.split(","):
        atoms, frames, every = sizes(kind)
        melt, run = f"{kind}-melt.h5", f"{kind}-{frames}.h5"
        still = ["--inherent-every", 0, "--forces", "own", "--force"]
        if not (wish.folder / melt).exists():
            took(
                ["quench", "--atoms", atoms, "--steps", 400, "--equilibration", 200, *still, "-o", melt],
                wish.folder,
            )
        if not (wish.folder / run).exists():
            hold = [
                "anneal",
                melt,
                "--from",
                "final",
                "--T",
                0.5,
                "--steps",
                frames * every,
                "--every",
                every,
            ]
            row(
                kind,
                "anneal",
                [*hold, "--checkpoint-every", max(every, frames * every // 20), *still, "-o", run],
            )
        measure = ["analyze", run, "--measure", "icosahedra,pdf"]
        for jobs in (1, 2):
            row(kind, f"{jobs} jobs", [*measure, "--jobs", jobs, "-o", f"{kind}-{frames}-jobs{jobs}"])
        row(kind, "again", [*measure, "-o", f"{kind}-{frames}-jobs2"])
        stem = f"{kind}-{frames}-parts"
        parts = [[*measure, "--jobs", 1, "--part", f"{k}/{PARTS}", "-o", stem] for k in range(1, PARTS + 1)]
        row(kind, f"{PARTS} parts", *parts)
        row(kind, "taken in", [*measure, "--jobs", 1, "-o", stem])
        found = [tables(wish.folder, f"{kind}-{frames}-{name}") for name in ("jobs1", "jobs2", "parts")]
        if not found[0] or found[1:] != found[:1] * 2:
            raise SystemExit(f"{kind}: tables differ: {found}")
        kept.write(same={**kept.data.get("same", {}), f"{kind} {frames}": sorted(found[0])})


if __name__ == "__main__":
    main()
