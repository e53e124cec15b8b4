"""The structures of any file that is measured or drawn, and what is written beside it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from glasscli.configuration import Trajectory
from glasscli.errors import FileError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.snapshots import Snapshots
from glasscli.formats.source import frames_in
from glasscli.formats.species import by_size
from glasscli.model.system import System
from glasscli.report.beside import stem_of
from glasscli.store.content import digest_of_file
from glasscli.store.run import Run


def open_frames(
    path: Path, moving: bool = False, system: System | None = None, species: Sequence[str] | None = None,
    box: Sequence[float] | None = None,
) -> Trajectory:  # fmt: skip
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file.

    system, species: whose numbers the species get, and what a file's types are by hand; see `source.frames_in`. box:
    of a file that has none.
    """
    return by_size(frames_in(open_any(path, box), system, species, moving=moving, noted=True), system)


def open_snapshots(
    path: Path, snapshots: Snapshots, system: System | None = None, species: Sequence[str] | None = None
) -> Trajectory:
    """The same of several files as one trajectory, which `path` only names."""
    return by_size(frames_in(snapshots, system, species), system)


def keys_of(found: Run | ForeignTrajectory | Snapshots, moving: bool) -> list[str]:
    """[F] what kept results of each frame belong to: what it holds, or another program's file and its number there.

    moving: which frames of a run are meant; see `source.frames_in`.
    """
    if isinstance(found, Run):
        frames = found.frames if moving else found.inherent_or_frames()
        return [f"{digest} at {step}" for digest, step in zip(frames.digests(), frames.steps, strict=True)]
    if isinstance(found, Snapshots):
        digests = {file: digest_of_file(file) for file in found.files}
        return [f"{digests[file]} {k} of {step}" for step, file, k in found.places]
    digest = digest_of_file(found.path)
    return [f"{digest} {k}" for k in range(len(found))]


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`, beside it."""
    return path.parent / stem_of(path)


def stems_of(paths: Sequence[Path], stem: Path | None = None) -> dict[Path, Path]:
    """{path: how the names of what is made from it begin}, no two alike: those that would be say their folder too.

    stem: instead of the names of the files; several files have their names behind it. Raises FileError where a file's
    folder cannot be written to and nobody said where else.
    """
    if stem is None:
        for path in paths:
            if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
                raise FileError(
                    f"{path.parent or Path()} cannot be written to: say with -o STEM where tables and figures go"
                )
        return {path: stem_beside(path) for path in paths}
    if len(paths) == 1:
        return {paths[0]: stem}
    stems = {path: stem.with_name(f"{stem.name}-{stem_of(path).name}") for path in paths}
    uses = Counter(stems.values())
    return {
        path: stem.with_name(f"{stem.name}-{path.absolute().parent.name}-{stem_of(path).name}")
        if uses[own] > 1
        else own
        for path, own in stems.items()
    }


def stem_apart(paths: Sequence[Path], page: Path) -> Path | None:
    """What names begin with where they cannot go beside their files, but beside the page about them; None where they
    can.
    """
    return None if all(os.access(path.parent, os.W_OK) for path in paths) else page.with_suffix("")
