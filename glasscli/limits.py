"""How much a file may ask for before memory is taken: the one home of such limits.

A file says how many atoms it holds long before it holds them. Each limit is far beyond what glasscli is used for, and
can be raised, or lowered, in the environment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from glasscli.errors import FileError, InputError


@dataclass(frozen=True)
class Limit:
    """One limit: the variable of the environment that changes it, its usual value, and what it counts."""

    variable: str
    usual: float
    what: str

    @property
    def value(self) -> float:
        """What holds now. Raises InputError for a variable that is not a positive number."""
        text = os.environ.get(self.variable, "")
        if not text:
            return self.usual
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not value > 0:
            raise InputError(f"{self.variable}={text!r} is not a positive number ({self.what})")
        return value

    def check(self, asked: float, where: object) -> None:
        """Raise FileError where `where` asks for more."""
        if not asked <= self.value:
            raise FileError(
                f"{where}: {asked:.4g} {self.what}, more than the limit of {self.value:.4g}: damaged? If it is meant "
                f"so, set {self.variable}={asked:.4g}"
            )


ATOMS = Limit("GLASSCLI_MAX_ATOMS", 2e7, "atoms in one configuration")
BYTES = Limit("GLASSCLI_MAX_BYTES", 1e9, "bytes to be read at once")
TEXT = Limit("GLASSCLI_MAX_TEXT", 64e6, "bytes of text")
EXPANSION = Limit("GLASSCLI_MAX_EXPANSION", 200, "bytes unpacked from each compressed one")
LIMITS = (ATOMS, BYTES, TEXT, EXPANSION)
