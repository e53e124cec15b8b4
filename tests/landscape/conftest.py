from contextlib import contextmanager

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.landscape.surface import surface
from glasscli.model.system import load_system
from glasscli.modes.hessian import Curvature

CLUSTER = """
name = "cluster"
units = "lj"
timestep = 0.005
cutoff = 12.0
skin = 0.3
commands = ["pair_style lj/cut 12.0", "pair_coeff 1 1 1.0 1.0"]
[[species]]
name = "A"
mass = 1.0
fraction = 1.0
[defaults]
volume_per_atom = 100.0
T_start = 1.0
T_end = 0.1
[fictive]
glass_below = 0.1
liquid_above = 0.5
"""


@pytest.fixture(scope="session")
def cluster_system(tmp_path_factory):
    """Lennard-Jones without a cutoff that matters: the box is so wide that a cluster in it sees no image."""
    path = tmp_path_factory.mktemp("system") / "cluster.toml"
    path.write_text(CLUSTER)
    return load_system(str(path))


@pytest.fixture(scope="session")
def on_surface():
    """(system, positions, box, species) -> the surface of a sample, as a context."""

    @contextmanager
    def make(system, positions, box, species=None):
        kinds = np.ones(len(positions), np.int32) if species is None else species
        box = box if isinstance(box, Box) else Box(np.asarray(box))
        with Forces(system) as forces:
            yield surface(Configuration(box.wrap(positions), kinds, box), forces, Curvature(forces))

    return make
