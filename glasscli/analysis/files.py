"""The structures of any file that is measured or drawn, and what is written beside it."""

from __future__ import annotations

import os
from pathlib import Path

from glasscli.configuration import Trajectory
from glasscli.formats.foreign import open_any
from glasscli.store.run import Run


def open_frames(path: Path, moving: bool = False) -> Trajectory:
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file."""
    found = open_any(path)
    if isinstance(found, Run):
        return found.frames if moving else found.inherent_or_frames()
    return found


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`: beside it, or here when that cannot be written."""
    name = Path(path.name.removesuffix(".gz").removesuffix(".partial")).stem
    return (path.parent if os.access(path.parent, os.W_OK) else Path.cwd()) / name
