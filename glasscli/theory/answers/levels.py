"""Levels, wave functions and tunnel splitting of one soft potential; the splitting of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError
from glasscli.theory import quartic_levels, soft_potential, tunnel_splitting, wkb
from glasscli.theory.anharmonic import States
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.quartic_levels import Saddle
from glasscli.theory.soft_potential import Scales, Wells
from glasscli.theory.tunnel_splitting import Splitting
from glasscli.theory.wkb import Semiclassical
from glasscli.units import BOLTZMANN

# Between which the grid resolves the levels; soft potentials have |K1| and |K2| of order 1 ... 100.
LEAST_K1, MOST_K1, MOST_K2 = -400.0, 1e5, 40.0


@dataclass(frozen=True)
class Levels:
    """One potential -d²/dX² + K1 X² + K2 X³ + X⁴ in units of w; scale in joules; V [n_points] at states.x."""

    K1: float
    K2: float
    scale: Scales
    states: States
    V: Floats
    wells: Wells
    splitting: Splitting
    wkb: Semiclassical

    @property
    def data(self) -> Data:
        """Levels exact and semiclassical, the splitting, the wells."""
        well, pair = self.wells, self.splitting
        stiffness = [self.scale.eta_L * float(k) for k in (well.k_deep, well.k_shallow) if np.isfinite(k)]
        return plain(
            {
                "K1": self.K1,
                "K2": self.K2,
                "energies": self.states.energies,
                "error": self.states.error,
                "splitting": pair.value,
                "splitting_log10": pair.log10,
                "splitting_method": pair.method,
                "J": pair.J,
                "Delta": pair.Delta,
                "wkb": self.wkb.energies[: len(self.states.energies)],
                "wkb_splitting": self.wkb.splitting,
                "class": str(well.kind),
                "minima": [float(x) for x in (well.deep, well.shallow) if np.isfinite(x)],
                "top": float(well.top),
                "barrier": float(well.barrier),
                "asymmetry": float(well.asymmetry),
                "force_constants_k_over_k0": stiffness,
                "eta_L": self.scale.eta_L,
                "w_K": self.scale.w / BOLTZMANN,
            }
        )

    @property
    def columns(self) -> Columns:
        """The potential and the wave functions."""
        psi = {f"psi_{n}": self.states.psi[:, n] for n in range(len(self.states.energies))}
        return {"X": self.states.x, "V": self.V} | psi

    def text(self) -> str:
        """Each level beside its semiclassical value, and the lowest pair."""
        pair = self.splitting
        each = enumerate(zip(self.states.energies, self.wkb.energies, strict=False))
        rows: dict[str, object] = {f"E{i}": f"{exact:.10f}    WKB {near:.6f}" for i, (exact, near) in each}
        rows["E1 - E0"] = f"{pair.value:.10g} ({pair.method}), WKB {self.wkb.splitting:.6g}"
        rows |= {"J": pair.J, "Delta": pair.Delta, "class": str(self.wells.kind)}
        barrier = float(self.wells.barrier)
        rows["barrier"] = barrier if np.isfinite(barrier) else "none: there is one well"
        return lines(rows)


def levels(
    K1: float | None,
    K2: float | None,
    eta: float | None,
    xi: float | None,
    eps0: float,
    A: float,
    count: int,
) -> Levels:
    """Return the lowest `count` levels of the potential of K1 or eta and K2 or xi (0 where neither is given).

    eps0, A: scales in joules. Raises InputError for both of a pair.
    """
    scale = soft_potential.scales(eps0, A)
    if (K1 is not None and eta is not None) or (K2 is not None and xi is not None):
        raise InputError("give K1 or eta, and K2 or xi, not both")
    by_eta, by_xi = scale.reduced(eta or 0.0, xi or 0.0)
    k1 = float(by_eta) if K1 is None else K1
    k2 = float(by_xi) if K2 is None else K2
    if not (np.isfinite(k1) and np.isfinite(k2)):
        raise InputError("K1 and K2 must be finite numbers")
    if not (LEAST_K1 <= k1 <= MOST_K1 and abs(k2) <= MOST_K2):
        raise InputError(
            f"levels are found for K1 from {LEAST_K1:g} to {MOST_K1:g} and K2 within ±{MOST_K2:g}, not for "
            f"K1 = {k1:g}, K2 = {k2:g}"
        )
    found = quartic_levels.states(k1, k2, count)
    return Levels(
        k1,
        k2,
        scale,
        found,
        soft_potential.value(found.x, k1, k2),
        soft_potential.wells(k1, k2),
        tunnel_splitting.splitting(k1, k2),
        wkb.levels(k1, k2, max(count, 2)),
    )


@dataclass(frozen=True)
class GapMap:
    """E1 - E0 [n_K2, n_K1] over the plane of K1 [n_K1] and K2 [n_K2], and its saddle points."""

    K1: Floats
    K2: Floats
    gap: Floats
    saddles: list[Saddle]

    @property
    def data(self) -> Data:
        """The map and its saddles."""
        points = [{"K1": s.K1, "K2": s.K2, "gap": s.gap, "kind": s.kind} for s in self.saddles]
        return plain({"K1": self.K1, "K2": self.K2, "gap": self.gap, "saddles": points})

    @property
    def columns(self) -> Columns:
        """One row a point."""
        K1, K2 = np.meshgrid(self.K1, self.K2)
        return {"K1": K1.ravel(), "K2": K2.ravel(), "gap": self.gap.ravel()}

    def text(self) -> str:
        """The saddles."""
        return "\n".join(
            f"{s.kind} at K1 = {s.K1:+.4f}, K2 = {s.K2:+.4f}: E1 - E0 = {s.gap:.5f} w" for s in self.saddles
        )


def gap_map() -> GapMap:
    """Return E1 - E0 over the plane where its saddles lie."""
    K1, K2 = np.linspace(-8, 8, 49), np.linspace(0, 6, 19)
    half = quartic_levels.gap(K1[None, :], K2[:, None])  # even in K2
    K2, values = np.concatenate([-K2[:0:-1], K2]), np.concatenate([half[:0:-1], half])
    return GapMap(K1, K2, values, [quartic_levels.saddle((0.0, sign * 1.9)) for sign in (-1, 1)])
