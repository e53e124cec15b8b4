"""Vibrational density of states, boson peak, heat capacity, and the tail of quasi-localised modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from glasscli.configuration import Floats
from glasscli.modes.elastic import Debye
from glasscli.modes.spectrum import Modes

# Width of the Gaussians that smooth D(w), as a share of the largest frequency.
SMOOTH = 0.025
# A maximum counts as one when it stands this share of the highest above its sides.
PROMINENCE = 0.05
# Quasi-localised modes are counted up to this share of the first phonon: in a hundred glasses of 2000 atoms those are
# modes of some hundred atoms; above 0.6 more and more are mixtures with phonons, which makes the exponent too small.
BELOW_PHONON = 0.5


@dataclass(frozen=True)
class Density:
    """D(w), normalised to 1 over all modes, in bins of equally many modes.

    edges [bins + 1]; value [bins]; dimension of space
    """

    edges: Floats
    value: Floats
    dimension: int = 3

    @property
    def middle(self) -> Floats:
        """[bins] middle of each bin."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @property
    def over_square(self) -> Floats:
        """[bins] D(w)/w^2: modes of a bin over the integral of w^2 in it, 3/w_D^3 for a Debye solid.

        In a plane D(w)/w, 2/w_D^2.
        """
        d = self.dimension
        return d * self.value * np.diff(self.edges) / np.diff(self.edges**d)


def density(modes: Modes, edges: Floats | None = None) -> Density | None:
    """Return D(w) of the stable modes, in these bins or those of `common_edges`; None where those are none."""
    edges = common_edges([modes]) if edges is None else edges
    if edges is None:
        return None
    counts, _ = np.histogram(_stable(modes), edges)
    d = modes.dimension
    return Density(edges, counts / (d * modes.n_atoms * np.diff(edges)), d)


def common_edges(several: Sequence[Modes]) -> Floats | None:
    """Edges of bins of equally many stable modes of several glasses, 10 to 50 of each, up to where all are known.

    None when there are fewer than two bins' worth.
    """
    found = [_stable(modes) for modes in several]
    known = [w[-1] for w, modes in zip(found, several, strict=True) if not modes.complete and len(w)]
    w = np.sort(np.concatenate(found))
    w = w[w <= min(known, default=np.inf)]
    each = int(np.clip(len(w) // 40, 10, 50 * len(several)))
    if len(w) < 2 * each:
        return None
    # A bin ends half-way to the next mode.
    cuts = np.arange(each, len(w) - each // 2, each)
    return np.unique(np.concatenate([[0.0], (w[cuts - 1] + w[cuts]) / 2, [w[-1]]]))


def _stable(modes: Modes) -> Floats:
    """Frequencies of those that are neither shifts nor unstable, ascending."""
    return np.asarray(modes.frequencies[~modes.zero & ~modes.unstable])


def boson_peak(found: Density, debye: Debye) -> tuple[float, float] | None:
    """Return (frequency, height) of the maximum of D(w)/(3 w^2/w_D^3); None when it lies in the first or last bin.

    In a plane of D(w)/(2 w/w_D^2).
    """
    reduced = found.over_square * debye.frequency**found.dimension / found.dimension
    top = int(np.argmax(reduced))
    return None if top in (0, len(reduced) - 1) else (float(found.middle[top]), float(reduced[top]))


def lowest_maximum(modes: Modes) -> float | None:
    """Return Buchenau's w_c, the lowest maximum of the smoothed D(w); None unless all modes are known."""
    w = _stable(modes)
    if not modes.complete or len(w) < 30:
        return None
    grid = np.linspace(0, w[-1], 400)
    width = SMOOTH * w[-1]
    smooth = np.array([np.exp(-(((x - w) / width) ** 2) / 2).sum() for x in grid])
    peaks, _ = find_peaks(np.concatenate([smooth, [0.0]]), prominence=PROMINENCE * smooth.max())
    return float(grid[peaks[0]]) if len(peaks) else None


def heat_capacity(frequencies: Floats, temperatures: Floats, quantum: float) -> Floats:
    """[n_T] heat capacity in k_B per mode of harmonic modes; `quantum` is h-bar/k_B in the system's units."""
    half = quantum * frequencies[None] / (2 * temperatures[:, None])
    half = np.minimum(half, 350.0)
    return np.asarray(((half / np.sinh(half)) ** 2).mean(axis=1))


@dataclass(frozen=True)
class Tail:
    """Exponent of D(w) ~ w^b below the first phonon, its standard error, and how many modes of how many samples."""

    exponent: float
    error: float
    modes: int
    samples: int


def tail(below: list[tuple[Floats, float]]) -> Tail | None:
    """Return the most likely exponent of samples of (frequencies [n] below a cut, that cut); None of under ten modes.

    With D ~ w^b up to each sample's cut c, b + 1 = n/sum ln(c/w), and its standard error is (b + 1)/sqrt(n).
    """
    logs = np.concatenate([np.log(cut / w) for w, cut in below] or [np.zeros(0)])
    if len(logs) < 10:
        return None
    slope = len(logs) / float(logs.sum())
    return Tail(slope - 1, slope / float(np.sqrt(len(logs))), len(logs), len(below))
