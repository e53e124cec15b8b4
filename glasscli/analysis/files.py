"""The structures of any file that is measured or drawn, and what is written beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from glasscli.configuration import Trajectory
from glasscli.formats.foreign import open_any
from glasscli.formats.source import frames_in
from glasscli.model.system import System


def open_frames(
    path: Path, moving: bool = False, system: System | None = None, species: Sequence[str] | None = None
) -> Trajectory:
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file.

    system, species: whose numbers the species get, and what a file's types are by hand; see `source.frames_in`.
    """
    return frames_in(open_any(path), system, species, moving=moving)


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`: beside it, or here when that cannot be written."""
    name = Path(path.name.removesuffix(".gz").removesuffix(".partial")).stem
    return (path.parent if os.access(path.parent, os.W_OK) else Path.cwd()) / name
