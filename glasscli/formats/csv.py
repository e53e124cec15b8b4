"""Tables as CSV files: comments, a header, rows; the file appears whole or not at all."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glasscli.errors import FileError, InputError
from glasscli.shown import shown
from glasscli.store.files import replacing

# What begins a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@")

Column = ArrayLike | Sequence[object]


def write_rows(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    comments: Sequence[str] = (),
    digits: int | None = None,
) -> Path:
    """Write a table to `path` and return it.

    comments  lines above the header, after "# "
    digits    significant ones of floating-point numbers, NaN being "nan"; None: all that tell numbers apart, and NaN
              is an empty cell, as None is

    Raises FileError when the file cannot be written.
    """
    try:
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            file.writelines(f"# {shown(' '.join(comment.split()))}\n" for comment in comments)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([_text(name) for name in header])
            writer.writerows([_cell(value, digits) for value in row] for row in rows)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def write_columns(
    path: Path, columns: Mapping[str, Column], comments: Sequence[str] = (), digits: int | None = None
) -> Path:
    """Write columns {"name (unit)": [n] numbers or text} to `path`, in order; see `write_rows`.

    Raises InputError when the columns differ in length.
    """
    lists = {name: _listed(values) for name, values in columns.items()}
    lengths = {name: len(cells) for name, cells in lists.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path.name}: the columns differ in length: {lengths}")
    return write_rows(path, list(lists), zip(*lists.values(), strict=True), comments, digits)


def _listed(values: Column) -> list[object]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)  # type: ignore[arg-type]


def _text(value: str) -> str:
    """A word as a cell: what a spreadsheet would take for a formula is quoted, as spreadsheets do it."""
    value = shown(value)
    return f"'{value}" if value[:1] in _FORMULA and not _is_number(value) else value


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _cell(value: object, digits: int | None) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, float):
        return "" if value is None else value
    if digits is not None:
        return f"{value:.{digits}g}"
    return "" if math.isnan(value) else repr(value)
