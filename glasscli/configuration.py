"""One instant of a sample, and a sequence of them: what every room hands to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glasscli.box import Box as Box

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]

# Nearest neighbours of a close packing, in units of (V/N)^(1/3) and (A/N)^(1/2).
CLOSE_3D, CLOSE_2D = 2 ** (1 / 6), (4 / 3) ** (1 / 4)


@dataclass(frozen=True)
class Configuration:
    """Atoms in a box.

    positions   [n_atoms, 3] float64, wrapped into the box, the system's length unit
    species     [n_atoms] int32, 1 ... n_species, in the order of atom ids
    box         the space they are in; three edge lengths are taken as a box of these edges
    images      [n_atoms, 3] int32, periodic images; positions + box.cartesian(images) is continuous in time
    velocities  [n_atoms, 3] float64 or None
    step        MD step of this instant, 0 for a built or imported structure
    ids         [n_atoms] int64, ascending, where they are not 1 ... n_atoms; see `identifiers`
    diameters   [n_atoms] float64, where each atom has its own
    """

    positions: Floats
    species: Ints
    box: Box
    images: Ints | None = None
    velocities: Floats | None = None
    step: int = 0
    ids: NDArray[np.int64] | None = None
    diameters: Floats | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.box, Box):
            object.__setattr__(self, "box", Box(self.box))

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.species)

    @property
    def identifiers(self) -> NDArray[np.int64]:
        """[n_atoms] ids of the atoms, as tables name them: the file's own, else 1 ... n_atoms."""
        return np.arange(1, self.n_atoms + 1, dtype=np.int64) if self.ids is None else self.ids

    @property
    def volume(self) -> float:
        """Volume of the box."""
        return self.box.volume

    @property
    def spacing(self) -> float:
        """Mean distance of neighbours, (V/N)^(1/3); see `spacing_of`."""
        return spacing_of(self.positions, self.box)

    @property
    def unwrapped(self) -> Floats:
        """[n_atoms, 3] positions followed through the periodic boundaries."""
        return self.positions if self.images is None else self.positions + self.box.cartesian(self.images)

    @property
    def compact(self) -> Configuration:
        """The same atoms in the box of the shortest vectors of a tilted one, turned and wrapped; others as they are."""
        box, rotation = self.box.compact
        if box is self.box:
            return self
        return replace(
            self, positions=box.wrap(self.positions @ rotation), box=box, images=None, velocities=None
        )

    def leaning_as(self, box: Box | None = None) -> Configuration:
        """The same atoms where they are, by vectors that lean as those of `box`; None: by at most half an edge."""
        other, turns = self.box.leaning_as(box)
        if other is self.box:
            return self
        positions, crossed = other.folded(self.positions)
        images = (
            None
            if self.images is None
            else self.images @ np.round(np.linalg.inv(turns)).astype(np.int32) + crossed
        )
        return replace(self, positions=positions, box=other, images=images)

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


class View:
    """A trajectory as somebody wants to see it; each frame is made when it is asked for. All else is what is seen's."""

    def __init__(self, frames: Trajectory) -> None:
        self.frames = frames

    def frame(self, index: int) -> Configuration:
        """Frame `index`, counted from the first."""
        return self.frames[index]

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`, negative from the end. Raises IndexError beyond the ends."""
        k = index + len(self) if index < 0 else index
        if not 0 <= k < len(self):
            raise IndexError(f"there are {len(self)} frames, not a frame {index}")
        return self.frame(k)

    def __getattr__(self, name: str) -> Any:
        if (
            name.startswith("_") or name == "frames"
        ):  # before there is something to see, as in another process
            raise AttributeError(name)
        return getattr(self.frames, name)


def mean_spacing(volume: float, n_atoms: int, dimension: int = 3) -> float:
    """Return the mean distance of neighbours among atoms in a volume, (V/N)^(1/3), or in an area, (A/N)^(1/2)."""
    return float((volume / n_atoms) ** (1 / dimension))


def spacing_of(positions: Floats, box: Box) -> float:
    """Return the mean distance of neighbours among atoms [n, 3], (V/N)^(1/3), in two dimensions (A/N)^(1/2).

    Where the box is free, what this is in a close packing whose atoms have the same median distance to the nearest.
    """
    if box.free and len(positions) > 1:
        nearest = box.tree(positions).nearest(positions, 2)[0][:, 1]
        return float(np.median(nearest)) / (CLOSE_3D if box.dimension == 3 else CLOSE_2D)
    return mean_spacing(box.extent, len(positions), box.dimension)
