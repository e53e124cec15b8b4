"""Independent seeds out of one master seed."""

from __future__ import annotations

import numpy as np

LARGEST = 2**31 - 200  # LAMMPS wants positive 31-bit seeds, and a deck counts on from them


def derived_seed(master: int, *path: int) -> int:
    """The seed of member `path` of what `master` began: 1 ... LARGEST.

    NumPy's SeedSequence with `path` as its spawn key: member 7 keeps its seed however many others there are.
    """
    word = np.random.SeedSequence(master, spawn_key=path).generate_state(1, np.uint64)[0]
    return 1 + int(word) % LARGEST
