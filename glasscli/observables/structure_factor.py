"""Structure factors on the wave vectors that the periodic box allows, and the relaxation parameter R made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Box, Configuration, Floats
from glasscli.errors import GlassError, InputError
from glasscli.formats.names import SpeciesPair
from glasscli.observables.blocks import mean_of_frames

VECTORS_PER_BIN = 300
AT_ONCE = 2**15  # atoms whose phases are at hand
DARK = 1e-3  # of S(q): where next to nothing is scattered, all waves of a bin count alike
REACH = 26.0  # of q in units of one over the mean spacing: the second peak is near 13
MOST_BINS = 1e4  # each of which draws 900 vectors in a large box


@dataclass(frozen=True)
class StructureFactor:
    """S(q) and its Faber-Ziman partials, averaged over directions (and frames).

    q              [n] mean length of the wave vectors in each bin, 1/length, weighted by what they scatter: a Bragg
                   reflection in a wide bin is where it is
    total          [n] |sum_j exp(i q.r_j)|^2 / N; tends to 1 for large q
    partials       {(1, 1): [n], ...}: total - 1 = sum_ab c_a c_b (S_ab - 1)
    vectors        [n] wave vectors averaged over in each bin
    n_frames       configurations averaged over; total_error, partial_errors: standard errors by independent
                   blocks, of which there are `blocks` by the total (`mean_of_frames`); None or {} for one
    """

    q: Floats
    total: Floats
    partials: dict[SpeciesPair, Floats]
    vectors: NDArray[np.int64]
    n_frames: int = 1
    total_error: Floats | None = None
    partial_errors: dict[SpeciesPair, Floats] = field(default_factory=dict)
    blocks: float | None = None


@dataclass(frozen=True)
class RelaxationParameter:
    """R between two structure factors (Egorushkin & Mel'nikova 1992).

    value   int_q1^q2 |d i(q)| q dq / (q2 - q1), as defined; it grows in relaxation AND in crystallisation
    signed  the same without the absolute value
    q1, q2  the interval, that of the second peak
    peaks   heights of the first two peaks of S(q): ((before, after), (before, after))
    """

    value: float
    signed: float
    q1: float
    q2: float
    peaks: tuple[tuple[float, float], tuple[float, float]]


def structure_factor(
    configuration: Configuration, q_max: float, bin_width: float = 0.1, seed: int = 0
) -> StructureFactor:
    """Return S(q) from q = 0 (excluded) to q_max, in bins of q; empty bins are left out.

    Exact: only wave vectors of the reciprocal lattice, 2 pi (i/Lx, j/Ly, k/Lz) of a rectangular box, one of each pair
    +-q; of a plane those in it. Where a bin holds more than 300 of them, 300 are drawn with `seed`, the same for every
    frame of a box. S_ab = 1 + [<rho_a rho_b*> / sqrt(N_a N_b) - delta_ab] / sqrt(c_a c_b) (Faber & Ziman 1965). Raises
    InputError for a q_max below the smallest wave vector of the box.
    """
    if not (np.isfinite(bin_width) and bin_width > 0):
        raise InputError(f"the bin width of S(q) must be positive: {bin_width:g}")
    if q_max / bin_width > MOST_BINS:
        raise InputError(f"{q_max / bin_width:.2g} bins are too many for S(q): take a wider --q-width")
    configuration.box.periodic_for("S(q)", planes=True)
    configuration = configuration.compact
    vectors, label = _wave_vectors(configuration.box, q_max, bin_width, seed)
    if not len(vectors):
        least = 2 * np.pi / configuration.box.wavelength
        raise InputError(f"S(q) of this box begins at q = {least:.3g}; {q_max:g} is below that")
    counts = configuration.counts
    waves = density_waves(configuration, vectors)
    q = 2 * np.pi * np.linalg.norm(configuration.box.reciprocal(vectors), axis=1)
    _, label = np.unique(label, return_inverse=True)
    number = np.bincount(label)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(label, weights=values) / number)

    n = configuration.n_atoms
    scattered = np.abs(waves.sum(axis=0)) ** 2 / n
    total, weight = mean(scattered), scattered + DARK
    partials: dict[SpeciesPair, Floats] = {}
    for (i, a), (j, b) in combinations_with_replacement(enumerate(counts), 2):
        product = (waves[i] * waves[j].conj()).real
        share = np.sqrt(counts[a] * counts[b])
        partials[a, b] = 1 + (mean(product) / share - (a == b)) * n / share
    return StructureFactor(mean(weight * q) / mean(weight), total, partials, number)


def first_peak(configuration: Configuration) -> float:
    """q of the first peak of S(q). Raises InputError where the box has no wave vectors there."""
    found = structure_factor(configuration, REACH / configuration.spacing)
    smoothed = smooth(found, 0.25)
    return float(found.q[int(np.argmax(np.where(found.vectors >= 6, smoothed, 0)))])


def density_waves(configuration: Configuration, vectors: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Return [n_species, n] sum over the atoms of each species of exp(i q.r), q = 2 pi box.reciprocal(vectors).

    vectors: [n, 3] whole numbers. |sum over species|^2 / N is S(q): N at the Bragg reflections of a simple crystal.
    """
    numbers = np.array(list(configuration.counts))
    most = np.abs(vectors).max(axis=0)
    fractions = configuration.box.fractional(configuration.positions)
    found = np.zeros((len(numbers), len(vectors)), np.complex128)
    for kind, number in enumerate(numbers):
        those = fractions[configuration.species == number]
        # Phases of all atoms would take gigabytes of a large sample.
        for start in range(0, len(those), AT_ONCE):
            some = those[start : start + AT_ONCE]
            phases = (np.exp(2j * np.pi * np.outer(np.arange(m + 1), some[:, d])) for d, m in enumerate(most))
            found[kind] += _waves(*phases, vectors)
    return found


def average(factors: Sequence[StructureFactor]) -> StructureFactor:
    """Return the mean over frames in the order of time, with standard errors.

    Raises InputError when bins or species differ.
    """
    if not factors:
        raise InputError("no structure factor to average: choose at least one frame")
    first = factors[0]
    for other in factors[1:]:
        if other.q.shape != first.q.shape or other.partials.keys() != first.partials.keys():
            raise InputError(
                "the frames' structure factors have other bins or species: the box changed too much"
            )
    n = len(factors)
    if n == 1:
        return first
    total = mean_of_frames([f.total for f in factors])
    partials = {pair: mean_of_frames([f.partials[pair] for f in factors]) for pair in first.partials}
    return StructureFactor(
        np.mean([f.q for f in factors], axis=0), total.mean, {k: v.mean for k, v in partials.items()}, first.vectors,
        n, total.error, {k: v.error for k, v in partials.items() if v.error is not None}, total.blocks,
    )  # fmt: skip


def peaks(factor: StructureFactor, smoothing: float = 0.25) -> tuple[float, float, float, float]:
    """Return (q of the first peak, q of the second, q1, q2): q1 and q2 are the minima on both sides of the second.

    S(q) is first smoothed by a Gaussian of width `smoothing` (1/length). Raises GlassError without a second peak.
    """
    q, s = factor.q, smooth(factor, smoothing)
    # The few long waves of a small box are noise, and a crystal's small-angle zero is no peak.
    usable = factor.vectors >= 6
    first = int(np.argmax(np.where(usable, s, 0.0)))
    rest = np.flatnonzero(q > 1.35 * q[first])
    window = rest[q[rest] < 2.4 * q[first]]
    if len(window) < 5:
        raise GlassError("S(q) has no second peak: raise --q-max, or give the interval by --q-range Q1,Q2")
    second = int(window[np.argmax(s[window])])
    left = first + int(np.argmin(s[first:second])) if second > first + 1 else first
    beyond = np.flatnonzero((q > q[second]) & (q < q[second] + 1.2 * (q[second] - q[left])))
    if not len(beyond) or q[second] - q[left] <= 0:
        raise GlassError("S(q) ends before its second peak does: raise --q-max, or give --q-range Q1,Q2")
    right = int(beyond[np.argmin(s[beyond])])
    return float(q[first]), float(q[second]), float(q[left]), float(q[right])


def smooth(factor: StructureFactor, width: float) -> Floats:
    """[n] total S(q) smoothed by a Gaussian, each bin weighted by its number of wave vectors."""
    kernel = np.exp(-(((factor.q[:, None] - factor.q) / width) ** 2) / 2) * factor.vectors
    return np.asarray(kernel @ factor.total / kernel.sum(axis=1))


def relaxation_parameter(
    before: StructureFactor,
    after: StructureFactor,
    interval: tuple[float, float] | None = None,
    smoothing: float = 0.25,
) -> RelaxationParameter:
    """Return R between two structure factors, with its signed version and the heights of the first two peaks.

    interval: (q1, q2) of the second peak, found on `before` when None. Both functions are smoothed alike: a box of a
    few hundred atoms cannot resolve more, and the absolute value would add up the noise. Raises GlassError without
    a second peak, InputError for an interval outside the functions.
    """
    first, second, q1, q2 = peaks(before, smoothing) if interval is None else (None, None, *interval)
    low, high = max(before.q[0], after.q[0]), min(before.q[-1], after.q[-1])
    if not low <= q1 < q2 <= high:
        raise InputError(f"the interval of R must lie within {low:.3g} and {high:.3g}: {q1:g}, {q2:g}")
    if first is None or second is None:
        first, second, *_ = peaks(before, smoothing)
    q = np.linspace(q1, q2, 400)
    s = [smooth(f, smoothing) for f in (before, after)]
    change = np.interp(q, after.q, s[1]) - np.interp(q, before.q, s[0])
    heights = [
        _height(f, y, centre) for centre in (first, second) for f, y in zip((before, after), s, strict=True)
    ]
    return RelaxationParameter(
        float(np.trapezoid(np.abs(change) * q, q) / (q2 - q1)),
        float(np.trapezoid(change * q, q) / (q2 - q1)),
        q1, q2, ((heights[0], heights[1]), (heights[2], heights[3])),
    )  # fmt: skip


def _height(factor: StructureFactor, smoothed: Floats, centre: float) -> float:
    near = np.abs(factor.q - centre) < 0.12 * centre
    return float(smoothed[near].max())


def _wave_vectors(
    box: Box, q_max: float, bin_width: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[n, 3] whole numbers of half of all wave vectors up to q_max, and [n] their bins; at most 300 a bin."""
    plane = box.dimension == 2
    most = np.floor(q_max * box.lengths / (2 * np.pi)).astype(int)
    most[box.dimension :] = 0
    rng = np.random.default_rng(seed)
    half_ball = np.pi / 2 * q_max**2 if plane else 2 * np.pi / 3 * q_max**3
    expected = half_ball * box.volume / (2 * np.pi) ** box.dimension
    if expected < 2e6:
        grid = np.stack(
            np.meshgrid(np.arange(most[0] + 1), *(np.arange(-m, m + 1) for m in most[1:]), indexing="ij"), axis=-1
        ).reshape(-1, 3)  # fmt: skip
    else:
        # Too many to list: directions at random in shells, the small ones all the same.
        bins = int(q_max / bin_width) + 1
        q = bin_width * (
            np.repeat(np.arange(bins), 3 * VECTORS_PER_BIN) + rng.random(3 * VECTORS_PER_BIN * bins)
        )
        aim = rng.standard_normal((len(q), 3))
        if plane:
            aim[:, 2] = 0.0
        aim *= (q / np.linalg.norm(aim, axis=1))[:, None]
        grid = np.rint(box.indices(aim) / (2 * np.pi)).astype(np.int64)
        small = [np.arange(-8, 9)] * box.dimension + [np.arange(1)] * plane
        grid = np.concatenate([np.stack(np.meshgrid(*small, indexing="ij"), axis=-1).reshape(-1, 3), grid])
        grid[grid[:, 0] < 0] *= -1
        grid = np.unique(grid, axis=0)
    x, y, z = grid.T
    half = (x > 0) | ((x == 0) & ((y > 0) | ((y == 0) & (z > 0))))
    length = 2 * np.pi * np.linalg.norm(box.reciprocal(grid), axis=1)
    grid, length = grid[half & (length <= q_max)], length[half & (length <= q_max)]
    label = (length / bin_width).astype(np.int64)
    # A random order, then by bin: the first of each bin are a fair draw.
    shuffled = rng.permutation(len(grid))
    order = shuffled[np.argsort(label[shuffled], kind="stable")]
    sizes = np.bincount(label) if len(label) else np.zeros(0, dtype=np.int64)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = np.sort(order[rank < VECTORS_PER_BIN])
    return grid[chosen].astype(np.int64), label[chosen]


@njit()
def _waves(px, py, pz, vectors):  # type: ignore[no-untyped-def]
    """Powers [m + 1, n] of each atom's phase along the axes are at hand, so a wave is two products an atom."""
    n = px.shape[1]
    found = np.zeros(len(vectors), np.complex128)
    real, imaginary = np.empty(n), np.empty(n)
    last0, last1 = -1, 0
    for k in range(len(vectors)):
        i, j, m = vectors[k]
        if i != last0 or j != last1 or k == 0:
            x, y = px[abs(i)], py[abs(j)]
            up = 1.0 if j >= 0 else -1.0
            for a in range(n):
                real[a] = x[a].real * y[a].real - up * x[a].imag * y[a].imag
                imaginary[a] = up * x[a].real * y[a].imag + x[a].imag * y[a].real
            last0, last1 = i, j
        z, up = pz[abs(m)], (1.0 if m >= 0 else -1.0)
        cosines, sines = 0.0, 0.0
        for a in range(n):
            cosines += real[a] * z[a].real - up * imaginary[a] * z[a].imag
            sines += up * real[a] * z[a].imag + imaginary[a] * z[a].real
        found[k] = complex(cosines, sines)
    return found
