"""A phase: a prototype whose sites are given to a system's species. `hcp-large`, `c15`, `fcc-small` ..."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError, near
from glasscli.model.system import System
from glasscli.structures.prototypes import PROTOTYPES, Parameters, Prototype

ELEMENTS = tuple(p.name for p in PROTOTYPES.values() if not p.binary)
COMPOUNDS = ("c15", "c14", "c36", "b2", "c11b", "a15")


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
    """Names of all phases of a system: compounds of its first two species, and each of them as an element."""
    if system.n_species == 1:
        return [f"{name}-large" for name in ELEMENTS]
    return [*COMPOUNDS, *(f"{name}-{role}" for name in ELEMENTS for role in ("large", "small"))]


def phase_named(name: str, system: System, large: int | None = None, small: int | None = None) -> Phase:
    """The phase of that name (c15, hcp, hcp-small) in a system.

    large, small: species numbers instead of 1 and 2. Raises InputError for an unknown name (with the near one), for a
    compound of a system with one species, and for species that the system does not have.
    """
    base, _, role = name.lower().partition("-")
    prototype = PROTOTYPES.get(base)
    if prototype is None or role not in ("", "large", "small") or (role and prototype.binary):
        known = [*COMPOUNDS, *ELEMENTS, *(f"{e}-{r}" for e in ELEMENTS for r in ("large", "small"))]
        raise InputError(f"unknown phase {name!r}{near(name.lower(), known)}")
    one, two = large or 1, small or 2
    needs_two = prototype.binary or role == "small"
    if needs_two and system.n_species < 2:
        raise InputError(
            f"{name} needs a large and a small species; {system.name} has one: choose {', '.join(ELEMENTS)}"
        )
    for species in (one, two) if needs_two else (one,):
        if not 1 <= species <= system.n_species:
            raise InputError(f"{system.name} has no species {species}; it has {system.n_species}")
    if prototype.binary:
        if one == two:
            raise InputError(f"{name} needs two different species, not {one} on all sites")
        return Phase(base, prototype, one, two)
    # An element has one kind of site; its role in the name says which species fills it.
    role = role or "large"
    return Phase(f"{base}-{role}", prototype, two if role == "small" else one, two)


def species_number(text: str, system: System) -> int:
    """A species given by number or by name; raises InputError."""
    names = [s.name for s in system.species]
    if text in names:
        return names.index(text) + 1
    if text.isdigit() and 1 <= int(text) <= system.n_species:
        return int(text)
    raise InputError(f"species {text!r} is not in {system.name}{near(text, names)}")
