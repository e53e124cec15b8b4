"""What a step, an inherent structure, a batch of exchanges cost: measured here, with the run's own forces, in moments.

A sample goes through the run's temperatures in a few steps. Processor time is measured, so that a busy machine says the
same as an idle one. Nothing is written.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.deck import STRESS_COLUMNS, THERMO_COLUMNS, FileStart, Leg
from glasscli.engine.launch import OWN, Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.start import available
from glasscli.errors import InputError
from glasscli.progress import Advance, silent
from glasscli.simulation.job import Job
from glasscli.simulation.pilot_sample import MELTING, Sample, begun, sample_of
from glasscli.simulation.sampled import sampled
from glasscli.store.size import Sizes, sizes

# Atoms of the small sample, which is minimised too; at most of the one whose steps are timed; about how long.
SMALL, MOST, SECONDS = 500, 30_000, 1.0
# Steps that are timed at least, of all and of a leg; those that come before, untimed.
LEAST, SHARE, WARM = 60, 20, 10
# Seconds after which one minimum is enough, of the two that are tried: at the first and at the last temperature.
LONG = 1.5
# Batches of exchanges that are timed at least; configurations that are packed to see how long they are.
BATCHES, PACKED = 4, 4
# Seconds after which no other step of strain is begun.
STRAINED = 3.0
FAR = 10**9  # steps over which a temperature all but stays


@dataclass(frozen=True)
class Speeds:
    """Processor seconds on one core of this machine.

    atoms     of the sample whose steps were timed
    before    of an atom and step that only lead to what is kept;  kept: of those that are
    minimum   of an inherent structure of `minimised` atoms
    batch, audit, pull, state, frame: of one, an atom
    around    minima around rearrangements that a step of strain brought
    sizes     bytes an atom
    """

    atoms: int
    before: float
    kept: float
    minimum: float
    minimised: int
    batch: float
    audit: float
    pull: float
    state: float
    frame: float
    around: float
    sizes: Sizes


def measure(job: Job, advance: Advance = silent) -> Speeds:
    """Time the work of a job. Raises EngineError where it cannot begin, InputError for what this LAMMPS cannot do."""
    job = replace(job, launch=_here(job.launch))
    atoms, strained = sum(job.protocol.counts), job.protocol.straining is not None
    first = _Timed(sample_of(job, SMALL))
    first.run(minimise=job.protocol.sampling.inherent is not None)
    advance(1)
    found, fitting = first, min(int(SECONDS / (LEAST * max(first.kept, first.before))), MOST)
    if min(atoms, fitting) > 2 * first.atoms and not strained:
        found = _Timed(sample_of(job, fitting))
        found.run(minimise=False)
    advance(2)
    return Speeds(
        found.atoms, found.before or found.kept, found.kept, first.minimum, first.atoms, found.batch, found.audit,
        found.pull, found.state, found.frame, found.around, found.sizes,
    )  # fmt: skip


def _here(launch: Launch) -> Launch:
    """The launch in this process: programs of others, which may wait in a queue, are not started to be timed."""
    here = replace(launch, lmp="", ranks=1)
    return (
        here
        if here.accelerator in ("", OWN) or here.accelerator in available(here)
        else replace(here, accelerator="")
    )


class _Timed:
    """The work of one sample, timed."""

    def __init__(self, sample: Sample) -> None:
        self._sample, self._job = sample, sample.job
        self.atoms = sum(self._job.protocol.counts)
        self.batch = self.audit = self.pull = self.state = self.frame = self.minimum = 0.0
        self.around = 0.0
        self.sizes = Sizes(0.0, 0.0, 0.0, 0.0)
        # By whether a leg is kept: seconds, and steps.
        self._spent, self._made = {True: 0.0, False: 0.0}, {True: 0, False: 0}
        self._seen: list[Configuration] = []

    @property
    def kept(self) -> float:
        """Seconds of an atom and step that is kept."""
        return self._spent[True] / max(1, self._made[True]) / self.atoms

    @property
    def before(self) -> float:
        """Of one that leads to it; 0 where there is none."""
        return self._spent[False] / max(1, self._made[False]) / self.atoms

    def run(self, minimise: bool) -> None:
        """Go through the deck in a few steps; then what is done beside them."""
        job = self._job
        self._engine = begun(self._sample)
        try:
            with Minimiser(job.system, job.protocol.minimisation, job.launch.minima) as minimiser:
                self._dynamics(minimiser)
                self._pull()
                if minimise:
                    self._minimise(minimiser)
            self._rearrangements()
            began = time.process_time()
            restart = self._engine.state()
            self.state = (time.process_time() - began) / self.atoms
        finally:
            self._engine.close()
        began, seen = time.process_time(), self._seen[-PACKED:]
        content = job.start.content if isinstance(job.start, FileStart) else b""
        content = restart if self._sample.restart else content
        self.sizes = sizes(job.protocol, seen, restart, content)
        self.frame = (time.process_time() - began) / (2 * len(seen) * self.atoms)

    def _dynamics(self, minimiser: Minimiser) -> None:
        """The legs, each in its share of as many steps as take about as long as is wanted."""
        legs = self._sample.deck.legs
        # Where boxes flow only the first: the others begin with boxes that have come further than these.
        last = next((k for k, leg in enumerate(legs) if leg.flows), len(legs) - 1)
        legs, total = legs[: last + 1], 0
        for number, leg in enumerate(legs):
            self._engine.commands([*leg.enter, *leg.fixes])
            if leg.kept and not self._seen:
                self._engine = sampled(self._engine, self._job)
                self._seen.append(self._engine.configuration())
                if leg.moves:
                    self._exchanges(leg, minimiser)
                self._record()
            self._step = self._engine.configuration().step
            if number == 0:
                total = self._gauge(leg)
            elif self._made[leg.kept] >= total:
                continue
            steps = max(SHARE, round(total * leg.steps / sum(one.steps for one in legs)))
            self._go(leg, min(steps, leg.steps))

    def _gauge(self, leg: Leg) -> int:
        """Steps that take about as long as is wanted, known from a few of them at the temperature of the beginning."""
        resting = self._job.protocol.straining is not None
        self._advance(leg, (MELTING if self._sample.raw else 0) + (0 if resting else WARM), None)
        steps, least = (1, 1) if resting else (WARM, LEAST)
        while (room := self._room(leg)) > 0:
            steps = min(steps, room)
            took = self._timed(leg, steps, None)
            if took > SECONDS / 8 or steps >= leg.steps:
                return max(least, int(SECONDS / max(took, 1e-9) * steps))
            steps *= 2
        return least

    def _go(self, leg: Leg, steps: int) -> None:
        """So many timed steps through the temperatures of a leg."""
        steps = min(steps, self._room(leg))
        ramp = (self._step, self._step + steps) if _programmed(leg) else leg.ramp
        resting, began = self._job.protocol.straining is not None, time.process_time()
        pieces = steps if resting else PACKED
        for piece in range(pieces):
            self._timed(leg, steps * (piece + 1) // pieces - steps * piece // pieces, ramp)
            if leg.kept:
                self._seen.append(self._engine.configuration())
            # Where something gives way a step of strain takes as long as many others.
            if resting and time.process_time() - began > STRAINED:
                break

    def _room(self, leg: Leg) -> int:
        """How many steps there can be."""
        return FAR if _programmed(leg) else min(leg.last_step, leg.ramp[1]) - self._step

    def _timed(self, leg: Leg, steps: int, ramp: tuple[int, int] | None) -> float:
        """Seconds of so many steps, counted."""
        if steps < 1:
            return 0.0
        began = time.process_time()
        self._advance(leg, steps, ramp)
        took = time.process_time() - began
        self._spent[leg.kept] += took
        self._made[leg.kept] += steps
        return took

    def _advance(self, leg: Leg, steps: int, ramp: tuple[int, int] | None) -> None:
        """Steps as the run makes them, in stretches between its exchanges; without a ramp as at the leg's beginning."""
        steps = min(steps, self._room(leg))
        if ramp is None:
            ramp = (self._step, self._step + FAR) if _programmed(leg) else leg.ramp
        longest = leg.moves.md_per_mc if leg.moves else steps
        for done in range(0, steps, max(1, longest)):
            n = min(longest, steps - done)
            self._engine.advance(n, ramp, True)
            self._step += n

    def _exchanges(self, leg: Leg, minimiser: Minimiser) -> None:
        """Batches, after one that is audited and for which kernels are loaded; then an audit again."""
        from glasscli.simulation.moves import local_moves  # numba takes its time to load

        assert leg.moves is not None
        moves, n = local_moves(self._job.system, self._job.protocol, minimiser), leg.moves.md_per_mc
        every = self._job.protocol.sampling.checkpoint_every

        def make(step: int) -> float:
            self._engine.advance(n, leg.ramp, True)
            began = time.process_time()
            moves.make(self._engine, step, False)
            return time.process_time() - began

        make(n)
        took = [
            make(2 * n) for _ in range(BATCHES)
        ]  # a step of no audit, unless they are as long as checkpoints
        self.batch = float(np.mean(took)) / self.atoms
        self.audit = max(0.0, make(-(-every // n) * n) / self.atoms - self.batch)

    def _record(self) -> None:
        """Have noted what the run notes while it goes on, which wants energies."""
        sampling = self._job.protocol.sampling
        self._engine.record(sampling.thermo_every, THERMO_COLUMNS)
        if sampling.stress_every:
            self._engine.record(sampling.stress_every, STRESS_COLUMNS)

    def _pull(self) -> None:
        """Forces and Laplacian of the configurational temperature, where it has a meaning."""
        if not self._job.protocol.gauged:
            return
        from glasscli.simulation.gauge import gauge_of  # numba takes its time to load

        with suppress(InputError):
            gauge, atoms = gauge_of(self._job.system), self._seen[-1]
            if gauge.fits(atoms):
                gauge.measure(atoms)
                began = time.process_time()
                gauge.measure(atoms)
                self.pull = (time.process_time() - began) / self.atoms

    def _rearrangements(self) -> None:
        """Minima around those of the steps that were timed, where steps are of strain."""
        if self._job.protocol.straining is None:
            return
        from glasscli.engine.strained import Strained  # numba takes its time to load

        assert isinstance(self._engine, Strained)
        made = self._engine.stretches()
        found = sum(len(one.before) + 1 for stretch in made for one in stretch.rearrangements)
        self.around = found / max(1, len(made))

    def _minimise(self, minimiser: Minimiser) -> None:
        took: list[float] = []
        for atoms in (self._seen[0], self._seen[-1]):
            began = time.process_time()
            minimiser.minimise(atoms)
            took.append(time.process_time() - began)
            if took[-1] > LONG:
                break
        self.minimum = float(np.mean(took))


def _programmed(leg: Leg) -> bool:
    """Whether a leg's fixes say its whole change of temperature, which then fits into any number of steps."""
    return leg.ramp == (leg.first_step, leg.last_step) and not (leg.flows or leg.loop)
