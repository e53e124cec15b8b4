"""The entropy of one inherent structure: by its modes and what is anharmonic of it, and by springs.

A basin of N atoms that keep their places, counted with all that like atoms' names and shifts of the whole make of it
(`crystal`), has the harmonic entropy

    S_h / k = sum_k [1 - ln(hbar w_k / kT)] + ln(V / n L^3) + 3/2,    L = (2 pi hbar^2 / M kT)^(1/2)

over 3N - 3 modes, M being the mass of the whole. What is anharmonic is seen in walks at lower temperatures that begin
in it: e(T') = <U - E_IS> - 3/2 (N - 1) kT', the minimum being that of the basin in which a walk is by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.errors import EngineError
from glasscli.free_energy.crystal import BySprings, Effort, by_springs, translations
from glasscli.free_energy.means import of_walk, sampled
from glasscli.free_energy.tasks import seconds
from glasscli.free_energy.walk import Walk
from glasscli.landscape.catalogue import key_of
from glasscli.landscape.record import Flat
from glasscli.landscape.worker import instances
from glasscli.model.system import System
from glasscli.modes.minimum import FORCE, settle
from glasscli.modes.spectrum import masses, modes

VERSION = 1  # of what a record means
# Shares of the temperature at which what is anharmonic is looked at, besides that itself.
COOLER = (1 / 3, 2 / 3)
# Minima that are looked for along a walk.
MINIMA = 5
# Springs are so many times as stiff as what holds an atom, lest atoms that know nothing of each other overlap; and the
# share of them that stays while atoms are switched.
STIFF, KEPT = 4.0, 0.025
SOLVED = 1e-9  # seconds, times the third power of how many coordinates: of their modes


@dataclass(frozen=True)
class Basin:
    """An inherent structure as a piece of work; atoms: of a run at `temperature`, at rest or not."""

    system: System
    atoms: Configuration
    temperature: float
    effort: Effort
    seed: int

    @cached_property
    def key(self) -> str:
        """By which its record is known."""
        said = repr((self.temperature, self.effort, self.seed, VERSION))
        a = self.atoms
        return key_of(self.system.model_dump_json(), said, a.positions, a.species, a.box.packed)

    @property
    def said(self) -> str:
        """What it is."""
        return f"an inherent structure at T = {self.temperature:g}"

    @property
    def seconds(self) -> float:
        """Of one core, about."""
        e, n = self.effort, self.atoms.n_atoms
        trials = len(COOLER) * _rounds(e) * 3 // 2 + e.rounds // 4 + e.switches * (9 * e.steps // 4)
        return seconds(trials, n) + SOLVED * (3 * n) ** 3

    def do(self) -> Flat:
        """Energies per atom, entropies per atom in k: of what is said at the top of this file."""
        system, kT = self.system, self.system.unit_system.boltzmann * self.temperature
        forces, curvature = instances(system)
        settled = settle(self.atoms, forces, curvature)
        rest, n = settled.configuration, self.atoms.n_atoms
        rng = np.random.default_rng(int(self.key, 16))
        found: Flat = {
            "version": VERSION, "atoms": n, "E_IS": settled.energy,
            "harmonic": harmonic(settled.hessian.matrix, rest, system, kT) / n,
        }  # fmt: skip
        first = None
        for k, share in enumerate(COOLER):
            energy, error, squares, step = _anharmonic(system, rest, share * kT, rng, _rounds(self.effort))
            found |= {f"{k}.anharmonic": energy / n, f"{k}.error": error / n}
            # Of the coldest walk, in which atoms keep to their places.
            first = (squares, step) if first is None else first
        assert first is not None
        springs = _by_springs(system, rest, *first, kT, rng, self.effort)
        return found | {
            "F": springs.value / n, "F_error": springs.error / n, "released": springs.released / n,
            "dissipation": springs.switched.dissipation / kT,
        }  # fmt: skip


def held(
    system: System, rest: Configuration, kT: float, rng: np.random.Generator, effort: Effort
) -> BySprings:
    """F of the basin of an inherent structure, by springs alone: no modes are asked for, so that a force that jumps
    at the cutoff does no harm."""
    _, _, squares, step = _anharmonic(system, rest, COOLER[0] * kT, rng, _rounds(effort))
    return _by_springs(system, rest, squares, step, kT, rng, effort)


def _by_springs(
    system: System, rest: Configuration, squares: Floats, step: float, kT: float, rng: np.random.Generator,
    effort: Effort,
) -> BySprings:  # fmt: skip
    """From mean squares [n] of distances in a walk at the first of COOLER, and that walk's step."""
    springs = STIFF * 3 * COOLER[0] * kT / squares
    return by_springs(system, rest, rest.positions, springs, kT, rng, step, effort, KEPT)


def harmonic(matrix, rest: Configuration, system: System, kT: float) -> float:  # type: ignore[no-untyped-def]
    """S_h / k of the whole sample from its Hessian [3n, 3n]. Raises EngineError where it is no minimum."""
    found = modes(matrix, rest, system)
    if unstable := int(found.unstable.sum()):
        raise EngineError(
            f"{unstable} of its modes are unstable: its potential has no curvature at the cutoff"
        )
    if (still := int(found.zero.sum())) != 3:
        raise EngineError(f"{still} of its modes cost no energy, not 3: atoms that touch no others")
    hbar, whole = system.unit_system.hbar, float(masses(rest, system).sum())
    length = np.sqrt(2 * np.pi * hbar**2 / (whole * kT))
    room = np.log(rest.box.volume / translations(rest) / length**3)
    return float((1 - np.log(hbar * found.frequencies[~found.zero] / kT)).sum() + room + 1.5)


def _anharmonic(
    system: System, rest: Configuration, kT: float, rng: np.random.Generator, rounds: int
) -> tuple[float, float, Floats, float]:  # fmt: skip
    """e of the whole sample at kT with its error, [n] mean squares from the sites by species, the walk's step."""
    sample, edges, n = Sample(system, rest.species), rest.box.edges, rest.n_atoms
    walk = Walk(Blend([sample], rest.positions, edges), kT, rng, 0.02 * rest.spacing / np.sqrt(kT))
    walk.settle(rounds // 2)
    parts, minima = [], []
    for _ in range(MINIMA):
        parts.append(sampled(walk, rounds // MINIMA, rest.positions))
        minima.append(sample.minimise(walk.blend.positions, edges, 100 * FORCE, 20000, 100000).energy)
    energies = np.array([part.energy for part in parts])
    error = float(np.sqrt(np.mean([part.energy_error**2 for part in parts]) / MINIMA))
    squares = np.mean([part.squares for part in parts], axis=0)
    per_species = {s: float(np.median(squares[rest.species == s])) for s in set(rest.species.tolist())}
    # The minimum of each walk is that at which it began, as long as it stays there.
    lowest, doubt = of_walk(np.array(minima))
    value = float(energies.mean()) - lowest - 1.5 * (n - 1) * kT
    return (
        value, float(np.hypot(error, doubt)), np.array([per_species[s] for s in rest.species.tolist()]),
        float(walk.step),
    )  # fmt: skip


def _rounds(effort: Effort) -> int:
    """Of one walk."""
    return max(effort.rounds // 2, 2 * MINIMA)
