"""What a file states of its species, and which species of a system they are: by name, else by mass, else refused.

A file's numbers are only its own: type 1 of one program is type 2 of another. They are taken as the system's where the
file states nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Trajectory, View
from glasscli.errors import FileError, InputError
from glasscli.formats.planes import in_plane
from glasscli.model.sizes import THIRDS, thirds
from glasscli.model.system import System

# Masses that differ by less than this share are those of one species.
SAME_MASS = 0.01
# A volume per atom further from the system's than this factor is that of another system, or in another unit.
SUSPICIOUS = 2.0


@dataclass(frozen=True)
class Stated:
    """What a file states of its species, by the file's own numbers.

    file      as messages call it
    numbers   species that occur
    names     {number: name}, of those that have one
    masses    {number: mass}, of those for which the file states one mass
    elements  {number: mass} by the names of chemical elements, which no file states
    units     LAMMPS's name of the units that it is in; None where it does not say it
    """

    file: str
    numbers: tuple[int, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    masses: Mapping[int, float] = field(default_factory=dict)
    elements: Mapping[int, float] = field(default_factory=dict)
    units: str | None = None

    @property
    def known(self) -> list[int]:
        """All species that the file declares, ascending."""
        return sorted({*self.numbers, *self.names, *self.masses})

    def label(self, number: int) -> str:
        """A species as people read it: its name, else 'type 2'; with its mass where the file states one."""
        name = self.names.get(number, f"type {number}")
        return f"{name} (mass {self.masses[number]:g})" if number in self.masses else name


@dataclass(frozen=True)
class Labels:
    """What a file that is written calls its species: names [n_species], and masses where all are known.

    title  of the file's first line; units: LAMMPS's name of them, where it is known
    """

    title: str
    names: tuple[str, ...]
    masses: tuple[float, ...] | None
    units: str | None = None


def labels_of(stated: Stated) -> Labels:
    """What a file's own species are called when it is written in another format."""
    numbers = range(1, max(stated.known) + 1)
    masses = tuple(stated.masses[n] for n in numbers) if all(n in stated.masses for n in numbers) else None
    names = tuple(stated.names.get(n, str(n)) for n in numbers)
    return Labels(Path(stated.file).name, names, masses, stated.units)


@dataclass(frozen=True)
class Translation:
    """Which species of a system (from 1) the species of a file are.

    How they are known: all by the file's names, as --species says by hand, by masses, or only by their order.
    """

    table: Mapping[int, int]
    by_name: bool = False
    by_hand: bool = False
    by_order: bool = False

    @property
    def changes(self) -> bool:
        """Whether any number becomes another."""
        return any(ours != theirs for theirs, ours in self.table.items())

    def of(self, configuration: Configuration) -> Configuration:
        """The configuration with the system's numbers. Raises FileError for a species that is none of its."""
        if not self.changes and set(configuration.counts) <= set(self.table):
            return configuration
        strange = sorted(set(configuration.counts) - set(self.table))
        if strange:
            raise FileError(
                f"step {configuration.step} has atoms of type {strange[0]}, the first frame has none"
            )
        numbers = np.zeros(max(self.table) + 1, dtype=np.int32)
        for theirs, ours in self.table.items():
            numbers[theirs] = ours
        return replace(configuration, species=numbers[configuration.species])


class Translated:
    """A trajectory with the species numbers of a system; each frame is read when it is asked for."""

    def __init__(self, trajectory: Trajectory, translation: Translation) -> None:
        self._trajectory, self.translation = trajectory, translation

    def __len__(self) -> int:
        return len(self._trajectory)

    @property
    def time_per_step(self) -> float | None:
        """As the file states it, see `formats.foreign`."""
        return getattr(self._trajectory, "time_per_step", None)

    def __getitem__(self, index: int) -> Configuration:
        return self.translation.of(self._trajectory[index])

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(len(self)))


class Named(View):
    """A trajectory of no system whose types are called as somebody says, where the file does not say it.

    Raises InputError for a type without a name, one name for two, and names for a file that has its own.
    """

    def __init__(self, frames: Trajectory, stated: Stated, names: Sequence[str]) -> None:
        super().__init__(frames)
        said = ",".join(names)
        if stated.names:
            own = ", ".join(stated.names.values())
            raise InputError(
                f"{stated.file} calls its species {own}: leave --species out, or give --system too"
            )
        if max(stated.numbers) > len(names) or len(set(names)) < len(names):
            types = ", ".join(map(str, stated.numbers))
            raise InputError(f"--species {said} does not name each of the types {types} of {stated.file}")
        self.species_names = dict(enumerate(names, start=1))


class BySize:
    """A trajectory whose atoms are told apart by thirds of their diameters, as numbers of species; or, where the system
    knows of no diameters, without those that a file states.
    """

    def __init__(self, trajectory: Trajectory, known: bool) -> None:
        self._trajectory, self._known = trajectory, known

    def __len__(self) -> int:
        return len(self._trajectory)

    @property
    def said(self) -> str:
        """A line about what stands for species; empty where nothing does."""
        diameters = self._trajectory[-1].diameters
        if not self._known or diameters is None:
            return ""
        third = thirds(diameters)
        spans = (
            f"{name} {diameters[third == k].min():.3g} to {diameters[third == k].max():.3g}"
            for k, name in THIRDS.items() if (third == k).any()
        )  # fmt: skip
        return f"atoms are told apart by thirds of their diameters: {', '.join(spans)}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # not yet there, in a process that unpickles it
            raise AttributeError(name)
        return getattr(self._trajectory, name)

    def __getitem__(self, index: int) -> Configuration:
        found = self._trajectory[index]
        if not self._known or found.diameters is None:
            return replace(found, diameters=None)
        return replace(found, species=thirds(found.diameters))

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(len(self)))


def by_size(trajectory: Trajectory, system: System | None) -> Trajectory:
    """The trajectory as it is measured in a system, or in none: see `BySize`."""
    if system is not None and system.sizes:
        return BySize(trajectory, True)
    stated = len(trajectory) and trajectory[0].diameters is not None
    return BySize(trajectory, False) if stated else trajectory


def by_hand(text: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of the file's types 1, 2, ... as typed, "Zr,Cu". Raises InputError for an empty one."""
    if text is None:
        return None
    names = tuple(word.strip() for word in (text.split(",") if isinstance(text, str) else text))
    if not names or not all(names):
        raise InputError(
            f"--species {text!r} is not a list of names such as Zr,Cu: of the file's types 1, 2, ..."
        )
    return names


def translation(stated: Stated, system: System, species: Sequence[str] | None = None) -> Translation:
    """Return which species of `system` those of a file are.

    species: names of the file's types 1, 2, ..., given by hand. Without: by name, else by mass within 1 % (in reduced
    units up to one common factor); numbers alone are taken in order. Raises InputError for what matches nothing, and
    for a file in other units.
    """
    if stated.units not in (None, system.units):
        raise InputError(
            f"{stated.file} states {stated.units} units, {system.name} is in {system.units} units: wrong --system? "
            "Else write the file in the system's units"
        )
    ours = {s.name: i for i, s in enumerate(system.species, start=1)}
    if species is not None:
        return Translation(_given(stated, ours, species, system), by_hand=True)
    names = {n: found for n in stated.known if (found := _named(stated.names.get(n), ours))}
    if set(stated.numbers) <= set(names):
        _contradicted(stated, names, system)
        return Translation(names, by_name=True)
    if not any(n in stated.names or n in stated.masses for n in stated.numbers):
        system.check_species(max(stated.numbers))
        return Translation({n: n for n in range(1, system.n_species + 1)}, by_order=True)
    masses = dict(stated.masses)
    if system.units != "lj":
        # What an element weighs is no secret in units that weigh.
        masses = {**stated.elements, **masses}
    weighed = _by_mass(stated, masses, system)
    if weighed is None:
        raise InputError(_strangers(stated, system))
    return Translation(weighed)


def _named(name: str | None, ours: Mapping[str, int]) -> int | None:
    """The species of a name, CU being Cu where that leaves no choice."""
    if name is None or name in ours:
        return None if name is None else ours[name]
    alike = [number for own, number in ours.items() if own.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None


def _given(stated: Stated, ours: Mapping[str, int], species: Sequence[str], system: System) -> dict[int, int]:
    for name in species:
        if name not in ours:
            raise InputError(
                f"--species {','.join(species)}: {system.name} has no {name}, but {', '.join(ours)}"
            )
    if max(stated.numbers) > len(species):
        raise InputError(
            f"--species {','.join(species)} names {len(species)} types, {stated.file} has a type {max(stated.numbers)}"
        )
    return {number: ours[name] for number, name in enumerate(species, start=1)}


def _contradicted(stated: Stated, names: Mapping[int, int], system: System) -> None:
    """Raise InputError where masses that a file states are not those of the species that it names."""
    masses = {n: stated.masses[n] for n in stated.numbers if n in stated.masses}
    if len(masses) < len(stated.numbers) or (system.units != "lj" and set(masses.values()) == {1.0}):
        return  # programs that need no masses write 1
    if not _fits(masses, names, system):
        raise InputError(_strangers(stated, system))


def _fits(masses: Mapping[int, float], table: Mapping[int, int], system: System) -> bool:
    """Whether masses are those of the species they are taken for; in reduced units up to one common factor."""
    shares = [mass / system.species[table[n] - 1].mass for n, mass in masses.items()]
    first = shares[0] if system.units == "lj" else 1.0
    return all(abs(share / first - 1) <= SAME_MASS for share in shares)


def _by_mass(stated: Stated, masses: Mapping[int, float], system: System) -> dict[int, int] | None:
    """{number: species} by masses, those in order where several would do; None where none would."""
    occurring = list(stated.numbers)
    if any(n not in masses for n in occurring):
        return None
    # All that are declared first: a species that does not occur may tell the unit of mass.
    for numbers in (sorted({*masses, *occurring}), occurring):
        for factor in _factors(masses[numbers[0]], system):
            table = _weighed(numbers, masses, factor, system)
            if table is not None:
                return table
    return None


def _factors(mass: float, system: System) -> list[float]:
    """What a file's unit of mass may be in the system's: one; in reduced units any that makes a mass a species'."""
    return [1.0] + ([mass / s.mass for s in system.species] if system.units == "lj" else [])


def _weighed(
    numbers: Sequence[int], masses: Mapping[int, float], factor: float, system: System
) -> dict[int, int] | None:
    table: dict[int, int] = {}
    for n in numbers:
        shares = {i: masses[n] / (factor * s.mass) for i, s in enumerate(system.species, start=1)}
        fit = [i for i, share in shares.items() if abs(share - 1) <= SAME_MASS]
        free = [i for i in fit if i not in table.values()]
        # Two types of an element are one species; in reduced units two masses that are one are another model.
        if not fit or (system.units == "lj" and not free):
            return None
        likely = free or fit
        table[n] = n if n in likely else likely[0]
    return table


def _strangers(stated: Stated, system: System) -> str:
    theirs = ", ".join(stated.label(n) for n in stated.numbers)
    ours = ", ".join(f"{s.name} (mass {s.mass:g})" for s in system.species)
    return (
        f"{stated.file} has {theirs}; {system.name} has {ours}: wrong --system? "
        "--species NAME,... says which species the file's types 1, 2, ... are"
    )


def odd_density(
    configuration: Configuration, stated: Stated, system: System, found: Translation
) -> str | None:
    """One line where the volume per atom is not one that the system can have, to a factor of two; else None.

    What --species says is believed.
    """
    if configuration.box.free:
        return None
    if system.dimension == 2:
        configuration = in_plane(configuration, stated.file)
    volume, usual = configuration.volume / configuration.n_atoms, system.defaults.volume_per_atom
    if found.by_hand or usual / SUSPICIOUS <= volume <= usual * SUSPICIOUS:
        return None
    types = range(1, max(stated.numbers) + 1)
    names = ",".join(system.species[found.table.get(n, 1) - 1].name for n in types)
    return (
        f"{stated.file} has {volume:.4g} {system.volume_unit} an atom, {system.name} about {usual:.4g}: another "
        f"system or unit? If it is meant so, say what its types are: --species {names}"
    )


def taken_in_order(stated: Stated, system: System, found: Translation) -> str | None:
    """One line where nothing but their numbers says which of several species a file's types are; else None."""
    if not found.by_order or system.n_species == 1:
        return None
    taken = ", ".join(f"type {n} is taken as {system.species[n - 1].name}" for n in stated.numbers)
    return f"{stated.file} states neither names nor masses of its types: {taken} (--species NAME,... says otherwise)"


def overruled(stated: Stated, system: System, found: Translation) -> str | None:
    """One line where --species takes a type for another species than the file says by name or by mass; else None."""
    if not found.by_hand:
        return None
    ours = {s.name: i for i, s in enumerate(system.species, start=1)}
    masses = {n: stated.masses[n] for n in stated.numbers if n in stated.masses}
    if system.units == "lj":
        strange = set() if not masses or _fits(masses, found.table, system) else set(masses)
    else:
        # Programs that need no masses write 1.
        weighed = {} if set(masses.values()) == {1.0} else masses
        strange = {n for n, mass in weighed.items() if not _fits({n: mass}, found.table, system)}
    names = {n: _named(stated.names.get(n), ours) for n in stated.numbers}
    strange |= {n for n, own in names.items() if own not in (None, found.table[n])}
    if not strange:
        return None
    species = {n: system.species[found.table[n] - 1] for n in sorted(strange)}
    taken = ", ".join(f"{stated.label(n)} is taken as {s.name} (mass {s.mass:g})" for n, s in species.items())
    return f"{stated.file}: {taken}, as --species says"
