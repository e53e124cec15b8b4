"""The working folder of a run, NAME.h5.partial: what may lie in it, held, emptied and removed.

Its name says whose it is, not who made it: a link, or a folder with a file by no name that we write, is the user's, and
nothing in it is written or removed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glasscli.errors import FileError
from glasscli.store.lock import LOCK, locked
from glasscli.store.recorder import COPY, HISTORY, JOURNAL, MANIFEST
from glasscli.store.so_far import SO_FAR_FILE

# Names that a run writes there; .tmp of `replacing`, .nfs of a file that another machine holds open.
_FILES = re.compile(
    "|".join(map(re.escape, (MANIFEST, COPY, JOURNAL, HISTORY, LOCK, SO_FAR_FILE)))
    + r"|checkpoint-\d+-\d+|start\.(restart|data)|\..+\.\d+\.tmp|\.nfs[0-9a-f]+"
)
_SCRATCH = re.compile(r"lammps-[a-z0-9_]{8}")  # where a LAMMPS outside works


def check_working(folder: Path) -> None:
    """Raise FileError unless a working folder is none yet, or one that holds nothing but what a run writes."""
    if not folder.is_symlink() and not folder.exists():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise FileError(
            f"{folder} is in the way of the run's working folder: move it away, or choose another -o"
        )
    for path in sorted(folder.iterdir()):
        if not _ours(path):
            raise FileError(
                f"{path}: nothing that a run writes into its working folder, and left alone: move it away first"
            )


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Hold a working folder while the block runs. Raises FileError for one that is not ours, or held by another."""
    check_working(folder)
    with locked(folder):
        yield


def clear(folder: Path) -> None:
    """Remove all of ours in a working folder that is held; the manifest first, without it there is no run.

    What came in beside it meanwhile stays, and the folder with it.
    """
    for path in sorted(filter(_ours, folder.iterdir()), key=lambda path: path.name != MANIFEST):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def clear_scratch(folder: Path) -> None:
    """Remove what killed processes left in a working folder that is held."""
    for path in folder.iterdir():
        if _SCRATCH.fullmatch(path.name):  # of one whose LAMMPS ran outside
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_dir():
            with suppress(OSError):
                path.rmdir()  # an empty one, where a file of ours is to be
        elif path.name.endswith(".tmp"):  # of one that was killed at a checkpoint
            path.unlink()


def remove_empty(folder: Path) -> None:
    """Remove a cleared folder, unless another process has begun something in it.

    Only when its lock is closed: on NFS an open file that is removed leaves another in its place, and the folder stays.
    """
    if [path.name for path in folder.iterdir()] == [LOCK]:
        (folder / LOCK).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def _ours(path: Path) -> bool:
    """Whether an entry is by its name and kind what a run writes; an empty folder in a file's place holds nothing."""
    if path.is_symlink():
        return False
    if _SCRATCH.fullmatch(path.name):
        return path.is_dir() or not path.exists()
    if not _FILES.fullmatch(path.name):
        return False
    return path.is_file() or (path.is_dir() and not any(path.iterdir())) or not path.exists()
