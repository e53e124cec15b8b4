"""How far atoms moved between two configurations, through the periodic boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Ints, Trajectory
from glasscli.errors import InputError


def displacements(
    before: Configuration, after: Configuration, remove_drift: bool = False, masses: Floats | None = None
) -> Floats:
    """Return [n_atoms, 3] the vectors from `before` to `after`, atom by atom.

    With images in both, atoms are followed through the boundaries however far they went. Without, the
    shortest periodic copy is taken, right while no atom moved more than half an edge. When the box changed in
    between (constant pressure), the even swelling is left out: positions are compared as fractions of their
    box. remove_drift: subtract the motion of the centre of mass, see `drift`.
    Raises InputError when the two have different numbers of atoms, or atoms of different ids.
    """
    _check_same_atoms(before, after)
    same_box = before.box.matches(after.box)
    box = before.box if same_box else before.box.halfway(after.box)
    if same_box:
        vectors = after.positions - before.positions
    else:
        vectors = box.cartesian(
            after.box.fractional(after.positions) - before.box.fractional(before.positions)
        )
    if before.images is None or after.images is None:
        vectors = box.minimum_image(vectors)
    else:
        vectors += box.cartesian(after.images - before.images)
    return vectors - drift(vectors, masses) if remove_drift else vectors


# Of the mean spacing: from there on a drift of the whole sample shows in the numbers.
SEEN = 1e-4


def drift(vectors: Floats, masses: Floats | None = None) -> Floats:
    """Return [3] how far the centre moved by vectors [n_atoms, 3]: of all atoms alike, or with masses [n_atoms]."""
    return np.asarray(np.average(vectors, axis=0, weights=masses))


def _check_same_atoms(before: Configuration, after: Configuration) -> None:
    if before.n_atoms != after.n_atoms:
        raise InputError(f"no displacements between {before.n_atoms} and {after.n_atoms} atoms")
    if not np.array_equal(before.identifiers, after.identifiers):
        raise InputError(
            f"no displacements between the atoms of steps {before.step} and {after.step}: ids differ"
        )


def drift_note(size: float, spacing: float, unit: str, by_mass: bool) -> str | None:
    """One line of a drift that was taken off, in words with its size; None of one that shows nowhere."""
    if size <= SEEN * spacing:
        return None
    centre = "centre of mass" if by_mass else "centre of all atoms (no masses are known)"
    return f"the {centre} drifts, by up to {size:.4g} {unit} between two frames: it is taken off all displacements"


class Followed:
    """A trajectory that does not say how often its atoms went round the box, with images that are most likely.

    From each frame to the next every atom takes the shortest way: right while none moves more than half an edge in
    between, however far it goes in the end. Images are zero in frame `first`, from which on frames can be had. What
    is remembered are the atoms that crossed a face at each frame. Raises InputError where atoms come or go.
    """

    def __init__(self, frames: Trajectory, first: int = 0) -> None:
        self._frames, self._first = frames, first
        self._crossings: list[tuple[NDArray[np.intp], Ints]] = []
        self._at = first
        self._newest = frames[first]  # the frame up to which crossings are known
        self._images: Ints = np.zeros((self._newest.n_atoms, 3), dtype=np.int32)  # of frame `_at`

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(self._first, len(self)))

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index` with images; negative from the end. IndexError before `first` and beyond the end."""
        k = index + len(self) if index < 0 else index
        if not self._first <= k < len(self):
            raise IndexError(f"frames {self._first} to {len(self) - 1} are followed, not frame {index}")
        while len(self._crossings) < k - self._first:
            after = self._frames[self._first + len(self._crossings) + 1]
            self._crossings.append(_crossing(self._newest, after))
            self._newest = after
        for step in range(self._at, k):
            atoms, crossed = self._crossings[step - self._first]
            self._images[atoms] += crossed
        for step in range(self._at - 1, k - 1, -1):
            atoms, crossed = self._crossings[step - self._first]
            self._images[atoms] -= crossed
        self._at = k
        return replace(self._frames[k], images=self._images.copy())


def _crossing(before: Configuration, after: Configuration) -> tuple[NDArray[np.intp], Ints]:
    """Which atoms crossed faces between two frames, and by how many edges [m, 3]."""
    _check_same_atoms(before, after)
    moved = after.box.fractional(after.positions) - before.box.fractional(before.positions)
    if after.box.tilted:  # the shortest way is not found along each vector by itself
        turns = np.round(after.box.fractional(after.box.minimum_image(after.box.cartesian(moved))) - moved)
    else:
        turns = np.where(after.box.periodic, -np.round(moved), 0)
    images = turns.astype(np.int32)
    atoms = np.flatnonzero(images.any(axis=1))
    return atoms, images[atoms]


def magnitudes(vectors: Floats) -> Floats:
    """Return [n_atoms] the lengths of displacement vectors [n_atoms, 3]."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))


def largest_movers(vectors: Floats, count: int) -> NDArray[np.intp]:
    """Return the indices of the `count` atoms that moved farthest, farthest first; ties in the order of
    atoms.

    All atoms when there are fewer. Raises InputError for a count below one.
    """
    if count < 1:
        raise InputError(f"the number of movers must be at least 1, not {count}")
    return np.argsort(-magnitudes(vectors), kind="stable")[:count]
