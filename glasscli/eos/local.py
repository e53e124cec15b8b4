"""Local energies and Voronoi volumes of a relaxed crystal, by species."""

from __future__ import annotations

import numpy as np

from glasscli.engine.minimiser import Minimiser
from glasscli.observables.laves import LocalMeans, local_means
from glasscli.observables.voronoi import tessellate
from glasscli.structures.build import replicate
from glasscli.structures.relax import RelaxedCell

# Voronoi cells see at most third neighbours: so many mean spacings across are enough.
SPACINGS = 5.0


def crystal_means(cell: RelaxedCell, minimiser: Minimiser) -> dict[int, LocalMeans]:
    """Mean local energy and Voronoi volume of each species of a crystal.

    The energies come from the unit cell itself, the volumes from as many cells as the tessellation needs.
    """
    c = cell.configuration
    energies = minimiser.energies(c)
    edge = SPACINGS * cell.volume ** (1 / 3)
    x, y, z = c.box.repeats_for(edge).tolist()
    box = replicate(c, (x, y, z))
    cells = tessellate(box)
    return local_means(np.tile(energies, x * y * z), cells, box.species)
