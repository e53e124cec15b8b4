"""Atoms on paper: which of them, seen from where, and the box round them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.configuration import Box, Configuration, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHOLE = 1500  # atoms a map can show before they hide each other; of more, a slab
ROOM = 0.1  # round a sample in free space, as a share of its size
DRAWN = 4000  # atoms of a slab
TURN, RAISE = 24.0, 14.0  # degrees


def view(turned: float, raised: float) -> Floats:
    """[3, 2] projection to (right, up) of a view from the front along y, `turned` and `raised` by degrees."""
    turn, raised = np.radians(turned), np.radians(raised)
    right = [np.cos(turn), np.sin(turn), 0.0]
    up = [-np.sin(turn) * np.sin(raised), np.cos(turn) * np.sin(raised), np.cos(raised)]
    return np.array([right, up]).T


def eye(box: Box) -> Floats:
    """[3, 2] the usual view of what is in a box: a little from the right and above; of a plane from above."""
    return view(0.0, 90.0) if box.dimension == 2 else view(TURN, RAISE)


def slab(configuration: Configuration) -> tuple[Any, str]:
    """The atoms to draw: all, or those in a slab through the middle, seen face on; those of a plane hide none."""
    n = configuration.n_atoms
    if n <= WHOLE or configuration.box.dimension == 2:
        return slice(None), ""
    y = (configuration.box.corners if not configuration.box.free else configuration.positions)[:, 1]
    depth = float(np.ptp(y))
    thickness = min(2.5 * configuration.spacing, depth * DRAWN / n)
    return np.abs(
        configuration.positions[:, 1] - (y.min() + depth / 2)
    ) < thickness / 2, f", slab of {thickness:.2g} in y"


def framed(box: Box, positions: Floats) -> tuple[Box, Floats]:
    """A box to draw round atoms [n, 3], and the shift [3] that brings them into it: free space has none of its own."""
    if not box.free or not len(positions):
        return box, np.zeros(3)
    free = ~np.asarray(box.periodic)
    room = ROOM * (np.ptp(positions, axis=0).max() or box.length)  # a single atom
    low, high = positions.min(axis=0) - room, positions.max(axis=0) + room
    sides = np.where(free, high - low, np.diag(box.vectors))
    return box.of(np.tril(box.vectors, -1) + np.diag(sides)), np.where(free, -low, 0.0)


def box_edges(axes: Axes, box: Box, view: Floats) -> Floats:
    """Draw the edges and return the eight corners."""
    corners = np.array(list(product((0, 1), repeat=3)))
    flat: Floats = box.corners @ view
    for a in range(8):
        for b in range(a + 1, 8):
            if np.abs(corners[a] - corners[b]).sum() == 1:
                axes.plot(*flat[[a, b]].T, color="0.45", linewidth=0.7, zorder=0)
    return flat


def mark_axes(axes: Axes, box: Box, view: Floats) -> Floats:
    """Draw a small tripod that says which way x, y and z go; return the ends of its arms."""
    length = 0.12 * box.length
    aside = -0.06 * np.array([1.0, 1.0, 0.0] if box.dimension == 2 else [1.0, 0.0, 1.0])
    origin = box.cartesian(aside) @ view
    ends = [origin]
    for name, direction in zip("xyz", np.eye(3), strict=True):
        tip = origin + direction * length @ view
        if np.allclose(tip, origin):
            continue
        ends.append(origin + 1.6 * (tip - origin))
        arrow = {"arrowstyle": "-|>", "lw": 0.7, "color": "0.25", "shrinkA": 0}
        axes.annotate("", tuple(tip), tuple(origin), arrowprops=arrow, annotation_clip=False)
        axes.annotate(
            name,
            tuple(origin + 1.35 * (tip - origin)),
            ha="center",
            va="center",
            color="0.25",
            annotation_clip=False,
        )
    return np.array(ends)
