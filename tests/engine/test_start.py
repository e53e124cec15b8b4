"""Where melts begin: atoms at random without overlap, however many."""

from contextlib import closing

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.launch import Launch
from glasscli.engine.random_atoms import INSERTED, random_atoms
from glasscli.engine.start import start_engine
from glasscli.model.system import load_system


def start(name: str, counts: tuple[int, ...], seed: int) -> Configuration:
    system = load_system(name)
    spacing = system.defaults.volume_per_atom ** (1 / 3)
    box = Box(np.array([1.0, 2.0, 4.0]) * spacing * (sum(counts) / 8) ** (1 / 3))
    with closing(start_engine(system, Launch())) as engine:
        engine.commands([f"units {system.units}", "atom_style atomic", "boundary p p p"])
        engine.commands(random_atoms(system, counts, box, seed))
        return engine.configuration()


@pytest.mark.parametrize(
    ("name", "counts"),
    [("wahnstrom", (0, INSERTED + 37)), ("kob-andersen-ternary", (3300, 800, 150)), ("cuzr", (3000, 1500))],
)
def test_many_atoms_begin_on_a_grid_by_their_counts(name, counts):
    one, other = start(name, counts, 1), start(name, counts, 2)
    assert tuple(np.bincount(one.species, minlength=len(counts) + 1)[1:]) == counts
    nearest = one.box.tree(one.positions).nearest(one.positions, 2)[0][:, 1]
    assert nearest.min() > 0.85 * one.spacing
    assert (one.positions != other.positions).any() or (one.species != other.species).any()
    # Who sits where has nothing to do with the place.
    if np.count_nonzero(counts) > 1:
        assert abs(np.corrcoef(one.species == 1, one.positions[:, 2])[0, 1]) < 5 / sum(counts) ** 0.5
