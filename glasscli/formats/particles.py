"""What OVITO's particles say of the atoms of a frame: their order, ids, diameters, the table of their species."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import FileError

if TYPE_CHECKING:
    from ovito.data import DataCollection, Particles

NAMELESS = (
    ".xtc",
    ".trr",
    ".dcd",
    ".nc",
    ".ncdf",
    ".h5md",
)  # usual for programs that keep the atoms in another file


def particles_of(data: DataCollection, path: Path, frame: int) -> Particles:
    """The atoms of a frame. Raises FileError where there are none, or none has a type."""
    particles = data.particles
    if particles is None or particles.count == 0:
        raise FileError(f"{path.name}: frame {frame} has no atoms")
    if particles.particle_types is None:
        why = " (what wrote it keeps them in another file)" if path.suffix in NAMELESS else ""
        raise FileError(
            f"{path.name}: frame {frame} does not say the types of its atoms{why}: write it as a LAMMPS dump, "
            "extended XYZ or GSD, which do"
        )
    return particles


def by_id(particles: Particles, path: Path, frame: int) -> Any:
    """Return the order of the atoms by id: the identity of an atom between frames."""
    if "Particle Identifier" not in particles:
        return slice(None)
    ids = np.asarray(particles["Particle Identifier"])
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise FileError(f"{path.name}: frame {frame} has two atoms with the same id")
    return order


def own_ids(particles: Particles, order: Any) -> Any:
    """Return [n] the file's ids in the order of the atoms; None where there are none, or they are 1 ... n."""
    if "Particle Identifier" not in particles:
        return None
    ids = np.array(particles["Particle Identifier"], dtype=np.int64)[order]
    return None if np.array_equal(ids, np.arange(1, len(ids) + 1)) else ids


def diameters_of(particles: Particles, order: Any) -> Floats | None:
    """Return [n] diameters that the file states, in the order of the atoms; None where atoms have none of their own."""
    if "Radius" not in particles:
        return None
    found = 2 * np.array(particles["Radius"], dtype=np.float64)[order]
    return found if (found > 0).all() else None


def species_table(types: Mapping[int, str], numbered: bool) -> tuple[dict[str | int, int], dict[int, str]]:
    """Return ({type name or id: species}, {species: name}) from {type: name} of the first frame.

    Types without numbers of the file's own are numbered in the order of their names, not of the atoms.
    """
    kinds = sorted(types) if numbered else sorted(types, key=lambda t: (types[t], t))
    labels = [types[t] or str(t) for t in kinds]
    all_named = all(types.values())
    if all(re.fullmatch(r"[1-9]\d{0,5}", label) for label in labels):
        numbers = [int(label) for label in labels]
    elif numbered and kinds[0] >= 1 and not (all_named and len(kinds) < kinds[-1]):
        numbers = kinds
    else:
        numbers = list(range(1, len(kinds) + 1))
    table: dict[str | int, int] = {types[t] or t: n for t, n in zip(kinds, numbers, strict=True)}
    return table, {n: types[t] for t, n in zip(kinds, numbers, strict=True) if types[t]}


def first_of(names: Sequence[str], particles: Particles) -> str | None:
    """The first of the names under which a column is there."""
    return next((name for name in names if name in particles), None)
