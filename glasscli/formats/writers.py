"""A configuration as text that other programs read: LAMMPS data and dump, extended XYZ.

`time` of a frame is in the units of its system, None where it has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any

from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.engine.boxes import data_lines, dump_lines
from glasscli.errors import InputError
from glasscli.formats.species import Labels
from glasscli.model.system import System

Named = System | Labels
PIECE = 100_000  # atoms


def lammps_data(configuration: Configuration, system: Named) -> str:
    """LAMMPS data file with masses, and images and velocities where there are any.

    A system's atoms have what its atom style says: charges, diameters with densities that make the masses. Species
    whose masses are not known get their names as type labels.
    """
    c, labels = configuration, labels_for(system)
    style = _carried(system, next(_pieces(c)))[0]
    # Only a system's own name may stand here alone: a file is read in the system that its first line names.
    title = labels.title if isinstance(system, System) else f"atoms of {labels.title}"
    # LAMMPS's data files do not say what is periodic.
    free = f", boundary {c.box.boundary}" if c.box.free else ""
    units = f", units = {labels.units}" if labels.units else ""
    lines = [f"# {title}, step {c.step}, written by glasscli{units}{free}", "", f"{c.n_atoms} atoms"]
    lines += [f"{len(labels.names)} atom types", ""]
    lines += data_lines(c.box, c.positions)
    numbered = list(enumerate(labels.names, start=1))
    if labels.masses is not None and "sphere" not in style:
        weights = zip(numbered, labels.masses, strict=True)
        lines += ["", "Masses", ""]
        lines += [f"{i} {m:.12g}" + (f" # {name}" if name != str(i) else "") for (i, name), m in weights]
    elif not any(name.isdigit() for name in labels.names):
        lines += ["", "Atom Type Labels", "", *(f"{i} {name}" for i, name in numbered)]
    lines += ["", f"Atoms # {style}", ""]
    for piece in _pieces(c):
        _, before, behind = _carried(system, piece)
        kinds = map(str, piece.species)
        lines.append(_rows([_ids(piece), kinds, *before, *_places(piece), *behind, *_flags(piece)]))
    if c.velocities is not None:
        lines += ["", "Velocities", ""]
        spin = 3 * [repeat("0")] if "sphere" in style else []
        for piece in _pieces(c):
            assert piece.velocities is not None
            lines.append(_rows([_ids(piece), *_vectors(piece.velocities), *spin]))
    return "\n".join(lines) + "\n"


def extended_xyz(configuration: Configuration, system: Named, time: float | None = None) -> str:
    """Extended XYZ with lattice, periodicity, step, time and units: name, position and id of each atom; images,
    velocities, masses and radii where they are known.

    Columns are called as OVITO calls them.
    """
    c, labels = configuration, labels_for(system)
    columns = [[labels.names[s - 1] for s in c.species], *_places(c), _ids(c)]
    properties = "species:S:1:pos:R:3:id:I:1"
    if c.images is not None:
        columns, properties = [*columns, *_flags(c)], f"{properties}:map_shift:I:3"
    if c.velocities is not None:
        columns, properties = [*columns, *_vectors(c.velocities)], f"{properties}:velo:R:3"
    if labels.masses is not None:
        columns, properties = [*columns, _masses(c, labels.masses)], f"{properties}:mass:R:1"
    if c.diameters is not None:
        columns, properties = [*columns, [f"{d / 2:.17g}" for d in c.diameters]], f"{properties}:radius:R:1"
    lattice = f'Lattice="{" ".join(f"{x:.17g}" for x in c.box.vectors.ravel())}"'
    periodic = " ".join("T" if along else "F" for along in c.box.periodic)
    clock = "" if time is None else f" time={time:.12g}"
    clock += f" units={labels.units}" if labels.units else ""
    lines = [str(c.n_atoms), f'{lattice} Properties={properties} pbc="{periodic}" step={c.step}{clock}']
    return "\n".join([*lines, *(" ".join(words) for words in zip(*columns, strict=True))]) + "\n"


def lammps_dump(configuration: Configuration, system: Named, time: float | None = None) -> str:
    """One snapshot of a LAMMPS text dump: ids, types, positions; names, masses, radii, images, velocities, units and
    time where they are known.
    """
    c, labels = configuration, labels_for(system)
    names, columns = ["id", "type"], [_ids(c), [str(s) for s in c.species]]
    if not any(name.isdigit() for name in labels.names):
        names, columns = [*names, "element"], [*columns, [labels.names[s - 1] for s in c.species]]
    if labels.masses is not None:
        names, columns = [*names, "mass"], [*columns, _masses(c, labels.masses)]
    if c.diameters is not None:
        names, columns = [*names, "radius"], [*columns, [f"{d / 2:.17g}" for d in c.diameters]]
    names, columns = [*names, "x", "y", "z"], [*columns, *_places(c)]
    if c.images is not None:
        names, columns = [*names, "ix", "iy", "iz"], [*columns, *_flags(c)]
    if c.velocities is not None:
        names, columns = [*names, "vx", "vy", "vz"], [*columns, *_vectors(c.velocities)]
    lines = ["ITEM: UNITS", labels.units] if labels.units else []
    lines += [] if time is None else ["ITEM: TIME", f"{time:.12g}"]
    lines += ["ITEM: TIMESTEP", str(c.step), "ITEM: NUMBER OF ATOMS", str(c.n_atoms)]
    lines += dump_lines(c.box, c.positions)
    lines.append(f"ITEM: ATOMS {' '.join(names)}")
    return "\n".join([*lines, *(" ".join(words) for words in zip(*columns, strict=True))]) + "\n"


WRITERS: dict[str, Callable[[Configuration, Named], str]] = {
    ".lammps": lammps_data,
    ".data": lammps_data,
    ".xyz": extended_xyz,
    ".dump": lammps_dump,
}


def writer(suffix: str) -> Callable[[Configuration, Named], str]:
    """The writer of one configuration as text for a file ending; raises InputError for an unknown one."""
    if suffix not in WRITERS:
        raise InputError(f"cannot write {suffix or 'a file without ending'!r}: use {', '.join(WRITERS)}")
    return WRITERS[suffix]


def labels_for(system: Named) -> Labels:
    """What the species of a system are called; what a file calls its own, as it is."""
    if isinstance(system, Labels):
        return system
    names, masses = zip(*((s.name, s.mass) for s in system.species), strict=True)
    return Labels(system.name, names, masses, system.units)


def _pieces(c: Configuration) -> Iterator[Configuration]:
    """The atoms, so many at a time: words of a sample of millions would take ten times its memory."""

    def of(values: NDArray[Any] | None, piece: slice) -> Any:
        return None if values is None else values[piece]

    for first in range(0, max(1, c.n_atoms), PIECE):
        piece = slice(first, first + PIECE)
        yield replace(
            c, positions=c.positions[piece], species=c.species[piece], images=of(c.images, piece),
            velocities=of(c.velocities, piece), ids=c.identifiers[piece], diameters=of(c.diameters, piece),
        )  # fmt: skip


def _rows(columns: Sequence[Iterable[str]]) -> str:
    """Lines of the words of columns; a column may go on for ever."""
    return "\n".join(map(" ".join, zip(*columns, strict=False)))


def _ids(configuration: Configuration) -> list[str]:
    return [str(i) for i in configuration.identifiers]


def _places(configuration: Configuration) -> list[list[str]]:
    """Columns of positions, with all their digits."""
    return _vectors(configuration.positions)


def _vectors(values: Floats) -> list[list[str]]:
    return [[f"{x:.17g}" for x in column] for column in values.T]


def _carried(system: Named, configuration: Configuration) -> tuple[str, list[list[str]], list[list[str]]]:
    """LAMMPS's atom style, and what the atoms carry: columns before the positions and behind them.

    Raises InputError where diameters vary from atom to atom and these atoms have none.
    """
    if isinstance(system, Labels):
        return "atomic", [], []
    style, kinds = system.atom_style, system.species
    species = configuration.species - 1
    charges = [f"{kinds[s].charge:.17g}" for s in species]
    sizes: list[str] = []
    densities: list[str] = []
    if system.sized:
        own = system.diameters_of(configuration)
        diameters = [kinds[s].diameter or 0.0 for s in species] if own is None else own.tolist()
        sizes = [f"{d:.17g}" for d in diameters]
        # LAMMPS's density makes the mass of a sphere.
        densities = [
            f"{kinds[s].mass / (math.pi / 6 * d**3):.17g}" for s, d in zip(species, diameters, strict=True)
        ]
    none: list[list[str]] = []
    before, behind = {
        "atomic": (none, none),
        "charge": ([charges], none),
        "sphere": ([sizes, densities], none),
        "hybrid sphere charge": (none, [sizes, densities, charges]),
    }[style]
    return style.split()[0], before, behind


def _flags(configuration: Configuration) -> list[list[str]]:
    """Columns of image flags; none where nobody knows them: zeros would say that no atom went round the box."""
    images = configuration.images
    return [] if images is None else [[str(i) for i in column] for column in images.T]


def _masses(configuration: Configuration, masses: Sequence[float]) -> list[str]:
    words = [f"{mass:.12g}" for mass in masses]
    return [words[s - 1] for s in configuration.species]
