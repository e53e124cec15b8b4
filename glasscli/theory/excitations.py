"""Concentration excitations of an alloy's short-range order (Egorushkin & Mel'nikova, Eqs. 1-6).

For two species, c the share of the first, alpha_I the Warren-Cowley parameter about atom I,

    E(k) = sum_I [A_I^2 + 2 A_I M_I(k)]^(1/2),     A_I = -1/[c^2 (1-c)^2 M_I^3 R_I^2 alpha_I],
    M_I(k) = [c (1-c)/4] sum_J W(R_IJ) alpha_J exp(i k.R_IJ),
    R_I^2 = 2/[c^2 (1-c)^2 M_I^3 alpha_I^2 sum_J W alpha_J exp(i k_s.R_IJ)]     (Eq. 5, taken as an equality)

so that A_I = -(alpha_I/2) sum_J W alpha_J exp(i k_s.R_IJ), free of the mass. exp(i k.R) is averaged over the
directions of k, sin(kR)/(kR), as befits a glass. The force constants follow from Eq. 6: two concentration waves of
wave number k_s and mean square c(1-c) change the bond by W(R) = -u''(R)/[k_s^2 c (1-c)]; d2u/dR_I dR_J = -u''.
Atoms whose radicand is negative carry damped excitations: they add an imaginary part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from glasscli.configuration import Box
from glasscli.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[Any]  # whole numbers of any width
# (r [n], species of the first [n], species of the second [n]) -> u''(r) [n]
SecondDerivative = Callable[[Floats, Ints, Ints], Floats]


@dataclass(frozen=True)
class Pairs:
    """Neighbouring pairs, each counted both ways: i [n], j [n] atoms, r [n] distance."""

    i: Ints
    j: Ints
    r: Floats


def pairs_within(positions: Floats, box: Box, cutoff: float) -> Pairs:
    """Return all pairs closer than `cutoff` in a periodic box; positions [n_atoms, 3].

    Raises InputError for a cutoff of more than half the smallest edge.
    """
    positions = np.asarray(positions, float)
    if not 0 < cutoff <= box.width / 2:
        raise InputError(
            f"the cutoff must lie in 0 ... half the box edge, {box.width / 2:.4g}, not {cutoff:g}"
        )
    wrapped = box.wrap(positions)
    found = box.tree(wrapped).pairs(cutoff)
    i, j = np.concatenate([found, found[:, ::-1]]).T
    step = box.minimum_image(wrapped[i] - wrapped[j])
    return Pairs(i, j, np.linalg.norm(step, axis=1))


@dataclass(frozen=True)
class ShortRangeOrder:
    """alpha_I [n_atoms] (nan without neighbours), its mean, neighbours [n_atoms], c = share of species 1."""

    alpha: Floats
    mean: float
    neighbours: Ints
    c: float


def short_range_order(species: Ints, pairs: Pairs) -> ShortRangeOrder:
    """Return alpha_I = 1 - (unlike share of I's neighbours)/(concentration of the other species) (Warren-Cowley).

    0 for a random alloy, negative when unlike neighbours are preferred, 1 when there are none.
    Raises InputError unless there are exactly two species, and where no atom has a neighbour.
    """
    species = np.asarray(species)
    kinds, counts = np.unique(species, return_counts=True)
    if len(kinds) != 2:
        raise InputError(f"short-range order of an alloy needs two species, not {len(kinds)}")
    c = float(counts[0] / len(species))
    if not len(pairs.i):
        raise InputError("no atom has a neighbour within the first shell: give a larger --shell")
    unlike = np.bincount(pairs.i, species[pairs.i] != species[pairs.j], minlength=len(species))
    neighbours = np.bincount(pairs.i, minlength=len(species))
    other = np.where(species == kinds[0], 1 - c, c)
    with np.errstate(invalid="ignore"):
        alpha = 1 - unlike / neighbours / other
    return ShortRangeOrder(alpha, float(np.nanmean(alpha)), neighbours, c)


def lennard_jones_second_derivative(epsilon: Floats, sigma: Floats) -> SecondDerivative:
    """Return u''(r) of 4 eps [(s/r)^12 - (s/r)^6]; epsilon and sigma [n_species, n_species], species from 1."""
    epsilon, sigma = np.asarray(epsilon, float), np.asarray(sigma, float)

    def second(r: Floats, a: Ints, b: Ints) -> Floats:
        eps, s = epsilon[a - 1, b - 1], sigma[a - 1, b - 1]
        six = (s / r) ** 6
        found: Floats = 4 * eps * (156 * six**2 - 42 * six) / r**2
        return found

    return second


def concentration_peak(positions: Floats, species: Ints, box: Box, k_max: float) -> float:
    """Return the wave number of the largest concentration structure factor of the box's own wave vectors.

    S_cc(k) = |sum_I (x_I - c) exp(i k.R_I)|^2/N with x = 1 for species 1, averaged over shells of k.
    """
    positions = np.asarray(positions, float)
    box.periodic_for("a structure factor of concentrations")
    most = (k_max * box.lengths / (2 * np.pi)).astype(int)
    grid = np.stack(np.meshgrid(*(np.arange(-m, m + 1) for m in most), indexing="ij"), axis=-1).reshape(-1, 3)
    half = grid[len(grid) // 2 + 1 :]  # k and -k are alike
    half = half * (2 * np.pi / box.edges) if box.plain else 2 * np.pi * box.reciprocal(half)
    length = np.linalg.norm(half, axis=1)
    half, length = half[length <= k_max], length[length <= k_max]
    if len(half) < 8:
        raise InputError("the box is too small for a structure factor: give the wave number k_s")
    charge = (species == np.unique(species)[0]).astype(float)
    charge -= charge.mean()
    power = np.concatenate(
        [np.abs(np.exp(1j * part @ positions.T) @ charge) ** 2 for part in np.array_split(half, 32)]
    )
    width = 1.5 * (2 * np.pi / box.width)
    shells = np.floor(length / width).astype(int)
    count = np.bincount(shells)
    mean = np.bincount(shells, power) / np.maximum(count, 1)
    mean[count < 4] = 0.0
    best = int(np.argmax(mean))
    here = shells == best
    return float(np.average(length[here], weights=power[here]))


@dataclass(frozen=True)
class Excitations:
    """E(k) per atom.

    k        [n_k] wave numbers
    E        [n_k] real part of sum_I [...]^(1/2)/N, in the unit of u
    damping  [n_k] its imaginary part
    damped   [n_k] share of atoms with a negative radicand
    A        [n_atoms]
    """

    k: Floats
    E: Floats
    damping: Floats
    damped: Floats
    A: Floats


def dispersion(
    k: Floats, species: Ints, pairs: Pairs, order: ShortRangeOrder, second: SecondDerivative, k_s: float
) -> Excitations:
    """Return E(k) of Eqs. 2-6 at wave numbers k [n_k], with `second` the pair potential's u'' and k_s as in Eq. 5.

    Atoms without neighbours or with alpha_I = 0 carry no excitation.
    """
    if not k_s > 0:
        raise InputError("the wave number k_s must be greater than zero")
    species = np.asarray(species)
    mixed = order.c * (1 - order.c)
    alpha = np.nan_to_num(order.alpha)
    W = -second(pairs.r, species[pairs.i], species[pairs.j]) / (k_s**2 * mixed)

    def summed(wave: float) -> Floats:
        phase = np.sinc(wave * pairs.r / np.pi)
        found: Floats = csr_array((W * phase, (pairs.i, pairs.j)), shape=(len(species),) * 2) @ alpha
        return found

    A = -alpha / 2 * summed(k_s)
    radicand = np.array([A**2 + 2 * A * mixed / 4 * summed(float(wave)) for wave in np.asarray(k, float)])
    roots = np.sqrt(radicand.astype(complex))
    return Excitations(
        np.asarray(k, float),
        roots.real.mean(axis=1),
        roots.imag.mean(axis=1),
        (radicand < 0).mean(axis=1),
        A,
    )
