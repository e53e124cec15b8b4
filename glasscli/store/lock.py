"""One process writes a run at a time. The lock names host and process, and is void once that process is gone."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glasscli.errors import FileError
from glasscli.limits import parse_json

LOCK = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder`'s lock while the block runs.

    The kernel's lock ends with its holder, so a killed run leaves none behind. On network file systems that do
    not share kernel locks between hosts, the name of a living holder on another host cannot be checked; it is trusted
    only through the kernel. Raises FileError naming host and process when another process holds it.
    """
    path = folder / LOCK
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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


def _holder(text: str) -> str:
    try:
        holder = parse_json(text)
        return f"process {holder['process']} on {holder['host']}"
    except (ValueError, KeyError):
        return "another process"
