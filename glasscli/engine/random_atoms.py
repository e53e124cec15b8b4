"""Where the atoms of a melt begin: at random, many of them on a grid whose sites are given out at random."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

from glasscli.configuration import Box, mean_spacing
from glasscli.engine.boxes import box_commands
from glasscli.model.system import System

# Atoms up to which they are put in at random: the time that this takes grows as the square of their number.
INSERTED = 4000
# Iterations that bring random atoms apart, and those on a grid of random species, where no two are close: the liquid
# does the rest. Charges that sit anywhere need all.
APART, APART_ON_GRID = 1000, 30


def random_atoms(
    system: System, counts: Sequence[int], box: Box, seed: int, inserted: int = INSERTED
) -> tuple[str, ...]:
    """Commands that put so many atoms of each species at random into a box, many of them onto a grid that melts.

    inserted: how many are still put in at random.
    """
    if gridded(system, counts, box, inserted):
        return (*box_commands(box, system.n_species), *_on_a_grid(system.units, counts, box, seed))
    # A share of the mean spacing that random insertion still reaches (packing fraction 0.22, jamming at 0.38; in a
    # plane 0.33 and 0.55).
    share = 0.75 if box.dimension == 3 else 0.65
    overlap = share * mean_spacing(box.volume, sum(counts), box.dimension)
    atoms = [
        f"create_atoms {species} random {count} {seed + species} box overlap {overlap:.6g} maxtry 10000"
        for species, count in enumerate(counts, start=1)
        if count
    ]
    return (*box_commands(box, system.n_species), *atoms, *_diameters(system, sum(counts)))


def gridded(system: System, counts: Sequence[int], box: Box, inserted: int = INSERTED) -> bool:
    """Whether atoms begin on a grid instead of at random."""
    # On a grid neighbours have neighbouring numbers, to which diameters belong.
    return sum(counts) > inserted and not (box.tilted or box.free or system.sizes)


def iterations_apart(system: System, counts: Sequence[int], box: Box) -> int:
    """Iterations of a minimiser after `random_atoms`, before the integrator can take over."""
    return APART_ON_GRID if gridded(system, counts, box) and not system.charged else APART


def _on_a_grid(units: str, counts: Sequence[int], box: Box, seed: int) -> tuple[str, ...]:
    """Commands that put atoms onto sites of a grid, who sits where and which sites are empty drawn at random."""
    spacing = mean_spacing(box.volume, sum(counts), box.dimension)
    edges = [float(edge) for edge in box.lengths[: box.dimension]]
    many = [ceil(edge / spacing) for edge in edges]
    # Of a plane LAMMPS wants a third vector of one.
    x, y, z = [edge / n for edge, n in zip(edges, many, strict=True)] + [1.0] * (3 - box.dimension)
    # It scales the vectors to the density given first (in metal units, by the number): by one.
    scale = 1 / (x * y * z) if units == "lj" else 1.0
    basis = "0.5 0.5 0.5" if box.dimension == 3 else "0.5 0.5 0"
    empty = prod(many) - sum(counts)
    kinds = [(species, count) for species, count in enumerate(counts, start=1) if count]
    first = kinds[0][0]
    return (
        f"lattice custom {scale:.17g} a1 {x:.17g} 0 0 a2 0 {y:.17g} 0 a3 0 0 {z:.17g} basis {basis}",
        f"create_atoms {first} box",
        *([f"delete_atoms random count {empty} yes all NULL {_marsaglia(seed)}"] if empty else []),
        *(
            f"set type {first} type/subset {species} {count} {_marsaglia(seed + species)}"
            for species, count in kinds[1:]
        ),
    )


def _marsaglia(seed: int) -> int:
    """A seed of those random numbers of LAMMPS that want it to be at most 900000000."""
    return 1 + (seed - 1) % 900_000_000


def _diameters(system: System, atoms: int) -> tuple[str, ...]:
    """Commands that give each of so many new atoms its own diameter, where they vary."""
    if system.sizes is None:
        return ()
    return tuple(f"set atom {k} diameter {d:.17g}" for k, d in enumerate(system.sizes.of(atoms), start=1))
