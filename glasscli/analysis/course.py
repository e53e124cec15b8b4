"""What every analysis knows of each frame of a file, and what its energies are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.formats.names import atoms_of


@dataclass(frozen=True)
class Course:
    """[F] what every analysis knows of each frame; NaN where it cannot be had.

    inherent: whether all frames are inherent structures, so that their energy may be called E_IS
    steps; energy per atom, pressure, max_force; icosahedral fraction of all and {species: of its atoms} by name; share
    of atoms in crystalline surroundings; sizes: {"small": species, "large": species} of a mixture of two sizes, else {}
    """

    steps: NDArray[np.int64]
    energy: Floats
    pressure: Floats
    max_force: Floats
    fraction: Floats
    by_species: Mapping[str, Floats]
    crystalline: Floats
    inherent: bool = False
    sizes: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_size(self) -> dict[str, Floats]:
        """{"small": [F], "large": [F]} icosahedral fraction of a mixture of two sizes; {} of any other."""
        return {size: self.by_species[name] for size, name in self.sizes.items() if name in self.by_species}

    @property
    def shares(self) -> dict[str, Floats]:
        """{which atoms, in words: [F] their icosahedral fraction}: by size, else by species; {} of one species."""
        if len(self.by_species) < 2:
            return {}
        if self.sizes:
            return {f"the {size} atoms ({self.sizes[size]})": share for size, share in self.by_size.items()}
        return {atoms_of(name): share for name, share in self.by_species.items()}

    @property
    def energy_name(self) -> str:
        """What the energy is, in a line of text."""
        return "E_IS" if self.inherent else "potential energy"

    @property
    def energy_symbol(self) -> str:
        """What the energy is, on an axis."""
        return "$E_{IS}$" if self.inherent else "potential energy"

    @property
    def energy_words(self) -> str:
        """What the energy is, in a table."""
        return "inherent energy" if self.inherent else "potential energy"

    @property
    def energy_column(self) -> str:
        """What the energy is, as a column or a key."""
        return "inherent_energy" if self.inherent else "potential_energy"
