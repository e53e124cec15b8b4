"""The paths of atoms: where each was in every frame, in slices of atoms that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Configuration, Floats, Ints, Trajectory
from glasscli.observables.displacement import Followed, check_same_atoms

# Bytes that the paths of one slice may take; more atoms are read in several passes over the file.
SLICE = 256 * 2**20


@dataclass(frozen=True)
class Paths:
    """A slice of atoms in all frames, through the boundaries; the centre of all atoms stands still.

    places      [F, n, 3] positions; in units of the box's vectors where the box changes
    vectors     [F, 3, 3] these vectors; None where the box is the same in all frames
    species     [F or 1, n]; one row where atoms keep their species
    atoms       which atoms of the sample these are
    velocities  [F, n, 3], where they are wanted and every frame has them
    centre      [F, 3] where the centre of all atoms was, in the units of `places`
    """

    places: Floats
    vectors: Floats | None
    species: Ints
    atoms: slice
    velocities: Floats | None
    centre: Floats

    def between(self, i: int, j: int) -> Floats:
        """[n, 3] displacements from frame i to frame j; the even swelling of a box that breathes is left out."""
        moved = self.places[j] - self.places[i]
        if self.vectors is None:
            return np.asarray(moved)
        return np.asarray(moved @ ((self.vectors[i] + self.vectors[j]) / 2))


def slices(
    frames: Trajectory, masses: Floats | None = None, velocities: bool = False, most_bytes: int = SLICE,
    advance: Callable[[int], object] | None = None,
) -> Iterator[Paths]:  # fmt: skip
    """The paths of all atoms, slice by slice; each slice reads the file once.

    Where frames have no images atoms are followed by the shortest way (`Followed`). masses: [n_atoms], of the centre
    that is held; None takes all atoms alike. advance: told how many frames were read, of `passes` times all. Raises
    InputError where atoms come or go.
    """
    first = frames[0]
    if first.images is None and len(frames) > 1:
        frames = Followed(frames)
    width = -(-first.n_atoms // passes(frames, velocities, most_bytes))
    still, done = True, 0
    for start in range(0, first.n_atoms, width):
        atoms = slice(start, min(start + width, first.n_atoms))

        def said(frame: int, before: int = done) -> None:
            if advance:
                advance(before + frame)

        found = _read(frames, atoms, masses, velocities, still, said)
        if found is None:
            still = False
            found = _read(frames, atoms, masses, velocities, still, said)
            assert found is not None
        yield found
        done += len(frames)


def passes(frames: Trajectory, velocities: bool = False, most_bytes: int = SLICE) -> int:
    """How often the file is read for the paths of all atoms."""
    of_an_atom = len(frames) * (48 if velocities else 24)
    return max(1, min(frames[0].n_atoms, -(-frames[0].n_atoms * of_an_atom // most_bytes)))


def _read(
    frames: Trajectory, atoms: slice, masses: Floats | None, velocities: bool, still: bool,
    advance: Callable[[int], None],
) -> Paths | None:  # fmt: skip
    """The paths of a slice; None where the box was taken for the same in all frames, and is not."""
    first: Configuration = frames[0]
    n = len(first.species[atoms])
    places, centre = np.empty((len(frames), n, 3)), np.empty((len(frames), 3))
    vectors = None if still else np.empty((len(frames), 3, 3))
    speeds = np.empty((len(frames), n, 3)) if velocities and first.velocities is not None else None
    species = np.empty((len(frames), n), dtype=np.int32)
    for k, frame in enumerate(frames):
        check_same_atoms(first, frame)
        if vectors is None:
            if not frame.box.matches(first.box):
                return None
            where = frame.unwrapped
        else:
            where = frame.box.fractional(frame.positions)
            where = where if frame.images is None else where + frame.images
            vectors[k] = frame.box.vectors
        centre[k] = np.average(where, axis=0, weights=masses)
        places[k] = where[atoms] - centre[k]
        if frame.velocities is None:
            speeds = None
        elif speeds is not None:
            # What the whole sample does is no motion of its atoms.
            speeds[k] = (frame.velocities - np.average(frame.velocities, axis=0, weights=masses))[atoms]
        species[k] = frame.species[atoms]
        advance(k + 1)
    kept = species[:1] if (species == species[0]).all() else species
    return Paths(places, vectors, kept, atoms, speeds, centre)
