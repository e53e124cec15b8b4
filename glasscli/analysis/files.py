"""The structures of any file that is measured or drawn, and what is written beside it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from glasscli.configuration import Trajectory
from glasscli.formats.foreign import open_any
from glasscli.formats.snapshots import Snapshots
from glasscli.formats.source import frames_in
from glasscli.model.system import System
from glasscli.report.beside import stem_of
from glasscli.store.run import Run


def open_frames(
    path: Path, moving: bool = False, system: System | None = None, species: Sequence[str] | None = None
) -> Trajectory:
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file.

    system, species: whose numbers the species get, and what a file's types are by hand; see `source.frames_in`.
    """
    return frames_in(open_any(path), system, species, moving=moving, noted=True)


def open_snapshots(
    path: Path, snapshots: Snapshots, system: System | None = None, species: Sequence[str] | None = None
) -> Trajectory:
    """The same of several files as one trajectory, which `path` only names."""
    return frames_in(snapshots, system, species)


def source_of(path: Path, run: Run | None, moving: bool) -> str:
    """What kept results belong to: the identity of a run and which of its frames, or a foreign file as it is."""
    if run is not None:
        inherent = len(run.inherent) and not moving
        return f"{run.manifest.identity} {'inherent' if inherent else 'frames'}"
    stat = path.stat()
    return f"{path.name} {stat.st_size} {stat.st_mtime_ns}"


def source_of_all(files: Sequence[Path]) -> str:
    """The same of several files of other programs as one trajectory."""
    words = "\n".join(source_of(file, None, False) for file in files)
    return f"{len(files)} files {hashlib.sha256(words.encode()).hexdigest()[:24]}"


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`: beside it, or here when that cannot be written."""
    return (path.parent if os.access(path.parent, os.W_OK) else Path.cwd()) / stem_of(path)


def stems_beside(paths: Sequence[Path]) -> dict[Path, Path]:
    """{path: its `stem_beside`}, no two alike: those that would be say their folder too.

    Files of one name meet where their folders cannot be written to.
    """
    stems = {path: stem_beside(path) for path in paths}
    uses = Counter(stem.absolute() for stem in stems.values())
    return {
        path: stem.with_name(f"{path.absolute().parent.name}-{stem.name}")
        if uses[stem.absolute()] > 1
        else stem
        for path, stem in stems.items()
    }
