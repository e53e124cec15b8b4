"""One process writes a run at a time. The lock names host and process, and is void once that process is gone."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from glasscli.errors import FileError

LOCK = "lock"
GLANCE_SECONDS = 0.2  # somebody who looks whether a lock is held holds it for an instant


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder`'s lock while the block runs.

    The kernel's lock ends with its holder, so a killed run leaves none behind. On network file systems that do
    not share kernel locks between hosts, the name of a living holder on another host cannot be checked; it is trusted
    only through the kernel. Raises FileError naming host and process when another process holds it.
    """
    path = folder / LOCK
    with path.open("a+", errors="replace") as file:
        try:
            _take(file)
        except BlockingIOError as error:
            file.seek(0)
            raise FileError(
                f"{folder}: {_holder(file.read())} is writing it; wait for it or stop it"
            ) from error
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
        with (folder / LOCK).open(errors="replace") as file:
            text = file.read()
            if not text:
                return None
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(text)
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


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"process {holder['process']} on {holder['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
