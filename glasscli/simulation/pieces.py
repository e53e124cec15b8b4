"""Pieces of samples that are timed instead of them: a block of the atoms of a frame, the first frames of a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glasscli.configuration import Configuration, Trajectory, View

# Atoms of a block across whose new faces neighbours would be nearer than this share of the spacing are left out.
NEAR = 0.6


class First(View):
    """The first frames of a trajectory, and of their atoms the first."""

    def __init__(self, frames: Trajectory, count: int, atoms: int | None = None) -> None:
        super().__init__(frames)
        self._count, self._atoms = count, atoms

    def frame(self, index: int) -> Configuration:
        """As `View`."""
        found = self.frames[index]
        if self._atoms is None or found.n_atoms <= self._atoms:
            return found
        few = slice(self._atoms)
        return replace(
            found, positions=found.positions[few], species=found.species[few],
            images=None if found.images is None else found.images[few],
            velocities=None if found.velocities is None else found.velocities[few],
            ids=None if found.ids is None else found.ids[few],
            diameters=None if found.diameters is None else found.diameters[few],
        )  # fmt: skip

    def __len__(self) -> int:
        return self._count


def piece(atoms: Configuration, most: int) -> Configuration:
    """A block of about `most` atoms out of a corner of the box, at the same density and periodic as the whole; all of
    no more.
    """
    d, box = atoms.box.dimension, atoms.box
    if atoms.n_atoms <= most or box.free:
        return atoms
    share = (most / atoms.n_atoms) ** (1 / d)
    inside = np.flatnonzero((box.fractional(atoms.positions)[:, :d] < share).all(axis=1))
    small = box.of(box.vectors * np.where(np.arange(3) < d, share, 1.0)[:, None])
    places = small.wrap(atoms.positions[inside])
    near = small.tree(places).pairs(NEAR * atoms.spacing)
    inside = np.delete(inside, np.unique(near[:, 0]))
    return Configuration(
        small.wrap(atoms.positions[inside]), atoms.species[inside], small, step=atoms.step,
        diameters=None if atoms.diameters is None else atoms.diameters[inside],
    )  # fmt: skip
