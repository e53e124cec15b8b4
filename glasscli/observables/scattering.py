"""What neutrons and X-rays see of a structure: totals of partial functions weighted after Faber and Ziman.

Scattering lengths are the bound coherent ones of the neutron data booklet, form factors those of free atoms after
Waasmaier and Kirfel (Acta Cryst. A 51, 416 (1995)), both as the package `periodictable` has them. T. E. Faber and
J. M. Ziman, Phil. Mag. 11, 153 (1965); A. C. Wright's T(r), J. Non-Cryst. Solids 75, 15 (1985), per atom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.names import SpeciesPair

FERMI2_PER_BARN = 100.0
# A mean scattering length so much smaller than the lengths leaves no total: nothing is divided by (nearly) nothing.
NULL = 0.02
PROMINENCE = 0.05  # of a peak of S(q) that is no noise
FEWEST_VECTORS = 6  # of a bin of q in which a peak may be
HIGHEST_Q = 75.0  # 1/Å, where the form factors end


@dataclass(frozen=True)
class Radiation:
    """How strongly species scatter: amplitudes {species: [n]} at each q, or [1] where q is of no matter."""

    amplitudes: Mapping[int, Floats]

    def weights(self, shares: Mapping[int, float]) -> dict[SpeciesPair, Floats]:
        """{(a, b): [n]} Faber-Ziman weights, which add up to 1; shares: of the atoms, {species: share}.

        Raises InputError where the mean amplitude vanishes, as that of null alloys of titanium and zirconium does.
        """
        mean = sum(shares[s] * self.amplitudes[s] for s in shares)
        size = sum(shares[s] * np.abs(self.amplitudes[s]) for s in shares)
        if (np.abs(mean) < NULL * np.asarray(size)).any():
            raise InputError(
                "the mean scattering length is next to nothing: this composition has no total S(q)"
            )
        return {
            (a, b): np.asarray(
                (1 if a == b else 2)
                * shares[a]
                * shares[b]
                * self.amplitudes[a]
                * self.amplitudes[b]
                / mean**2
            )
            for a, b in combinations_with_replacement(sorted(shares), 2)
        }

    def mean_square(self, shares: Mapping[int, float]) -> Floats:
        """[n] the square of the mean amplitude."""
        return np.asarray(sum(shares[s] * self.amplitudes[s] for s in shares)) ** 2


@dataclass(frozen=True)
class Peak:
    """A maximum of S(q): where it is, and how high."""

    q: float
    height: float


def neutrons(elements: Mapping[int, str]) -> Radiation:
    """Bound coherent scattering lengths, fm. Raises InputError for an element whose length nobody measured."""
    lengths = {s: _element(e).neutron.b_c for s, e in elements.items()}
    for s, length in lengths.items():
        if length is None:
            raise InputError(f"the neutron scattering length of {elements[s]} is not known")
    return Radiation({s: np.array([length], dtype=np.float64) for s, length in lengths.items()})


def x_rays(elements: Mapping[int, str], q: Floats) -> Radiation:
    """Form factors of free atoms at each q [n], 1/Å, in electrons. Raises InputError for one that is not tabulated."""
    found = {s: np.asarray(_element(e).xray.f0(q), dtype=np.float64) for s, e in elements.items()}
    for s, values in found.items():
        if not np.isfinite(values[q <= HIGHEST_Q]).all():
            raise InputError(f"the X-ray form factor of {elements[s]} is not known")
    return Radiation(found)


def electrons(elements: Mapping[int, str]) -> Radiation:
    """Atomic numbers: form factors at q = 0, by which functions of the distance are weighted (B. E. Warren)."""
    return Radiation({s: np.array([_element(e).number], dtype=np.float64) for s, e in elements.items()})


def weighted(partials: Mapping[SpeciesPair, Floats], weights: Mapping[SpeciesPair, Floats]) -> Floats:
    """[n] total of Faber-Ziman partials S_ab(q), or of g_ab(r)."""
    return np.asarray(sum(weights[pair] * partial for pair, partial in partials.items()))


def total_correlation(
    r: Floats, total: Floats, density: float, mean_square: float
) -> Floats:  # fmt: skip
    """[n] T(r) = 4 pi r rho <b>^2 g(r); density: atoms per volume. With b in fm: divide by 100 for barn."""
    return np.asarray(4 * np.pi * r * density * mean_square * total)


def maxima(q: Floats, total: Floats, vectors: NDArray[np.int64], width: float, most: int = 4) -> list[Peak]:
    """Return the first maxima of a total S(q), smoothed by a Gaussian of `width`.

    Each bin counts by its number of vectors over q^2: there are more of them at larger q, which would draw a peak that
    is narrower than `width` to smaller ones, by 4 % where three or four waves fit into the box. The few longest waves
    are no peaks. Positions are those of parabolas through three bins.
    """
    from scipy.signal import find_peaks  # half a second: only where peaks are looked for

    kernel = np.exp(-(((q[:, None] - q) / width) ** 2) / 2) * vectors / q**2
    smooth = kernel @ total / kernel.sum(axis=1)
    found = []
    for k in find_peaks(smooth, prominence=PROMINENCE)[0]:
        if vectors[k] < FEWEST_VECTORS:
            continue
        curve = np.polyfit(q[k - 1 : k + 2] - q[k], smooth[k - 1 : k + 2], 2)
        shift = -curve[1] / (2 * curve[0])
        found.append(Peak(float(q[k] + shift), float(np.polyval(curve, shift))))
    return found[:most]


def _element(name: str):  # type: ignore[no-untyped-def]
    import periodictable  # 0.2 s: only where something is weighted

    return periodictable.elements.symbol(name)
