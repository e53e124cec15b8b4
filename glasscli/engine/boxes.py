"""A box in LAMMPS's words: commands, data and dump files, and what an instance says of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from glasscli.box import Box, Floats
from glasscli.model.protocol import PLAIN, Space


def space_commands(space: Space) -> tuple[str, ...]:
    """Commands that stand before any atoms."""
    plane = ("dimension 2",) if space.dimension == 2 else ()
    # Without, tilts beyond half an edge are an error, though they are no more than slow.
    large = ("box tilt large",) if space.tilted else ()
    return (*plane, f"boundary {space.boundary}", *large)


def bounds(box: Box, positions: Floats | None = None) -> Floats:
    """[3, 2] lowest and highest of x, y, z of the upright edges; along free directions they hold all `positions`.

    In two dimensions the slab has the plane in its middle, where LAMMPS wants it.
    """
    found = np.column_stack([np.zeros(3), np.diag(box.vectors)])
    for axis, along in enumerate(box.periodic):
        if not along and positions is not None:
            x = positions[:, axis]
            found[axis] = min(found[axis, 0], x.min()), max(found[axis, 1], x.max())
    if box.dimension == 2:
        found[2] -= found[2, 1] / 2
    return found


def tilts(box: Box) -> tuple[float, float, float]:
    """LAMMPS's xy, xz, yz."""
    return float(box.vectors[1, 0]), float(box.vectors[2, 0]), float(box.vectors[2, 1])


def box_of(low: ArrayLike, high: ArrayLike, tilt: Sequence[float], space: Space) -> Box:
    """The box of LAMMPS's bounds and tilts (xy, xz, yz).

    Along free directions the bounds follow the atoms: there the longest of all stands for them.
    """
    lengths = np.array(high) - np.array(low)
    if space == PLAIN:
        return Box(lengths)
    periodic = space.periodic
    lengths = np.where(periodic, lengths, lengths.max())
    vectors = np.diag(lengths)
    vectors[1, 0], vectors[2, 0], vectors[2, 1] = tilt
    return Box(vectors if any(tilt) else lengths, periodic, space.dimension)


def corner_of(low: ArrayLike, space: Space) -> Floats:
    """[3] where our box begins in an instance's own coordinates: free directions and a plane are left as they are."""
    kept = np.array(space.periodic) & (np.arange(3) < space.dimension)
    return np.where(kept, low, 0.0)


def box_commands(box: Box, n_species: int) -> tuple[str, ...]:
    """Commands that make a box for so many species."""
    return (region_command(box), f"create_box {n_species} box")


def region_command(box: Box) -> str:
    """The region of the box, as it begins."""
    (x0, x1), (y0, y1), (z0, z1) = bounds(box)
    sides = f"{x0:.17g} {x1:.17g} {y0:.17g} {y1:.17g} {z0:.17g} {z1:.17g}"
    if not box.tilted:
        return f"region box block {sides}"
    return f"region box prism {sides} {' '.join(f'{tilt:.17g}' for tilt in tilts(box))}"


def change_commands(box: Box, tilted: bool = False) -> list[str]:
    """The command that gives an instance this box, its atoms left where they are; free directions follow these.

    tilted: whether the instance's box is of the kind that may be, whatever this one is.
    """
    low_high = bounds(box)
    words = [
        f"{axis} final {low_high[k, 0]:.17g} {low_high[k, 1]:.17g}"
        for k, axis in enumerate("xyz"[: box.dimension])  # of a plane LAMMPS keeps the thickness
        if box.periodic[k]
    ]
    if box.tilted or tilted:
        names = ("xy", "xz", "yz") if box.dimension == 3 else ("xy",)
        words += [f"{name} final {tilt:.17g}" for name, tilt in zip(names, tilts(box), strict=False)]
    return [f"change_box all {' '.join(words)}"] if words else []


def data_lines(box: Box, positions: Floats) -> list[str]:
    """The box in a LAMMPS data file."""
    lines = [
        f"{low:.17g} {high:.17g} {axis}lo {axis}hi"
        for axis, (low, high) in zip("xyz", bounds(box, positions), strict=True)
    ]
    if box.tilted:
        lines.append(f"{' '.join(f'{tilt:.17g}' for tilt in tilts(box))} xy xz yz")
    return lines


def dump_lines(box: Box, positions: Floats) -> list[str]:
    """The box in a LAMMPS text dump, which states the bounds of what a tilted one covers."""
    flags = " ".join(2 * word for word in box.boundary.split())
    low_high = bounds(box, positions)
    if not box.tilted:
        return [f"ITEM: BOX BOUNDS {flags}", *(f"{low:.17g} {high:.17g}" for low, high in low_high)]
    covered = low_high + _cover(tilts(box))
    rows = zip(covered, tilts(box), strict=True)
    return [
        f"ITEM: BOX BOUNDS xy xz yz {flags}",
        *(f"{low:.17g} {high:.17g} {tilt:.17g}" for (low, high), tilt in rows),
    ]


def uncovered(covered: Floats, tilt: Sequence[float]) -> Floats:
    """[3, 2] lowest and highest of the upright edges, from the bounds of what a tilted box covers, as in a dump."""
    return covered - _cover(tilt)


def _cover(tilt: Sequence[float]) -> Floats:
    xy, xz, yz = tilt
    along_x = (0.0, xy, xz, xy + xz)
    return np.array([[min(along_x), max(along_x)], [min(0.0, yz), max(0.0, yz)], [0.0, 0.0]])
