"""What species, and pairs of them, are called in keys, columns, legends and lines: by name, else by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from glasscli.configuration import Ints

Value = TypeVar("Value")
SpeciesPair = tuple[int, int]
# fmt: off
ELEMENTS = (
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K", "Ca", "Sc",
    "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr",
    "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr",
    "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt",
    "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk",
    "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv",
    "Ts", "Og",
)
# fmt: on


def labels(species: Iterable[int], *stated: Mapping[int, str]) -> dict[int, str]:
    """{species: what it is called}, in the order of species: the first name that is stated, else its number.

    Species that a file calls alike have their numbers beside the name, so that no key stands for two.
    """
    found = {s: next((names[s] for names in stated if names.get(s)), str(s)) for s in sorted(species)}
    often = Counter(found.values())
    return {s: f"{name}({s})" if often[name] > 1 else name for s, name in found.items()}


def symbol(atomic_number: int) -> str:
    """The chemical symbol of an atomic number from 1; "" where there is no such element."""
    return ELEMENTS[atomic_number - 1] if 0 < atomic_number <= len(ELEMENTS) else ""


def pair_name(pair: SpeciesPair, names: Mapping[int, str]) -> str:
    """A pair of species: Si-O, 1-2 where they have no names."""
    return "-".join(names.get(s, str(s)) for s in pair)


def by_pair(values: Mapping[SpeciesPair, Value], names: Mapping[int, str]) -> dict[str, Value]:
    """The same by the names of the pairs."""
    return {pair_name(pair, names): value for pair, value in values.items()}


def by_name(values: Mapping[int, Value], names: Mapping[int, str]) -> dict[str, Value]:
    """{species: value} by their names."""
    return {names.get(s, str(s)): value for s, value in values.items()}


def named(species: Ints, names: Mapping[int, str]) -> list[str]:
    """[n_atoms] names of the species of atoms."""
    return [names.get(s, str(s)) for s in species.tolist()]


def species_words(name: str | int) -> str:
    """A species in words: Cu, species 2 where it has no name."""
    return f"species {name}" if str(name).isdigit() else str(name)


def atoms_of(name: str | int) -> str:
    """The atoms of a species, in words: Cu atoms, atoms of species 2 where it has no name."""
    name = str(name)
    return f"atoms of species {name}" if name.isdigit() else f"{name} atoms"
