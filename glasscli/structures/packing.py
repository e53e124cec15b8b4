"""Disordered arrangements without overlaps: atoms thrown in at random, then pushed apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, Ints
from glasscli.errors import GlassError
from glasscli.formats.names import SpeciesPair

# Atoms closer than this share of their contact distance are pushed apart; success is SUFFICIENT.
TARGET, SUFFICIENT = 0.95, 0.85
MAX_ROUNDS, PATIENCE = 400, 40
# A minimisation still pulls apart what is this close.
LEAST = 0.6
DENSEST = 0.74

# Draws n positions, [n, 3], in the region to be filled.
Sampler = Callable[[int, np.random.Generator], Floats]


def random_liquid(counts: tuple[int, ...], volume: float, contact: Floats, seed: int) -> Configuration:
    """Return atoms at random in a cube without overlaps.

    counts: of each species. volume: per atom. contact: [n_species, n_species] contact distances.
    Raises GlassError when the density is beyond random packing.
    """
    rng = np.random.default_rng(seed)
    box = Box.cube((sum(counts) * volume) ** (1 / 3))
    filled = sum(n * np.pi / 6 * contact[i, i] ** 3 for i, n in enumerate(counts)) / (sum(counts) * volume)
    if filled > DENSEST:
        raise GlassError(
            f"the atoms would fill {filled:.0%} of space, beyond close packing: use a larger volume per atom"
        )
    species = np.repeat(np.arange(1, len(counts) + 1), counts).astype(np.int32)
    rng.shuffle(species)
    positions = box.cartesian(rng.random((len(species), 3)))
    positions = push_apart(positions, species, box, contact, np.ones(len(species), dtype=bool))
    return Configuration(positions, species, box)


def fill(
    fixed: Configuration, species: Ints, sample: Sampler, contact: Floats, rng: np.random.Generator
) -> Configuration:
    """Return `fixed` with atoms of `species` added in a region, not overlapping anything.

    Only the added atoms are moved. They come after the fixed ones. Raises GlassError when they do not fit.
    """
    positions = np.concatenate([fixed.positions, sample(len(species), rng)])
    everything = np.concatenate([fixed.species, species]).astype(np.int32)
    mobile = np.arange(len(everything)) >= fixed.n_atoms
    positions = push_apart(positions, everything, fixed.box, contact, mobile, lambda n: sample(n, rng))
    return Configuration(positions, everything, fixed.box)


def push_apart(
    positions: Floats, species: Ints, box: Box, contact: Floats, mobile: np.ndarray,
    elsewhere: Callable[[int], Floats] | None = None,
) -> Floats:  # fmt: skip
    """Return positions whose closest pair is at least SUFFICIENT of its contact distance.

    Every overlapping pair moves apart along its line by half its overlap (all of it where one atom is fixed), over and
    over. Atoms that stay trapped between fixed ones are put `elsewhere` (n -> [n, 3] positions). What is still closer
    after MAX_ROUNDS is left to the energy minimisation if it is not closer than LEAST.
    Raises GlassError for less: the density is too high for a random packing.
    """
    x = box.wrap(positions)
    reach = TARGET * contact.max()
    worst = 0.0
    for rounds in range(MAX_ROUNDS):
        pairs = box.tree(x).pairs(reach)
        pairs = pairs[mobile[pairs].any(axis=1)]
        vectors = box.minimum_image(x[pairs[:, 0]] - x[pairs[:, 1]])
        distances = np.linalg.norm(vectors, axis=1)
        wanted = contact[species[pairs[:, 0]] - 1, species[pairs[:, 1]] - 1]
        overlap = TARGET * wanted - distances
        close = overlap > 0
        worst = float((distances / wanted).min(initial=np.inf))
        if worst >= SUFFICIENT:
            return x
        pairs, vectors, distances, overlap = pairs[close], vectors[close], distances[close], overlap[close]
        if elsewhere is not None and rounds % PATIENCE == PATIENCE - 1 and rounds < MAX_ROUNDS // 2:
            trapped = np.unique(pairs[distances < SUFFICIENT * wanted[close]])
            trapped = trapped[mobile[trapped]][::2]  # of two that press on each other one is enough
            x[trapped] = box.wrap(elsewhere(len(trapped)))
            continue
        # Two atoms on one place have no line: any direction serves, and their index gives a fixed one.
        unit = np.where(distances[:, None] > 1e-9, vectors / np.maximum(distances, 1e-9)[:, None], 0.57735)
        shares = mobile[pairs].astype(np.float64)
        shares /= shares.sum(axis=1, keepdims=True)
        move = np.zeros_like(x)
        # Full steps of dense packings overshoot; 0.6 converges fastest here.
        push = 0.6 * overlap[:, None] * unit
        np.add.at(move, pairs[:, 0], shares[:, :1] * push)
        np.add.at(move, pairs[:, 1], -shares[:, 1:] * push)
        x = box.wrap(x + move)
    if worst >= LEAST:
        return x
    raise GlassError(
        f"the atoms do not fit without overlap (closest pair at {worst:.2f} of contact): use a larger volume per atom"
    )


def closest_pairs(configuration: Configuration) -> dict[SpeciesPair, float]:
    """Smallest distance of each pair of species, as {(1, 2): length}; only pairs closer than two mean spacings."""
    c = configuration
    reach = min(2 * c.spacing, 0.499 * c.box.width)
    pairs = c.box.tree(c.positions).pairs(reach)
    vectors = c.box.minimum_image(c.positions[pairs[:, 0]] - c.positions[pairs[:, 1]])
    distances = np.linalg.norm(vectors, axis=1)
    kinds = np.sort(c.species[pairs], axis=1)
    return {
        (a, b): float(distances[(kinds == (a, b)).all(axis=1)].min())
        for a, b in np.unique(kinds, axis=0).tolist()
    }
