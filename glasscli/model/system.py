"""A system: the model that is simulated, as data (TOML). Pair style, species, units, defaults, fit windows.

A file may come from a stranger, so only the LAMMPS commands that a model needs are let through, and nothing that
LAMMPS would expand, continue, or hand to a program.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from glasscli.errors import InputError, MissingFileError, near
from glasscli.units import UNIT_SYSTEMS, UnitSystem

ALLOWED_COMMANDS = frozenset(
    {"pair_style", "pair_coeff", "pair_modify", "mass", "special_bonds", "kspace_style", "kspace_modify",
     "dielectric", "comm_modify", "newton"}
)  # fmt: skip
# Styles that load code or talk to other programs.
REFUSED_STYLES = frozenset({"python", "mliap", "kim", "quip", "mdi", "plugin", "pace/extrapolation"})
# LAMMPS opens these through a shell pipe.
COMPRESSED = (".gz", ".bz2", ".zst", ".xz", ".lzma", ".lz4")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Species(_Strict):
    """One kind of atom; `radius` is for the radical Voronoi tessellation."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    mass: float = Field(gt=0)
    fraction: float = Field(ge=0, le=1)
    radius: float | None = Field(default=None, gt=0)


class Defaults(_Strict):
    """What `quench` does when nothing is asked for."""

    atoms: int = Field(default=500, gt=0)
    ensemble: Literal["nvt", "npt", "langevin"] = "nvt"
    volume_per_atom: float = Field(gt=0)
    pressure: float = 0.0
    T_start: float = Field(gt=0)
    T_end: float = Field(gt=0)
    equilibration_steps: int = Field(default=20000, ge=0)
    quench_steps: int = Field(default=200000, gt=0)


class FictiveWindows(_Strict):
    """Where the glass line and the liquid curve are fitted to find T_f."""

    glass_below: float = Field(gt=0)
    liquid_above: float = Field(gt=0)


class System(_Strict):
    """A model to simulate. Energies, lengths and temperatures are in LAMMPS's `units`.

    Raises InputError (with the offending line) for anything but the commands a model needs.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    description: str = ""
    source: str = ""
    units: Literal["lj", "metal"]
    timestep: float = Field(gt=0)
    # Between exchanges time means nothing: the longest step that still samples well.
    exchange_timestep: float | None = Field(default=None, gt=0)
    cutoff: float = Field(gt=0)
    skin: float = Field(gt=0)
    commands: tuple[str, ...]
    species: tuple[Species, ...] = Field(min_length=1)
    defaults: Defaults
    fictive: FictiveWindows
    # Absolute paths of potential files named in `commands`, filled in when the file is read.
    potential_files: dict[str, str] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        for line in self.commands:
            check_command(line)
        if abs(sum(s.fraction for s in self.species) - 1.0) > 1e-9:
            raise ValueError(
                f"the species' fractions add up to {sum(s.fraction for s in self.species):g}, not 1"
            )
        if len({s.name for s in self.species}) < len(self.species):
            raise ValueError("two species have the same name")
        return self

    @property
    def n_species(self) -> int:
        """Number of species."""
        return len(self.species)

    def check_species(self, species: int) -> None:
        """Raises InputError for a configuration with atoms of a species beyond those of the system."""
        if species > self.n_species:
            raise InputError(
                f"the configuration has {species} species, {self.name} only {self.n_species}: wrong --system?"
            )

    @property
    def unit_system(self) -> UnitSystem:
        """Symbols and constants of its units."""
        return UNIT_SYSTEMS[self.units]

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

    def counts(self, atoms: int, composition: float | None = None) -> tuple[int, ...]:
        """Atoms of each species; `composition` is the fraction of the second species of two.

        Raises InputError when the composition cannot be.
        """
        if atoms < 1:
            raise InputError(f"{atoms} atoms are not a sample; give a positive number")
        fractions = [s.fraction for s in self.species]
        if composition is not None:
            if not 0 <= composition <= 1:
                raise InputError(
                    f"composition {composition:g} is not between 0 and 1 (it is the share of the second species)"
                )
            if self.n_species != 2:
                raise InputError(
                    f"composition needs a system of two species; {self.name} has {self.n_species}: leave it out"
                )
            fractions = [1 - composition, composition]
        counts = [round(atoms * f) for f in fractions[1:]]
        return (atoms - sum(counts), *counts)


def check_command(line: str) -> None:
    """Raise ValueError unless `line` is one plain LAMMPS command that defines a model."""
    shown = line if len(line) < 80 else line[:77] + "..."
    if not line.isprintable():
        raise ValueError(f"line break or control character in the command {shown!r}: one command a line")
    if re.search(r"[$`&|\\]", line):
        raise ValueError(f"variables, substitutions and continuations are refused in the command {shown!r}")
    words = line.split()
    if not words or words[0] not in ALLOWED_COMMANDS:
        name = words[0] if words else ""
        raise ValueError(
            f"command {name!r} is refused in {shown!r}; a system may use {', '.join(sorted(ALLOWED_COMMANDS))}"
        )
    if words[0] in ("pair_style", "pair_coeff", "kspace_style"):
        for word in words[1:]:
            plain = word.strip("\"'").lower()
            style = re.sub(r"/(omp|opt|gpu|intel|kk)$", "", plain)
            if style in REFUSED_STYLES or plain.endswith(".py"):
                raise ValueError(f"style {word!r} runs code from outside LAMMPS and is refused in {shown!r}")
            if plain.endswith(COMPRESSED):
                raise ValueError(f"compressed file {word!r} is refused in {shown!r}: unpack it first")


def built_in_systems() -> list[str]:
    """Names of the systems that come with glasscli."""
    folder = resources.files("glasscli.model") / "systems"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def load_system(name: str) -> System:
    """Return the built-in system `name`, or the one in the TOML file of that path.

    Raises InputError with one line naming the key, line or value that is wrong.
    """
    if name.endswith(".toml") or "/" in name:
        path = Path(name)
        if not path.is_file():
            raise MissingFileError(f"{path}: no such system file")
        return _parse(path.read_bytes(), str(path), path.parent)
    if name not in built_in_systems():
        raise InputError(f"unknown system {name!r}{near(name, built_in_systems())}; or give a .toml file")
    return _parse((resources.files("glasscli.model") / "systems" / f"{name}.toml").read_bytes(), name, None)


def _parse(content: bytes, origin: str, folder: Path | None) -> System:
    try:
        raw = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{origin}: not a TOML file: {error}") from error
    raw.pop("potential_files", None)
    files = {}
    for line in raw.get("commands", []) if folder else []:
        for word in str(line).split()[1:]:
            file = (folder or Path()) / word.strip("\"'")
            if file.is_file():
                files[word] = str(file.resolve())
    try:
        # JSON mode of the strict model: TOML's arrays become tuples, numbers stay what they are.
        import json

        return System.model_validate_json(json.dumps(raw | {"potential_files": files}, default=str))
    except ValidationError as error:
        raise InputError(f"{origin}: {explain_validation(error, System)}") from error


def explain_validation(error: ValidationError, model: type[BaseModel]) -> str:
    """One line for the first thing a strict model refused, with the near key suggested."""
    # A misspelt key also leaves the right one missing: the misspelling is the message.
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    place = ".".join(str(p) for p in first["loc"]) or "file"
    if first["type"] == "extra_forbidden":
        keys = _keys_at(model, first["loc"][:-1])
        return f"unknown key {place!r}{near(str(first['loc'][-1]), keys)}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if first["loc"] else message


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Field names of the (nested) model at `location`."""
    current: type[BaseModel] = model
    for part in location:
        if isinstance(part, int):
            continue
        annotation = current.model_fields[part].annotation
        nested = [a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)]
        current = next((a for a in nested if issubclass(a, BaseModel)), current)
    return list(current.model_fields)
