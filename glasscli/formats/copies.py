"""Files as OVITO reads them: opened compressed or not, and copied where it would misread them as they are."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

# What makes lines of a file those of its copy.
Rewriting = Callable[[Iterable[bytes]], Iterator[bytes]]


class Copy:
    """A file rewritten line by line under its own name, `path`; it goes when nobody holds this any more."""

    def __init__(self, source: Path, rewriting: Rewriting) -> None:
        folder = Path(tempfile.mkdtemp(prefix="glasscli-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = folder / source.name
        with opener(source)(source, "rb") as old, opener(source)(self.path, "wb") as new:
            new.writelines(rewriting(old))


def opener(path: Path) -> Any:
    """What opens a file, compressed or not."""
    return gzip.open if path.suffix == ".gz" else open


def head(path: Path, size: int = 4096) -> list[str]:
    """The first lines of a file as text, [] where it cannot be read."""
    try:
        with opener(path)(path, "rb") as file:
            text: str = file.read(size).decode("utf-8", "replace")
            return text.splitlines()
    except (OSError, EOFError, zlib.error):
        return []
