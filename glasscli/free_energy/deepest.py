"""How far the deepest glass of a run lies above two crystals that share its volume, and above the liquid.

The glass is one basin: that of the inherent structure of lowest energy. Its F is that of a crystal whose unit cell is
the box, so that what does not grow with the number of atoms is taken out as there, with the one translation that
brings it upon itself: F(N)/N + kT ln(N) / 2N + kT ln(N / n) / N, n = 1. A liquid that visits exp(N S_c / k) such basins
lies T S_c below one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.own.sample import Sample
from glasscli.eos.mixture import mixture
from glasscli.errors import InputError
from glasscli.free_energy.basin import held
from glasscli.free_energy.crystal import Effort, translations
from glasscli.free_energy.surface import Surface
from glasscli.free_energy.tasks import seconds
from glasscli.landscape.catalogue import key_of
from glasscli.landscape.record import Flat
from glasscli.model.system import System
from glasscli.modes.minimum import FORCE
from glasscli.store.reader import is_run, open_run

VERSION = 1  # of what a record means
SAME = 1e-6  # volumes


@dataclass(frozen=True)
class Glass:
    """The deepest inherent structure of a run, or its last frame where it has none; path: of the run."""

    path: Path
    atoms: Configuration

    @property
    def volume(self) -> float:
        """Per atom."""
        return float(self.atoms.box.volume / self.atoms.n_atoms)

    @property
    def small_fraction(self) -> float:
        """Share of the second species."""
        return float((self.atoms.species == 2).mean())


@dataclass(frozen=True)
class Held:
    """F of a glass at one temperature, as a piece of work."""

    system: System
    glass: Glass
    temperature: float
    effort: Effort
    seed: int

    @cached_property
    def key(self) -> str:
        """By which its record is known: what the atoms are, not the name of the file."""
        said, a = repr((self.temperature, self.effort, self.seed, VERSION)), self.glass.atoms
        return key_of(self.system.model_dump_json(), said, a.positions, a.species, a.box.packed)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of its atoms, by species."""
        counts = np.bincount(self.glass.atoms.species, minlength=self.system.n_species + 1)[1:]
        return tuple((counts / counts.sum()).tolist())

    @property
    def said(self) -> str:
        """What it is."""
        return f"the glass of {self.glass.path} at T = {self.temperature:g}"

    @property
    def seconds(self) -> float:
        """Of one core, about."""
        e = self.effort
        return seconds(e.rounds + e.switches * (9 * e.steps // 4), self.glass.atoms.n_atoms)

    def do(self) -> Flat:
        """Energies per atom; F without any correction for the size."""
        atoms, system = self.glass.atoms, self.system
        n, kT = atoms.n_atoms, system.unit_system.boltzmann * self.temperature
        sample = Sample(system, atoms.species)
        bottom = sample.minimise(atoms.positions, atoms.box.edges, 100 * FORCE, 20000, 100000)
        rest = replace(atoms, positions=bottom.positions, images=None, velocities=None)
        found = held(system, rest, kT, np.random.default_rng(int(self.key, 16)), self.effort)
        return {
            "version": VERSION, "atoms": n, "translations": translations(rest), "E_IS": bottom.energy / n,
            "F": found.value / n, "F_error": found.error / n, "released": found.released / n,
            "dissipation": found.switched.dissipation / kT,
        }  # fmt: skip


@dataclass(frozen=True)
class Above:
    """A glass at one temperature, per atom.

    mix, above          F of the two crystals at its volume and composition, and how far it lies above them
    above_liquid        how far above the liquid
    None where it was not asked for, or lies beyond the volumes measured
    """

    file: str
    T: float
    atoms: int
    volume: float
    composition: float
    E_IS: float
    F: float
    F_error: float
    size_correction: float
    dissipation: float
    mix: float | None = None
    above: float | None = None
    above_error: float | None = None
    liquid: float | None = None
    above_liquid: float | None = None
    above_liquid_error: float | None = None

    def text(self, unit: str) -> str:
        """A line for people."""
        said = f"the glass of {self.file} (E_IS = {self.E_IS:.4f}), T = {self.T:g}: F = {self.F:.4f} +- "
        said += f"{self.F_error:.4f} {unit}/atom"
        if self.above is not None:
            said += f", {self.above:+.4f} +- {self.above_error:.4f} from the two crystals at its volume"
        if self.above_liquid is not None:
            said += f", {self.above_liquid:+.4f} +- {self.above_liquid_error:.4f} from the liquid"
        return said


def glass_of(path: Path, system: System) -> Glass:
    """The deepest inherent structure that a run holds. Raises InputError for what is no glass of this system in a
    rectangular, periodic box."""
    if not is_run(path):
        raise InputError(f"--glass {path} is no run of glasscli: give one, such as of hybrid or anneal")
    run = open_run(path)
    if run.manifest.system.commands != system.commands:
        raise InputError(
            f"--glass {path} is of {run.manifest.system.name}, not of {system.name}: give --system"
        )
    if not len(frames := run.inherent_or_frames()):
        raise InputError(f"--glass {path} holds no configuration")
    table = run.inherent_table["inherent_energy"]
    deepest = int(np.argmin(table)) if len(table) == len(frames) else len(frames) - 1
    atoms = frames[deepest]
    if not atoms.box.plain:
        raise InputError(
            f"--glass {path}: its box is tilted or free: free-energy is for rectangular, periodic boxes"
        )
    return Glass(path, atoms)


def above(
    held: Held, record: Flat, pair: tuple[Surface, Surface] | None,
    liquid: Surface | None, notes: list[str],
) -> Above:  # fmt: skip
    """What a record says beside the crystals' and the liquid's F."""
    glass, T, n = held.glass, held.temperature, record["atoms"]
    kT = held.system.unit_system.boltzmann * T
    size = kT * (0.5 * math.log(n) + math.log(n / record["translations"])) / n
    found = Above(
        str(glass.path), T, n, glass.volume, glass.small_fraction, record["E_IS"], record["F"] + size,
        record["F_error"], size, record["dissipation"],
    )  # fmt: skip
    if pair is not None and sum(held.shares[2:]) > 0:
        notes.append(f"--glass {glass.path}: it has a third species, --mix is of two: nothing is compared")
    elif pair is not None:
        a, b = pair
        try:
            mix = mixture(a.curve(T), b.curve(T), glass.small_fraction, glass.volume)
        except InputError as error:
            notes.append(f"--glass {glass.path}, T = {T:g}: {error}")
        else:
            parts = [mix.fractions[s.name] * s.error(mix.volumes[s.name], T) for s in pair]
            doubt = math.hypot(found.F_error, *parts)
            found = replace(found, mix=mix.energy, above=found.F - mix.energy, above_error=doubt)
    if liquid is not None and _within(glass.volume, liquid.volumes):
        free = liquid.free(glass.volume, T)
        doubt = math.hypot(found.F_error, liquid.error(glass.volume, T))
        found = replace(found, liquid=free, above_liquid=found.F - free, above_liquid_error=doubt)
    return found


def _within(volume: float, volumes: Sequence[float]) -> bool:
    return volumes[0] * (1 - SAME) <= volume <= volumes[-1] * (1 + SAME)
