"""Where atoms move: how many of the movers sit in icosahedra, before they move."""

from __future__ import annotations

import numpy as np

from glasscli.configuration import Configuration
from glasscli.landscape.events import Events
from glasscli.observables.voronoi import tessellate


def icosahedral_movers(events: Events, minima: dict[int, Configuration]) -> tuple[list[float], float]:
    """Share of each transition's movers whose cell is <0,0,12,0> in its first minimum, and of all atoms there.

    Raises MissingPackageError without OVITO.
    """
    centres = {k: tessellate(minima[k]).icosahedra for k in {event.i for event in events.transitions}}
    shares = [float(centres[event.i][event.movers].mean()) for event in events.transitions]
    return shares, float(np.mean([mask.mean() for mask in centres.values()])) if centres else float("nan")
