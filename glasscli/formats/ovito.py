"""The one door to OVITO: imports it late, explains what is missing, hands it configurations."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    from ovito.data import DataCollection

# OVITO loads Qt, whose system libraries bare containers and many compute nodes lack.
DEBIAN_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libOpenGL": "libopengl0",
    "libfontconfig": "libfontconfig1",
    "libdbus-1": "libdbus-1-3",
    "libxkbcommon": "libxkbcommon0",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
}
ALL_PACKAGES = "libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon0 libglib2.0-0"


@contextmanager
def speechless() -> Iterator[None]:
    """What OVITO's compiled code writes on stderr is not for users: what goes wrong is raised, and said by us."""
    try:
        kept = os.dup(2)
    except OSError:  # nobody listens
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def require_ovito() -> None:
    """Import OVITO, or raise MissingPackageError with the packages to install.

    Call it before the first `from ovito...` of a function: it is free once OVITO is loaded.
    """
    try:
        import ovito  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(_explain(error)) from error
    # OVITO calls whoever took Ctrl-C before it, and where it is ignored (a script's background job) there is nobody.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and current_thread() is main_thread():
        signal.signal(signal.SIGINT, _nothing)


def _nothing(number: int, frame: object) -> None:
    """Ignore a signal."""


def _explain(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "ovito":
        return "OVITO is not installed: pip install ovito"
    found = re.search(r"((lib[\w.+-]+?)\.so[\w.]*)", str(error))
    if not found:
        return f"OVITO does not load ({' '.join(str(error).split())}): pip install --force-reinstall ovito"
    package = DEBIAN_PACKAGES.get(found.group(2))
    which = f"it is in {package}; " if package else ""
    return (
        f"OVITO needs the system library {found.group(1)}: {which}on Debian or Ubuntu "
        f"apt-get install {ALL_PACKAGES}"
    )


def data_collection(configuration: Configuration, radii: Mapping[int, float] | None = None) -> DataCollection:
    """Return an OVITO DataCollection with the atoms of `configuration`, built in memory.

    radii: length of each species; becomes the per-particle 'Radius' that radical tessellations use.
    Raises InputError when a species has no radius, MissingPackageError when OVITO cannot be loaded.
    """
    require_ovito()
    from ovito.data import DataCollection, Particles, SimulationCell

    data = DataCollection()
    cell = SimulationCell(pbc=configuration.box.periodic)
    cell[:, :3] = configuration.box.vectors.T
    data.objects.append(cell)
    particles = Particles(count=configuration.n_atoms)
    particles.create_property("Position", data=configuration.positions)
    if radii is not None:
        particles.create_property("Radius", data=radii_by_atom(configuration, radii))
    data.objects.append(particles)
    return data


def radii_by_atom(configuration: Configuration, radii: Mapping[int, float]) -> np.ndarray:
    """Return [n_atoms] the radius of each atom; InputError when a species has none or it is not positive.

    Half its own diameter where each atom has one.
    """
    if configuration.diameters is not None:
        return configuration.diameters / 2
    missing = [s for s in configuration.counts if s not in radii]
    if missing:
        raise InputError(f"species {missing[0]} has no radius: give one for each species")
    if any(not np.isfinite(r) or r <= 0 for r in radii.values()):
        raise InputError(f"radii must be positive lengths, not {', '.join(str(r) for r in radii.values())}")
    table = np.zeros(max(radii) + 1)
    for species, radius in radii.items():
        table[species] = radius
    return table[configuration.species]
