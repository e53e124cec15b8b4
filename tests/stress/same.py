"""Whether two runs are the same, bit for bit."""

from pathlib import Path

import numpy as np

from glasscli.store.reader import open_run


def assert_same_run(path: Path, reference: Path) -> None:
    """Every step once and in order; positions, velocities, energies, inherent structures the same bits."""
    one, other = open_run(path), open_run(reference)
    assert one.finished and other.finished
    assert np.array_equal(one.frames.steps, other.frames.steps)
    assert np.array_equal(one.inherent.steps, other.inherent.steps)
    for name, values in other.thermo.items():
        assert np.array_equal(one.thermo[name], values), name
    for name, values in other.inherent_table.items():
        assert np.array_equal(one.inherent_table[name], values), name
    for kind in ("frames", "inherent"):
        for a, b in zip(getattr(one, kind), getattr(other, kind), strict=True):
            assert np.array_equal(a.positions, b.positions) and np.array_equal(a.images, b.images), (
                kind,
                a.step,
            )
    for i, step in enumerate(other.state_steps):
        # A lengthened run also keeps the state at its old end.
        a, b = one.state(one.state_steps.tolist().index(step)).configuration, other.state(i).configuration
        assert np.array_equal(a.positions, b.positions) and np.array_equal(a.velocities, b.velocities), step
