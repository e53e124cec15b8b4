"""Options of the theory commands: quantities with their unit, lists of numbers, where the answer is written."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli import units
from glasscli.cli.claims import force_option
from glasscli.cli.options import format_option, stack, style_option
from glasscli.errors import InputError

if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType


class Quantity(_Type):
    """A number with its unit, in SI or as multiple of `unit` (in SI); another kind is refused with the right line.

    bare: unit of a number without one; thermal: a temperature may stand for an energy. See `units.quantity`.
    """

    name = "text"

    def __init__(
        self,
        kind: str,
        *,
        unit: float = 1.0,
        bare: str | None = None,
        thermal: bool = False,
        positive: bool = True,
    ) -> None:
        self.kind, self.unit, self.bare, self.thermal, self.positive = kind, unit, bare, thermal, positive

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The value, or InputError."""
        found = units.quantity(
            str(value),
            self.kind,
            _called(param),
            bare=self.bare,
            thermal=self.thermal,
            positive=self.positive,
        )
        return found / self.unit


class Numbers(_Type):
    """Finite numbers separated by commas; `count` of them where given."""

    name = "text"

    def __init__(self, count: int | None = None) -> None:
        self.count = count

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """The numbers, or InputError."""
        name, text = _called(param), str(value)
        try:
            found = tuple(float(part) for part in text.split(","))
        except ValueError:
            raise InputError(f"{name}: {text!r} is not a list of numbers such as 1,2,5") from None
        if not all(math.isfinite(v) for v in found) or (self.count is not None and len(found) != self.count):
            wanted = f"{self.count} finite numbers" if self.count else "finite numbers"
            raise InputError(f"{name}: {wanted} separated by commas are wanted, not {text!r}")
        return found


def within_doubles(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make numbers that leave the range of doubles one line: the models themselves have no range."""

    @wraps(function)
    def run(*words: Any, **options: Any) -> Any:
        import numpy as np  # the help needs none

        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                return function(*words, **options)
        except (FloatingPointError, OverflowError, ZeroDivisionError) as error:
            raise InputError(
                "an option is so large or so small that numbers leave the range of doubles: use one nearer to the "
                "defaults"
            ) from error

    return run


def _called(param: click.Parameter | None) -> str:
    return param.opts[0] if param else "value"


def outputs(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add -o/--output, --no-figure, --format, --style and --force to a command called `name`: it is given where its
    files go, which are looked at before it computes. Numbers that overflow in it become one line.
    """

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        bounded = within_doubles(command)

        @functools.wraps(command)
        def function(output: Path, no_figure: bool, format_: str, force: bool, **wishes: Any) -> Any:
            from glasscli.cli.theory.output import destination  # NumPy: a command's help does without

            return bounded(output=destination(output, None if no_figure else format_), **wishes)

        return added(function)

    added = stack(
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), default=f"theory-{name}", metavar="STEM",
            help="Write STEM.csv and a figure.",
        ),
        click.option("--no-figure", is_flag=True, help="Write the CSV only."),
        format_option,
        style_option,
        force_option,
    )  # fmt: skip
    return wrap
