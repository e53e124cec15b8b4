"""Mends what a crash of the machine left. A good file is never touched; what cannot be mended is said, not hidden."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from glasscli.errors import FileError, MissingFileError
from glasscli.store import checkpoint as checkpoints
from glasscli.store import journal
from glasscli.store.files import replacing
from glasscli.store.finished import FileRun
from glasscli.store.hdf5 import DAMAGE, find, first_line, open_hdf5, walk
from glasscli.store.reader import open_run
from glasscli.store.recorder import JOURNAL, MANIFEST, partial_folder
from glasscli.store.results import drop_results
from glasscli.store.superblock import clear_consistency_flags
from glasscli.store.verify import check, torn_bytes
from glasscli.store.working import working


@dataclass(frozen=True)
class Repair:
    """What was done to a file; nothing to a good one."""

    path: Path
    done: tuple[str, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"file": str(self.path), "changed": bool(self.done), "done": list(self.done)}

    def text(self) -> str:
        """Lines for people."""
        head = f"{self.path}: {'mended' if self.done else 'good, not touched'}"
        return "\n".join([head, *(f"  {line}" for line in self.done)])


def repair(path: Path) -> Repair:
    """Mend a finished file or an unfinished run.

    Raises MissingFileError when there is neither, FileError for damage that only a new run can mend.
    """
    folder = path if path.is_dir() else partial_folder(path)
    if path.is_file():
        done = repair_file(path)
    elif (folder / MANIFEST).is_file():
        with working(folder):
            done = repair_folder(folder)
    else:
        raise MissingFileError(f"{path}: no such file, and no unfinished run of that name")
    problems = check(open_run(path))
    if problems:
        said = f" (mended: {'; '.join(done)})" if done else ""
        raise FileError(f"{path}: {problems[0]}; only running it again mends this{said}")
    return Repair(path, tuple(done))


def repair_folder(folder: Path) -> list[str]:
    """Clean an unfinished run: cut the torn record, drop damaged checkpoints and leftovers. Returns what was done."""
    done = []
    torn = torn_bytes(folder)
    if torn:
        with journal.JournalReader(folder / JOURNAL) as opened:
            opened.cut()
        done.append(f"cut {torn} bytes behind the last whole record of the journal")
    for path in checkpoints.damaged(folder):
        path.unlink()
        done.append(f"removed the damaged {path.name}; the one before is whole")
    for path in folder.glob(".*.tmp"):
        path.unlink()
        done.append(f"removed the leftover {path.name}")
    return done


def repair_file(path: Path) -> list[str]:
    """Mend a finished file: flags that an unclean end left set, and damaged results under /analysis.

    Works on a copy that replaces the file only when it is whole. Raises FileError for damage that only a new run can
    mend: data are never invented.
    """
    done = []
    with replacing(path, changing=True) as temporary:
        shutil.copyfile(path, temporary)
        if clear_consistency_flags(temporary):
            done.append("cleared the flags of a program that had the file open when it died")
        try:
            with open_hdf5(temporary) as file:
                ours = find(file, "glasscli") is not None
            if ours and _results_damaged(temporary):
                drop_results(temporary)
                done.append("removed damaged results under /analysis; `glasscli analyze` makes them again")
        except DAMAGE as error:
            said = first_line(error).removeprefix(f"{temporary}: ")[:120]
            raise FileError(f"{path}: cannot be mended ({said})") from error
        if not ours:
            raise FileError(f"{path}: an HDF5 file, but not one of glasscli's: not touched")
        if not done:
            temporary.unlink()
    return done


def _results_damaged(path: Path) -> bool:
    """Whether results in a file are not what was written; all else is for `check` to say."""
    try:
        run = FileRun(path)
    except FileError:
        return False
    try:
        with run.file:
            there = run.file.id.links.exists(b"analysis")
            items = dict(walk(run.file["analysis"], "analysis/")) if there else {}
            names = {name for name, item in items.items() if isinstance(item, h5py.Dataset)}
            lost = set(run.sums.results) - names
            return bool(lost) or any(run.problems_of(name) is not None for name in names)
    except DAMAGE:
        return True
