"""The structures of any file that is measured or drawn, and what is written beside it."""

from __future__ import annotations

import os
from pathlib import Path

from glasscli.configuration import Trajectory
from glasscli.formats.foreign import open_source
from glasscli.store.reader import open_run


def is_ours(path: Path) -> bool:
    """Whether a name is that of a glasscli file or of an unfinished run."""
    return path.suffix == ".h5" or path.is_dir() or path.name.endswith(".h5.partial")


def open_frames(path: Path, moving: bool = False) -> Trajectory:
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file."""
    if not is_ours(path):
        return open_source(path)
    run = open_run(path)
    return run.frames if moving else run.inherent_or_frames()


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`: beside it, or here when that cannot be written."""
    name = Path(path.name.removesuffix(".gz").removesuffix(".partial")).stem
    return (path.parent if os.access(path.parent, os.W_OK) else Path.cwd()) / name
