"""What is asked of phases, and whether it can be answered: all that is known to fail is refused before work begins."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from glasscli.errors import InputError
from glasscli.free_energy.crystal import Effort
from glasscli.free_energy.surface import ALIKE
from glasscli.free_energy.tasks import FLUID, GAS, LIQUID, canonical, check, crystal_of
from glasscli.limits import SAMPLE
from glasscli.model.composition import Composition
from glasscli.model.system import System
from glasscli.structures.build import choose_repeats
from glasscli.structures.phases import phase_named


@dataclass(frozen=True)
class Wanted:
    """A phase (of a liquid, or of a crystal whose sites are shared, with its composition: c15:0.5), and the volumes per
    atom it is wanted at; none: those of the question."""

    phase: str
    volumes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked.

    phases        a crystal's name, or `liquid`
    temperatures  in the system's unit;  volumes per atom, for phases that name none
    atoms         of each sample; several sizes are extrapolated
    ways          of liquids: GAS, FLUID or both
    composition   of the liquid and of the mixture
    mix           two phases that share `mix_volume` per atom
    liquidus      shares of the second species of `liquid`, for where each begins to freeze: at its volume, or at
                  `pressure` (energy per volume), at which phases of one composition are compared too; liquids that are
                  named with their share (liquid:0.5) do at `pressure`, each at volumes of its own
    glasses       runs whose deepest inherent structures are held against `mix` and the liquid
    """

    phases: tuple[Wanted, ...]
    temperatures: tuple[float, ...]
    volumes: tuple[float, ...] = ()
    atoms: tuple[int, ...] = (500,)
    ways: tuple[str, ...] = (GAS, FLUID)
    composition: Composition | None = None
    mix: tuple[str, str] | None = None
    mix_volume: float | None = None
    liquidus: tuple[float, ...] = ()
    pressure: float | None = None
    glasses: tuple[Path, ...] = ()
    effort: Effort = field(default_factory=Effort)
    seed: int = 1


@dataclass(frozen=True)
class Named:
    """A phase by its one name; share: a liquid's own of the second species; volumes: per atom, all it is wanted at."""

    name: str
    share: float | None
    volumes: tuple[float, ...]


def named(system: System, q: Question) -> list[Named]:
    """The phases of a question. Raises InputError for a question that cannot be answered."""
    system.in_space("free-energy")
    check(system)
    if not q.temperatures:
        raise InputError("free-energy needs temperatures: give --temperature 0.5,0.64")
    for atoms in q.atoms:
        SAMPLE.check(atoms, "--atoms", InputError)
    usual = q.volumes or (system.defaults.volume_per_atom,)
    together: dict[tuple[str, float | None], tuple[float, ...]] = {}
    for one in q.phases:  # a phase may be named twice, with other volumes
        name = _name(one.phase, system)
        together[name] = tuple(dict.fromkeys([*together.get(name, ()), *(one.volumes or usual)]))
    found = [Named(*name, volumes) for name, volumes in together.items()]
    plain = any(one.name == LIQUID and one.share is None for one in found)
    if q.composition is not None and not (q.mix or q.liquidus or plain):
        raise InputError(
            "--composition is of `liquid`, --mix or --liquidus, and none of them is asked for: leave it out"
        )
    for phase in found:
        for volume in phase.volumes:
            if not (np.isfinite(volume) and volume > 0):
                raise InputError(f"volume per atom {volume:g} is not positive")
            if phase.name == LIQUID:
                check_box(system, q.atoms[-1], volume)
            else:
                _check_crystal(system, phase.name, q.atoms, volume)
    for x in _compositions_of(found, system, q):
        system.counts(q.atoms[-1], x)
    if q.mix_volume is not None and q.mix is None:
        raise InputError("--mix-volume is of --mix: name two crystals there, such as --mix c15,hcp-large")
    if q.mix:
        _check_mix(system, q, q.mix, found)
    _check_freezing(system, q, found)
    return found


def compositions(system: System, q: Question) -> list[Composition | None]:
    """Of liquids that name none; without a liquidus the one that was asked for."""
    if not q.liquidus:
        return [q.composition]
    if q.composition is None:
        return list(q.liquidus)
    return list(dict.fromkeys([*q.liquidus, system.second_share(q.composition)]))


def mixed_share(system: System, q: Question) -> float:
    """Share of the second species in --mix: --composition's, else that of both crystals, else a half."""
    if q.composition is not None:
        return system.second_share(q.composition)
    assert q.mix is not None
    one, other = (small_fraction(name, system) for name in q.mix)
    return one if abs(one - other) < ALIKE else 0.5


def small_fraction(phase: str, system: System) -> float:
    """Share of the second species in a crystal, `c15` or `c15:0.5`."""
    name, share = crystal_of(phase)
    return phase_named(name, system).small_fraction if share is None else share


def check_box(system: System, atoms: int, volume: float) -> None:
    """Exchanges need a box of two cutoffs. Raises InputError for a smaller one."""
    if system.n_species > 1 and (atoms * volume) ** (1 / 3) < 2 * system.cutoff:
        least = int(np.ceil((2 * system.cutoff) ** 3 / volume))
        raise InputError(
            f"a liquid of {atoms} atoms at V/N = {volume:g} is narrower than two cutoffs: give --atoms {least} or more"
        )


def _name(phase: str, system: System) -> tuple[str, float | None]:
    name, share = crystal_of(phase)
    if name.lower() != LIQUID:
        if get_close_matches(name.lower(), [LIQUID], cutoff=0.75):
            raise InputError(f"unknown phase {name!r} (did you mean {LIQUID!r}?)")
        return canonical(phase, system), None
    if share is not None and system.n_species < 2:
        raise InputError(f"{phase!r}: {system.name} has one species, a liquid of it has no composition")
    return LIQUID, share


def _check_crystal(system: System, name: str, sizes: tuple[int, ...], volume: float) -> None:
    """Raise InputError where not one cell has so few atoms."""
    crystal, share = crystal_of(name)
    cell = phase_named(crystal, system).cell(volume)
    for atoms in sizes:
        repeats = choose_repeats(name, cell, atoms, 0.0 if share is None else 2 * system.cutoff)
        n = cell.n_atoms * math.prod(repeats)
        own = round(n * phase_named(crystal, system).small_fraction)
        if share is not None and system.counts(n, share)[1] == own:
            raise InputError(f"{name}: of {n} atoms that is none on a site of the others': give more --atoms")


def _compositions_of(phases: list[Named], system: System, q: Question) -> list[Composition | None]:
    liquids = [one for one in phases if one.name == LIQUID]
    return [x for one in liquids for x in (compositions(system, q) if one.share is None else [one.share])]


def _check_mix(system: System, q: Question, mix: tuple[str, str], phases: list[Named]) -> None:
    volumes = {one.name: one.volumes for one in phases if one.name != LIQUID}
    names = [canonical(name, system) for name in mix]
    said = "--mix " + ",".join(mix)
    if names[0] == names[1]:
        raise InputError(f"{said}: these are one crystal: name two")
    for name in names:
        if name not in volumes:
            raise InputError(
                f"{said}: {name} is none of PHASES: add it, at two volumes or more ({name}@V1,V2)"
            )
        if len(set(volumes[name])) < 2:
            raise InputError(f"{said}: F of {name} against V needs two volumes or more: {name}@V1,V2")
    if any(species > 2 for name in names for species in phase_named(crystal_of(name)[0], system).species):
        raise InputError(f"{said}: a mixture is of the first two species of {system.name}")
    x, shares = mixed_share(system, q), [small_fraction(name, system) for name in names]
    low, high = min(shares), max(shares)
    if not low - ALIKE <= x <= high + ALIKE:
        raise InputError(
            f"{said}: no mixture of them has the composition {x:g}: give --composition between {low:.4g} and {high:.4g}"
        )
    if q.mix_volume is None:
        return
    first = (x - shares[1]) / (shares[0] - shares[1]) if high - low > ALIKE else None
    ends = [(min(volumes[name]), max(volumes[name])) for name in names]
    if first is None:  # atoms are shared out as the volume wants
        least, most = min(e[0] for e in ends), max(e[1] for e in ends)
    else:
        least, most = (first * a + (1 - first) * b for a, b in zip(*ends, strict=True))
    if not least <= q.mix_volume <= most:
        raise InputError(
            f"--mix-volume {q.mix_volume:g}: at these volumes {' and '.join(names)} share {least:.4g} to {most:.4g} an "
            "atom: give one between, or other volumes of theirs"
        )


def _check_freezing(system: System, q: Question, phases: list[Named]) -> None:
    liquids = [one for one in phases if one.name == LIQUID]
    several = len(set(map(str, _compositions_of(phases, system, q)))) > 1
    if q.liquidus and not any(one.share is None for one in liquids):
        raise InputError("--liquidus is of `liquid`: add it to PHASES")
    if q.pressure is not None:
        if len(phases) < 2 and not several:
            raise InputError("--pressure compares phases: name two or more, or leave it out")
        for one in phases:
            if len(set(one.volumes)) < 2:
                raise InputError(
                    f"at --pressure {one.name} needs two volumes or more, on either side of it: {one.name}@V1,V2"
                )
    if not (q.liquidus or (q.pressure is not None and several)):
        return
    if system.n_species != 2:
        raise InputError(f"a liquidus is of two species, {system.name} has {system.n_species}")
    if len(liquids) == len(phases):
        raise InputError(
            "a liquidus needs crystals that may freeze: add some to PHASES, such as c14@0.64,0.7"
        )
    if len(q.temperatures) < 2:
        raise InputError(
            "a liquidus is looked for between the temperatures of --temperature: give two or more"
        )
