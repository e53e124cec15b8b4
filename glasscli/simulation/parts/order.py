"""The parts of a leg, in the order in which they are called where several are due at one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glasscli.engine.contract import RECORDED
from glasscli.engine.deck import Leg
from glasscli.engine.minimiser import Minimiser
from glasscli.protocols.protocol import Protocol
from glasscli.simulation.acceptance import Question
from glasscli.simulation.job import Job
from glasscli.simulation.parts.checkpoints import Checkpoints, Inside, Renewal
from glasscli.simulation.parts.exchanges import Exchanges
from glasscli.simulation.parts.frames import Frames
from glasscli.simulation.parts.minima import HarvestedMinima, Minima
from glasscli.simulation.parts.part import Part, Pause
from glasscli.simulation.parts.pulls import Pulls
from glasscli.simulation.parts.states import States
from glasscli.simulation.parts.thermodynamics import Noted
from glasscli.simulation.parts.trading import Trades, Trading
from glasscli.store.recorder import Recorder
from glasscli.store.schema import EDGES, STRESS, THERMO, TILT

if TYPE_CHECKING:
    from glasscli.simulation.gauge import Gauge
    from glasscli.simulation.moves import Moves

# Atoms times steps between two looks at signals: about half a second of one core.
LONGEST_CHUNK = 500_000
# The same, in steps, of a leg that only leads to another.
LONGEST_APPROACH = 1000


@dataclass(frozen=True)
class Order:
    """The parts of one leg.

    parts        all, in the order in which they are called
    first        those that may also be due at the first step of the leg
    checkpoints  the one of them after which the run may stop
    """

    parts: tuple[Part, ...]
    first: tuple[Part, ...]
    checkpoints: Checkpoints


@dataclass(frozen=True)
class Means:
    """What the parts of a run work with."""

    job: Job
    recorder: Recorder
    minimiser: Minimiser
    moves: Moves | None
    trades: Trades | None
    walker: int
    question: Question | None = None
    gauge: Gauge | None = None


def order_of(means: Means, number: int, leg: Leg) -> Order:
    """What is kept is looked at before anything changes it; a checkpoint has all that came before it."""
    sampling = means.job.protocol.sampling
    checkpoints = Checkpoints(means.recorder, number, leg, sampling.checkpoint_every, means.job.launch.suffix)
    renewal = Renewal(leg, checkpoints, means.job.protocol.space.tilted)
    if not leg.kept:
        return Order((checkpoints, renewal, Pause(LONGEST_APPROACH)), (), checkpoints)
    watching = (
        *_strains(means), Frames(means.recorder, sampling, leg.last_step), *_minima(means, leg.last_step),
        *_pulls(means, leg),
    )  # fmt: skip
    durable = (States(means.recorder, sampling, leg.last_step), checkpoints)
    every = sampling.thermo_every
    noted = {THERMO: every} | ({STRESS: sampling.stress_every} if sampling.stress_every else {})
    shapes = (TILT, EDGES) if sampling.stress_every else ()
    noted |= {one: sampling.stress_every or 0 for one in shapes if one.expected(means.job.protocol)}
    most = RECORDED * min(noted.values())
    pause = Pause(min(max(every, LONGEST_CHUNK // sum(means.job.protocol.counts)), most))
    inside = (Inside(leg, checkpoints),) if leg.flows else ()
    parts: tuple[Part, ...] = (*watching, *_changing(means, leg), *inside, *durable, renewal, pause)
    notes = (Noted(means.recorder, series, interval, parts) for series, interval in noted.items())
    return Order((*notes, *parts), (*watching, *durable), checkpoints)


def _strains(means: Means) -> tuple[Part, ...]:
    """Where steps are of strain, each of them."""
    if means.job.protocol.straining is None:
        return ()
    from glasscli.simulation.parts.strains import Strains  # numba takes its time to load

    return (Strains(means.recorder, means.job.system.unit_system.pressure_per_energy_density),)


def _pulls(means: Means, leg: Leg) -> tuple[Part, ...]:
    """What the configurational temperature is made of."""
    every = pulled_every(means.job.protocol)
    if means.gauge is None or every is None:
        return ()
    return (Pulls(means.recorder, means.gauge, every),)


def pulled_every(protocol: Protocol) -> int | None:
    """Steps between forces and Laplacians, None where none are kept: where our own exchanges stop the engine anyway
    with each row of thermodynamics, else with frames; once in a shorter run."""
    if not protocol.gauged:
        return None
    ours = protocol.moves is not None and protocol.moves.kernel == "local"
    return min(protocol.sampling.thermo_every if ours else protocol.sampling.frames.every, protocol.steps)


def _minima(means: Means, last: int) -> tuple[Part, ...]:
    """Inherent structures, harvested or not."""
    sampling = means.job.protocol.sampling
    if sampling.inherent is None:
        return ()
    if sampling.harvest is None:
        return (Minima(means.recorder, means.minimiser, sampling.inherent, last),)
    from glasscli.simulation.harvest import Harvest  # scipy takes its time to load

    harvest = Harvest(means.minimiser)
    return (
        HarvestedMinima(
            means.recorder, means.minimiser, harvest, sampling.inherent, sampling.harvest, sampling, last
        ),
    )


def _changing(means: Means, leg: Leg) -> tuple[Part, ...]:
    """Monte Carlo and trades."""
    sampling, last = means.job.protocol.sampling, leg.last_step
    parts: list[Part] = []
    if means.moves:
        batch = leg.moves.md_per_mc if leg.moves else None
        parts.append(Exchanges(means.recorder, means.moves, means.question, batch, sampling, last))
    if means.trades:
        every = sampling.checkpoint_every
        parts.append(Trading(means.recorder, means.minimiser, means.trades, means.walker, every, last))
    return tuple(parts)
