"""How much faster are two cores than one, and what does a LAMMPS at the end of a pipe cost?

Three comparisons, each of whole processes that take turns on the same cores:

replicas  eight quenches of 500 atoms with --jobs 2 against the same eight one after another
ranks     an anneal of 32000 atoms with --ranks 2 against one in process; beside it `lmp` on the same deck, one and two
          ranks
program   an anneal of 500 atoms in LAMMPS's program (--lmp) against one in process, on one core

    python benchmarks/throughput.py [--rounds 3] [--scale 1] [--atoms 31944]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept, seconds, sliced

from glasscli.engine.launch import Launch, environment

REPLICAS, REPLICA_STEPS, RANK_STEPS, PROGRAM_STEPS = 8, 20000, 1500, 60000
*MPIEXEC, LMP = Launch(ranks=2).command()
QUIET = ["--inherent-every", 0]
# Processes that start others are stopped one by one; a second is long beside that.
LONG_SLICE = 1.0


def replicas(folder: Path, scale: float) -> dict[str, Any]:
    """Eight samples on two cores and on one."""
    quench = [
        *GLASSCLI,
        "quench",
        "--steps",
        round(REPLICA_STEPS * scale),
        "--equilibration",
        0,
        *QUIET,
        "--force",
    ]
    commands = []
    for jobs in (2, 1):
        at = folder / f"jobs-{jobs}"
        shutil.rmtree(at, ignore_errors=True)  # what is done would not be done again
        at.mkdir()
        commands.append(([*quench, "--replicas", REPLICAS, "--jobs", jobs], at))
    both, one = sliced(commands, LONG_SLICE, cores=2)
    return {"jobs_2_s": both.wall, "jobs_1_s": one.wall, "replicas": one.wall / both.wall}


def ranks(folder: Path, scale: float) -> dict[str, Any]:
    """One large sample over two ranks and in process; `lmp` on the same deck."""
    anneal = [
        "anneal",
        "c15.lammps",
        "--system",
        "wahnstrom",
        "--T",
        1.5,
        "--steps",
        round(RANK_STEPS * scale),
        *QUIET,
    ]
    if not (folder / "deck").exists():
        seconds([*GLASSCLI, *anneal, "--dry-run", "-o", "deck"], folder)
    anneal = [*GLASSCLI, *anneal, "--force"]
    plain = [LMP, "-in", "anneal.in", "-log", "none"]
    two_in = folder / "deck-2"
    if not two_in.exists():
        two_in.mkdir()
        for file in (folder / "deck").iterdir():
            (two_in / file.name).write_bytes(file.read_bytes())
    took = sliced(
        [
            ([*anneal, "--ranks", 2, "-o", "two.h5"], folder),
            ([*anneal, "-o", "one.h5"], folder),
            ([*MPIEXEC, *plain], two_in),
            (plain, folder / "deck"),
        ],
        LONG_SLICE,
        cores=2,
    )
    two, one, lmp_two, lmp_one = (t.wall for t in took)
    return {
        "ranks_2_s": two, "ranks_1_s": one, "ranks": one / two,
        "lmp_2_s": lmp_two, "lmp_1_s": lmp_one, "lmp_ranks": lmp_one / lmp_two,
    }  # fmt: skip


def program(folder: Path, scale: float) -> dict[str, Any]:
    """LAMMPS's program and LAMMPS in process."""
    anneal = [*GLASSCLI, "anneal", "--T", 0.52, "--steps", round(PROGRAM_STEPS * scale), *QUIET, "--force"]
    outside, inside = sliced(
        [([*anneal, "--lmp", LMP, "-o", "outside.h5"], folder), ([*anneal, "-o", "inside.h5"], folder)]
    )
    return {"outside_s": outside.wall, "inside_s": inside.wall, "program": outside.wall / inside.wall}


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """A row that people can read."""
    return {key: round(value, 4) for key, value in row.items()}


def main() -> None:
    """Measure so many rounds, then say the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of steps")
    parser.add_argument("--atoms", type=int, default=31944, help="of the sample that ranks share")
    wish = parser.parse_args()
    os.environ |= environment()  # LAMMPS's program finds its MPI
    kept = Kept("throughput")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds([*GLASSCLI, "build", "c15", "--atoms", wish.atoms], folder)
        seconds([*GLASSCLI, "quench", "--steps", 20000, *QUIET], folder)
        while len(kept.rows) < wish.rounds:
            row: dict[str, Any] = {"scale": wish.scale}
            for measure in (replicas, ranks, program):
                row |= rounded(measure(folder, wish.scale))
            kept.add(row)
            print(row, flush=True)
    medians = {f"median_{name}": kept.median(name) for name in ("replicas", "ranks", "lmp_ranks", "program")}
    kept.write(**medians)
    print(medians)


if __name__ == "__main__":
    main()
