"""Libraries that end the whole process (MPI that cannot start, a BLAS without memory): the last words are ours."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from glasscli.errors import EXIT_FAILED

_FEW = 64  # descriptors that a library may want
_KB = 1024
CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)


@contextmanager
def last_words(error: Callable[[], Exception], aborts: bool = False) -> Iterator[None]:
    """While the block runs, C's exit(), and crashes if `aborts`, end the process with an error's one line.

    Nothing can be raised then: `sys.excepthook` says it, and the exit code is the error's.
    """
    libc, alive = ctypes.CDLL(None), [True]

    def say(_: object) -> None:
        if alive:
            said = error()
            sys.excepthook(type(said), said, None)
            os._exit(getattr(said, "exit_code", EXIT_FAILED))

    at_exit = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(say)
    at_abort = ctypes.CFUNCTYPE(None, ctypes.c_int)(say)
    handle = ctypes.create_string_buffer(1)  # its address names what is registered
    libc.signal.restype = ctypes.c_void_p
    libc.__cxa_atexit(at_exit, None, handle)
    before = {number: libc.signal(number, at_abort) for number in (CRASHES if aborts else ())}
    try:
        yield
    finally:
        alive.clear()
        for number, handler in before.items():
            libc.signal(number, ctypes.c_void_p(handler))
        libc.__cxa_finalize(handle)  # forgets it: after Python's own end nothing may call Python


def limits() -> str:
    """The limits of this shell that may keep a library from its work, as `ulimit` sets them; '' without."""
    found = []
    few = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if few < _FEW:
        found.append(f"ulimit -n {few}")
    for option, limit in (("-f", resource.RLIMIT_FSIZE), ("-v", resource.RLIMIT_AS)):
        size = resource.getrlimit(limit)[0]
        if size != resource.RLIM_INFINITY:
            found.append(f"ulimit {option} {size // _KB}")
    return ", ".join(found)
