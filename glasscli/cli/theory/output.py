"""What every theory command writes: one CSV, one figure, plain numbers for --json."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.errors import FileError, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[["Figure"], None]


def outputs(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add -o/--output and --no-figure to a command called `name`."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option("--no-figure", is_flag=True, help="Write the CSV only.")(function)
        return click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            default=Path(f"theory-{name}"),
            metavar="STEM",
            show_default=True,
            help="Write STEM.csv and STEM.png.",
        )(function)

    return wrap


def write(
    output: Path, columns: Mapping[str, Sequence[Any] | Any], draw: Draw | None, width: float = 3.6
) -> list[str]:
    """Write the columns, of one length, to STEM.csv and the figure to STEM.png; return the files' names.

    draw is None with --no-figure; width in inches. Raises FileError for a folder that is not there.
    """
    stem = output.with_suffix("") if output.suffix in (".csv", ".png") else output
    table = stem.with_name(stem.name + ".csv")
    rows = zip(*columns.values(), strict=True)
    try:
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(value) for value in row] for row in rows)
    except OSError as error:
        raise FileError(f"{table}: cannot be written: {error.strerror or error}") from error
    if draw is None:
        return [str(table)]
    from glasscli.report.canvas import drawing

    with drawing(stem.with_name(stem.name + ".png"), None, width, 2.8) as (figure, path):
        draw(figure)
    return [str(table), str(path)]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):.12g}"


def plain(value: Any) -> Any:
    """Return numbers, arrays and mappings as JSON knows them; what is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def numbers(text: str, name: str, count: int | None = None) -> list[float]:
    """Return comma-separated numbers; `count` of them where given. Raises InputError with one line."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{name}: {text!r} is not a list of numbers such as 1,2,5") from None
    if not all(math.isfinite(value) for value in found) or (count is not None and len(found) != count):
        wanted = f"{count} finite numbers" if count else "finite numbers"
        raise InputError(f"{name}: {wanted} separated by commas are wanted, not {text!r}")
    return found


def table(rows: Mapping[str, Any]) -> str:
    """Return 'name  value' lines with aligned values."""
    width = max(len(name) for name in rows)
    return "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in rows.items())


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
