"""How many steps and how many attempts relax most in a second of one core: tried out, not guessed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from glasscli.engine.deck import FileStart
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.start import start_engine
from glasscli.protocols.kinds.hybrid import Hybrid
from glasscli.simulation.job import Job
from glasscli.simulation.moves import local_moves
from glasscli.simulation.sampled import sampled

MD_STEPS = (10, 25, 50, 100, 200)
ATTEMPTS_PER_ATOM = (10, 50, 200)
# Inherent structures averaged at the end of a trial, over its last third.
SAMPLES = 6


@dataclass(frozen=True)
class Trial:
    """One setting after its share of processor time.

    inherent_energy  per atom, mean over the last third; error: its standard error, samples taken as independent
    """

    md_per_mc: int
    attempts: int
    timestep: float
    md_steps: int
    inherent_energy: float
    error: float


def candidates(job: Job) -> list[Job]:
    """The job with each of the settings that are tried."""
    protocol = job.protocol
    assert isinstance(protocol, Hybrid)
    found = []
    for n in MD_STEPS:
        for m in ATTEMPTS_PER_ATOM:
            exchange = protocol.exchange.model_copy(
                update={"md_per_mc": n, "attempts": m * sum(protocol.counts)}
            )
            found.append(replace(job, protocol=protocol.model_copy(update={"exchange": exchange})))
    return found


def tune(jobs: Sequence[Job], seconds: float, advance: Callable[[int], None]) -> list[Trial]:
    """Give each job so many seconds of processor time from the same start; the best comes first."""
    trials = []
    for done, job in enumerate(jobs, start=1):
        trials.append(_try(job, seconds))
        advance(done)
    return sorted(trials, key=lambda trial: trial.inherent_energy)


def _try(job: Job, seconds: float) -> Trial:
    hybrid, deck = job.protocol, job.deck
    assert isinstance(hybrid, Hybrid)
    energies: list[float] = []
    with (
        closing(start_engine(job.system, job.launch)) as engine,
        Minimiser(job.system, hybrid.minimisation, job.launch.minima) as minimiser,
    ):
        moves = local_moves(job.system, hybrid, minimiser)
        if isinstance(job.start, FileStart):
            engine.provide(job.start.name, job.start.content)
        engine.commands(deck.entered)
        for leg in deck.legs[:-1]:
            engine.commands([*leg.enter, *leg.fixes])
            engine.advance(leg.steps, leg.ramp, True)
        last = deck.legs[-1]
        engine.commands([*last.enter, *last.fixes])
        engine = sampled(engine, job)
        step, spent, minimising = 0, 0.0, 0.0
        n = hybrid.exchange.md_per_mc
        began = time.process_time()
        while spent < seconds:
            engine.advance(n, last.ramp, True)
            step += n
            moves.make(engine, step, False)
            spent = time.process_time() - began - minimising
            if spent > seconds * (2 + len(energies) / SAMPLES) / 3:
                before = time.process_time()
                energies.append(minimiser.minimise(engine.configuration()).energy)
                minimising += time.process_time() - before
    error = float(np.std(energies, ddof=1) / np.sqrt(len(energies))) if len(energies) > 1 else float("nan")
    return Trial(n, hybrid.exchange.attempts, hybrid.timestep, step, float(np.mean(energies)), error)
