"""How often each thing happens in a run: from its protocol alone, the same as its parts count."""

from __future__ import annotations

import math
from dataclasses import dataclass

from glasscli.model.schedule import Schedule
from glasscli.simulation.job import Job
from glasscli.simulation.parts.order import pulled_every
from glasscli.store.schema import EXCHANGE, INHERENT, PULL, SIDES, STRAIN, STRESS, THERMO, TILT


@dataclass(frozen=True)
class Due:
    """What is due from a step of a leg to the end.

    before     steps of legs that only lead to those that are kept;  kept: of those
    frames, minima, states, checkpoints, batches, audits, pulls: how many
    """

    before: int
    kept: int
    frames: int
    minima: int
    states: int
    checkpoints: int
    batches: int
    audits: int
    pulls: int

    @property
    def steps(self) -> int:
        """All of them."""
        return self.before + self.kept


def due(job: Job, leg: int = 0, step: int = 0) -> Due:
    """What is due from a step of the leg of that number on, by default from the beginning."""
    legs = job.deck.legs
    here = legs[leg]
    left = {
        k: one.last_step - (max(step, one.first_step) if k == leg else one.first_step)
        for k, one in enumerate(legs)
    }
    before = sum(n for k, n in left.items() if k >= leg and not legs[k].kept)
    began = step if here.kept and (leg, step) != (0, 0) else None  # what is due at the first step is done
    protocol, sampling, last = job.protocol, job.protocol.sampling, job.protocol.steps
    first = began or 0
    ends = [one.last_step for one in legs[leg:] if one.kept]  # at which each leg keeps what it ends with

    def every(interval: int | None) -> int:
        return last // interval - first // interval if interval else 0

    def scheduled(schedule: Schedule) -> int:
        done = 0 if began is None else schedule.count(first)
        return schedule.count(last) - done + sum(not schedule.includes(end) for end in ends)

    minima = scheduled(sampling.inherent) if sampling.inherent else 0
    if sampling.harvest is not None:  # and those of checkpoints, from which a harvest goes on
        minima += every(sampling.checkpoint_every)
    both = math.lcm(sampling.state_every, sampling.checkpoint_every) if sampling.state_every else last + 1
    states = (
        every(both)
        + sum(end % both != 0 for end in ends)
        + (began is None and sampling.state_every is not None)
    )
    checkpoints = sum(-(-n // sampling.checkpoint_every) for k, n in left.items() if k >= leg)
    moves = protocol.moves if protocol.moves and protocol.moves.kernel == "local" else None
    batches = every(moves.md_per_mc) if moves else 0
    audits = min(batches, every(sampling.checkpoint_every) + 1) if moves else 0
    return Due(
        before, last - first, scheduled(sampling.frames), minima, states, checkpoints, batches, audits,
        every(pulled_every(protocol)),
    )  # fmt: skip


def rows(job: Job) -> dict[str, int]:
    """{kind of series: how many rows the file of a run will have}, of those that are no configurations."""
    protocol, whole = job.protocol, due(job)
    sampling, last = protocol.sampling, protocol.steps
    found = {
        THERMO.kind: last // sampling.thermo_every + 1,
        INHERENT.kind: whole.minima,
        PULL.kind: whole.pulls,
    }
    if sampling.stress_every:
        found[STRESS.kind] = last // sampling.stress_every + 1
        found[TILT.kind] = found[STRESS.kind] if protocol.leans else 0
    if protocol.moves:
        found[EXCHANGE.kind] = whole.frames + last // sampling.checkpoint_every
    if protocol.straining:
        found[STRAIN.kind] = last + 1
        found[SIDES.kind] = last + 1 if protocol.straining.strain.giving else 0
    return found
