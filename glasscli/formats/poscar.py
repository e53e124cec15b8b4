"""POSCAR files as VASP takes them, made into those that OVITO takes: volumes for scales, empty or commented lines.

Source: the VASP wiki, POSCAR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from glasscli.formats.copies import Copy

HEAD = 7  # lines before the first that may be long
COMMENT = re.compile(r"\s*[!#].*")


def poscar(path: Path, lines: Sequence[str]) -> Copy | None:
    """A copy that OVITO reads where the file is a POSCAR that it refuses; None of any other file."""
    if not _is_poscar(lines):
        return None
    plain = _plain(lines[:HEAD])
    if plain == [line.rstrip() for line in lines[:HEAD]]:
        return None

    def rewriting(old: Iterable[bytes]) -> Iterator[bytes]:
        yield from (f"{line}\n".encode() for line in plain)
        yield from islice(old, HEAD, None)

    return Copy(path, rewriting)


def _is_poscar(lines: Sequence[str]) -> bool:
    """Whether a scale and three vectors stand in the second to the fifth line, names or numbers in the next two."""
    return (
        len(lines) > HEAD and len(_numbers(lines[1])) == 1
        and all(len(_numbers(line)) == 3 for line in lines[2:5]) and bool(lines[5].strip() and lines[6].strip())
    )  # fmt: skip


def _plain(lines: Sequence[str]) -> list[str]:
    """The head with a title and a factor, and without comments."""
    title, scale, *rest = (
        COMMENT.sub("", line).rstrip() if k else line.rstrip() for k, line in enumerate(lines)
    )
    factor = _numbers(scale)[0]
    if factor < 0:  # the volume
        cell = np.array([_numbers(line) for line in rest[:3]])
        scale = f"{(-factor / abs(np.linalg.det(cell))) ** (1 / 3):.17g}" if np.linalg.det(cell) else scale
    return [(title.strip() and title) or "POSCAR", scale, *rest]


def _numbers(line: str) -> list[float]:
    """The numbers of a line up to its comment; [] where other words are among them."""
    try:
        return [float(word) for word in COMMENT.sub("", line).split()]
    except ValueError:
        return []
