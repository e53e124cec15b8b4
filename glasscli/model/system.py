"""A system: the model that is simulated, as data (TOML). Pair style, species, units, defaults, fit windows.

A file may come from a stranger: `model/commands.py` says which LAMMPS commands it may use.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from glasscli.configuration import Configuration, Floats, mean_spacing
from glasscli.errors import InputError
from glasscli.model.commands import check_command, may_be_file
from glasscli.model.composition import Composition, apportion, fractions
from glasscli.model.fictive import FictiveWindows, SampleSpread
from glasscli.model.find import DataFile, Kind, find, is_path
from glasscli.model.sizes import THIRDS, Sizes
from glasscli.model.strict import Strict, checked, parse_toml
from glasscli.units import UNIT_SYSTEMS, UnitSystem

Said = TypeVar("Said")
SYSTEMS = Kind("system", "systems", "glasscli.model")
WORDS = {2: "two", 3: "three"}
# Charges that add up to less than this share of the largest are rounded, not missing.
NEUTRAL = 1e-6


class Species(Strict):
    """One kind of atom; `radius` is for the radical Voronoi tessellation.

    charge    of each atom, in LAMMPS's units; any that is not zero makes the system a charged one
    diameter  of each atom, for the pair styles that read it from the atoms (LAMMPS's atom_style sphere)
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    mass: float = Field(gt=0)
    fraction: float = Field(ge=0, le=1)
    radius: float | None = Field(default=None, gt=0)
    charge: float = 0.0
    diameter: float | None = Field(default=None, gt=0)


@dataclass(frozen=True)
class LongRange:
    """A sum of Coulomb forces over all periodic images: LAMMPS's style, and the accuracy that it is asked for.

    accuracy  error of forces as a share of that between two unit charges one length unit apart; None where unsaid
    """

    style: str
    accuracy: float | None


class Defaults(Strict):
    """What `quench` does when nothing is asked for; the volume of an atom in a plane is its area."""

    atoms: int = Field(default=500, gt=0)
    ensemble: Literal["nvt", "npt", "langevin"] = "nvt"
    volume_per_atom: float = Field(gt=0)
    pressure: float = 0.0
    T_start: float = Field(gt=0)
    T_end: float = Field(gt=0)
    equilibration_steps: int = Field(default=20000, ge=0)
    quench_steps: int = Field(default=200000, gt=0)


class System(Strict):
    """A model to simulate. Energies, lengths and temperatures are in LAMMPS's `units`.

    Raises InputError (with the offending line) for anything but the commands a model needs.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    description: str = ""
    source: str = ""
    units: Literal["lj", "metal", "real"]
    # 2: atoms move in a plane. Volumes are areas then, and pressures forces per length.
    dimension: Literal[2, 3] = 3
    timestep: float = Field(gt=0)
    # Between exchanges time means nothing: the step of a glass of 500 atoms by Verlet's splitting.
    exchange_timestep: float | None = Field(default=None, gt=0)
    cutoff: float = Field(gt=0)
    skin: float = Field(gt=0)
    commands: tuple[str, ...]
    species: tuple[Species, ...] = Field(min_length=1)
    defaults: Defaults
    # Diameters that vary from atom to atom, in place of those of species.
    sizes: Sizes | None = None
    # Where T_f is looked for; without, a quench has none.
    fictive: FictiveWindows | None = None
    # Absolute paths of potential files named in `commands`, filled in when the file is read.
    potential_files: dict[str, str] = Field(default_factory=dict)
    # Name or file of the same model with a force that goes to zero at the cutoff, for minima and saddles that need one.
    # It decides nothing of a run, so it is written into none.
    smooth: str | None = Field(default=None, exclude=True)
    # Steps that the paper of a model without a clock calls a nanosecond. It too decides nothing of a run.
    steps_per_nanosecond: float | None = Field(default=None, gt=0, exclude=True)

    @field_validator("units", mode="before")
    @classmethod
    def _units(cls, value: object) -> object:
        if isinstance(value, str) and value not in UNIT_SYSTEMS:
            raise ValueError(
                f"{value!r} is not among the units that glasscli knows: {', '.join(UNIT_SYSTEMS)}"
            )
        return value

    @field_validator("species", mode="before")
    @classmethod
    def _alone(cls, value: object) -> object:
        """One species is all there is: its share need not be said."""
        if not isinstance(value, list):
            return value
        alone = len(value) == 1 and isinstance(value[0], dict)
        return ({"fraction": 1.0} | value[0],) if alone else tuple(value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for line in self.commands:
            check_command(line)
        if strange := self.potential_files.keys() - {w for line in self.commands for w in line.split()[1:]}:
            raise ValueError(f"potential_files: {min(strange)!r} is no word of the commands")
        if self.dimension == 2 and any(line.startswith("kspace_style ") for line in self.commands):
            raise ValueError(
                "a plane has no kspace_style: LAMMPS sums charges over images in three dimensions"
            )
        if self.skin > self.cutoff:
            raise ValueError(f"skin {self.skin:g} is wider than the cutoff {self.cutoff:g}")
        self._check_diameters()
        if abs(sum(s.fraction for s in self.species) - 1.0) > 1e-9:
            raise ValueError(
                f"the species' fractions add up to {sum(s.fraction for s in self.species):g}, not 1"
            )
        if len({s.name for s in self.species}) < len(self.species):
            raise ValueError("two species have the same name")
        return self

    def _check_diameters(self) -> None:
        stated = [s.diameter for s in self.species if s.diameter is not None]
        if self.sizes and (stated or self.n_species > 1 or self.charged or self.dimension == 2):
            raise ValueError(
                "[sizes] are of a system in space of one species, which has neither charge nor diameter"
            )
        if stated and len(stated) < self.n_species:
            raise ValueError("some species have a diameter: give one to each")

    @property
    def names(self) -> dict[int, str]:
        """{species: name}, in order."""
        return {i: s.name for i, s in enumerate(self.species, start=1)}

    @property
    def two_sizes(self) -> tuple[int, int] | None:
        """(large, small) species of a mixture of two sizes, see `two_sizes`; None of any other system."""
        return two_sizes({i: s.radius for i, s in enumerate(self.species, start=1)})

    @property
    def charged(self) -> bool:
        """Whether its atoms carry charges."""
        return any(s.charge for s in self.species)

    @property
    def sized(self) -> bool:
        """Whether its atoms carry diameters, which some pair styles read."""
        return self.sizes is not None or any(s.diameter is not None for s in self.species)

    @property
    def classes(self) -> dict[int, str]:
        """{number: name} of what its atoms are told apart by: species, thirds by diameter where these vary."""
        return THIRDS if self.sizes else self.names

    def diameters_of(self, configuration: Configuration) -> Floats | None:
        """[n_atoms] diameters where they vary from atom to atom, else None.

        Raises InputError for a configuration that has none: which atom is to have which decides its energy.
        """
        if self.sizes is None:
            return None
        if configuration.diameters is None:
            raise InputError(
                f"{self.name} gives each atom a diameter of its own, and these atoms have none: start from random "
                "positions (glasscli quench), or from a file that states diameters"
            )
        return configuration.diameters

    @property
    def atom_style(self) -> str:
        """LAMMPS's atom style with just what the atoms carry."""
        if self.sized:
            return "hybrid sphere charge" if self.charged else "sphere"
        return "charge" if self.charged else "atomic"

    @property
    def long_range(self) -> LongRange | None:
        """How Coulomb forces are summed beyond the cutoff; None where they, or charges, end there."""
        words = next(
            (line.split() for line in self.commands if line.startswith("kspace_style ")), ["", "none"]
        )
        if words[1] == "none":
            return None
        numbers = [float(word) for word in words[2:] if re.fullmatch(r"[\d.]+([eE][-+]?\d+)?", word)]
        return LongRange(words[1], numbers[0] if numbers else None)

    @property
    def n_species(self) -> int:
        """Number of species."""
        return len(self.species)

    @property
    def spacing(self) -> float:
        """Mean distance of neighbours at its own density."""
        return mean_spacing(self.defaults.volume_per_atom, 1, self.dimension)

    @property
    def volume_unit(self) -> str:
        """Symbol of the unit of volume, in a plane of area."""
        return self.unit_system.volume_unit

    def check_space(self, dimension: int, file: object) -> None:
        """Raise InputError for atoms in space where the system's are in a plane, or the other way round."""
        if dimension != self.dimension:
            raise InputError(
                f"{file} has {WORDS[dimension]} dimensions, {self.name} has {WORDS[self.dimension]}: wrong --system?"
            )

    def in_space(self, what: str) -> None:
        """Raise InputError for a system of two dimensions: `what` is of three."""
        if self.dimension == 2:
            raise InputError(f"{what} needs three dimensions; {self.name} has two")

    def check_species(self, species: int) -> None:
        """Raises InputError for a configuration with atoms of a species beyond those of the system."""
        if species > self.n_species:
            raise InputError(
                f"the configuration has {species} species, {self.name} only {self.n_species}: wrong --system?"
            )

    @property
    def unit_system(self) -> UnitSystem:
        """Symbols and constants of its units."""
        units = UNIT_SYSTEMS[self.units]
        return units.in_plane if self.dimension == 2 else units

    @property
    def length_unit(self) -> str:
        """Symbol of the length unit."""
        return self.unit_system.length_unit

    @property
    def energy_unit(self) -> str:
        """Symbol of the energy unit."""
        return self.unit_system.energy_unit

    @property
    def temperature_unit(self) -> str:
        """Symbol of the temperature unit."""
        return self.unit_system.temperature_unit

    @property
    def pressure_unit(self) -> str:
        """Symbol of the pressure unit."""
        return self.unit_system.pressure_unit

    def counts(self, atoms: int, composition: Composition | None = None) -> tuple[int, ...]:
        """Atoms of each species, by default in the system's own shares. Raises InputError for what cannot be."""
        if atoms < 1:
            raise InputError(f"{atoms} atoms are not a sample; give a positive number")
        names, shares = [s.name for s in self.species], [s.fraction for s in self.species]
        if composition is not None:
            shares = fractions(composition, names, self.name)
        return apportion(atoms, shares)

    def second_share(self, composition: Composition) -> float:
        """The share of the second species beside the first. Raises InputError for a composition with any other."""
        names = [s.name for s in self.species]
        if self.n_species < 2:
            raise InputError(f"{self.name} has one species, this needs two")
        if not isinstance(composition, Mapping):
            return fractions(composition, names[:2], self.name)[1]
        shares = fractions(composition, names, self.name)
        if sum(shares[2:]) > 0:
            raise InputError(f"this is of {names[0]} and {names[1]} alone: give their two shares")
        return shares[1]

    def check_neutral(self, counts: Sequence[int], composition: Composition | None = None) -> None:
        """Raise InputError for so many atoms of each species whose charges do not add up to zero.

        composition: that the counts were made with, so that the message can say how many atoms would do.
        """
        total = self.charge(counts)
        if not total:
            return
        atoms = sum(counts)
        near = (n for step in range(1, 200) for n in (atoms - step, atoms + step) if n > 0)
        asked = tuple(counts) == self.counts(atoms, composition)
        fit = next((n for n in near if not self.charge(self.counts(n, composition))), None) if asked else None
        advice = f"{fit} atoms are neutral" if fit else "its species must come in shares that are neutral"
        told = ", ".join(f"{n} {s.name}" for n, s in zip(counts, self.species, strict=True))
        raise InputError(f"{atoms} atoms of {self.name} ({told}) have the charge {total:+.4g}: {advice}")

    def charge(self, counts: Sequence[int]) -> float:
        """The charge of so many atoms of each species; exactly zero where only rounding is left."""
        parts = [n * s.charge for n, s in zip(counts, self.species, strict=False)]
        total = math.fsum(parts)
        return total if abs(total) > NEUTRAL * max(map(abs, parts), default=0.0) else 0.0


def two_sizes(radii: Mapping[int, float | None]) -> tuple[int, int] | None:
    """(large, small) of exactly two species whose radii are stated and differ: no other is called small or large."""
    stated = sorted((r, s) for s, r in radii.items() if r is not None)
    if len(radii) != 2 or len(stated) != 2 or stated[0][0] == stated[1][0]:
        return None
    return stated[1][1], stated[0][1]


def built_in_systems() -> list[str]:
    """Names of the systems that come with glasscli."""
    return SYSTEMS.built_in()


def load_system(name: str) -> System:
    """Return the system `name`, built-in or of the user's folder, or the one in the TOML file of that path.

    Raises InputError with one line naming the key, line or value that is wrong.
    """
    return _parse(find(SYSTEMS, name))


def smooth_companion(system: System) -> str | None:
    """Name or file of the same model with a smooth force; None without."""
    return _own_or_built_in(system, lambda s: s.smooth)


def sample_spread(system: System) -> SampleSpread | None:
    """How T_f differs between its samples; None where nobody has looked."""
    return _own_or_built_in(system, lambda s: s.fictive.spread if s.fictive else None)


def steps_per_nanosecond(system: System) -> float | None:
    """Steps that a system's paper calls a nanosecond; None where it does not, or the units have a clock."""
    if system.unit_system.picoseconds is not None:
        return system.steps_per_nanosecond
    return _own_or_built_in(system, lambda s: s.steps_per_nanosecond)


def _own_or_built_in(system: System, said: Callable[[System], Said | None]) -> Said | None:
    """What a system's file says of it, else that of the built-in system of its commands: no run keeps such a field."""
    known = (s for s in _built_in() if same_model(s, system))
    return said(system) or next(filter(None, map(said, known)), None)


@cache
def _built_in() -> tuple[System, ...]:
    """The systems that come with glasscli, read once."""
    return tuple(map(load_system, built_in_systems()))


def same_model(one: System, other: System) -> bool:
    """Whether two systems have the same energies, whatever they are called."""
    return (one.units, one.dimension, one.commands) == (other.units, other.dimension, other.commands)


def _parse(file: DataFile) -> System:
    raw = parse_toml(file.content, file.origin)
    raw.pop("potential_files", None)
    if file.folder:
        raw["potential_files"] = _beside(file.folder, raw.get("commands"))
        companion = raw.get("smooth")
        if isinstance(companion, str) and is_path(companion):
            raw["smooth"] = str((file.folder / companion).resolve())
    return checked(System, raw, file.origin)


def _beside(folder: Path, commands: object) -> dict[str, str]:
    """{word of a command: absolute path} of the files in a folder that commands name."""
    files = {}
    for line in commands if isinstance(commands, list) else []:
        for word in str(line).split()[1:]:
            file = folder / word.strip("\"'")
            if may_be_file(word) and file.exists() and not file.is_dir():
                files[word] = str(file.resolve())
    return files
