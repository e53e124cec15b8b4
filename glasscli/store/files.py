"""Writing files so that none ever poses as whole: temporary name, sync, rename.

A folder may come from somebody else: what glasscli keeps there for itself is reached by `own`, never through a link.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from glasscli.errors import FileError
from glasscli.limits import TEXT, Limit

# What file systems say that know no syncing, and no locks.
UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOLCK)


def sync(descriptor: int) -> None:
    """Make what was written to a descriptor durable, as far as its file system can."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNKNOWN:
            raise


def sync_folder(folder: Path) -> None:
    """Make renames and new names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the contents of `path` durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def require_space(folder: Path, needed: int) -> None:
    """Raise OSError (no space left) unless `needed` bytes are free: HDF5 does not end cleanly on a full disk."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < needed:
        raise OSError(errno.ENOSPC, f"no space left ({needed // 1000} kB needed)", str(folder))


def own(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """Open a file that glasscli keeps for itself; return the descriptor. `open` takes it as its opener.

    Raises FileError for a link, a pipe, a device or a folder of that name; nothing is then changed.
    """
    return _regular(path, flags | os.O_NOFOLLOW, _NOT_OURS)


def open_plain(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """The same of a file of anybody's, links followed: a pipe or a device would be waited for, or never end."""
    return _regular(path, flags, "{}: no file, but a folder, a pipe or a device: move it away")


def _regular(path: str | Path, flags: int, refusal: str) -> int:
    try:
        descriptor = os.open(path, flags & ~os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            raise
        raise FileError(refusal.format(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileError(refusal.format(path))
    if flags & os.O_TRUNC:
        os.ftruncate(descriptor, 0)
    return descriptor


def require_own(path: Path) -> None:
    """Raise FileError as `own`, without opening the file: closing one that SQLite has open drops its locks."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise FileError(_NOT_OURS.format(path))


_NOT_OURS = "{}: a link, a folder or no file, where glasscli keeps one of its own: move it away"


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """One process of ours at a time: two that change copies of a file and rename them would lose what one did.

    The folder is locked, because HDF5 locks files itself; where there are no such locks nobody waits.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path, follow: bool = True, changing: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside `path`; when the block ends well, it is synced and becomes `path`.

    The temporary is removed when the block fails; `path` then is what it was, as when the block leaves no temporary.
    Where `path` is a link the file that it leads to is replaced, and the link stays. Not so with follow=False, for
    what the user did not name: the link itself is replaced.

    changing: what becomes `path` is made of what it is now: a run whose file nobody else replaces meanwhile.
    """
    path = Path(os.path.realpath(path)) if follow else path
    if changing:
        with turn(path.parent), _replacing(path, nullcontext()) as temporary:
            yield temporary
    else:
        with _replacing(path, turn(path.parent) if path.suffix == ".h5" else nullcontext()) as temporary:
            yield temporary


@contextmanager
def _replacing(path: Path, renaming: AbstractContextManager[None]) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)  # a link of that name would be followed
    try:
        yield temporary
        if temporary.exists():
            sync_file(temporary)
            with suppress(OSError):  # who may read it stays as it was
                if not path.is_symlink():
                    shutil.copymode(path, temporary)
            with renaming:
                temporary.replace(path)
            sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def become(source: Path, path: Path) -> None:
    """Let a file of ours that is whole and durable be the one at `path`, or the one that it leads to.

    It is renamed; where that is on another file system it is copied, and stays.
    """
    path = Path(os.path.realpath(path))
    with suppress(OSError):  # who may read it stays as it was
        shutil.copymode(path, source)
    try:
        with turn(path.parent):
            source.replace(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with replacing(path) as temporary:
            shutil.copyfile(source, temporary)
        return
    sync_folder(path.parent)


def read_own(path: Path, limit: Limit = TEXT) -> bytes:
    """What one of our own files says. Raises FileError for what is no file or beyond a limit; OSError."""
    return _read(path, own, limit)


def read_plain(path: Path, limit: Limit = TEXT) -> bytes:
    """The same of a file of anybody's, links followed."""
    return _read(path, open_plain, limit)


def _read(path: Path, opener: Callable[[str | Path, int], int], limit: Limit) -> bytes:
    with open(path, "rb", opener=opener) as file:
        size = os.fstat(file.fileno()).st_size
        limit.check(size, path)
        return file.read(size)


def read_end(path: Path, most: int) -> str:
    """The last bytes, `most` of them, of one of our own files that grow, as text. Raises FileError, OSError."""
    with open(path, "rb", opener=own) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - most))
        return file.read(most).decode(errors="replace")
