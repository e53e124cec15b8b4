"""Columns of numbers as commands read them from files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.store.files import open_plain


def columns(path: Path, counts: tuple[int, ...]) -> tuple[list[str], list[Floats]]:
    """Return the header (or '1', '2' ...) and the columns of a CSV file of numbers.

    Lines that start with # are skipped. Raises MissingFileError, and InputError naming the line that is not numbers.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig", opener=open_plain) as file:
            rows = [
                (i, row) for i, row in enumerate(csv.reader(file), 1) if row and not row[0].startswith("#")
            ]
    except FileNotFoundError:
        raise MissingFileError(f"{path} is not there") from None
    except FileError:
        raise
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path} cannot be read as CSV: {error}") from error
    if not rows:
        raise InputError(f"{path} is empty")
    width = len(rows[0][1])
    if width not in counts:
        raise InputError(f"{path} has {width} columns; {' or '.join(map(str, counts))} are wanted")
    names = [f"{i}" for i in range(1, width + 1)]
    try:
        [float(cell) for cell in rows[0][1]]
    except ValueError:
        names = [cell.strip() for cell in rows.pop(0)[1]]
    values = []
    for line, row in rows:
        try:
            values.append([float(cell) for cell in row])
        except ValueError:
            raise InputError(f"{path}, line {line}: {','.join(row)!r} is not numbers") from None
        if len(row) != width:
            raise InputError(f"{path}, line {line}: {len(row)} columns instead of {width}")
    if not values:
        raise InputError(f"{path} has no rows of numbers")
    return names, list(np.array(values).T)
