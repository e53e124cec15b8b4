"""Runs glasscli, and dies by SIGKILL at the n-th write boundary: half a write, before a sync, a rename, a removal.

python faulty.py COUNTER_FILE N COMMAND ...     N = 0 only counts the boundaries
"""

import os
import shutil
import signal
import sys
from pathlib import Path

import h5py

COUNTER, FATAL, WORDS = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
passed = 0


def boundary() -> bool:
    """Count a boundary; True at the fatal one."""
    global passed
    passed += 1
    return passed == FATAL


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


os.write = half_written
for owner, name in (
    (os, "fsync"), (os, "ftruncate"), (Path, "replace"), (Path, "unlink"), (shutil, "rmtree"),
    (h5py.Dataset, "__setitem__"), (h5py.File, "close"),
):  # fmt: skip
    fatal_before(owner, name)

from glasscli.cli import main  # noqa: E402

try:
    main.main(WORDS)
finally:
    COUNTER.write_text(str(passed))
