"""Whole numbers as people write them: 1000000, and 1e6."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

LARGEST = 2**53  # of whole numbers: beyond it the next one is not told apart


if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType


class _Whole(_Type):
    """What options of whole numbers have in common."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; a sentence that says what to write where it is none."""
        if isinstance(value, str):
            try:
                value = int(value)
            except ValueError:
                value = self._spelled(value, param, ctx)
        return super().convert(value, param, ctx)

    def _spelled(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if abs(number) > LARGEST:
            self.fail("the number is too large", param, ctx)
        if not number.is_integer():
            self.fail(f"{text!r} is not a whole number, such as 1000 or 1e6", param, ctx)
        return int(number)


class _Integer(_Whole, click.types.IntParamType):
    pass


class _IntegerRange(_Whole, click.IntRange):
    pass


def whole(kind: click.ParamType[Any]) -> click.ParamType[Any]:
    """A type of options for the one given, which reads whole numbers as people write them; others as they are."""
    if type(kind) is click.types.IntParamType:
        return _Integer()
    if type(kind) is click.IntRange:
        return _IntegerRange(kind.min, kind.max, kind.min_open, kind.max_open, kind.clamp)
    return kind
