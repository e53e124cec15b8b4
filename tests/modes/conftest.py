import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from glasscli.model.system import load_system


@pytest.fixture(scope="session")
def random_glass():
    """(name, atoms, seed) -> the system and an inherent structure reached from random positions."""

    def make(name, atoms, seed=1):
        system = load_system(name)
        edge = (atoms * system.defaults.volume_per_atom) ** (1 / 3)
        counts = system.counts(atoms)
        species = np.repeat(np.arange(1, len(counts) + 1, dtype=np.int32), counts)
        start = np.random.default_rng(seed).random((atoms, 3)) * edge
        with Minimiser(system, Minimisation(force_tolerance=1e-8)) as minimiser:
            found = minimiser.minimise(Configuration(start, species, np.full(3, edge)))
        return system, found.configuration

    return make
