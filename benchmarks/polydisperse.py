"""Atoms whose diameters vary (`polydisperse`): speed, width of exchanges, relaxation times (energies: equilibrium.py).

* speed: attempts and steps a second of one core, 1500 atoms; LAMMPS's own forces beside.
* batches: steps and seconds of F_s(k = 7) to 1/e at T = 0.1 by steps between batches, attempts and width, 500 atoms.
* relaxation: F_s(k = 7) of sites, with exchanges and by dynamics alone, 500 atoms: steps and seconds to 1/e.

Seconds are processor time. Each row is kept as it is measured, in results/polydisperse.json.

    python benchmarks/polydisperse.py [speed batches relaxation] [--seconds 60]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import Kept

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import FileStart
from glasscli.engine.launch import LAMMPS, OWN, Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.start import start_engine
from glasscli.model.system import load_system
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.moves import local_moves
from glasscli.simulation.plan import plan
from glasscli.store.manifest import Parent

SYSTEM = load_system("polydisperse")
WORK = Path(__file__).with_name("work-polydisperse")
# Steps before a batch, attempts an atom, width.
BATCHES = (
    (10, 20, 0.1), (10, 20, 0.2), (10, 20, 0.4), (20, 4, 0.2), (50, 10, 0.2), (50, 20, 0.2), (50, 10, 0.4),
    (100, 10, 0.2), (100, 20, 0.2),
)  # fmt: skip
K = 7.0  # the first peak of S(k)


class Chain:
    """Dynamics at T from a configuration, with or without exchanges; sites keep their labels when atoms exchange."""

    def __init__(
        self, start: Configuration, T: float, exchanges: bool = True, forces: str = OWN, seed: int = 1, **options: Any
    ) -> None:  # fmt: skip
        kind: Any = HybridWish if exchanges else AnnealWish
        sampling = SamplingWish(inherent_every=0, checkpoint_every=10**9)
        wish = kind(T, steps=10**10, seed=seed, new_velocities=True, sampling=sampling, **options)
        self.job = plan(
            SYSTEM,
            wish,
            Path("none.h5"),
            source=(start, Parent("", "")),
            launch=Launch(accelerator=forces, minima=OWN),
        )
        self._stack = ExitStack()
        self.engine = self._stack.enter_context(closing(start_engine(SYSTEM, self.job.launch)))
        deck, leg = self.job.deck, self.job.deck.legs[-1]
        assert isinstance(self.job.start, FileStart)
        self.engine.provide(self.job.start.name, self.job.start.content)
        self.engine.commands([*deck.entered, *leg.enter, *leg.fixes])
        self._ramp, self.step, self._setup = leg.ramp, 0, True
        self.moves = None
        if exchanges:
            minimiser = self._stack.enter_context(Minimiser(SYSTEM, self.job.protocol.minimisation, OWN))
            self.moves = local_moves(SYSTEM, self.job.protocol, minimiser)
        self.site = np.arange(start.n_atoms)

    def close(self) -> None:
        self._stack.close()

    def go(self, steps: int) -> None:
        """So many steps; where there are exchanges, a batch after each `md_per_mc`."""
        every = self.job.protocol.moves.md_per_mc if self.job.protocol.moves else steps
        for _ in range(steps // every):
            self.engine.advance(every, self._ramp, self._setup)
            self.step += every
            self._setup = False
            if self.moves:
                before = self.site.copy()
                self.moves.make(self.engine, self.step, False)
                sites = self.moves._sites  # type: ignore[attr-defined]
                self.site[sites.occupant] = before
                self._setup = True

    def places(self) -> np.ndarray:
        """[n, 3] unwrapped positions by site."""
        found = np.empty_like(self.engine.configuration().positions)
        found[self.site] = self.engine.configuration().unwrapped
        return found

    def diameters(self) -> np.ndarray:
        """[n] diameter of the atom on each site."""
        c = self.engine.configuration()
        found = np.empty(c.n_atoms)
        found[self.site] = c.diameters
        return found


def melt(atoms: int) -> Configuration:
    """A liquid at T = 0.25, from a lattice whose atoms have exchanged places."""
    cells = int(np.ceil(atoms ** (1 / 3)))
    grid = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[:atoms]
    edge = atoms ** (1 / 3)
    diameters = np.random.default_rng(1).permutation(SYSTEM.sizes.of(atoms))
    lattice = Configuration(
        (grid + 0.5) / cells * edge, np.ones(atoms, dtype=np.int32), Box.cube(edge), diameters=diameters
    )
    with Minimiser(SYSTEM, forces=OWN) as minimiser:
        relaxed = minimiser.minimise(lattice).configuration
    with closing(Chain(relaxed, 0.25)) as chain:
        chain.go(2000)
        return chain.engine.configuration()


def kept_melt(atoms: int) -> Configuration:
    """The same, made once."""
    return kept(f"melt-{atoms}", lambda: melt(atoms))


def kept(name: str, make: Any) -> Configuration:
    path = WORK / f"{name}.npz"
    if not path.exists():
        c = make()
        WORK.mkdir(exist_ok=True)
        np.savez(path, positions=c.positions, edges=c.box.edges, diameters=c.diameters)
    found = np.load(path)
    n = len(found["diameters"])
    return Configuration(
        found["positions"], np.ones(n, dtype=np.int32), Box(found["edges"]), diameters=found["diameters"]
    )


def speed(seconds: float) -> Iterator[dict[str, Any]]:
    """Attempts and steps a second."""
    with closing(Chain(kept_melt(1500), 0.1)) as chain:
        chain.go(500)
        liquid = chain.engine.configuration()
        tried = md = mc = 0.0
        while md + mc < seconds / 4:
            began = time.process_time()
            chain.engine.advance(10, (0, 10**10), True)
            chain.step += 10
            middle = time.process_time()
            assert chain.moves is not None
            chain.moves.make(chain.engine, chain.step, False)
            md, mc = md + middle - began, mc + time.process_time() - middle
            tried += chain.job.protocol.moves.attempts
    rates = {}
    for forces in (OWN, LAMMPS):
        with closing(Chain(liquid, 0.1, exchanges=False, forces=forces if forces == OWN else "")) as chain:
            chain.go(20)
            began, done = time.process_time(), 0
            while time.process_time() - began < seconds / 10:
                chain.go(20)
                done += 20
            rates[forces] = done / (time.process_time() - began)
    yield {
        "key": "speed", "atoms": 1500, "T": 0.1, "attempts_per_second": tried / mc,
        "attempts_per_second_with_dynamics": tried / (md + mc), "steps_per_second": rates[OWN],
        "steps_per_second_of_lammps": rates[LAMMPS],
    }  # fmt: skip


def batches(seconds: float) -> Iterator[dict[str, Any]]:
    """Steps and seconds until F_s has fallen to 1/e at T = 0.1, by what a batch is."""
    start = kept("relaxation-0.1", lambda: rested(0.1, seconds))
    for md, attempts, width in BATCHES:
        with closing(Chain(start, 0.1, md_per_mc=md, attempts=attempts * 500, width=width)) as chain:
            first, began, f, spent = chain.places(), time.process_time(), 1.0, 0.0
            while f > np.exp(-1) and spent < seconds:
                chain.go(200)
                f, spent = float(np.cos(K * (chain.places() - first)).mean()), time.process_time() - began
            yield {
                "key": f"batches {md} {attempts} {width}", "md_per_mc": md, "attempts_per_atom": attempts,
                "width": width, "steps": chain.step, "seconds": spent, "F_s": f,
            }  # fmt: skip


def relaxation(seconds: float) -> Iterator[dict[str, Any]]:
    """Steps and seconds until F_s has fallen to 1/e, from configurations that exchanges equilibrated."""
    for T in (0.12, 0.1):
        start = kept(f"relaxation-{T}", lambda T=T: rested(T, seconds))
        for exchanges in (True, False):
            with closing(Chain(start, T, exchanges=exchanges)) as chain:
                first, began, every = chain.places(), time.process_time(), 100 if exchanges else 1000
                spent, curve = 0.0, []
                while spent < seconds * (1 if exchanges else 5):
                    chain.go(every)
                    spent = time.process_time() - began
                    curve.append((chain.step, spent, np.cos(K * (chain.places() - first)).mean()))
                    if curve[-1][2] < np.exp(-1) and len(curve) > 3:
                        break
            steps, spent, f = curve[-1]
            reached = bool(f < np.exp(-1))
            yield {
                "key": f"relaxation {T} {'exchanges' if exchanges else 'dynamics'}", "T": T, "exchanges": exchanges,
                "reached": reached, "steps": steps, "seconds": spent, "F_s": float(f),
            }  # fmt: skip


def rested(T: float, seconds: float) -> Configuration:
    """500 atoms after exchanges at T."""
    with closing(Chain(kept_melt(500), T)) as chain:
        began = time.process_time()
        while time.process_time() - began < seconds:
            chain.go(100)
        return replace(chain.engine.configuration(), velocities=None)


PARTS = {"speed": speed, "batches": batches, "relaxation": relaxation}


def main() -> None:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=60, help="processor time of a row")
    options = parser.parse_args()
    for part in options.parts or PARTS:
        for row in PARTS[part](options.seconds):
            rows = Kept("polydisperse")  # anew: parts may run side by side
            rows.rows[:] = [old for old in rows.rows if old["key"] != row["key"]]
            rows.add(row)
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
