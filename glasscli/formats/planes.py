"""Files of atoms in a plane: programs write them as one layer in a thin box of three dimensions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Trajectory, View
from glasscli.errors import InputError

# Heights of one layer that differ by less than this share of the mean distance are rounded.
ROUNDED = 1e-3
# From so many atoms on a layer is no accident; of fewer only in a box that is thinner than so many of their distances.
LAYER, FEW, THIN = 16, 4, 3.0


class Planar(View):
    """A trajectory of layers as one of planes."""

    def __init__(self, frames: Trajectory, path: Path) -> None:
        super().__init__(frames)
        self.path = path

    def frame(self, index: int) -> Configuration:
        """As `View`. Raises InputError where its atoms are no layer."""
        return in_plane(self.frames[index], self.path)


def in_plane(configuration: Configuration, path: Path | str) -> Configuration:
    """Return a layer of atoms at one height as atoms in a plane, at z = 0. Raises InputError for any other."""
    c, box = configuration, configuration.box
    if box.dimension == 2:
        return c
    if box.vectors[2, :2].any():
        raise InputError(f"{path}: atoms of a plane need a box that is upright along z")
    height = float(box.vectors[2, 2])
    z = np.sort(c.positions[:, 2])
    spread = float(z[-1] - z[0])
    if box.periodic[2]:  # a layer at a face may stand on both sides of it
        spread = height - float(np.diff(z, append=z[0] + height).max())
    if spread > ROUNDED * float(np.sqrt(box.extent / height / c.n_atoms)):
        raise InputError(f"{path}: its atoms are at several z (over {spread:.4g}): they are in no plane")
    flat = np.array([1.0, 1.0, 0.0])
    x, y, _ = box.periodic
    return replace(
        c,
        positions=c.positions * flat,
        box=replace(box, periodic=(x, y, True), dimension=2),
        images=None if c.images is None else c.images * flat.astype(np.int32),
        velocities=None if c.velocities is None else c.velocities * flat,
    )


def flat_along(configuration: Configuration) -> str:
    """Axes along which all atoms stand at one place of a periodic box, "z" of a layer: a crystal by its copies."""
    c, found = configuration, ""
    if c.n_atoms < FEW:
        return found
    edges = c.box.heights
    for k, axis in enumerate("xyz"):
        if not c.box.periodic[k] or k >= c.box.dimension:
            continue
        distance = float(np.sqrt(c.box.extent / edges[k] / c.n_atoms))
        heights = np.sort(c.box.fractional(c.positions)[:, k])
        # A layer at a face may stand on both sides of it.
        gaps = np.diff(heights, append=heights[0] + 1)
        same = (1 - float(gaps.max())) * edges[k] < ROUNDED * distance
        if same and (c.n_atoms >= LAYER or edges[k] < THIN * distance):
            found += axis
    return found


def check_solid(configuration: Configuration, file: Path | str) -> None:
    """Raise InputError for a layer or a line of atoms: a periodic box would pile copies of it up to a crystal."""
    if flat := flat_along(configuration):
        shape = {1: "two-dimensional", 2: "one-dimensional", 3: "a point"}[len(flat)]
        raise InputError(
            f"{file} is {shape}: all {configuration.n_atoms} atoms have the same {' and '.join(flat)}; "
            "a periodic box would make a crystal of copies; atoms in a plane, at one z, need a --system with "
            "dimension = 2, or none"
        )
