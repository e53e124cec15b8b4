"""What a measure says of a file: numbers for programs, lines for people, rows for a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeAlias

import numpy as np

from glasscli.configuration import Floats
from glasscli.units import UnitNames

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_SIMPLE = {int, str, bool, type(None)}


@dataclass(frozen=True)
class Curve:
    """A function that a measure found of one file, and that other samples have too.

    name, along  what its values and its argument are called as columns of a table
    label        of its axis in a figure
    log          whether the argument is drawn on a logarithmic axis
    """

    name: str
    along: str
    x: Floats
    y: Floats
    label: str
    log: bool = False


@dataclass(frozen=True)
class Result:
    """What a measure's frozen dataclass of numbers inherits; each of these may be said better.

    data      the numbers as JSON has them: all fields by their names
    text      lines for people
    table     rows of the report's table: (quantity with its unit, value)
    compared  {quantity: value} whose mean over several files the report gives
    """

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def text(self, units: UnitNames) -> str:
        """Lines for people; empty where there is nothing to say."""
        return ""

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Rows of the report's table."""
        return ()

    def curves(self, units: UnitNames) -> Sequence[Curve]:
        """Functions whose means over samples of one protocol are worth a figure."""
        return ()

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Numbers whose mean over several files is worth a row."""
        return {}


def plain(value: object) -> Json:
    """A value as JSON has it: arrays as lists, dataclasses as objects; what is not a finite number is None."""
    kind = type(value)  # of most values that is enough
    if kind is float:
        return value if math.isfinite(value) else None  # type: ignore[arg-type,return-value]
    if kind in _SIMPLE:
        return value  # type: ignore[return-value]
    if isinstance(value, Result):
        return value.data
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")
