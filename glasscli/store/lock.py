"""One process writes a run at a time. The lock names host and process, and is void once that process is gone."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
        here = {"host": socket.gethostname(), "process": os.getpid(), "since": _since(os.getpid())}
        file.write(json.dumps(here))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder_of(folder: Path) -> str | None:
    """Who holds `folder`'s lock, in words; None where nobody does, or a killed process left its name in it.

    Where the file system knows no locks, who it names is asked for by number and time of birth.
    """
    text = ""
    try:
        with open(folder / LOCK, errors="replace", opener=own) as file:
            text = file.read(MOST)
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(text)
    except OSError as error:
        named = holder(text)
        if error.errno in UNKNOWN and named and named.here and named.lives:
            return _said(text)
    return None


def stale(folder: Path) -> str | None:
    """What is said of a lock that nobody holds, though the process that it names is there; None of any other."""
    named = named_in(folder)
    if named is None or not (named.here and _exists(named.process)) or holder_of(folder):
        return None
    return f"its lock is stale: process {named.process} is another program, or at another run"


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


@dataclass(frozen=True)
class Holder:
    """A process by its machine and number, and when it began, where the machine says so."""

    host: str
    process: int
    since: str = ""

    @property
    def here(self) -> bool:
        """Whether it is one of this machine."""
        return self.host == socket.gethostname()

    @property
    def lives(self) -> bool:
        """Whether it lives here, and is no later one that got its number."""
        return _exists(self.process) and (not self.since or self.since == _since(self.process))


def named_in(folder: Path) -> Holder | None:
    """Host and process that `folder`'s lock names; the lock itself is not touched, a run may be taking it."""
    try:
        with open(folder / LOCK, errors="replace", opener=own) as file:
            return holder(file.read(MOST))
    except OSError:
        return None


def holder(text: str) -> Holder | None:
    """Host and process that a lock's text names; None for one that is free or says something else."""
    try:
        named = parse_json(text)
        host, process, since = named["host"], named["process"], named.get("since", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    whole = isinstance(host, str) and type(process) is int and 0 < process < 2**31
    return Holder(host, process, since if isinstance(since, str) else "") if whole else None


def _since(process: int) -> str:
    """When a process of this machine began, as the kernel counts it; '' where it does not say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # After the name in parentheses, which may hold anything: fields 3 and on; the 22nd is its beginning.
        words = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
        return f"{boot} {words[19].decode()}"
    except (OSError, ValueError, IndexError):
        return ""


def _exists(process: int) -> bool:
    """Whether there is a process of this number on this machine."""
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
    if named is None or (named.here and not named.lives):
        return
    raise FileError(
        f"{path}: says that {_said(text)} is writing it, and this file system knows no locks: "
        "remove the file if that process is gone"
    )


def _said(text: str) -> str:
    named = holder(text)
    stranger = named is not None and named.here and not named.lives  # it is somebody else who holds it
    return f"process {named.process} on {named.host}" if named and not stranger else "another process"
