"""The volume of a glass at rest under a pressure: its inherent structure, scaled until the pressure is that."""

from __future__ import annotations

from dataclasses import replace

from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import EngineError

# Of the bulk modulus of a Lennard-Jones glass (some 60 in its units): the first step only.
STIFFNESS = 60.0
TOLERANCE, MOST = 1e-3, 12


def volume_at_rest(minimiser: Minimiser, c: Configuration, pressure: float) -> float:
    """Volume per atom of the inherent structure of `c` under a pressure, by secants on affinely scaled boxes.

    Within TOLERANCE of the pressure; a plastic event on the way is part of coming to rest. Raises EngineError when it
    does not come to that pressure.
    """

    def excess(at: Configuration) -> tuple[Configuration, float]:
        found = minimiser.minimise(at)
        return found.configuration, found.pressure - pressure

    here, over = excess(c)
    stretch = over / STIFFNESS  # relative change of the volume
    for _ in range(MOST):
        if abs(over) < TOLERANCE:
            return here.volume / here.n_atoms
        scale = (1 + max(-0.05, min(0.05, stretch))) ** (1 / 3)
        there, left = excess(replace(here, positions=here.positions * scale, box=here.box.scaled(scale)))
        slope = (left - over) / (scale**3 - 1)
        stretch = -left / slope if slope < 0 else left / STIFFNESS
        here, over = there, left
    raise EngineError(f"the glass does not come to rest at a pressure of {pressure:g}")
