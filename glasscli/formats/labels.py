"""LAMMPS dumps that say types by label: OVITO reads the labels of a column `element`, not of `typelabel`."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import weakref
import zlib
from pathlib import Path
from typing import Any

HEAD = b"ITEM: ATOMS"


class Relabelled:
    """A copy of a dump whose labels can be read, `path`; it goes when nobody holds this any more."""

    def __init__(self, name: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="glasscli-"))
        self.path = folder / name
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


def element_column(path: Path) -> Relabelled | None:
    """Return a copy of a dump whose column `typelabel` is called `element`; None where there is no such column."""
    if not path.is_file() or not _has_labels(path):
        return None
    copy = Relabelled(path.name)
    with _opener(path)(path, "rb") as source, _opener(path)(copy.path, "wb") as target:
        for line in source:
            target.write(line.replace(b" typelabel", b" element") if line.startswith(HEAD) else line)
    return copy


def _has_labels(path: Path) -> bool:
    try:
        with _opener(path)(path, "rb") as file:
            lines = file.read(4096).splitlines()
    except (OSError, EOFError, zlib.error):
        return False
    heads = [line.split() for line in lines if line.startswith(HEAD)]
    return bool(heads) and b"typelabel" in heads[0] and b"element" not in heads[0]


def _opener(path: Path) -> Any:
    return gzip.open if path.suffix == ".gz" else open
