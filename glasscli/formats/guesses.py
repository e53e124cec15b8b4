"""Where OVITO guesses what an atom is, or where its columns are, and the file says it.

Sources: GROMACS manual, "gro file format"; wwPDB file format 3.3, ATOM; of PDBQT and PQR, AutoDock's and APBS's
manuals; the core dictionary of CIF, symmetry.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.errors import FileError
from glasscli.formats.packing import unpacked

if TYPE_CHECKING:
    from ovito.data import DataCollection

# Of a PDB line: three coordinates in eight columns each, the element in two, a charge such as 2+ behind it.
COORDINATES = re.compile(r" *-?\d+\.\d*")
PLACES, CHARGE = (30, 38, 46, 54), 78
BY_NAME = "GRO"  # whose atoms have names; OVITO makes one-letter elements of most
CENTRED = ("GRO", "CFG")  # whose boxes OVITO moves, with the atoms: they begin at 0 in the file
ENOUGH = 10**6  # lines in which the first atom must come
# What a CIF calls its symmetry: by operations, which OVITO applies, or by a group alone, which it does not look at.
OPERATIONS = re.compile(r"_(symmetry_equiv_pos_as_xyz|space_group_symop[._]operation_xyz)", re.IGNORECASE)
GROUP = re.compile(
    r"_(?:symmetry_space_group_name_(?:H-M|Hall)|space_group[._]name_(?:H-M(?:_alt)?|Hall)|symmetry_Int_Tables_number"
    r"|space_group[._]IT_number)\s+(.+)", re.IGNORECASE,
)  # fmt: skip
NO_SYMMETRY = ("p1", "1", "?", ".")


def as_named(data: DataCollection) -> DataCollection:
    """A frame whose types are the names of its atoms, numbered in their order: OVITO makes S of Si, X of Zr."""
    particles = data.particles_
    assert particles is not None
    said = particles["Atom Name"]
    names, kinds = np.unique([said[k] for k in range(len(said))], return_inverse=True)
    types = particles.particle_types_
    types[...] = kinds.reshape(-1) + 1
    while len(types.types):
        del types.types[0]
    for number, name in enumerate(names, start=1):
        types.add_type_id(number, particles, name=str(name))
    return data


def check_pdb(path: Path) -> None:
    """Raise FileError for what only looks like PDB: PQR, whose numbers stand anywhere, and PDBQT, whose types are no
    elements.
    """
    with unpacked(path) as file:
        lines = (line.decode("utf-8", "replace").rstrip() for line in islice(file, ENOUGH))
        atom = next((line for line in lines if line.startswith(("ATOM  ", "HETATM"))), "")
    if not atom:
        return
    numbers = [atom[a:b] for a, b in pairwise(PLACES)]
    if not all(map(COORDINATES.fullmatch, numbers)):
        raise FileError(f"{path.name}: its coordinates are not in the columns of PDB (30 to 54): is it PQR?")
    if atom[CHARGE : CHARGE + 1].isalpha():
        raise FileError(f"{path.name}: it has types of AutoDock where PDB has elements: write it as PDB")


def check_cif(path: Path, data: DataCollection) -> None:
    """Raise FileError for a crystal of which OVITO has only a part, or whose sites no single atoms fill."""
    with unpacked(path) as file:
        lines = [line.decode("utf-8", "replace").strip() for line in islice(file, ENOUGH)]
    groups = [found[1].strip("'\" ") for line in lines if (found := GROUP.match(line))]
    group = next((g for g in groups if g.replace(" ", "").lower() not in NO_SYMMETRY), None)
    if group and not any(OPERATIONS.match(line) for line in lines):
        raise FileError(
            f"{path.name}: it names the space group {group}, but no symmetry operations: write all its atoms (P 1)"
        )
    particles = data.particles
    if particles is not None and "Occupancy" in particles:
        shares = np.asarray(particles["Occupancy"])
        if ((shares > 0) & (shares < 1)).any():
            raise FileError(
                f"{path.name}: some of its sites are not full, or several elements share them: no atoms"
            )
