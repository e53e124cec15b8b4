"""A phase: a prototype whose sites are given to a system's species. `c15`, `hcp-Zr`, of two sizes `fcc-small` ..."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError, near
from glasscli.model.system import System
from glasscli.structures.prototypes import PROTOTYPES, Parameters, Prototype

ELEMENTS = tuple(p.name for p in PROTOTYPES.values() if not p.binary)
COMPOUNDS = ("c15", "c14", "c36", "b2", "c11b", "a15")
NETWORKS = ("cristobalite", "quartz")  # built where they are asked for: no phases of a metal


@dataclass(frozen=True)
class Phase:
    """A prototype with species on its sites.

    large, small   species number (from 1) on the large and the small sites
    """

    name: str
    prototype: Prototype
    large: int = 1
    small: int = 2

    @property
    def species(self) -> tuple[int, ...]:
        """Species that it is made of."""
        return tuple(sorted({self._species(role) for role in self.prototype.roles}))

    @property
    def small_fraction(self) -> float:
        """Share of the atoms that are of species 2, the composition of the rest of glasscli."""
        roles = self.prototype.roles
        return sum(self._species(role) == 2 for role in roles) / len(roles)

    def _species(self, role: str) -> int:
        return self.large if role == "large" else self.small

    def cell(self, volume_per_atom: float, parameters: Parameters | None = None) -> Configuration:
        """The orthogonal unit cell at a volume per atom; ideal parameters where none are given."""
        p = dict(self.prototype.parameters) | dict(parameters or {})
        edges = self.prototype.edges(p)
        box = Box(edges * (self.prototype.atoms * volume_per_atom / np.prod(edges)) ** (1 / 3))
        species = np.array([self._species(role) for role in self.prototype.roles], dtype=np.int32)
        fractions = self.prototype.positions(p)
        fractions = fractions - np.floor(fractions + 1e-12)  # an atom a rounding below 0 stays at 0
        return Configuration(box.cartesian(np.clip(fractions, 0, None)), species, box)


def default_phases(system: System) -> list[str]:
    """Names of all phases of a system: compounds of its first two species, and each species as an element."""
    elements = [f"{name}-{word}" for name in ELEMENTS for word in _words(system).values()]
    return elements if system.n_species == 1 else [*COMPOUNDS, *elements]


def phase_named(name: str, system: System, large: int | None = None, small: int | None = None) -> Phase:
    """The phase of that name in a system: c15, hcp, hcp-Cu, and hcp-small in a mixture of two sizes.

    large, small: species numbers on these sites, instead of those that the system's radii say, else 1 and 2. Raises
    InputError for an unknown name (with the near one), for a compound of a system with one species, and for species
    that the system does not have.
    """
    base, _, role = name.partition("-")
    base, sizes = base.lower(), system.two_sizes
    prototype = PROTOTYPES.get(base)
    by_name = {species.lower(): number for number, species in system.names.items()}
    of_size = role.lower() in ("large", "small") and role.lower() not in by_name
    if prototype is None or (role and (prototype.binary or not (of_size or role.lower() in by_name))):
        known = [
            *COMPOUNDS,
            *NETWORKS,
            *ELEMENTS,
            *(f"{e}-{w}" for e in ELEMENTS for w in _every_word(system)),
        ]
        raise InputError(f"unknown phase {name!r}{near(name, known)}")
    for species in (large, small):
        if species is not None and not 1 <= species <= system.n_species:
            raise InputError(f"{system.name} has no species {species}; it has {system.n_species}")
    one, two = large or (sizes or (1, 2))[0], small or (sizes or (1, 2))[1]
    if prototype.binary:
        if system.n_species < 2:
            raise InputError(
                f"{name} needs a large and a small species; {system.name} has one: choose {', '.join(ELEMENTS)}"
            )
        if one == two:
            raise InputError(f"{name} needs two different species, not {one} on all sites")
        return Phase(base, prototype, one, two)
    # An element has one kind of site, which the species of its name fills.
    if not role:
        return Phase(f"{base}-{_words(system)[one]}", prototype, one, two)
    if not of_size:
        species = by_name[role.lower()]
        return Phase(f"{base}-{system.names[species]}", prototype, species, two)
    role = role.lower()
    if sizes is None and (large if role == "large" else small) is None:
        choose = " or ".join(f"{base}-{species}" for species in system.names.values())
        raise InputError(f"{name}: {system.name} is no mixture of two sizes: name the species, {choose}")
    return Phase(f"{base}-{role}", prototype, one if role == "large" else two, two)


def _words(system: System) -> dict[int, str]:
    """What tells elements apart in names of phases, {species: word}: its size in a mixture of two, else its name."""
    sizes = system.two_sizes
    return dict(zip(sizes, ("large", "small"), strict=True)) if sizes else system.names


def _every_word(system: System) -> list[str]:
    """The same, and the names of all species."""
    return list(dict.fromkeys([*_words(system).values(), *system.names.values()]))


def species_number(text: str, system: System) -> int:
    """A species given by number or by name; raises InputError."""
    names = [s.name for s in system.species]
    if text in names:
        return names.index(text) + 1
    if text.isdigit() and 1 <= int(text) <= system.n_species:
        return int(text)
    raise InputError(f"species {text!r} is not in {system.name}{near(text, names)}")
