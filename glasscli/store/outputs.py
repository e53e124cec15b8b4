"""Where a command may write: one place decides, before anything is computed, that nothing of the user's is lost.

An output is never an input, nor what an input was made from, a folder, or a file of another kind, by whatever name or
link it is reached. What exists is replaced with --force, by its like. Without it two things are made anew: NAME-*
beside NAME.h5, which by its name belongs to that file, and what was made of the same files before, which
`.glasscli-made` in the folder of the outputs remembers, a line a file.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from glasscli.errors import FileError
from glasscli.store.files import own as open_own
from glasscli.store.kind import ANYTHING, EMPTY, RUN, kind_of
from glasscli.store.recorder import partial_folder
from glasscli.store.working import check_working

MADE = ".glasscli-made"
MADE_BYTES = 2**20  # beyond which only the last line of each name is kept
# What passes without anybody giving another -o.
PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM)
ROOM = 32  # characters that the name of a temporary file takes beside the output's own


@dataclass
class Claims:
    """What one command writes.

    inputs  the files that it is about; reads: others that it reads, which are no more written
    force   whether --force was given
    named   whether the user said how the outputs are called, or with what they begin
    """

    inputs: Sequence[Path] = ()
    force: bool = False
    reads: Sequence[Path] = ()
    named: bool = True
    _mine: set[Path] = field(default_factory=set)
    _kinds: dict[Path, str] = field(default_factory=dict)

    def check(self, path: Path, kind: str = ANYTHING, own: bool = False, anew: bool = True) -> Path:
        """Where the path leads when it may be written; raise FileError, one line, when it may not.

        kind: of what will stand there; own: the name follows from an input beside it; anew: whether what was made
        of the same files before is replaced without --force.
        """
        if own or not self.named:
            check_unnamed(path, self.force)
        target = check(path, kind, [*self.inputs, *self.reads])
        if (other := self._kinds.setdefault(target, kind)) != kind and ANYTHING not in (kind, other):
            raise FileError(f"{path} would be {other} and {kind}: give the two outputs names of their own")
        if target in self._mine:
            return target
        if target.exists() and not self.force and kind_of(target) != EMPTY:
            before = _made(target.parent).get(target.name)
            if before and not before <= self._sources(target.parent):
                names = sorted(before)
                was = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
                raise FileError(f"{path} was made of {was}: give --force to replace it, or another -o")
            if not anew or not (before or own):
                raise FileError(f"{path} exists: give --force to replace it, or another -o")
        return target

    def file(self, path: Path, kind: str = ANYTHING, own: bool = False, anew: bool = True) -> Path:
        """The same when it is about to be written: it is remembered what it is made of. Returns the path as given."""
        target = self.check(path, kind, own, anew)
        if target not in self._mine:
            self.made(target)
        return path

    def made(self, path: Path) -> None:
        """Remember what a file that was checked, and is there now, is made of."""
        target = resolved(path)
        _remember(target, self._sources(target.parent))
        self._mine.add(target)

    def _sources(self, folder: Path) -> set[str]:
        """The inputs as seen from the folder of an output, so that a folder can move with its files."""
        return {os.path.relpath(os.path.realpath(path), folder) for path in self.inputs}


def check(path: Path, kind: str, inputs: Iterable[Path] = ()) -> Path:
    """Where an output really goes, links followed. Raises FileError where it must not go, --force or not."""
    target = resolved(path)
    for one in inputs:
        if same_file(path, one):
            raise FileError(
                f"{path} is read by this command, or what it reads was made of it: choose another -o"
            )
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except OSError as error:
        raise FileError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if stat.S_ISDIR(mode):
        raise FileError(f"{path} is a folder: name a file in it")
    if not stat.S_ISREG(mode):
        raise FileError(f"{path} is no file but a device or a pipe: name a file")
    found = kind_of(target)
    if kind not in (ANYTHING, found) and found != EMPTY:
        raise FileError(
            f"{path} is {found}, not {kind}, and is left alone: choose another -o, or move it away"
        )
    if not os.access(target, os.W_OK):
        raise FileError(f"{path} is write-protected: choose another -o, or chmod u+w it")
    return target


def check_unnamed(path: Path, force: bool = False) -> None:
    """Raise FileError where an output that nobody named is a link: the folder, and so the link, may be anybody's."""
    if path.is_symlink() and not force:
        raise FileError(
            f"{path} is a link to {os.path.realpath(path)}: give --force to write there, or name another with -o"
        )


def check_run(path: Path, inputs: Iterable[Path]) -> Path:
    """The same of a run, whose working folder NAME.h5.partial is an output too, and no name of another run."""
    if path.name.endswith(".partial"):
        raise FileError(f"{path}: so is the folder of an unfinished run called: choose another -o")
    target = check(path, RUN, inputs)
    check_working(partial_folder(path))
    return target


def writable(output: Path) -> Path:
    """Return what names of outputs begin with, if its folder can be written to.

    Raises FileError before hours are spent; also for a device: /dev/null-pdf.csv is not what -o /dev/null means.
    """
    target = resolved(output)
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise FileError(f"{output} is no file but a device or a pipe: name what the files' names begin with")
    return output


def changeable(path: Path) -> bool:
    """Whether a file may be replaced by one with more in it: it and its folder are not protected."""
    target = Path(os.path.realpath(path))
    return os.access(target, os.W_OK) and os.access(target.parent, os.W_OK)


def resolved(output: Path) -> Path:
    """The path behind all links. Raises FileError for a name that cannot be, and a folder that cannot be written to."""
    try:
        name = os.fsencode(output.name)
        target = Path(os.path.realpath(output))
        looped = target.is_symlink()
    except ValueError as error:
        raise FileError(f"{str(output)!r} is no name of a file: {error}") from error
    if looped:
        raise FileError(f"{output} is a link that leads to itself")
    if len(name) > 255 - ROOM:
        raise FileError(f"{output.name[:40]}...: the name is too long for a file")
    if not name:
        raise FileError(f"{output} is a folder: name a file in it")
    if not Path(output.name).stem.strip("."):
        raise FileError(f"{output}: an ending without a name: give it one")
    folder = target.parent
    if not folder.is_dir():
        raise FileError(f"{output}: the folder {folder} does not exist; make it first")
    if not os.access(folder, os.W_OK) or not _takes_files(folder):
        raise FileError(f"{output}: the folder {folder} cannot be written to")
    return target


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder. It is tried: root is told yes of /sys and /proc.

    Raises OSError where that is no matter of the folder: a full disk, too many open files.
    """
    try:
        descriptor, name = tempfile.mkstemp(".tmp", ".glasscli-", folder)
    except OSError as error:
        if error.errno in PASSING:
            raise
        return False
    os.close(descriptor)
    with suppress(OSError):
        Path(name).unlink()
    return True


def same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file: by links of either kind, by case, by ./ or ../, or to one run's folder."""
    for a, b in ((a, b) for a in _faces(one) for b in _faces(other)):
        with suppress(OSError, ValueError):
            if os.path.realpath(a) == os.path.realpath(b) or a.samefile(b):
                return True
    return False


def _faces(path: Path) -> tuple[Path, ...]:
    """A run's file and its working folder."""
    finished = path.with_name(path.name.removesuffix(".partial") or path.name) if path.name else path
    return (finished, partial_folder(finished)) if finished.name else (path,)


def _made(folder: Path) -> Mapping[str, set[str]]:
    """{name: what the file of that name was last made of} as a folder remembers; torn lines are nobody's."""
    found: dict[str, set[str]] = {}
    try:
        with open(folder / MADE, encoding="utf-8", errors="replace", opener=open_own) as file:
            text = file.read(MADE_BYTES * 4)
    except OSError:
        return found
    for line in text.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            row = json.loads(line)
            found[str(row["file"])] = set(map(str, row["of"]))
    return found


def _remember(target: Path, sources: set[str]) -> None:
    """Write down which files a file is made of; where that cannot be, --force is asked for next time."""
    if not sources and target.name not in _made(target.parent):
        return
    row = json.dumps({"file": target.name, "of": sorted(sources)}) + "\n"
    with suppress(OSError), open(target.parent / MADE, "a+", encoding="utf-8", opener=open_own) as file:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        known = _made(target.parent)
        if known.get(target.name) == sources:
            return
        if file.tell() > MADE_BYTES:
            file.truncate(0)
            file.writelines(json.dumps({"file": f, "of": sorted(of)}) + "\n" for f, of in known.items())
        file.write(row)
