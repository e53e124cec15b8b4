"""Density of states n(E) of the lowest excitation E = E1 - E0, by class (Klinger 3.14, 3.18-3.24).

    tunnelling   both levels below the top of a barrier (the text's condition E_1 < V_B for a bound state in each well)
    anharmonic   the others with E < 3 w: the logarithmic peak at the saddle, E = 2.18 w, lies here
    harmonic     the others with E > 3 w: ~ E^2 for F(0, xi) != 0, ~ E^4 for a flat P(D1, D2)

The levels are interpolated between the nodes of each patch by cubic splines, the density of configurations is taken
exactly at ten thousands of points, and the histogram is over ln E.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from glasscli.theory import soft_potential
from glasscli.theory.population import Patch, Population

Floats = NDArray[np.float64]

TUNNELLING, ANHARMONIC, HARMONIC = "tunnelling", "anharmonic", "harmonic"
HARMONIC_FROM = 3.0  # q_b of Klinger 3.18
_FINE = 480


@dataclass(frozen=True)
class DensityOfStates:
    """n(E) per atom and w (per unit P for `flat`) in bins of ln E.

    E          [n_bins] middle of each bin in w
    edges      [n_bins + 1]
    by_class   class -> [n_bins]
    """

    E: Floats
    edges: Floats
    by_class: dict[str, Floats]

    @property
    def total(self) -> Floats:
        """[n_bins] n(E) of all classes."""
        found: Floats = np.sum(list(self.by_class.values()), axis=0)
        return found

    def peak(self, T: float = 0.0) -> float:
        """E in w of the largest excess of the anharmonic vibrations, where neutrons see them; T of the glass in w/k_B.

        The inelastic cross section at energy transfer E goes as n(E) (Klinger, Sec. 3.3), times the share of lower
        levels that are occupied, 1/(1 + exp(-E/T)); that of phonons as E^2 [1 + 1/(exp(E/T) - 1)]. So the excess is
        n(E) tanh(E/2T)/E^2. nan where it only rises to the end of that band, as for a flat P(D1, D2), whose |eta|
        takes the weight off the saddle at eta = 0.
        """
        excess = self.by_class[ANHARMONIC] / self.E**2
        excess = excess * np.tanh(self.E / (2 * T)) if T > 0 else excess
        top = int(np.argmax(excess))
        inside = 0 < top < len(excess) - 1 and excess[top + 1] > 0
        return float(self.E[top]) if inside else float("nan")

    @property
    def tunnelling_constant(self) -> float:
        """n(E) of the tunnelling states, per atom and w, the mean over ln E of the lower half of their band (3.20)."""
        n = self.by_class[TUNNELLING]
        seen = np.flatnonzero(n)
        if not len(seen):
            return float("nan")
        low = n[seen[: max(1, len(seen) // 2)]]
        return float(np.exp(np.log(low).mean()))

    def at(self, E: Floats, kind: str | None = None) -> Floats:
        """Return n (of one class) at any E by interpolation in ln E; constant beyond the ends."""
        return np.interp(np.log(E), np.log(self.E), self.total if kind is None else self.by_class[kind])


def _fine(patch: Patch) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return K1, K2, weight, E1 - E0 and E1 above the lower minimum on a fine grid of the patch."""
    v = (np.arange(_FINE) + 0.5) / _FINE
    depth = float(patch.s[-1] + patch.s[0])  # the nodes lie symmetrically in 0 ... S
    s = depth * (np.arange(_FINE) + 0.5) / _FINE
    K1, K2, density = patch.map(v[:, None], s[None, :])
    gap = np.maximum(patch.levels[..., 1] - patch.levels[..., 0], 1e-9)
    depths = soft_potential.wells(patch.K1, patch.K2).depth
    log_gap = RectBivariateSpline(patch.v, patch.s, np.log(gap), kx=3, ky=3)(v, s)
    above = RectBivariateSpline(patch.v, patch.s, patch.levels[..., 1] - depths, kx=3, ky=3)(v, s)
    return K1, K2, density * depth / _FINE**2, np.exp(log_gap), above


def density_of_states(
    population: Population, lowest: float = 0.02, highest: float = 10.0, bins_per_decade: int = 24
) -> DensityOfStates:
    """Return n(E) between `lowest` and `highest` in units of w."""
    count = max(4, round(bins_per_decade * np.log10(highest / lowest)))
    edges = np.geomspace(lowest, highest, count + 1)
    totals = {kind: np.zeros(count) for kind in (TUNNELLING, ANHARMONIC, HARMONIC)}
    if population.patches:
        parts = [_fine(patch) for patch in population.patches]
    else:
        depth = soft_potential.wells(population.K1, population.K2).depth
        levels = population.levels
        gap = levels[:, 1] - levels[:, 0]
        parts = [(population.K1, population.K2, population.weight, gap, levels[:, 1] - depth)]
    for K1, K2, weight, E, above in parts:
        wells = soft_potential.wells(K1, K2)
        tunnelling = above < wells.asymmetry + wells.barrier  # nan, without a barrier, compares false
        for kind, chosen in (
            (TUNNELLING, tunnelling),
            (ANHARMONIC, ~tunnelling & (E < HARMONIC_FROM)),
            (HARMONIC, ~tunnelling & (E >= HARMONIC_FROM)),
        ):
            totals[kind] += np.histogram(E[chosen], edges, weights=weight[chosen])[0]
    widths = np.diff(edges)
    return DensityOfStates(
        np.sqrt(edges[1:] * edges[:-1]), edges, {kind: total / widths for kind, total in totals.items()}
    )
