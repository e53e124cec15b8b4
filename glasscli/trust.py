"""A program that a file names runs only if the file is the user's own and he has confirmed what it says now.

What is confirmed is a path with the hash of what stands there, one small file each in the user's state folder; a file
that has changed since is asked for anew. The user's configuration and glasscli's own files need no confirmation.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from contextlib import suppress
from pathlib import Path

from glasscli.errors import FileError, InputError

ROOT = 0
# LAMMPS as the user's own path has it: a file may name it, as it names a built-in scheduler.
ON_PATH = "lmp"


class UntrustedError(InputError):
    """A file names a program, and nobody has confirmed that it may."""


def state_folder() -> Path | None:
    """Where glasscli keeps what it must remember of the user; None where there is no home."""
    if base := os.environ.get("XDG_STATE_HOME"):
        return Path(base) / "glasscli"
    try:
        return Path.home() / ".local" / "state" / "glasscli"
    except RuntimeError:
        return None


def require(place: Path, content: bytes, names: str, file: Path | None = None) -> None:
    """Raise UntrustedError unless the user owns a file and has confirmed its content; `names`: what it would run.

    file: what says it, where that is not what the user calls it (the working folder of an unfinished run)
    """
    if not _owned(file or place):
        raise UntrustedError(
            f"{place}: names {names}, and is another user's file: look at it, and copy it if you trust it"
        )
    if not confirmed(place, content):
        how = shlex.join(["glasscli", "trust", str(place)])
        raise UntrustedError(f"{place}: names {names}: look at it, then allow it once with `{how}`")


def confirmed(path: Path, content: bytes) -> bool:
    """Whether the user has confirmed this content at this place."""
    mark = _mark(path, content)
    return mark is not None and mark.is_file()


def confirm(place: Path, content: bytes, file: Path | None = None) -> None:
    """Remember that this content may run at this place. Raises FileError where it cannot be kept, or is not his."""
    mark = _mark(place, content)
    if mark is None:
        raise FileError("there is no home to remember it in: set XDG_STATE_HOME")
    if not _owned(file or place):
        raise FileError(f"{place}: another user's file, which he may change at any time: copy it first")
    try:
        mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.write_bytes(os.fsencode(place.absolute()) + b"\n")
    except OSError as error:
        raise FileError(f"{mark.parent}: cannot be written: {error.strerror or error}") from error


def remember(place: Path, content: bytes, file: Path | None = None) -> None:
    """Confirm what the user himself has just said, by a command line; where it cannot be kept he is asked later."""
    with suppress(FileError):
        confirm(place, content, file)


def revoke(place: Path, content: bytes) -> bool:
    """Forget that this content may run at this place; whether it could."""
    known, mark = confirmed(place, content), _mark(place, content)
    if known and mark:
        mark.unlink()
    return known


def _mark(path: Path, content: bytes) -> Path | None:
    folder = state_folder()
    place = os.fsencode(path.resolve())
    name = hashlib.sha256(hashlib.sha256(place).digest() + content).hexdigest()
    return folder / "trusted" / name if folder else None


def _owned(path: Path) -> bool:
    """Whether a file is this user's or the administrator's."""
    with suppress(OSError):
        return path.stat().st_uid in (os.geteuid(), ROOT)
    return False
