"""How long the functions of motion take: 4096 atoms of two species in 2000 frames, on one core.

Frames in memory, so that no file is read; processor seconds of the functions alone, after one small call that loads
what is compiled. F_s at two wave numbers, MSD, alpha_2, overlap and chi_4 of all atoms and of each species with errors,
up to 1000 origins a lag; then the collective F(q, t), and the van Hove functions at four lags.

    python benchmarks/motion.py [--atoms 4096] [--frames 2000]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from common import Kept

from glasscli.configuration import Box, Configuration, Floats
from glasscli.observables.collective import collective
from glasscli.observables.dynamics import motions
from glasscli.observables.van_hove import van_hove

EDGE, Q = 15.06, (7.25, 4.0)


@dataclass
class Walk:
    """A random walk of atoms in a cube, frame by frame."""

    x: Floats
    species: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, k: int) -> Configuration:
        box = Box.cube(EDGE)
        inside, images = box.folded(self.x[k % len(self)])
        return Configuration(inside, self.species, box, images, step=int(k % len(self)))

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))


def walk(atoms: int, frames: int) -> Walk:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((frames, atoms, 3)) * 0.05
    x[0] = rng.uniform(0, EDGE, (atoms, 3))
    return Walk(np.cumsum(x, axis=0), np.where(np.arange(atoms) < 0.8 * atoms, 1, 2).astype(np.int32))


def timed(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--atoms", type=int, default=4096)
    options.add_argument("--frames", type=int, default=2000)
    given = options.parse_args()

    def all_of(sample: Walk) -> dict[str, float]:
        steps = np.arange(len(sample))
        return {
            "self": timed(lambda: motions(sample, steps, Q, 0.3, most_origins=1000, species=(1, 2))),
            "collective": timed(lambda: collective(sample, steps, Q, 1000, (1, 2))),
            "van_hove": timed(lambda: van_hove(sample, steps, [1, 5, 10, 40], 3.0, species=(1, 2))),
        }

    all_of(walk(200, 50))
    sample = walk(given.atoms, given.frames)
    found = all_of(sample)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Kept("motion").write(
        atoms=given.atoms, frames=given.frames, seconds=found, peak_megabytes=round(megabytes)
    )
    print(found, f"{megabytes:.0f} MiB, of which the walk itself {sample.x.nbytes / 2**20:.0f}")


if __name__ == "__main__":
    main()
