"""The scaled Uhlenbeck-Ford fluid, u(r) = -p kT ln(1 - exp(-r^2/s^2)): a liquid whose free energy is published.

Its excess free energy over kT is a function of p and x = rho (pi s^2)^(3/2) / 2 alone (Paula Leite, Freitas, Azevedo
and de Koning, J. Chem. Phys. 145, 194101 (2016), whose supplement has it as splines). The length s is free, so that one
density of the fluid is enough for any density of a liquid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from glasscli.model.system import System

# Excess free energy per atom over kT, by p and x: the supplement's splines at some of their knots.
EXCESS = {
    25: {0.2: 1.61000906, 0.3: 2.81227394, 0.4: 4.29423112, 0.5: 6.03101760},
    50: {0.2: 2.30460270, 0.3: 4.29320739, 0.4: 6.92671425, 0.5: 10.15757357},
}
# Where u has fallen to p kT exp(-25): LAMMPS cuts it there.
REACH = 5.0


@dataclass(frozen=True)
class Fluid:
    """A reference of strength p at reduced density x, one of those of EXCESS."""

    p: int = 50
    x: float = 0.3

    def length(self, volume: float) -> float:
        """s, at a volume per atom."""
        return float((2 * self.x * volume) ** (1 / 3) / math.sqrt(math.pi))

    def excess(self) -> float:
        """Excess free energy per atom over kT."""
        return EXCESS[self.p][self.x]

    def system(self, other: System, volume: float, kT: float) -> System:
        """The fluid as a system with the species of another, all alike in their energies."""
        s = self.length(volume)
        commands = (f"pair_style ufm {REACH * s:.15g}", f"pair_coeff * * {self.p * kT:.15g} {s:.15g}")
        changed = {"name": f"{other.name}-ufm", "commands": commands, "cutoff": REACH * s}
        return other.model_copy(update=changed)
