"""The compiled library: where it is, and how its functions are called."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

from glasscli.errors import InputError, MissingPackageError
from glasscli.extension import Signatures, extension

# In the order of pairs_instruction_sets().
INSTRUCTION_SETS = ("plain", "avx2", "avx512")
# As in pairs.h.
LOST = -4
# Which of them is used where not the widest is wanted.
CHOICE = "GLASSCLI_INSTRUCTION_SET"

_P, _L, _D, _I = ctypes.c_void_p, ctypes.c_long, ctypes.c_double, ctypes.c_int
_SIGNATURES: Signatures = {
    "pairs_fused": (_I, []),
    "pairs_instruction_sets": (_I, []),
    "pairs_new": (_P, [_L, _I, _I, _D, _I]),
    "pairs_free": (None, [_P]),
    "pairs_law": (None, [_P, _I, _I, _P]),
    "pairs_table": (_I, [_P, _P, _L, _D, _L, _L, _D]),
    "pairs_sizes": (None, [_P, _P, _D]),
    "pairs_species": (None, [_P, _P]),
    "pairs_relabel": (None, [_P, _P]),
    "pairs_reset": (None, [_P]),
    "pairs_lists": (_L, [_P]),
    "pairs_rows": (_L, [_P]),
    "pairs_evaluate": (_I, [_P, _P, _P, _I, _P, _P, _P]),
    "pairs_sites": (_I, [_P, _P, _P, _P]),
    "pairs_leg": (_I, [_P, _P, _I, _P, _P, _P, _P, _P, _P, _D, _L, _P, _P]),
    "pairs_minimise": (_I, [_P, _P, _P, _D, _L, _L, _P, _P, _P]),
    "swaps_new": (_P, [_L, _P, _D, _D, _I, _I]),
    "swaps_free": (None, [_P]),
    "swaps_place": (_I, [_P, _P, _P, _P]),
    "swaps_total": (_D, [_P]),
    "swaps_change": (_D, [_P, _L, _L]),
    "swaps_exchange": (_L, [_P, _P, _L, _D, _D, _P, _P]),
    "ready_new": (_P, [_P]),
    "ready_free": (None, [_P]),
    "ready_exchange": (_I, [_P, _P, _P, _L, _D, _P, _P, _P, _P, _P, _P]),
    "ready_change": (_D, [_P, _L, _L]),
    "ready_order": (None, [_P, _P]),
    "coupling_new": (_P, [_P, _P, _P, _P, _P]),
    "coupling_free": (None, [_P]),
    "coupling_wanted": (None, [_P, _L, _L, _L]),
    "coupling_failed": (_I, [_P]),
}


@cache
def library() -> ctypes.CDLL:
    """The library, its functions ready to be called. Raises MissingPackageError where it was not built, or long ago."""
    return extension(Path(__file__).parent, "_pairs", _SIGNATURES, "forces", "use --forces lammps")


def built() -> bool:
    """Whether there is a library."""
    try:
        library()
    except (MissingPackageError, OSError):
        return False
    return True


def instruction_set() -> int:
    """Which instruction set is used, as an index of INSTRUCTION_SETS: the widest of this machine, or the user's.

    Raises InputError for one that is none, or that this processor does not have.
    """
    have = INSTRUCTION_SETS[: int(library().pairs_instruction_sets())]
    wanted = os.environ.get(CHOICE) or have[-1]
    if wanted not in have:
        raise InputError(f"{CHOICE}={wanted}: this processor has {', '.join(have)}")
    return have.index(wanted)
