"""Whether a system's forces are ours to sum."""

from __future__ import annotations

from functools import lru_cache

from glasscli.configuration import Box
from glasscli.engine.launch import LAMMPS, OWN
from glasscli.engine.own.compiled import library
from glasscli.engine.own.laws import laws
from glasscli.errors import GlassError, InputError
from glasscli.model.system import System

# Commands after which a pair's energy is not all that there is.
_MORE = ("kspace_style", "special_bonds", "dielectric")


def refusal(system: System) -> str | None:
    """Why a system's forces have to be LAMMPS's, in a line; None where they need not."""
    return _refusal(system.model_dump_json())


@lru_cache(maxsize=32)
def _refusal(dump: str) -> str | None:
    system = System.model_validate_json(dump)
    more = next((line.split()[0] for line in system.commands if line.split()[0] in _MORE), None)
    if more:
        return f"{system.name} has a {more}, whose forces are LAMMPS's"
    if system.dimension == 2:
        return f"{system.name} is two-dimensional, where forces are LAMMPS's"
    if system.charged or (system.sized and not system.sizes):
        return f"{system.name} has {'charges' if system.charged else 'diameters'}, whose forces are LAMMPS's"
    if any(
        line.startswith("pair_modify") and "tail yes" in " ".join(line.split()) for line in system.commands
    ):
        return f"{system.name} adds an energy for what lies beyond its cutoff (tail yes), which is LAMMPS's"
    try:
        if not library().pairs_fused():
            return "this processor fuses no products and sums: LAMMPS's forces are faster on it"
        laws(system)
    except (GlassError, OSError) as error:
        return str(error)
    return None


def wanted(system: System, forces: str | None) -> bool:
    """Whether forces are to be ours: as asked for, else wherever they can be. Raises InputError for what cannot be."""
    if forces == LAMMPS:
        return False
    reason = refusal(system)
    if forces == OWN and reason:
        raise InputError(f"--forces own: {reason}: leave it out, or use --forces lammps")
    return reason is None


def whose(system: System, forces: str | None, box: Box | None = None) -> str:
    """Say whose forces those are that were asked for, "own" or "lammps"; None takes ours wherever they can be.

    box: in which, where it is known. Raises InputError for what cannot be.
    """
    ours = wanted(system, forces)
    if ours and box is not None and not box.closed:
        if forces == OWN:
            raise InputError(
                "--forces own is for boxes of three dimensions, periodic in all: leave it out, or use --forces lammps"
            )
        return LAMMPS
    return OWN if ours else LAMMPS
