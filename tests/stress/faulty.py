"""Dies by SIGKILL at the n-th write boundary: half a write, before a sync, a rename, a removal."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

BEFORE = (
    (os, "fsync"), (os, "ftruncate"), (Path, "replace"), (Path, "unlink"), (shutil, "rmtree"),
    (h5py.Dataset, "__setitem__"), (h5py.File, "close"),
)  # fmt: skip


@contextmanager
def fatal_boundary(counter: Path, fatal: int) -> Iterator[None]:
    """Patch all that writes in this process; 0 only counts the boundaries, into the file `counter`."""
    passed = 0

    def boundary() -> bool:
        nonlocal passed
        passed += 1
        return passed == fatal

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def fatal_before(owner, name):
        original = getattr(owner, name)

        def wrapped(*arguments, **options):
            if boundary():
                die()
            return original(*arguments, **options)

        setattr(owner, name, wrapped)

    def half_written(descriptor, data, write=os.write):
        if boundary():
            write(descriptor, bytes(data)[: len(data) // 2])
            die()
        return write(descriptor, data)

    def half_put(descriptor, data, offset, write=os.pwrite):
        if boundary():
            write(descriptor, bytes(data)[: len(data) // 2], offset)
            die()
        return write(descriptor, data, offset)

    os.write, os.pwrite = half_written, half_put
    for owner, name in BEFORE:
        fatal_before(owner, name)
    try:
        yield
    finally:
        counter.write_text(str(passed))
