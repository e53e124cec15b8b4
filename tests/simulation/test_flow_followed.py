"""Atoms of a flow whose box is turned over on the way: no one of them jumps, and nothing is taken for equilibrium."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import glasscli
from glasscli.analysis.measures.elasticity import of_run
from glasscli.analysis.through import through
from glasscli.configuration import Box, Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.observables.displacement import Followed
from glasscli.protocols.kinds.flow import FlowWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.store.manifest import Parent

SYSTEM = load_system("soft-sphere")
ATOMS = 64


@pytest.fixture(scope="module")
def glass():
    """Atoms at rest that have been round the box before."""
    edge = (ATOMS * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    rng = np.random.default_rng(1)
    places = rng.uniform(0, edge, (ATOMS, 3))
    start = Configuration(
        places, np.ones(ATOMS, dtype=np.int32), Box.cube(edge), np.zeros((ATOMS, 3), np.int32)
    )
    with Minimiser(SYSTEM) as minimiser:
        rest = minimiser.minimise(start).configuration
    return replace(rest, images=rng.integers(-2, 3, (ATOMS, 3)).astype(np.int32))


@pytest.mark.parametrize("how", [{"rate": 0.5, "strain_max": 1.7}, {"stress": 6.0, "steps": 600}])
def test_no_atom_jumps_where_the_box_is_turned_over(glass, tmp_path, how):
    wish = FlowWish(temperature=0.01, sampling=SamplingWish(every=10), **how)
    made = run(plan(SYSTEM, wish, tmp_path / "flow.h5", "", (glass, Parent("glass", ""))))
    frames = made.frames
    tilts = np.array([frame.box.vectors[1, 0] for frame in frames])
    edge = frames[0].box.vectors[0, 0]
    turned = np.flatnonzero(np.abs(np.diff(tilts)) > edge / 2)
    assert len(turned) >= 1
    followed = through(frames, made)
    assert isinstance(followed, Followed) == ("rate" in how)  # a barostat takes the images along
    places = [frame.box.fractional(frame.positions) + frame.images for frame in followed]
    steps = np.array(
        [np.linalg.norm((b - a) @ frames[0].box.vectors, axis=1).max() for a, b in pairwise(places)]
    )
    assert steps.max() < edge / 4
    # As images stand in the file some jump by whole edges.
    raw = [frame.unwrapped for frame in frames]
    jump = max(np.abs(raw[k + 1] - raw[k]).max() for k in turned)
    assert (jump > edge / 2) == ("rate" in how)
    assert glasscli.open(made.path).msd(q=5.0)["msd"][0] < (edge / 4) ** 2
    with pytest.raises(InputError, match="at rest"):
        of_run(made)
