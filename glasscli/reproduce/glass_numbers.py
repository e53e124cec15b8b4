"""A glass of the Wahnström mixture that others made: its energy and forces under our potential, its icosahedra."""

from __future__ import annotations

import hashlib
from pathlib import Path

from glasscli.engine.minimiser import Minimiser
from glasscli.formats.foreign import open_source
from glasscli.model.system import load_system
from glasscli.observables.voronoi import icosahedral_fraction, tessellate
from glasscli.reproduce.comparison import Expected, Kind, printed
from glasscli.reproduce.pair_sum import energy_per_atom

# SHA-256 of from-the-melt_LJWahnstrom.lammps.gz of the public repository derlet/SU2 (commit cb8b027).
KNOWN = "19f3fa83efe1f7729bdc77415cc73b9310384b1e43f224b9d51ef87c5cb076c3"
# Of that glass under the potential cut at 2.4.
OTHER_CUTOFF = 0.28


def _counted(key: str, what: str, value: float, rival: float, fails: str) -> Expected:
    return Expected(key, what, "counted apart", Kind.OWN, value, 1e-12, rival=rival, fails=fails)


EXPECTED = (
    Expected(
        "sum glass",
        "energy per atom: LAMMPS minus a sum over pairs (ε)",
        "a direct sum over pairs",
        Kind.EXACT,
        0.0,
        1e-9,
        rival=-0.4,
        fails="the energy not shifted at the cutoff",
    ),
    Expected(
        "force",
        "largest force left: the potential is theirs (ε/σ)",
        "at an energy minimum no force is left",
        Kind.EXACT,
        0.0,
        2e-4,
        rival=OTHER_CUTOFF,
        fails="a cutoff of 2.4",
    ),
    printed(
        "V/N", "volume per atom (σ³)", "0.767", "Derlet & Maaß 2019, Sec. II", 0.742, "the volume of 67:33"
    ),
)
EXPECTED_OF_KNOWN = (
    _counted(
        "f_ico", "icosahedral fraction (2133 of 32000)", 2133 / 32000, 2040 / 32000, "the small atoms alone"
    ),
    _counted(
        "f_ico small", "of the small atoms (2040 of 16000)", 2040 / 16000, 2133 / 16000, "all icosahedra"
    ),
)


def is_known(path: Path) -> bool:
    """Whether the file is the glass whose icosahedra have been counted."""
    return hashlib.sha256(path.read_bytes()).hexdigest() == KNOWN


def numbers(path: Path) -> dict[str, float]:
    """Every number of EXPECTED and EXPECTED_OF_KNOWN, of a structure file at its energy minimum."""
    c = open_source(path)[-1]
    with Minimiser(load_system("wahnstrom")) as minimiser:
        found = minimiser.evaluate(c)
    share = icosahedral_fraction(tessellate(c), c.species)
    return {
        "sum glass": found.energy - energy_per_atom(c),
        "force": found.max_force,
        "V/N": c.volume / c.n_atoms,
        "f_ico": share.all,
        "f_ico small": share.by_species.get(2, 0.0),
    }
