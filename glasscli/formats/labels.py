"""LAMMPS dumps that say types by label: OVITO reads the labels of a column `element`, not of `typelabel`."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import dataclass
from pathlib import Path

HEAD = b"ITEM: ATOMS"


@dataclass(frozen=True)
class Relabelled:
    """A copy of a dump whose labels can be read; the folder goes when nobody holds this any more."""

    path: Path
    folder: tempfile.TemporaryDirectory[str]


def element_column(path: Path) -> Relabelled | None:
    """Return a copy of a dump whose column `typelabel` is called `element`; None where there is no such column."""
    if not path.is_file() or not _has_labels(path):
        return None
    folder = tempfile.TemporaryDirectory(prefix="glasscli-")
    copy = Path(folder.name) / path.name
    with _opener(path)(path, "rb") as source, _opener(path)(copy, "wb") as target:
        for line in source:
            target.write(line.replace(b" typelabel", b" element") if line.startswith(HEAD) else line)
    return Relabelled(copy, folder)


def _has_labels(path: Path) -> bool:
    try:
        with _opener(path)(path, "rb") as file:
            lines = file.read(4096).splitlines()
    except (OSError, EOFError):
        return False
    heads = [line.split() for line in lines if line.startswith(HEAD)]
    return bool(heads) and b"typelabel" in heads[0] and b"element" not in heads[0]


def _opener(path: Path):  # type: ignore[no-untyped-def]
    return gzip.open if path.suffix == ".gz" else open
