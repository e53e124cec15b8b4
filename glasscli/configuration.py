"""One instant of a sample, and a sequence of them: what every room hands to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Configuration:
    """Atoms in a periodic, orthogonal box whose lower corner is the origin.

    positions   [n_atoms, 3] float64, wrapped into the box, the system's length unit
    species     [n_atoms] int32, 1 ... n_species, in the order of atom ids
    box         [3] float64, edge lengths
    images      [n_atoms, 3] int32, periodic images; positions + images * box is continuous in time
    velocities  [n_atoms, 3] float64 or None
    step        MD step of this instant, 0 for a built or imported structure
    """

    positions: Floats
    species: Ints
    box: Floats
    images: Ints | None = None
    velocities: Floats | None = None
    step: int = 0

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.species)

    @property
    def volume(self) -> float:
        """Volume of the box."""
        return float(np.prod(self.box))

    @property
    def spacing(self) -> float:
        """Mean distance of neighbours, (V/N)^(1/3)."""
        return float((self.volume / self.n_atoms) ** (1 / 3))

    @property
    def unwrapped(self) -> Floats:
        """[n_atoms, 3] positions followed through the periodic boundaries."""
        return self.positions if self.images is None else self.positions + self.images * self.box

    @property
    def counts(self) -> dict[int, int]:
        """Number of atoms of each species."""
        species, counts = np.unique(self.species, return_counts=True)
        return {int(s): int(c) for s, c in zip(species, counts, strict=True)}


class Trajectory(Protocol):
    """A sequence of configurations that may be larger than memory; each is read when asked for."""

    def __len__(self) -> int:
        """Number of frames."""

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`; negative indices count from the end."""

    def __iter__(self) -> Iterator[Configuration]:
        """All frames in order."""


def minimum_image(vectors: Floats, box: Floats) -> Floats:
    """Return `vectors` [..., 3] shifted by whole box edges to their shortest periodic copies."""
    return vectors - box * np.round(vectors / box)
