"""Whether atoms that give way are those that a map says: their rank in it."""

from __future__ import annotations

import numpy as np

from glasscli.configuration import Floats, Ints


def rank(values: Floats, members: Ints) -> float:
    """Mean share of all atoms whose value is below that of a member, of values [n]; ties count half.

    1 - 1/2n and a little less for the largest of all, 0.5 in the mean for atoms at random (S. Patinet, D. Vandembroucq,
    M. Falk, Phys. Rev. Lett. 117, 045501 (2016), where the correlation is twice this less one).
    """
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values[members], side="left")
    to = np.searchsorted(ordered, values[members], side="right")
    return float(np.mean(below + to) / (2 * len(values)))
