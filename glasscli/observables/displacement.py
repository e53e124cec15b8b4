"""How far atoms moved between two configurations, through the periodic boundaries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Ints, Trajectory, View
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
    check_same_atoms(before, after)
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


def check_same_atoms(before: Configuration, after: Configuration) -> None:
    """Raise InputError where two configurations are not of the same atoms."""
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


class Steady(View):
    """A trajectory whose vectors go on from frame to frame, where LAMMPS flips those of a box that is sheared too far.

    The copies of the atoms are the same by many vectors: of each frame those are taken that lean most as the ones of
    the frame before, which is right while the box shears by less than half an edge in between, however far in the end.
    """

    def __init__(self, frames: Trajectory) -> None:
        super().__init__(frames)
        self._boxes = [frames[0].box]

    def frame(self, index: int) -> Configuration:
        """As `View`."""
        while len(self._boxes) <= index:
            self._boxes.append(self.frames[len(self._boxes)].box.leaning_as(self._boxes[-1])[0])
        return self.frames[index].leaning_as(self._boxes[index])


def steady(frames: Trajectory) -> Trajectory:
    """The frames as `Steady` has them where a box leans: the first, the last, or one between.

    One that is sheared by whole edges stands upright.
    """
    some = (0, round(0.38 * (len(frames) - 1)), len(frames) - 1)
    return Steady(frames) if any(frames[k].box.tilted for k in some) else frames


class Followed(View):
    """A trajectory that does not say how often its atoms went round the box, with images that are most likely.

    From each frame to the next every atom takes the shortest way: right while none moves more than half an edge in
    between, however far it goes in the end. Images are zero in the first frame. What is remembered are the atoms that
    crossed a face at each frame. Raises InputError where atoms come or go.
    """

    def __init__(self, frames: Trajectory) -> None:
        super().__init__(frames)
        self._crossings: list[tuple[NDArray[np.intp], Ints]] = []
        self._at = 0
        self._newest = frames[0]  # the frame up to which crossings are known
        self._images: Ints = np.zeros((self._newest.n_atoms, 3), dtype=np.int32)  # of frame `_at`

    def frame(self, index: int) -> Configuration:
        """As `View`, with images."""
        while len(self._crossings) < index:
            after = self.frames[len(self._crossings) + 1]
            self._crossings.append(_crossing(self._newest, after))
            self._newest = after
        for atoms, crossed in self._crossings[self._at : index]:
            self._images[atoms] += crossed
        for atoms, crossed in self._crossings[index : self._at]:
            self._images[atoms] -= crossed
        self._at = index
        return replace(self.frames[index], images=self._images.copy())


def continuous(frames: Trajectory, turns_over: bool = True, counted: bool = True) -> Trajectory:
    """The frames as atoms are followed through them: vectors that go on, and images where there are none.

    turns_over: whether a leaning box may be described by other vectors on the way; counted: whether images are right.
    """
    if len(frames) < 2:
        return frames
    frames = steady(frames) if turns_over else frames
    return frames if counted and frames[-1].images is not None else Followed(frames)


def _crossing(before: Configuration, after: Configuration) -> tuple[NDArray[np.intp], Ints]:
    """Which atoms crossed faces between two frames, and by how many edges [m, 3]."""
    check_same_atoms(before, after)
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
