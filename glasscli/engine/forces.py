"""Energy, forces and stress of a configuration as it is.

The box may be smaller than the cutoff: LAMMPS makes as many periodic images as the cutoff needs, so the energy of
a crystal's unit cell is that of the infinite crystal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.evaluator import Evaluator
from glasscli.errors import EngineError

# Of a symmetric tensor, in LAMMPS's order, which is that of our own sums.
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


def symmetric(six: Floats) -> Floats:
    """[3, 3] the symmetric tensor of six numbers, in the order of COMPONENTS."""
    xx, yy, zz, xy, xz, yz = six
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


@dataclass(frozen=True)
class Evaluation:
    """What LAMMPS says of one configuration.

    energy   potential energy per atom
    forces   [n_atoms, 3] force on each atom
    stress   [dimension] diagonal of the virial pressure tensor in energy per volume, positive when the crystal pushes
             outward: dE_total/d ln L_i = -volume * stress[i] at fixed fractional positions
    tensor   [3, 3] all of it, symmetric
    """

    energy: float
    forces: Floats
    stress: Floats
    tensor: Floats


class Forces(Evaluator):
    """Evaluates configurations of one system."""

    extra = (
        *(f"compute f{axis} all property/atom f{axis}" for axis in "xyz"),
        "thermo_style custom step pe press vol pxx pyy pzz pxy pxz pyz",
        "thermo_modify norm yes lost error",
    )

    def evaluate(self, configuration: Configuration) -> Evaluation:
        """Energy, forces and stress. Raises EngineError when atoms lie on top of each other."""
        engine = self._evaluated(configuration)
        thermo = engine.thermo(("pe", *(f"p{ab}" for ab in COMPONENTS)))
        if not np.isfinite(thermo["pe"]):
            raise EngineError("the energy is not finite: atoms lie on top of each other")
        unit = self.system.unit_system.pressure_per_energy_density
        forces = np.column_stack([engine.gather_compute(f"f{axis}") for axis in "xyz"])
        tensor = symmetric(np.array([thermo[f"p{ab}"] for ab in COMPONENTS])) / unit
        return Evaluation(thermo["pe"], forces, np.diag(tensor)[: configuration.box.dimension].copy(), tensor)
