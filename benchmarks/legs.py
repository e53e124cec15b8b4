"""What relaxes a fast quench most in a processor second: steps of a trial, exchanges between two, whom to exchange.

500 atoms of `wahnstrom` from a default quench, held at T = 0.52. All settings take turns on one core, so that a machine
whose speed changes is the same for all; a mean of five inherent structures after each quarter of the time. Rows are
kept in results/legs.json.

    python benchmarks/legs.py QUENCH.h5 [--seconds 16] [--T 0.52]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from common import Kept

from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.legs import Legs
from glasscli.engine.pair_tables import tabulate
from glasscli.model.system import load_system
from glasscli.simulation.kernel import Sites
from glasscli.simulation.partners import exchange_ready
from glasscli.store.reader import open_run

SYSTEM = load_system("wahnstrom")
STEP = 0.008
# Steps of a trial, attempts after it, whether partners are ready.
SETTINGS = (
    (10, 50, True),
    (10, 200, True),
    (50, 50, True),
    (50, 500, True),
    (25, 10000, False),
    (10, 10000, False),
)
SLICES, QUARTER = 40, 10


@dataclass
class Sample:
    """One setting's atoms and what they have done so far."""

    steps: int
    attempts: int
    ready: bool
    start: Configuration
    seed: int
    spent: float = 0.0
    done: int = 0
    exchanged: int = 0
    accepted: int = 0
    tried: int = 0
    minima: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng, self._table = np.random.default_rng(self.seed), tabulate(SYSTEM)
        self._legs = Legs(SYSTEM, self.start.species)
        self._legs.place(replace(self.start, velocities=np.zeros_like(self.start.positions)))

    def go(self, T: float, seconds: float) -> None:
        """Trials and exchanges in turns for so many processor seconds."""
        began = time.process_time()
        while time.process_time() - began < seconds:
            self.accepted += self._legs.leg(self._rng, self.steps, STEP, T)
            self.tried += 1
            self.done += self.steps
            where = self.start.box.folded(self._legs.positions)[0]
            sites = Sites(where, self._legs.species - 1, self.start.box, self._table, self._legs.sites())
            draw = exchange_ready if self.ready else Sites.exchange
            self.exchanged += int(draw(sites, self._rng, self.attempts, 1 / T)[1].sum())
            self._legs.sit((sites.species + 1).astype(np.int32), self._legs.velocities)
        self.spent += time.process_time() - began

    def minimum(self, minimiser: Minimiser) -> None:
        """Note its inherent structure."""
        where, crossed = self.start.box.folded(self._legs.positions)
        now = replace(
            self.start, positions=where, species=self._legs.species, images=crossed, velocities=None
        )
        self.minima.append(minimiser.minimise(now).energy)


def main() -> None:
    """Take turns; a row a setting and quarter."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("quench", type=Path)
    parser.add_argument("--seconds", type=float, default=16, help="of each setting")
    parser.add_argument("--T", type=float, default=0.52)
    wish = parser.parse_args()
    run, kept = open_run(wish.quench), Kept("legs")
    seed = run.manifest.protocol.seed
    samples = [Sample(*setting, run.frames[-1], seed) for setting in SETTINGS]
    with Minimiser(SYSTEM, forces="own") as minimiser:
        for turn in range(1, SLICES + 1):
            for sample in samples:
                sample.go(wish.T, wish.seconds / SLICES)
                if turn % 2 == 0:
                    sample.minimum(minimiser)
            for sample in samples if turn % QUARTER == 0 else ():
                kept.add(
                    {
                        "seed": seed, "T": wish.T, "steps_of_a_trial": sample.steps, "attempts": sample.attempts,
                        "partners": "ready" if sample.ready else "any", "cpu_seconds": round(sample.spent, 1),
                        "steps": sample.done, "exchanges": sample.exchanged,
                        "trials_accepted": sample.accepted / sample.tried, "E_IS": float(np.mean(sample.minima[-5:])),
                    }
                )  # fmt: skip
                print(kept.rows[-1], flush=True)


if __name__ == "__main__":
    main()
