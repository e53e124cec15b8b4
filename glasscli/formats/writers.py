"""A configuration as text that other programs read: LAMMPS data and dump, extended XYZ."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.formats.species import Labels
from glasscli.model.system import System

Named = System | Labels


def lammps_data(configuration: Configuration, system: Named) -> str:
    """LAMMPS data file with masses, images, and velocities where there are any.

    A system's atoms have what its atom style says: charges, diameters with densities that make the masses. Species
    whose masses are not known get their names as type labels.
    """
    c, labels = configuration, _labels(system)
    style, columns = _carried(system)
    lines = [f"# {labels.title}, step {c.step}, written by glasscli", "", f"{c.n_atoms} atoms"]
    lines += [f"{len(labels.names)} atom types", ""]
    lines += [f"0 {edge:.17g} {axis}lo {axis}hi" for axis, edge in zip("xyz", c.box.edges, strict=True)]
    numbered = list(enumerate(labels.names, start=1))
    if labels.masses is not None and "sphere" not in style:
        weights = zip(numbered, labels.masses, strict=True)
        lines += ["", "Masses", ""]
        lines += [f"{i} {m:g}" + (f" # {name}" if name != str(i) else "") for (i, name), m in weights]
    elif not any(name.isdigit() for name in labels.names):
        lines += ["", "Atom Type Labels", "", *(f"{i} {name}" for i, name in numbered)]
    lines += ["", f"Atoms # {style}", ""]
    lines += [
        f"{i} {s} {columns[s - 1][0]}{x:.17g} {y:.17g} {z:.17g}{columns[s - 1][1]} {a} {b} {d}"
        for i, s, (x, y, z), (a, b, d) in zip(c.identifiers, c.species, c.positions, _images(c), strict=True)
    ]
    if c.velocities is not None:
        lines += ["", "Velocities", ""]
        moving = zip(c.identifiers, c.velocities, strict=True)
        spin = " 0 0 0" if "sphere" in style else ""
        lines += [f"{i} {x:.17g} {y:.17g} {z:.17g}{spin}" for i, (x, y, z) in moving]
    return "\n".join(lines) + "\n"


def extended_xyz(configuration: Configuration, system: Named) -> str:
    """Extended XYZ with the lattice and periodicity; one line an atom: species name and position."""
    c = configuration
    x, y, z = c.box.edges
    lattice = f'Lattice="{x:.10g} 0 0 0 {y:.10g} 0 0 0 {z:.10g}"'
    lines = [str(c.n_atoms), f'{lattice} Properties=species:S:1:pos:R:3 pbc="T T T" step={c.step}']
    names = _labels(system).names
    lines += [
        f"{names[s - 1]} {x:.10g} {y:.10g} {z:.10g}"
        for s, (x, y, z) in zip(c.species, c.positions, strict=True)
    ]
    return "\n".join(lines) + "\n"


def lammps_dump(configuration: Configuration, system: Named) -> str:
    """One snapshot of a LAMMPS text dump with images."""
    c = configuration
    lines = [
        "ITEM: TIMESTEP",
        str(c.step),
        "ITEM: NUMBER OF ATOMS",
        str(c.n_atoms),
        "ITEM: BOX BOUNDS pp pp pp",
    ]
    lines += [f"0 {edge:.17g}" for edge in c.box.edges]
    lines.append("ITEM: ATOMS id type x y z ix iy iz")
    lines += [
        f"{i} {s} {x:.10g} {y:.10g} {z:.10g} {a} {b} {d}"
        for i, s, (x, y, z), (a, b, d) in zip(c.identifiers, c.species, c.positions, _images(c), strict=True)
    ]
    return "\n".join(lines) + "\n"


WRITERS: dict[str, Callable[[Configuration, Named], str]] = {
    ".lammps": lammps_data,
    ".data": lammps_data,
    ".xyz": extended_xyz,
    ".dump": lammps_dump,
}


def writer(suffix: str) -> Callable[[Configuration, Named], str]:
    """The writer for a file ending; raises InputError for an unknown one."""
    if suffix not in WRITERS:
        raise InputError(f"cannot write {suffix or 'a file without ending'!r}: use {', '.join(WRITERS)}")
    return WRITERS[suffix]


def _labels(system: Named) -> Labels:
    if isinstance(system, Labels):
        return system
    return Labels(system.name, tuple(s.name for s in system.species), tuple(s.mass for s in system.species))


def _carried(system: Named) -> tuple[str, list[tuple[str, str]]]:
    """LAMMPS's atom style, and of each species the columns before the position and behind it."""
    if isinstance(system, Labels):
        return "atomic", [("", "")] * len(system.names)
    columns = []
    for s in system.species:
        charge = f"{s.charge:.17g}"
        # LAMMPS's density makes the mass of a sphere.
        size = f"{s.diameter:.17g} {s.mass / (math.pi / 6 * s.diameter**3):.17g}" if s.diameter else ""
        columns.append(
            {
                "atomic": ("", ""),
                "charge": (f"{charge} ", ""),
                "sphere": (f"{size} ", ""),
                "hybrid sphere charge": ("", f" {size} {charge}"),
            }[system.atom_style]
        )
    return system.atom_style.split()[0], columns


def _images(configuration: Configuration) -> np.ndarray:
    images = configuration.images
    return np.zeros((configuration.n_atoms, 3), dtype=np.int32) if images is None else images
