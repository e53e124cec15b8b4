"""What surrounds each atom of one configuration: all local measures that it has, as columns."""

from __future__ import annotations

import numpy as np

from glasscli.analysis.measures.local_order import local_order
from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import GlassError
from glasscli.model.system import System
from glasscli.modes.hessian import Curvature
from glasscli.modes.localisation import soft_spots
from glasscli.modes.minimum import settle
from glasscli.modes.spectrum import ALL_UP_TO, COUNT, modes
from glasscli.observables.voronoi import tessellate

SOFT = 30  # lowest modes


def surroundings(configuration: Configuration, system: System) -> tuple[dict[str, Floats], list[str]]:
    """{measure: [n_atoms]} of the inherent structure of a configuration; notes on what could not be had.

    energy and volume (Voronoi), icosahedron (0 or 1), Z: faces of the cell, softness: sum of |e_i|^2 over the 30 lowest
    modes, and what `local_order` has.
    """
    notes: list[str] = []
    with Minimiser(system) as minimiser:
        found = minimiser.minimise(configuration).configuration
        values: dict[str, Floats] = {"energy": minimiser.energies(found)}
    cells = tessellate(found)
    values |= {
        "volume": cells.volumes,
        "icosahedron": cells.icosahedra.astype(np.float64),
        "Z": cells.coordination.astype(np.float64),
    }
    try:
        values["softness"] = _softness(found, system)
    except GlassError as error:
        notes.append(f"no soft modes: {error}")
    return values | local_order(found), notes


def _softness(configuration: Configuration, system: System) -> Floats:
    with Forces(system) as forces:
        settled = settle(configuration, forces, Curvature(forces))
        count = None if configuration.n_atoms <= ALL_UP_TO // 3 else max(SOFT + 10, COUNT)
        return soft_spots(modes(settled.hessian.matrix, settled.configuration, system, count), SOFT)
