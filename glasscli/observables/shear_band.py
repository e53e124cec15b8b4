"""Whether a sample deforms alike everywhere or in a band: its strain in layers, against blocks put in no order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from glasscli.configuration import Configuration, Floats

# Thickness of a layer and edge of a block at least, in mean spacings: strains of atoms nearer than that are alike,
# because they have neighbours in common (`plasticity.REACH`).
THICKNESS = 1.5
FEWEST = 4
SHUFFLES = 1999
# A band: less of the sample deforms than so much, and so little in at most this share of blocks in no order.
PART, CHANCE = 0.8, 0.01


@dataclass(frozen=True)
class Layers:
    """The strain in layers that repeat with the box.

    normal   [3] unit vector; height: period along it, a length
    middle   [m] of each layer along the normal; strain: [m] mean of the atoms in it
    error    [m] standard error of that, from the blocks that make a layer
    participation  (sum strain)^2/(m sum strain^2): the share of the layers that deform, 1 of all alike
    null, null_error  the same where the blocks of all layers are put in no order: mean and standard deviation
    chance   share of such orders with as small a participation, times the number of directions that were looked at
    """

    normal: Floats
    height: float
    middle: Floats
    strain: Floats
    error: Floats
    participation: float
    null: float
    null_error: float
    chance: float

    @property
    def localised(self) -> bool:
        """Whether it is a band."""
        return self.participation < PART and self.chance < CHANCE

    @property
    def band(self) -> tuple[float, float, float]:
        """(middle, width, share of the strain that it carries): the layers about the one of most strain, as far as
        they have more than half way from the least to the most."""
        sense = np.sign(self.strain.sum()) or 1.0
        strain = sense * self.strain
        m, top = len(strain), int(np.argmax(strain))
        high = strain > (strain.max() + strain.min()) / 2
        if high.all():
            return float(self.middle[top]), self.height, 1.0
        first = last = 0
        while high[(top + last + 1) % m]:
            last += 1
        while high[(top - first - 1) % m]:
            first += 1
        members = np.arange(top - first, top + last + 1)
        thick = self.height / m
        middle = ((members[0] + members[-1]) / 2 + 0.5) * thick % self.height
        return float(middle), len(members) * thick, float(strain[members % m].sum() / strain.sum())


def layers(atoms: Configuration, strain: Floats, seed: int = 1) -> Layers:
    """The layers in which strain [n] of atoms is localised most, of all directions whose layers repeat with the box.

    Normals are the shortest waves that fit: along each vector of the reciprocal box, and between two or three of them.
    Of each, blocks as thick as a layer are put in no order; the direction is the one whose participation lies the
    furthest below theirs, in their standard deviations.
    """
    rng = np.random.default_rng(seed)
    found = [_along(atoms, strain, wave, rng) for wave in _waves(atoms.box.dimension)]
    best = min(found, key=lambda one: (one.participation - one.null) / max(one.null_error, 1e-12))
    return Layers(**vars(best) | {"chance": min(1.0, len(found) * best.chance)})


def _waves(dimension: int) -> Iterator[tuple[int, ...]]:
    """One of each pair of opposite waves."""
    for wave in product((0, 1, -1), repeat=dimension):
        if any(wave) and next(w for w in wave if w) == 1:
            yield (*wave, 0)[:3] if dimension == 2 else wave


def _along(atoms: Configuration, strain: Floats, wave: tuple[int, ...], rng: np.random.Generator) -> Layers:
    box, spacing = atoms.box, atoms.spacing
    parts = box.fractional(box.wrap(atoms.positions))
    toward = box.reciprocal(np.array(wave, dtype=np.float64))
    height = 1 / float(np.linalg.norm(toward))
    m = max(FEWEST, int(height / (THICKNESS * spacing)))
    layer = np.minimum((parts @ np.array(wave) % 1.0 * m).astype(int), m - 1)
    # Blocks of a layer: along the other vectors of the box.
    pivot = next(k for k, w in enumerate(wave) if w)
    block = np.zeros(len(strain), dtype=int)
    blocks = 1
    for axis in (k for k in range(box.dimension) if k != pivot):
        n = max(1, int(box.heights[axis] / (THICKNESS * spacing)))
        block = block * n + np.minimum((parts[:, axis] % 1.0 * n).astype(int), n - 1)
        blocks *= n
    place = layer * blocks + block
    counts = np.bincount(place, minlength=m * blocks).reshape(m, blocks)
    sums = np.bincount(place, strain, minlength=m * blocks).reshape(m, blocks)
    with np.errstate(invalid="ignore"):
        mean = sums.sum(axis=1) / counts.sum(axis=1)
        rest = sums - counts * mean[:, None]
    used = (counts > 0).sum(axis=1)
    error = np.sqrt((rest**2).sum(axis=1) * used / np.maximum(used - 1, 1)) / counts.sum(axis=1)
    order = rng.permuted(np.tile(np.arange(m * blocks), (SHUFFLES, 1)), axis=1).reshape(SHUFFLES, m, blocks)
    shuffled = sums.ravel()[order].sum(axis=2) / np.maximum(counts.ravel()[order].sum(axis=2), 1)
    mixed = _participation(shuffled)
    own = float(_participation(mean[None])[0])
    chance = (1 + np.count_nonzero(mixed <= own * (1 + 1e-12))) / (1 + SHUFFLES)
    return Layers(
        toward * height, height, (np.arange(m) + 0.5) * height / m, mean, error, own, float(mixed.mean()),
        float(mixed.std()), float(chance),
    )  # fmt: skip


def _participation(strain: Floats) -> Floats:
    """[...] of strains [..., m] in layers; 1 where nothing is strained."""
    square = strain.shape[-1] * (strain**2).sum(axis=-1)
    return np.asarray(np.where(square > 0, strain.sum(axis=-1) ** 2 / np.where(square > 0, square, 1), 1.0))
