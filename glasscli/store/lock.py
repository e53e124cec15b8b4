"""One process writes a run at a time. The lock names host and process, and is void once that process is gone."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from glasscli.errors import FileError
from glasscli.limits import parse_json
from glasscli.store.files import UNKNOWN, own

LOCK = "lock"
MOST = 4096  # characters of its text
GLANCE_SECONDS = 0.2  # somebody who looks whether a lock is held holds it for an instant


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder`'s lock while the block runs.

    The kernel's lock ends with its holder, so a killed run leaves none behind. On network file systems that do
    not share kernel locks between hosts, the name of a living holder on another host cannot be checked; it is trusted
    only through the kernel. Raises FileError naming host and process when another process holds
    it, and where the lock is a link.
    """
    path = folder / LOCK
    if path.is_dir():
        with suppress(OSError):
            path.rmdir()  # an empty folder holds nothing
    with open(path, "a+", errors="replace", opener=own) as file:
        try:
            _take(file)
        except OSError as error:
            file.seek(0)
            text = file.read(MOST)
            if isinstance(error, BlockingIOError):
                raise FileError(f"{folder}: {_said(text)} is writing it; wait for it or stop it") from error
            if error.errno not in UNKNOWN:
                raise
            _check_named(text, path)  # no kernel's lock here: what the file says must do
        file.truncate(0)
        file.write(json.dumps({"host": socket.gethostname(), "process": os.getpid()}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder_of(folder: Path) -> str | None:
    """Who holds `folder`'s lock, in words; None where nobody does, or a killed process left its name in it."""
    try:
        with open(folder / LOCK, errors="replace", opener=own) as file:
            text = file.read(MOST)
            if not text:
                return None
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(text)
    except OSError:
        return None
    return None


def _take(file: TextIO) -> None:
    end = time.monotonic() + GLANCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def named_in(folder: Path) -> tuple[str, int] | None:
    """Host and process that `folder`'s lock names; the lock itself is not touched, a run may be taking it."""
    try:
        with open(folder / LOCK, errors="replace", opener=own) as file:
            return holder(file.read(MOST))
    except OSError:
        return None


def holder(text: str) -> tuple[str, int] | None:
    """Host and process that a lock's text names; None for one that is free or says something else."""
    try:
        named = parse_json(text)
        host, process = named["host"], named["process"]
    except (ValueError, KeyError, TypeError):
        return None
    whole = isinstance(host, str) and type(process) is int and 0 < process < 2**31
    return (host, process) if whole else None


def alive(process: int) -> bool:
    """Whether a process of this machine lives."""
    try:
        os.kill(process, 0)
    except PermissionError:
        return True  # of another user
    except OSError:
        return False
    return True


def _check_named(text: str, path: Path) -> None:
    """Raise FileError where the process that a lock names may live: on another machine nobody can tell."""
    named = holder(text)
    if named is None or (named[0] == socket.gethostname() and not alive(named[1])):
        return
    raise FileError(
        f"{path}: says that {_said(text)} is writing it, and this file system knows no locks: "
        "remove the file if that process is gone"
    )


def _said(text: str) -> str:
    named = holder(text)
    return f"process {named[1]} on {named[0]}" if named else "another process"
