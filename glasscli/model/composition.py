"""Compositions as people write them: "Cu=0.5,Zr=0.4,Al=0.1", or one number, the share of the second of two species."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from glasscli.errors import InputError, near

# One share, of the second species of two, or those of species by name; what is not named is not there.
Composition = float | Mapping[str, float]
WHOLE = 1e-6  # shares may be rounded by so much


def parse_composition(text: str) -> Composition:
    """Return the composition that a text says. Raises InputError for what is neither a number nor NAME=SHARE,..."""
    try:
        return float(text)
    except ValueError:
        pass
    shares: dict[str, float] = {}
    for word in text.split(","):
        name, equals, number = (part.strip() for part in word.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if not (name and equals and math.isfinite(share)):
            raise InputError(
                f"--composition {text!r} is neither a number nor shares such as Cu=0.5,Zr=0.4,Al=0.1"
            )
        if name in shares:
            raise InputError(f"--composition {text!r} names {name} twice")
        shares[name] = share
    return shares


def parse_pairs(text: str, option: str, wanted: str) -> dict[str, float]:
    """Numbers, not negative, of pairs of species as people write them: "Cu-Zr=1,Cu-Al=3".

    Raises InputError for anything else: `option` is not `wanted`, words with an example.
    """
    found: dict[str, float] = {}
    for word in text.split(","):
        pair, _, number = (part.strip() for part in word.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 <= value < math.inf or not re.fullmatch(r"[^\s-]+-[^\s-]+", pair):
            raise InputError(f"{option} {text!r} is not {wanted}")
        found[pair] = value
    return found


def fractions(composition: Composition, names: Sequence[str], system: str) -> list[float]:
    """[n_species] shares of the atoms, in the order of a system's species. Raises InputError for what cannot be."""
    if not isinstance(composition, Mapping):
        if len(names) != 2:
            raise InputError(
                f"composition {composition:g} is one number, for a system of two species; {system} has {len(names)}: "
                f"say each by name, such as {','.join(f'{name}={1 / len(names):.3g}' for name in names)}"
            )
        if not 0 <= composition <= 1:
            raise InputError(
                f"composition {composition:g} is not between 0 and 1 (it is the share of the second species)"
            )
        return [1 - composition, composition]
    for name, share in composition.items():
        if name not in names:
            raise InputError(f"composition: {system} has no species {name!r}{near(name, names)}")
        if not 0 <= share <= 1:
            raise InputError(f"composition: the share {share:g} of {name} is not between 0 and 1")
    total = math.fsum(composition.values())
    if abs(total - 1) > WHOLE:
        raise InputError(f"composition: the shares add up to {total:g}, not 1")
    return [composition.get(name, 0.0) / total for name in names]


def apportion(atoms: int, shares: Sequence[float]) -> tuple[int, ...]:
    """Atoms of each species that come nearest to the shares and add up: no share of zero gets one."""
    if len(shares) == 2:
        second = round(atoms * shares[1])
        return atoms - second, second
    # Largest remainders.
    found = [int(atoms * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda i: found[i] - atoms * shares[i])
    for i in order[: atoms - sum(found)]:
        found[i] += 1
    return tuple(found)
