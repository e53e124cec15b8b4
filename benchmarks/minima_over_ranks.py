"""What an iteration towards an inherent structure takes: by our own forces, by LAMMPS in process and over ranks.

Of a melt of Wahnstroem atoms, the same iterations each, in a process of its own: processor seconds of it and of all its
ranks (which wait without rest), what an iteration takes from those of a long minimisation less those of a short one,
and the largest resident memory of any process.

    python benchmarks/minima_over_ranks.py [--atoms 100000] [--ranks 2]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import Kept

from glasscli.engine.launch import LAMMPS, OWN, Launch
from glasscli.model.protocol import Minimisation
from glasscli.simulation.over_ranks import RanksMinimiser, minimiser_of
from glasscli.store.reader import open_run

SHORT, LONG = 20, 120


def measure(path: Path, launch: Launch, iterations: int) -> dict[str, float]:
    """Minimise the last frame of a run here, so far; what it took."""
    run = open_run(path)
    settings = Minimisation(max_iterations=iterations)
    with minimiser_of(run.manifest.system, settings, launch, launch.ranks, path.parent) as minimiser:
        assert isinstance(minimiser, RanksMinimiser) == launch.external
        found = minimiser.minimise(run.frames[-1])
    assert found.iterations == iterations, found.iterations
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": sum(u.ru_utime + u.ru_stime for u in used),
        "bytes": 1024.0 * max(u.ru_maxrss for u in used),
        "energy": found.energy,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--atoms", type=int, default=100000)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument(
        "--one", nargs=4, metavar=("FILE", "FORCES", "RANKS", "ITERATIONS"), help=argparse.SUPPRESS
    )
    wish = parser.parse_args()
    if wish.one:
        path, forces, ranks, iterations = wish.one
        print(json.dumps(measure(Path(path), Launch(ranks=int(ranks), minima=forces), int(iterations))))
        return
    kept = Kept("minima_over_ranks")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "melt.h5"
        words: list[Any] = [
            "quench",
            "--atoms",
            wish.atoms,
            "--steps",
            200,
            "--equilibration",
            100,
            "--every",
            200,
        ]
        words += ["--inherent-every", 0, "--forces", "own", "-o", path]
        subprocess.run([sys.executable, "-m", "glasscli", *map(str, words)], check=True, capture_output=True)
        for forces, ranks in ((OWN, 1), (LAMMPS, 1), (LAMMPS, wish.ranks)):
            took = []
            for iterations in (SHORT, LONG):
                command = [sys.executable, __file__, "--one", path, forces, ranks, iterations]
                done = subprocess.run(
                    [str(word) for word in command], check=True, capture_output=True, text=True
                )
                took.append(json.loads(done.stdout))
            row = {
                "atoms": wish.atoms, "forces": forces, "ranks": ranks, "bytes": took[1]["bytes"],
                "seconds_an_iteration": (took[1]["seconds"] - took[0]["seconds"]) / (LONG - SHORT),
                "energies": [one["energy"] for one in took],
            }  # fmt: skip
            kept.add(row)
            kept.write()
            print(
                f"{forces}, {ranks} ranks: {1000 * row['seconds_an_iteration']:.0f} ms",
                file=sys.stderr,
                flush=True,
            )


if __name__ == "__main__":
    main()
