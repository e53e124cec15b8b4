"""What names of species say: which elements they are, and who is bonded to whom."""

from __future__ import annotations

from collections.abc import Mapping

from glasscli.analysis.choices import Choices
from glasscli.errors import InputError, NotApplicableError, near
from glasscli.formats.names import ELEMENTS, species_words
from glasscli.observables.network import Bonding, bonding, numbered
from glasscli.units import UNIT_SYSTEMS, UnitNames


def elements_of(labels: Mapping[int, str], units: UnitNames) -> dict[int, str]:
    """{species: chemical symbol} of {species: what it is called}. Raises InputError where one is no element."""
    if units.length_unit == UNIT_SYSTEMS["lj"].length_unit:
        raise NotApplicableError("names of species in reduced units are no elements")
    found = {s: name.partition("(")[0] for s, name in labels.items()}  # two of one element are Si(1), Si(2)
    for name in found.values():
        if name not in ELEMENTS:
            raise InputError(f"{species_words(name)} is no element (--species Si,O says what types are)")
    return found


def bonding_of(labels: Mapping[int, str], units: UnitNames, choices: Choices) -> Bonding:
    """Which species are bonded to which, as their elements and the choices say.

    Raises InputError for choices that name other species.
    """
    cutoffs = numbered(labels, choices.bond_cutoffs or {}, "--bond-cutoffs")
    by_label = {name: s for s, name in labels.items()}
    for name in choices.formers or ():
        if name not in by_label:
            raise InputError(f"--formers {name}: not a species of the file{near(name, by_label)}")
    formers = [by_label[name] for name in choices.formers] if choices.formers else None
    try:
        elements = elements_of(labels, units)
    except InputError as error:
        return bonding({}, cutoffs, formers) if formers else Bonding(cutoffs, reason=str(error))
    return bonding(elements, cutoffs, formers)
