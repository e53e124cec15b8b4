"""Files as OVITO reads them: copied where it would misread them as they are, or does not unpack them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from glasscli.formats.packing import DAMAGE, unpacked, unpacked_name

# What makes lines of a file those of its copy.
Rewriting = Callable[[Iterable[bytes]], Iterator[bytes]]


class Copy:
    """A file unpacked and rewritten line by line, under its own name, at `path`; gone when nobody holds this."""

    def __init__(self, source: Path, rewriting: Rewriting | None = None) -> None:
        folder = Path(tempfile.mkdtemp(prefix="glasscli-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = folder / unpacked_name(source.name)
        with unpacked(source) as old, self.path.open("wb") as new:
            if rewriting is None:
                shutil.copyfileobj(old, new, 2**20)
            else:
                new.writelines(rewriting(old))


def head(path: Path, size: int = 4096) -> list[str]:
    """The first lines of a file as text, [] where it cannot be read."""
    try:
        with unpacked(path) as file:
            return file.read(size).decode("utf-8", "replace").splitlines()
    except DAMAGE:
        return []
