"""Minima between inherent structures: found by halving the time, without a trace in the trajectory."""

import shutil
from itertools import pairwise

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.launch import OWN, Launch
from glasscli.engine.minimiser import InherentStructure
from glasscli.errors import InputError, StoppedEarly
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.harvest import Harvest, one_group, same
from glasscli.simulation.plan import plan as plan_run
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.reader import open_run

SITES = np.stack(np.meshgrid(*[np.arange(6.0)] * 3, indexing="ij"), -1).reshape(-1, 3)
SHIFT = np.array([0.4, 0.0, 0.0])


def state(step):
    return Configuration(SITES, np.ones(len(SITES), np.int32), np.full(3, 6.0), step=step)


class Known:
    """A minimiser of a trajectory whose jumps are known: (step, atom that jumps)."""

    def __init__(self, *jumps):
        self._jumps, self.calls = jumps, 0

    def minimise(self, atoms):
        self.calls += 1
        positions, jumped = SITES.copy(), 0
        for step, atom in self._jumps:
            if atoms.step >= step:
                positions[atom] += SHIFT
                jumped += 1
        found = Configuration(positions, atoms.species, atoms.box, step=atoms.step)
        return InherentStructure(found, -1.0 - 0.01 * jumped, 0.0, 0.0, 1)

    def met(self, steps):
        """Steps of what a harvest of states at `steps` finds, the ends left out."""
        harvest = Harvest(self)
        harvest.begin(self.minimise(state(steps[0])))
        for step in steps[1:-1]:
            harvest.keep(state(step))
        return [m.configuration.step for m in harvest.reach(self.minimise(state(steps[-1])))]


def test_two_jumps_far_apart_are_told_apart():
    """Atoms 0 and 111 are no neighbours: the halves in which each jumps are found, one minimum between them."""
    known = Known((33, 0), (61, 111))
    between = known.met(range(0, 101, 10))
    assert any(33 <= step < 61 for step in between) and between == sorted(between)
    seen = [known.minimise(state(step)) for step in (0, *between, 100)]
    assert all(one_group(a, b) for a, b in pairwise(seen) if not same(a, b))


def test_one_jump_is_seen_at_once_and_a_still_stretch_costs_nothing():
    known = Known((52, 0))
    assert known.met(range(0, 101, 10)) == [] and known.calls == 3
    still = Known()
    assert still.met(range(0, 101, 10)) == [] and still.calls == 2


def test_jumps_between_consecutive_states_end_the_halving():
    assert Known((5, 0), (6, 111)).met((0, 10)) == []
    assert Known((5, 0), (6, 111)).met((0, 10, 20)) == [10]


def plan(parent, output, **sampling):
    # At the temperature of a stored state, there is no approach.
    T = parent.manifest.protocol.temperature_at(int(parent.state_steps[1]))
    wish = SamplingWish(every=100, inherent_every=100, checkpoint_every=60, **sampling)
    wanted = AnnealWish(T, steps=100, sampling=wish)
    return plan_run(parent.manifest.system, wanted, output, "test", parent, Launch(minima=OWN))


def test_the_trajectory_is_the_same_with_and_resumed(runs, tmp_path):
    """Bit for bit, and so are the minima of an interrupted harvest."""
    shutil.copy(runs / "quench.h5", tmp_path)
    parent = open_run(tmp_path / "quench.h5")
    plain = run(plan(parent, tmp_path / "plain.h5"))
    whole = run(plan(parent, tmp_path / "whole.h5", harvest=True))
    job = plan(parent, tmp_path / "parts.h5", harvest=True)
    with pytest.raises(StoppedEarly, match="at step 60 of 100"):
        run(job, stop=Stop(reason="test"))
    parts = run(job)
    for other in (plain, parts):
        a, b = whole.state(-1).configuration, other.state(-1).configuration
        assert all(
            np.array_equal(getattr(a, n), getattr(b, n)) for n in ("positions", "velocities", "images")
        )
    # Those of the schedule, of the checkpoint, and what lies between, in order; those of the plain run unchanged.
    steps = whole.inherent.steps
    assert (np.diff(steps) > 0).all() and {0, 60, 100} <= set(steps.tolist())
    assert len(steps) > 3 and set(steps.tolist()) == set(parts.inherent.steps.tolist())
    at = np.isin(steps, plain.inherent.steps)
    for name, values in plain.inherent_table.items():
        assert np.array_equal(whole.inherent_table[name][at], values), name
        assert np.array_equal(whole.inherent_table[name], parts.inherent_table[name]), name
    assert all(
        np.array_equal(a.positions, b.positions) for a, b in zip(whole.inherent, parts.inherent, strict=True)
    )


def test_what_cannot_be_harvested_is_refused(runs, tmp_path):
    parent = open_run(runs / "quench.h5")
    with pytest.raises(InputError, match="npt"):
        wish = AnnealWish(0.62, ensemble="npt", from_final=True, sampling=SamplingWish(harvest=True))
        plan_run(parent.manifest.system, wish, tmp_path / "a.h5", "test", parent)
    with pytest.raises(InputError, match="inherent-every 0"):
        plan_run(
            parent.manifest.system, AnnealWish(0.62, sampling=SamplingWish(inherent_every=0, harvest=True)),
            tmp_path / "a.h5", "test", parent,
        )  # fmt: skip
