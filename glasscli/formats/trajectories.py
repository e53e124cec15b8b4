"""Many configurations as one file that other programs read, written one by one: never all in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.boxes import tilts
from glasscli.errors import InputError, MissingPackageError
from glasscli.formats.h5md_file import H5mdFile
from glasscli.formats.netcdf import NetcdfFile
from glasscli.formats.writers import Named, extended_xyz, labels_for, lammps_data, lammps_dump
from glasscli.model.system import System
from glasscli.units import UNIT_SYSTEMS

# Takes a configuration and its time (None where it has none), in the units of what is written.
Add = Callable[[Configuration, float | None], None]
Opened = Callable[..., Any]  # of a path and whose atoms they are; of some a precision
NANOMETRES = 0.1  # of an Angstrom
XTC_PRECISION = 0.005  # Angstrom: positions to a thousandth of a nanometre, as GROMACS writes them


@contextmanager
def _text(path: Path, write: Callable[[Configuration, float | None], str]) -> Iterator[Add]:
    with path.open("w", encoding="utf-8") as file:

        def add(configuration: Configuration, time: float | None) -> None:
            file.write(write(configuration, time))

        yield add


def _periodic(configuration: Configuration, what: str) -> None:
    """Raise InputError where the box is free, which these formats cannot say."""
    try:
        configuration.box.periodic_for(what, planes=True)
    except InputError as error:
        raise InputError(f"{error}: choose .dump, .xyz or .data") from error


def _xyz(path: Path, model: Named) -> Any:
    return _text(path, lambda configuration, time: extended_xyz(configuration, model, time))


def _dump(path: Path, model: Named) -> Any:
    labels = iter([labels_for(model)])
    later = replace(labels_for(model), units=None)  # LAMMPS states units with the first frame
    return _text(path, lambda configuration, time: lammps_dump(configuration, next(labels, later), time))


def _data(path: Path, model: Named) -> Any:
    return _text(path, lambda configuration, _: lammps_data(configuration, model))


@contextmanager
def _netcdf(path: Path, model: Named) -> Iterator[Add]:
    with NetcdfFile(path, labels_for(model).units) as file:

        def add(c: Configuration, time: float | None) -> None:
            _periodic(c, "a NetCDF file")
            file.add(c, time)

        yield add


@contextmanager
def _gsd(path: Path, model: Named) -> Iterator[Add]:
    """GSD with HOOMD's schema, by its own package: positions from the middle of the box, in single precision."""
    try:
        import gsd.hoomd
    except ImportError as error:
        raise MissingPackageError(
            "to write .gsd: pip install 'glasscli[gsd]', or choose .nc, .xyz, .dump"
        ) from error
    labels = labels_for(model)
    with gsd.hoomd.open(path, "w") as file:

        def add(c: Configuration, _: float | None) -> None:
            frame = gsd.hoomd.Frame()
            frame.configuration.step = c.step
            _periodic(c, "a GSD file")
            (lx, ly, lz), (xy, xz, yz) = np.diag(c.box.vectors), tilts(c.box)
            frame.configuration.box = [lx, ly, lz, xy / ly, xz / lz, yz / lz]
            middle = c.box.vectors.sum(axis=0) / 2
            if c.box.dimension == 2:  # HOOMD's planes are at z = 0 and have no thickness
                frame.configuration.dimensions, frame.configuration.box[2], middle[2] = 2, 0.0, 0.0
            atoms = frame.particles
            atoms.N, atoms.types, atoms.typeid = c.n_atoms, list(labels.names), c.species - 1
            atoms.position = (c.positions - middle).astype(np.float32)
            if labels.masses is not None:
                atoms.mass = np.array(labels.masses)[c.species - 1]
            if isinstance(model, System) and any(s.charge for s in model.species):
                atoms.charge = np.array([s.charge for s in model.species])[c.species - 1]
            if c.diameters is not None:
                atoms.diameter = c.diameters.astype(np.float32)
            atoms.velocity, atoms.image = c.velocities, c.images
            file.append(frame)

        yield add


@contextmanager
def _h5md(path: Path, model: Named, precision: float | None = None) -> Iterator[Add]:
    labels = labels_for(model)
    with H5mdFile(path, labels.units, labels.names, labels.masses, precision) as file:
        yield file.add


@contextmanager
def _xtc(path: Path, model: Named, precision: float = XTC_PRECISION) -> Iterator[Add]:
    """GROMACS's compressed positions, by MDAnalysis: nanometres and picoseconds, no species."""
    units = UNIT_SYSTEMS.get(labels_for(model).units or "")
    if units is None or units.picoseconds is None:
        which = f"{units.name} units" if units else "a file that states no units"
        raise InputError(
            f".xtc is in nanometres and picoseconds, which {which} cannot be told in: choose .nc, .gsd, .xyz"
        )
    try:
        from MDAnalysis.lib.formats.libmdaxdr import XTCFile
    except ImportError as error:
        raise MissingPackageError(
            "to write .xtc: pip install 'glasscli[xtc]', or choose .nc, .xyz, .dump"
        ) from error
    clock = units.picoseconds
    with XTCFile(str(path), "w") as file:

        def add(c: Configuration, time: float | None) -> None:
            _periodic(c, "an XTC file")
            cell = (c.box.vectors * NANOMETRES).astype(np.float32)
            # There are no image flags: positions that went on through the boundaries say the same.
            places = (c.unwrapped * NANOMETRES).astype(np.float32)
            moment = 0.0 if time is None else time * clock
            file.write(places, cell, c.step, moment, 0.5 / (precision * NANOMETRES))

        yield add


SEVERAL: dict[str, Opened] = {
    ".xyz": _xyz, ".extxyz": _xyz, ".dump": _dump, ".lammpstrj": _dump, ".gsd": _gsd, ".nc": _netcdf, ".xtc": _xtc,
    ".h5md": _h5md, ".h5": _h5md,
}  # fmt: skip
ROUNDED = (".h5md", ".h5", ".xtc")
SINGLE: dict[str, Opened] = {".lammps": _data, ".data": _data}


def opened(ending: str, several: bool, precision: float | None = None) -> Opened:
    """What opens a file of an ending for writing: a context that gives what takes the configurations.

    precision: the largest error of a coordinate, of files that round them. Raises InputError for one of others, for an
    ending that is not known, and for several configurations in a file for one.
    """
    if several and ending in SINGLE:
        raise InputError(f"{ending} holds one configuration: use {', '.join(SEVERAL)} for several")
    found = (SINGLE | SEVERAL).get(ending)
    if found is None:
        known = ", ".join(SINGLE | SEVERAL)
        raise InputError(f"cannot write {ending or 'a file without ending'!r}: use {known}")
    if precision is None:
        return found
    if ending not in ROUNDED:
        raise InputError(f"{ending} rounds no positions: --precision is for {', '.join(ROUNDED)}")
    return partial(found, precision=precision)
