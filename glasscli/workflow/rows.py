"""Lists of rows in JSON, as a folder's records are: a damaged piece does not hide the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from glasscli.limits import parse_json
from glasscli.store.files import read_own, replacing

Row = TypeVar("Row")

BEGIN = "\n {"  # of a row, as `write_rows` writes them
TRIES = 1000  # beyond so many that are none, what follows is no list of ours
UNKNOWN = "\ufffd"  # for bytes that are no letters


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """What is whole in a file; damage: what is wrong with the rest, '' where nothing is."""

    whole: tuple[Row, ...] = ()
    damage: str = ""


def read_rows(path: Path, take: Callable[[Any], Row]) -> Rows[Row]:
    """The rows of a file, none where there is no file.

    take: makes a row of what stands in the file, or raises ValueError, TypeError, KeyError or AttributeError.
    Raises FileError for a link or what is no file, or is beyond `limits.TEXT`; OSError.
    """
    try:
        content = read_own(path)
    except FileNotFoundError:
        return Rows()
    damage = ""
    found: Iterable[Any]
    try:
        found = parse_json(content)
        if not isinstance(found, list):
            found, damage = [], "no list"
    except ValueError as error:
        found, damage = _salvaged(content.decode(errors="replace")), _said(error)
    whole = []
    for row in found:
        try:
            whole.append(take(row))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            damage = damage or _said(error)
    return Rows(tuple(whole), damage)


def write_rows(path: Path, rows: Sequence[dict[str, Any]], damaged: bool = False) -> bytes:
    """Write a file of rows and return what stands in it; one that was damaged is kept as NAME.damaged."""
    if damaged:
        with replacing(path.with_name(f"{path.name}.damaged"), follow=False) as temporary:
            temporary.write_bytes(read_own(path))
    content = json.dumps(rows, indent=1).encode()
    with replacing(path, follow=False) as temporary:
        temporary.write_bytes(content)
    return content


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__ if isinstance(error, KeyError) else ''} {error}".split())[:120]


def _salvaged(text: str) -> Iterator[Any]:
    """The rows that can be read of a list that is cut or has odd bytes in it."""
    decoder, at, failed = json.JSONDecoder(), text.find("{"), 0
    while at >= 0 and failed < TRIES:
        try:
            row, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            failed, end = failed + 1, at + 1
        else:
            if UNKNOWN not in text[at:end]:
                yield row
        found = text.find(BEGIN, end)
        at = found + len(BEGIN) - 1 if found >= 0 else -1
