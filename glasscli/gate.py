"""The one gate through which configurations enter from files, glasscli's own too: nothing behind it meets a broken one.

Neighbour lists, tessellations and LAMMPS take numbers as they are: one that is not finite, or a box of 1e-12, ends the
whole process without a word. What the gate lets through is finite, in a box that such codes can divide into cells, of
equal counts, and of species that are known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration
from glasscli.errors import FileError

# Volumes per atom beyond these are no matter in any unit of length near the size of an atom: LJ, Angstrom, nm.
DENSEST, THINNEST = 1e-6, 1e12
# A box thinner than this share of the mean spacing of its atoms has millions of copies of each within a cutoff.
FLATTEST = 1e-3
# Images are counted in so many bits by LAMMPS's largest build; float64 still knows 1e-10 of an edge there.
FARTHEST = 2.0**20
FASTEST = 1e15
BIGGEST = 1e6  # a diameter, in any unit of length
MOST_SPECIES = 100_000

Array = NDArray[Any]


def admit(
    configuration: Configuration, where: str, *, n_species: int | None = None, n_atoms: int | None = None
) -> Configuration:
    """Return the configuration, or raise FileError with one line of what is wrong with it, beginning with `where`."""
    c = configuration
    velocities = None if c.velocities is None else c.velocities[None]
    images = None if c.images is None else c.images[None]
    found = first_fault(
        c.positions[None], c.box.cell[None], c.species, images, velocities, c.ids, c.diameters, n_species=n_species,
        n_atoms=n_atoms,
    )  # fmt: skip
    if found is not None:
        raise FileError(f"{where}: {found[1]}")
    return c


def first_fault(
    positions: Array, edges: Array, species: Array, images: Array | None = None, velocities: Array | None = None,
    ids: Array | None = None, diameters: Array | None = None, *, n_species: int | None = None,
    n_atoms: int | None = None,
) -> tuple[int, str] | None:  # fmt: skip
    """The first of F configurations that is broken, and how in words; None where all are sound.

    positions, images, velocities  [F, N, 3]; edges [F, 3], or [F, 3, 3] vectors; species [N] or [F, N]; ids and
    diameters [N]
    n_species, n_atoms             where they are known
    """
    frames, atoms = len(positions), positions.shape[1]
    if n_atoms is not None and atoms != n_atoms:
        return 0, f"{atoms} atoms, not {n_atoms}"
    if atoms == 0:
        return 0, "no atoms"
    for name, values in (("images", images), ("velocities", velocities)):
        if values is not None and values.shape != positions.shape:
            return 0, f"{values.shape[1]} {name} for {atoms} atoms"
    if species.shape[-1] != atoms:
        return 0, f"{species.shape[-1]} species for {atoms} atoms"
    if ids is not None and (len(ids) != atoms or (np.diff(ids) <= 0).any()):
        return 0, "two atoms with the same id"
    if diameters is not None:
        if len(diameters) != atoms:
            return 0, f"{len(diameters)} diameters for {atoms} atoms"
        wrong = ~((diameters > 0) & (diameters < BIGGEST))
        if wrong.any():
            return (
                0,
                f"a diameter that is no length ({diameters[wrong][0]:.3g}, atom {int(np.argmax(wrong)) + 1})",
            )
    most = MOST_SPECIES if n_species is None else n_species
    if species.min() < 1 or species.max() > most:
        strange = species[(species < 1) | (species > most)][0]
        rows = np.atleast_2d((species < 1) | (species > most)).any(axis=-1)
        return int(np.argmax(rows)), f"an atom of species {strange}, where 1 to {most} are known"
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = edges if edges.ndim == 2 else np.linalg.norm(edges, axis=-1)
    return (
        _box_fault(edges, atoms)
        or _far(positions, lengths * FARTHEST, "positions", "far outside of the box")
        or (None if images is None else _far(images, np.full((frames, 3), FARTHEST), "images", "no counts of edges"))
        or (None if velocities is None else _far(velocities, np.full((frames, 3), FASTEST), "velocities", "too fast"))
    )  # fmt: skip


def _box_fault(edges: Array, atoms: int) -> tuple[int, str] | None:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        heights, upright = edges, np.array(True)
        if edges.ndim == 3:
            upright = np.asarray(~np.triu(edges, 1).any(axis=(1, 2)))
            faces = np.cross(edges[:, [1, 2, 0]], edges[:, [2, 0, 1]])
            edges = np.diagonal(edges, axis1=1, axis2=2)
            heights = np.prod(edges, axis=-1)[:, None] / np.linalg.norm(faces, axis=-1)
        share = np.prod(edges, axis=-1) / atoms
        sound = (edges > 0).all(axis=-1) & (share >= DENSEST) & (share <= THINNEST) & upright
        sound &= heights.min(axis=-1) >= FLATTEST * np.abs(share) ** (1 / 3)
    if sound.all():
        return None
    at = int(np.argmin(sound))
    size = " x ".join(f"{height:.3g}" for height in heights[at])
    return at, f"a box of {size} for {atoms} atoms: damaged, or in another unit of length?"


def _far(values: Array, most: Array, name: str, how: str) -> tuple[int, str] | None:
    """Not finite, or beyond `most` [F, 3]; comparisons with what is not a number are false."""
    near = np.abs(values) <= most[:, None]
    if near.all():
        return None
    at = int(np.argmin(near.all(axis=(1, 2))))
    atom = int(np.argmin(near[at].all(axis=-1)))
    wrong = values[at, atom][~near[at, atom]][0]
    return (
        at,
        f"{name} that are {how if np.isfinite(wrong) else 'not finite numbers'} ({wrong:.3g}, atom {atom + 1})",
    )


def finite(name: str, values: Array) -> str | None:
    """How a column of stored numbers is broken, in words; None where all are finite."""
    wrong = int(np.count_nonzero(~np.isfinite(values)))
    return f"{name}: {wrong} values are not finite numbers" if wrong else None
