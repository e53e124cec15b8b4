"""Networks of oxides, chalcogenides, halides and of elements that bond covalently: who bridges whom, Q^n, rings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box
from glasscli.errors import InputError
from glasscli.formats.names import SpeciesPair
from glasscli.observables.bonds import Bonds
from glasscli.observables.rings import Rings, rings

# Elements that bridge formers. Chalcogens are formers themselves where something more electronegative is there: TeO2.
BRIDGES = ("F", "O", "Cl", "N", "Br", "I", "S", "Se", "Te")
STRONG = ("F", "O", "Cl", "N")
WEAK = ("S", "Se", "Te", "I")
# Formers of W. H. Zachariasen, J. Am. Chem. Soc. 54, 3841 (1932), carbon, and aluminium, gallium, zinc and beryllium,
# which take their places.
FORMERS = ("B", "C", "Si", "Ge", "P", "As", "Sb", "V", "Be", "Al", "Ga", "Zn", "S", "Se", "Te")
ALONE = ("C", "Si", "Ge", "P", "As", "Sb", "B", "S", "Se", "Te")  # that make a network without bridges
LARGEST = 12  # rings are looked for up to so many formers


@dataclass(frozen=True)
class Bonding:
    """What bonds are looked for in a file, by numbers of species.

    cutoffs  {(a, b): length} as chosen; of all other pairs the first minimum of their g(r)
    formers, bridges  species of the network; without bridges the formers are bonded to each other
    reason   why there is no network; "" where there is one
    """

    cutoffs: dict[SpeciesPair, float]
    formers: tuple[int, ...] = ()
    bridges: tuple[int, ...] = ()
    reason: str = ""

    def pairs(self) -> list[SpeciesPair]:
        """Pairs of species whose bonds make the network."""
        others = self.bridges or self.formers
        return sorted({(min(a, b), max(a, b)) for a in self.formers for b in others})


def bonding(
    elements: Mapping[int, str], cutoffs: Mapping[SpeciesPair, float], formers: Collection[int] | None = None
) -> Bonding:
    """Return who is bonded to whom among species, {species: element}.

    formers: species that form the network, as chosen, instead of those whose elements do. Bridges are chalcogens,
    halogens and nitrogen, but what is a former.
    """
    found = set(elements.values())
    weak = WEAK if found & set(STRONG) else ()
    alone = formers is not None or found <= set(ALONE)
    if formers is None:
        formers = [s for s, e in elements.items() if e in FORMERS and (e not in WEAK or e in weak)]
    bridges = tuple(
        s for s, e in elements.items() if e in BRIDGES and e not in weak and s not in set(formers)
    )
    given = dict(cutoffs)
    if bridges and formers:
        return Bonding(given, tuple(formers), bridges)
    if bridges:
        if alone:
            return Bonding(given, bridges)
        names = ", ".join(elements[s] for s in bridges)
        return Bonding(given, reason=f"there is no network former beside {names}")
    if formers and alone:
        return Bonding(given, tuple(formers))
    return Bonding(given, reason="there is no oxygen, chalcogen, halogen or nitrogen that bridges")


def network_bonds(bonds: Bonds, roles: Bonding) -> Bonds:
    """The bonds of the network alone: between formers and bridges, or among formers."""
    formers, ends = np.isin(bonds.species, roles.formers), np.isin(bonds.species, roles.bridges)
    if not roles.bridges:
        return bonds.chosen(formers[bonds.first] & formers[bonds.second])
    one, two = formers[bonds.first], formers[bonds.second]
    return bonds.chosen((one & ends[bonds.second]) | (ends[bonds.first] & two))


def bridging(network: Bonds, roles: Bonding) -> dict[int, NDArray[np.int64]]:
    """Return {former species: [n] how many of its atoms have 0, 1, 2, ... bridging neighbours}: Q^n.

    A bridging atom is bonded to at least two formers. An atom bonded to one twice, over the boundary of a small box,
    counts twice.
    """
    degree = np.bincount(network.first, minlength=network.n_atoms)
    number = np.bincount(network.first[degree[network.second] >= 2], minlength=network.n_atoms)
    species = network.species
    return {s: np.bincount(number[species == s]) for s in roles.formers}


def network_rings(network: Bonds, roles: Bonding, box: Box, largest: int = LARGEST) -> Rings:
    """Return the rings of up to so many formers, by the number of their formers.

    Where formers are bridged every second node of a ring is one. Raises InputError as `rings` does.
    """
    formers = np.isin(network.species, roles.formers)
    if not roles.bridges:
        return rings(network, formers, box, largest)
    found = rings(network, formers, box, 2 * largest)
    return Rings(found.primitive[::2], found.king[::2])


def numbered(names: Mapping[int, str], pairs: Mapping[str, float], option: str) -> dict[SpeciesPair, float]:
    """{"Si-O": length} by numbers of species, {species: name}. Raises InputError for a name that no species has."""
    number = {name: s for s, name in names.items()}
    found = {}
    for pair, length in pairs.items():
        a, _, b = pair.partition("-")
        if a not in number or b not in number:
            raise InputError(f"{option} {pair}: not a pair of the species {', '.join(number)}")
        found[min(number[a], number[b]), max(number[a], number[b])] = length
    return found
