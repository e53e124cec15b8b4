"""One piece of work, kept by itself: a crystal at a volume, temperature and size, or a liquid along its isochore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.own.choice import refusal
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import EngineError, InputError
from glasscli.free_energy.crystal import Absolute, Effort, frenkel_ladd, translations
from glasscli.free_energy.liquid import Liquid, along, by_fluid, isochore
from glasscli.free_energy.solution import PATTERNS, Solution, mixed_crystal
from glasscli.free_energy.uhlenbeck_ford import Fluid
from glasscli.free_energy.walk import LEG
from glasscli.landscape.catalogue import key_of
from glasscli.landscape.record import Flat
from glasscli.model.composition import Composition
from glasscli.model.system import System
from glasscli.structures.build import build_crystal, contact_distances
from glasscli.structures.packing import random_liquid
from glasscli.structures.phases import phase_named

VERSION = 3  # of what a record means
LIQUID, GAS, FLUID, CRYSTAL = "liquid", "ideal gas", "uhlenbeck-ford", "einstein"
SOLUTION = "einstein, shared"  # sites of a crystal that species share
# A liquid settles at these multiples of the temperature of a switch, one after the other.
COOLING = (8.0, 4.0, 2.0, 1.4)
# An F that is uncertain by more kT an atom is none: work that overlaps nowhere.
VAIN = 10.0
# Seconds an atom and step of dynamics, measured in Lennard-Jones atoms; with exchanges between its trials.
SPEED, EXCHANGING = 3e-7, 6e-7


@dataclass(frozen=True)
class Task:
    """What is worked on; way: one of CRYSTAL, SOLUTION, GAS, FLUID. temperatures: several of an isochore, else one.

    composition: of a liquid, or of a crystal whose sites are shared; None takes the system's shares, or the crystal's
    """

    system: System
    phase: str
    way: str
    volume: float
    temperatures: tuple[float, ...]
    atoms: int
    effort: Effort
    seed: int
    composition: Composition | None = None
    fluid: Fluid = field(default_factory=Fluid)

    @property
    def key(self) -> str:
        """By which its record is known."""
        said = replace(self, system=None)  # type: ignore[arg-type]
        return key_of(self.system.model_dump_json(), repr(said), str(VERSION))

    @property
    def trials(self) -> int:
        """How many stretches of dynamics it takes, of which each atom's neighbours are looked at `walk.LEG` times."""
        e, switching = self.effort, self.effort.switches * self.effort.steps
        if self.way == GAS:
            return len(isochore(self.temperatures)) * e.rounds * 3 // 2
        settled = e.rounds * 2 + switching // 4
        if self.way == SOLUTION:
            still = max(2, e.switches // PATTERNS) * e.steps
            return settled + 2 * switching + PATTERNS * (e.rounds * 5 // 2 + 9 * still // 4)
        return (
            settled
            + 2 * switching * (2 if self.way == FLUID else 1)
            + (4 * e.rounds if self.way == FLUID else 0)
        )

    @property
    def said(self) -> str:
        """What it is."""
        return f"{self.phase} at V/N = {self.volume:g}"

    @property
    def seconds(self) -> float:
        """Of one core, about."""
        return seconds(self.trials, self.atoms, self.way != CRYSTAL and self.system.n_species > 1)

    def do(self) -> Flat:
        """Work on it."""
        return work(self)


def seconds(trials: int, atoms: int, exchanges: bool = False) -> float:
    """Of one core that so many trials of a walk take, about."""
    return trials * (LEG + 1) * atoms * (EXCHANGING if exchanges else SPEED)


def work(task: Task) -> Flat:
    """Do it; a flat record of what was found, per atom: keys "k.NAME" for temperature k."""
    rng = np.random.default_rng(int(task.key, 16))
    if task.way in (CRYSTAL, SOLUTION):
        found = [_crystal(task, rng) if task.way == CRYSTAL else _solution(task, rng)]
    else:
        start = _start(task)
        several = task.system.n_species > 1 and len(set(start.species.tolist())) > 1
        liquid = Liquid(task.system, start, rng, tabulate(task.system) if several else None)
        found = [_fluid(task, liquid)] if task.way == FLUID else _gas(task, liquid)
    for one, T in zip(found, task.temperatures, strict=True):
        error = one.absolute.error / one.atoms
        if not error < VAIN * task.system.unit_system.boltzmann * T:
            raise EngineError(
                f"the work of its switches leaves F uncertain by {error:.2g} an atom: give more --steps"
            )
    return {name: value for k, one in enumerate(found) for name, value in one(k).items()} | {
        "version": VERSION
    }


def check(system: System) -> None:
    """Raise InputError, in a line, for a system whose free energies these are not."""
    if system.sizes:
        raise InputError(f"{system.name} has diameters that vary: free-energy has no reference for them")
    if why := refusal(system):
        raise InputError(f"free-energy needs forces summed over pairs by glasscli itself: {why}")


@dataclass(frozen=True)
class _One:
    """What is kept of one temperature: per atom, the pressure as it is."""

    absolute: Absolute
    atoms: int
    counts: Sequence[int]
    mixed: Solution | None = None
    sites: Configuration | None = None

    def __call__(self, k: int) -> Flat:
        a, n, m = self.absolute, self.atoms, self.mixed
        mixed: Flat = {} if m is None else {
            f"{k}.S_mixing": m.entropy / n, f"{k}.S_mixing_error": m.error / n, f"{k}.S_ideal": m.infinite / n,
            f"{k}.lacking": (m.infinite - m.ideal) / n, f"{k}.exchanged": m.exchanged,
        }  # fmt: skip
        if self.sites is not None:
            mixed[f"{k}.translations"] = translations(self.sites)
        return mixed | {
            f"{k}.F": a.value / n, f"{k}.F_error": a.error / n, f"{k}.U": a.means.energy / n,
            f"{k}.U_error": a.means.energy_error / n, f"{k}.P": a.means.pressure,
            f"{k}.P_error": a.means.pressure_error, f"{k}.drift": a.means.drift / n,
            f"{k}.independent": a.means.independent,
            f"{k}.dissipation": None if a.switched is None else a.switched.dissipation,
            f"{k}.estimate": None if a.switched is None else a.switched.method,
            f"{k}.atoms": n, f"{k}.counts": list(self.counts),
        }  # fmt: skip


def _kT(task: Task) -> float:
    return task.system.unit_system.boltzmann * task.temperatures[0]


def _crystal(task: Task, rng: np.random.Generator) -> _One:
    system = task.system
    atoms = build_crystal(system, phase_named(task.phase, system), task.atoms, task.volume).configuration
    counts = [int((atoms.species == s).sum()) for s in range(1, system.n_species + 1)]
    found = frenkel_ladd(system, atoms, _kT(task), rng, task.effort)
    return _One(found, atoms.n_atoms, counts, sites=atoms)


def _solution(task: Task, rng: np.random.Generator) -> _One:
    system, phase = task.system, phase_named(crystal_of(task.phase)[0], task.system)
    sites = build_crystal(system, phase, task.atoms, task.volume, two_cutoffs=True).configuration
    counts = system.counts(sites.n_atoms, task.composition)
    found = mixed_crystal(system, sites, counts, tabulate(system), _kT(task), task.seed, rng, task.effort)
    return _One(found.absolute, sites.n_atoms, counts, found, sites)


def crystal_of(name: str) -> tuple[str, float | None]:
    """A phase as it is asked for, `c15` or `c15:0.5`: its name, and the share of the second species where that is not
    the crystal's own. Raises InputError for what is no share."""
    phase, colon, share = name.partition(":")
    try:
        x = float(share) if colon else None
    except ValueError:
        x = float("nan")
    if x is not None and not 0 <= x <= 1:
        raise InputError(f"{name!r}: after the colon stands a share of the second species, such as c15:0.5")
    return phase, x


def canonical(name: str, system: System) -> str:
    """The one name of a crystal in a system. Raises InputError."""
    phase, x = crystal_of(name)
    if x is not None and system.n_species < 2:
        raise InputError(f"{name!r}: {system.name} has one species, nothing to share sites with")
    found = phase_named(phase, system)
    if x is not None and abs(x - found.small_fraction) < 1e-3:
        raise InputError(f"{name!r}: {found.name} has that composition itself, none of its sites are shared")
    return found.name if x is None else f"{found.name}:{x:g}"


def _start(task: Task) -> Configuration:
    system = task.system
    counts = system.counts(task.atoms, task.composition)
    return random_liquid(counts, task.volume, contact_distances(system), task.seed)


def _fluid(task: Task, liquid: Liquid) -> _One:
    kT = _kT(task)
    for times in COOLING:
        liquid.means(times * kT, task.effort.rounds // 2)
    return _One(by_fluid(liquid, kT, task.fluid, task.effort), len(liquid.positions), liquid.counts)


def _gas(task: Task, liquid: Liquid) -> list[_One]:
    boltzmann = task.system.unit_system.boltzmann
    found = along(liquid, [boltzmann * T for T in task.temperatures], task.effort.rounds)
    return [_One(one, len(liquid.positions), liquid.counts) for one in found]
