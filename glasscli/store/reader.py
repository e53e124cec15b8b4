"""Opens what a run wrote: the finished H5MD file, or the journal of one that is unfinished."""

from __future__ import annotations

from pathlib import Path

from glasscli.errors import FileError, MissingFileError
from glasscli.store.finished import FileRun
from glasscli.store.recorder import MANIFEST, partial_folder
from glasscli.store.run import Run
from glasscli.store.unfinished import JournalRun


def open_run(path: str | Path) -> Run:
    """Open a finished file, or the unfinished run that will become it (NAME.h5 or its folder NAME.h5.partial).

    Raises MissingFileError when there is neither, FileError when it is damaged or not glasscli's.
    """
    path = Path(path)
    folder = path if path.is_dir() else partial_folder(path)
    if path.is_file():
        return FileRun(path)
    if (folder / MANIFEST).is_file():
        return JournalRun(folder)
    if path.is_dir():
        raise FileError(f"{path}: a folder, but not a run's (no {MANIFEST} in it)")
    raise MissingFileError(f"{path}: no such file, and no unfinished run of that name")
