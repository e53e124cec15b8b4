"""Two-level systems among the passes of a network, their density, and the heat capacity they make."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import GlassError, InputError
from glasscli.landscape.network import Network, Pass
from glasscli.landscape.transition import BEYOND
from glasscli.progress import Advance, silent
from glasscli.theory.double_well import DoubleWell, Path, Quartic, double_well, heat_capacity, quartic

BOOTSTRAPS = 200


@dataclass(frozen=True)
class Well:
    """A pass, by its number, as a double well; transitions: numbers of those that cross it.

    barrier: the lower of both; mass: effective mass of the motion, (ds/dr)^2
    """

    number: int
    transitions: list[int]
    i: int
    j: int
    well: DoubleWell
    barrier: float
    mass: float
    fit: Quartic | None
    met: int


@dataclass
class TwoLevel:
    """wells found; shallow: passes whose barrier holds no state on one side; failed: paths without a solution.

    explored: passes with one negative curvature and converged forces, which were looked at
    """

    wells: list[Well] = field(default_factory=list)
    shallow: int = 0
    failed: int = 0
    explored: int = 0
    once: int = 0

    def below(self, energy: float) -> list[Well]:
        """Those whose splitting is no larger."""
        return [w for w in self.wells if w.well.splitting <= energy]

    @property
    def completeness(self) -> float | None:
        """Estimated share of passes that were found: one less the share met once only (I. J. Good, 1953)."""
        total = sum(w.met for w in self.wells)
        return 1 - sum(w.met == 1 for w in self.wells) / total if total else None


def path_of(one: Pass) -> Path:
    """The potential along a pass."""
    s = one.step
    last = len(s.mass_path) - 1
    return Path(
        s.mass_path, s.path_energy, s.path_slope, (s.end_curvatures[0], s.end_curvatures[1]),
        (BEYOND, last - BEYOND),
    )  # fmt: skip


def two_level(net: Network, hbar: float, advance: Advance = silent) -> TwoLevel:
    """Return the two-level systems of all converged passes of a network."""
    out = TwoLevel(once=net.once)
    for k, (one, met) in enumerate(zip(net.passes, net.seen, strict=True)):
        advance(k)
        if not one.step.converged:
            continue
        out.explored += 1
        try:
            path = path_of(one)
            found = double_well(path, hbar)
        except (GlassError, InputError):
            out.failed += 1
            continue
        if found is None:
            out.shallow += 1
            continue
        span = path.wells[1] - path.wells[0]
        mass = (span / one.step.path_length) ** 2
        out.wells.append(
            Well(
                one.number,
                one.transitions,
                one.i,
                one.j,
                found,
                min(one.forward, one.backward),
                mass,
                quartic(path, mass, net.spacing),
                met,
            )
        )
    return out


@dataclass(frozen=True)
class Heat:
    """C [n_T] per atom in k_B of the double wells at temperatures T (in energy units), its standard error by resampling
    the wells, and that of the harmonic modes (None: not known).
    """

    T: Floats
    wells: Floats
    error: Floats
    harmonic: Floats | None


def heat(found: TwoLevel, atoms: int, T: Floats, harmonic: Floats | None = None, seed: int = 1) -> Heat:
    """Return the heat capacity of the wells found in a sample of so many atoms."""
    each = heat_capacity([w.well.levels for w in found.wells], T) / atoms
    total = each.sum(axis=0)
    rng = np.random.default_rng(seed)
    # The number of wells is as uncertain as their kind: Poisson weights.
    draws = rng.poisson(1.0, (BOOTSTRAPS, len(each))) @ each if len(each) else np.zeros((1, len(T)))
    return Heat(T, total, np.asarray(draws.std(axis=0)), harmonic)


@dataclass(frozen=True)
class Density:
    """count of two-level systems with a splitting up to `energy`, per volume and energy; bound: 95 %."""

    count: int
    energy: float
    density: float
    bound: float


def density(found: TwoLevel, energy: float, volume: float) -> Density:
    """Return how dense two-level systems are in a sample of a volume, bounded by their number alone."""
    count = len(found.below(energy))
    # Poisson: no event leaves a mean of 3 possible; else two standard deviations.
    upper = 3.0 if count == 0 else count + 2 * count**0.5
    return Density(count, energy, count / (volume * energy), upper / (volume * energy))
