"""The energy surface of a sample in a tilted box is that of the rectangular box of the same copies."""

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.landscape.descent import descend
from glasscli.landscape.surface import PairSurface
from glasscli.model.system import load_system
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named


def test_energy_forces_curvature_and_descent(on_surface):
    system = load_system("wahnstrom-smooth")
    c = replicate(phase_named("c15", system).cell(0.78), (2, 2, 2))
    rng = np.random.default_rng(3)
    start = c.positions + rng.normal(0, 0.05, c.positions.shape)
    tilted = Box(np.array([[1, 0, 0], [-1, 1, 0], [2, 1, 1]]) @ c.box.vectors)
    direction = rng.normal(size=start.size)
    seen = []
    for box in (c.box, tilted):
        with on_surface(system, start, box, c.species) as surface:
            assert isinstance(surface, PairSurface)
            energy, forces = surface.evaluate(start)
            exact, theirs = surface.exact(start)
            assert forces == pytest.approx(theirs, abs=1e-7)
            later = surface.evaluate(start + 0.05)[0]
            found = descend(surface, start)
            seen.append((exact, forces, surface.product(start)(direction), later - energy, found.energy))
    one, two = seen
    assert two[0] == pytest.approx(one[0], rel=1e-12)
    assert two[1] == pytest.approx(one[1], abs=1e-8)
    assert two[2] == pytest.approx(one[2], abs=1e-7 * np.abs(one[2]).max())
    assert abs(two[3]) < 1e-8 and two[4] == pytest.approx(one[4], abs=1e-8)
