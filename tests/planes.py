"""Crystals of one layer, for tests."""

import numpy as np

from glasscli.box import Box
from glasscli.configuration import Configuration


def triangular(repeats=(6, 4), a=1.1, thickness=2.5):
    """A triangular lattice in a rectangular box of repeats x repeats cells of two atoms."""
    nx, ny = repeats
    cell = np.array([a, np.sqrt(3) * a])
    corners = np.stack(np.meshgrid(np.arange(nx), np.arange(ny), indexing="ij"), axis=-1).reshape(-1, 1, 2)
    places = ((corners + np.array([[0, 0], [0.5, 0.5]])) * cell).reshape(-1, 2)
    positions = np.column_stack([places, np.zeros(len(places))])
    box = Box(np.array([nx * cell[0], ny * cell[1], thickness]), dimension=2)
    return Configuration(positions, np.ones(len(positions), np.int32), box)


def leaning(repeats=5, a=1.1, thickness=2.5):
    """The same lattice by its primitive cell: a tilted box."""
    vectors = a * np.array([[1, 0, 0], [0.5, np.sqrt(3) / 2, 0], [0, 0, thickness / a]])
    n = np.arange(repeats)
    places = np.stack(np.meshgrid(n, n, indexing="ij"), axis=-1).reshape(-1, 2)
    positions = places @ vectors[:2]
    box = Box(vectors * np.array([[repeats], [repeats], [1]]), dimension=2)
    return Configuration(positions, np.ones(len(positions), np.int32), box)
