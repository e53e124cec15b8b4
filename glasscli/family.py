"""Processes that this one starts end with it, even where it is killed without a word: nobody would hear them."""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.connection
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

GRACE_S = 10
_PR_SET_PDEATHSIG = 1
# Waits for a word on a pipe: a line means that all is well, its end that this process is gone. Then the group
# is asked to end (mpiexec ends its ranks, which have sessions of their own), and after a while it is ended.
_GUARD = """read -r _ && exit 0
kill -s TERM -- "-$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -s 0 -- "-$1" 2>/dev/null || exit 0; sleep 0.5; done
kill -s KILL -- "-$1" 2>/dev/null"""


class Guardian:
    """Ends a process that leads a group of its own, and all of that group, when this process is gone."""

    def __init__(self, process: int) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guardian", str(process)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
        )  # fmt: skip

    def release(self) -> None:
        """The process has ended, or may go on."""
        with suppress(OSError, ValueError):
            self._shell.communicate(b"\n")


def stop_with_parent(parent: int) -> None:
    """Ask this process, a fork of `parent`, to stop (SIGTERM) when that is gone. Only Linux can tell."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # gone before it could be said
        os.kill(os.getpid(), signal.SIGTERM)


def end_with_parent() -> None:
    """End this process, one of multiprocessing's, when its parent is gone."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
