"""The one place that says whether a path is a run of glasscli, and opens it: finished or still going on."""

from __future__ import annotations

from pathlib import Path

import h5py

from glasscli.errors import FileError, MissingFileError
from glasscli.store.finished import FileRun
from glasscli.store.hdf5 import DAMAGE, find
from glasscli.store.recorder import MANIFEST, partial_folder
from glasscli.store.run import Run
from glasscli.store.so_far import SO_FAR_FILE
from glasscli.store.unfinished import JournalRun

# Names that promise a run: what has one and is none is refused, not handed to OVITO.
ENDINGS = (".h5", ".hdf5", ".partial")


def is_run(path: str | Path) -> bool:
    """Whether a path is for `open_run`: a finished run by its contents, an unfinished one by its folder.

    So are other folders and names that promise a run: `open_run` says in one line what is wrong with one that is none
    (missing, damaged, HDF5 of another program that is no H5MD). All else is another program's.
    """
    path = Path(path)
    if path.is_dir() or path.name.endswith(ENDINGS):
        return not is_h5md(path)
    if path.is_file():
        return _holds_a_run(path)
    return (partial_folder(path) / MANIFEST).is_file()


def _holds_a_run(path: Path) -> bool:
    """Whether a file is HDF5 with our group, or too damaged to tell."""
    if not h5py.is_hdf5(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            return find(file, "glasscli") is not None
    except DAMAGE:
        return True


def is_h5md(path: Path) -> bool:
    """Whether a file is H5MD that another program wrote: particles that are not a run."""
    if not path.is_file() or not h5py.is_hdf5(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            found = [find(file, key) is not None for key in ("h5md", "particles", "glasscli")]
    except DAMAGE:
        return False
    return found == [True, True, False]


def open_run(path: str | Path) -> Run:
    """Open a finished file, or the unfinished run that will become it (NAME.h5 or its folder NAME.h5.partial).

    Raises MissingFileError when there is neither, FileError when it is damaged or not glasscli's, and for the file that
    grows in such a folder: it is for other programs, and nothing is put beside it.
    """
    path = Path(path)
    if path.name == SO_FAR_FILE and (path.parent / MANIFEST).is_file():
        run = path.absolute().parent
        raise FileError(
            f"{path}: for other programs, while its run goes on: give {run.name.removesuffix('.partial')}, which has "
            "all of it, or copy this file out of its folder"
        )
    folder = path if path.is_dir() else partial_folder(path)
    if path.is_file():
        return FileRun(path)
    if (folder / MANIFEST).is_file():
        return JournalRun(folder)
    if path.is_dir():
        raise FileError(f"{path}: a folder, but not a run's (no {MANIFEST} in it)")
    raise MissingFileError(f"{path}: no such file, and no unfinished run of that name")
