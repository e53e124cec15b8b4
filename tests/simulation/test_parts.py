"""When the parts of a leg are due, in which order they are called, and what they read of the engine."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glasscli.engine.deck import FileStart
from glasscli.model.protocol import Ensemble, Exchange, Sampling
from glasscli.model.schedule import Schedule
from glasscli.model.system import load_system
from glasscli.protocols.kinds.anneal import Anneal
from glasscli.protocols.kinds.hybrid import Hybrid
from glasscli.simulation.job import Job
from glasscli.simulation.parts.order import Means, order_of
from glasscli.simulation.parts.part import Moment, multiple_after
from glasscli.simulation.parts.states import States
from glasscli.simulation.parts.thermodynamics import Noted

SAMPLING = Sampling(
    thermo_every=10, frames=Schedule(every=64, log_spaced=True), inherent=Schedule(every=150), checkpoint_every=70,
)  # fmt: skip


def job(sampling=SAMPLING, exchange=None):
    common = {
        "counts": (85, 85), "ensemble": Ensemble(kind="nvt"), "timestep": 0.002, "seed": 1, "temperature": 1.0,
        "fictive_temperature": None, "approach": None, "new_velocities": True, "steps": 400, "sampling": sampling,
    }  # fmt: skip
    protocol = Hybrid(**common, exchange=exchange) if exchange else Anneal(**common)
    return Job(
        load_system("wahnstrom"), protocol, Path("a.h5"), FileStart("start.restart", b""), (), "glasscli"
    )


class Engine:
    """Counts what is read of it."""

    version, ranks = 1, 1

    def __init__(self):
        self.read = []

    def configuration(self):
        self.read.append("configuration")
        return object()

    def state(self):
        self.read.append("state")
        return b""


def order(job, moves=None, trades=None):
    return order_of(Means(job, None, None, moves, trades, 0), 0, job.deck.legs[-1])


def stops(order, last):
    """Steps at which the loop would stop."""
    step, found = 0, []
    while step < last:
        step = min(part.next_due(step) for part in order.parts)
        found.append(step)
    return found


def names(order):
    return [type(part).__name__ for part in order.parts]


def test_the_order_is_look_change_keep():
    exchange = Exchange(kernel="local", md_per_mc=30, attempts=1)
    found = names(order(job(exchange=exchange), moves=object(), trades=object()))
    assert found == [
        "Noted", "Frames", "Minima", "Exchanges", "Trading", "States", "Checkpoints", "Renewal", "Pause",
    ]  # fmt: skip
    assert names(order(job())) == [n for n in found if n not in ("Exchanges", "Trading")]
    assert "HarvestedMinima" in names(order(job(SAMPLING.model_copy(update={"harvest": 20}))))
    assert "Minima" not in names(order(job(SAMPLING.model_copy(update={"inherent": None}))))


@pytest.mark.parametrize("harvest, batch", [(None, None), (25, None), (None, 30)])
def test_the_loop_stops_where_something_is_due_and_nowhere_else(harvest, batch):
    sampling = SAMPLING.model_copy(update={"harvest": harvest})
    exchange = Exchange(kernel="local", md_per_mc=batch, attempts=1) if batch else None
    found = stops(order(job(sampling, exchange), moves=object() if batch else None), 400)
    wanted = {
        step
        for step in range(1, 401)
        if sampling.frames.includes(step)
        or step % 150 == 0
        or step % 70 == 0
        or step == 400
        or (harvest and step % harvest == 0)
        or (batch and step % batch == 0)
    }
    assert found == sorted(wanted)


def test_a_stop_is_never_further_than_a_signal_may_wait():
    sampling = Sampling(
        thermo_every=1, frames=Schedule(every=4000), inherent=None, checkpoint_every=4000
    )  # fmt: skip
    # 170 atoms could go on for 2941 steps, but the engine remembers only 512 rows.
    assert stops(order(job(sampling)), 400)[0] == 400
    assert order(job(sampling)).parts[0].next_due(0) == 400
    assert order(job(sampling)).parts[-1].next_due(0) == 512


@pytest.mark.parametrize(
    "every, due", [(None, [400]), (70, [*range(70, 400, 70), 400]), (140, [140, 280, 400])]
)
def test_states_lie_at_checkpoints(every, due):
    states = States(None, SAMPLING.model_copy(update={"state_every": every}), 400)
    step, found = 0, []
    while step < 400:
        step = states.next_due(step)
        found.append(step)
    assert found == due
    assert (states.next_due(-1) == 0) is (every is not None)


def test_a_state_between_checkpoints_waits_for_one_that_is_both():
    states = States(None, replace_every(50), 400)
    assert states.next_due(0) == 350  # of 50 and of 70


def replace_every(every):
    return SAMPLING.model_copy(update={"state_every": every})


def test_the_engine_is_read_once_until_a_part_changes_it():
    engine = Engine()
    moment = Moment(engine, 0, 10)
    assert moment.configuration is moment.configuration and moment.restart == b""
    assert engine.read == ["configuration", "state"]
    before = moment.configuration
    moment.changed()
    assert moment.configuration is not before


def test_thermodynamics_are_fetched_at_every_stop():
    found = order(job())
    assert isinstance(found.parts[0], Noted)
    for step in stops(found, 400)[:-1]:
        assert found.parts[0].next_due(step) == min(part.next_due(step) for part in found.parts[1:])


def test_multiples():
    assert [multiple_after(step, 7) for step in (-1, 0, 6, 7, 8)] == [0, 7, 7, 14, 14]


def test_an_approach_has_checkpoints_from_its_own_beginning():
    """It begins at any step, and keeps nothing else."""
    made = job()
    leg = replace(made.deck.legs[-1], first_step=33, last_step=200, kept=False)
    found = order_of(Means(made, None, None, None, None, 0), 0, leg)
    assert names(found) == ["Checkpoints", "Renewal", "Pause"] and found.first == ()
    assert np.array_equal(
        [found.checkpoints.next_due(step) for step in (33, 103, 150, 173)], [103, 173, 173, 200]
    )
