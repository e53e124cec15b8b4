"""LAMMPS's restart files, as far as we look into them: heads, ends and sizes, before LAMMPS reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from glasscli.errors import EngineError, FileError
from glasscli.last_words import last_words
from glasscli.limits import BYTES, MEMORY_AN_ATOM, bounded_memory

RESTART_MAGIC = b"LammpS RestartT\0"
SMALLEST_ATOM = 8 * 11  # bytes in a restart: its length, place, id, type, mask, images and velocity
_RESTART_HEAD = RESTART_MAGIC + struct.pack("=i", 1)  # the order of bytes behind it


def checked_restart(content: bytes, where: object) -> bytes:
    """A restart file that LAMMPS may be given: whole, by its head, its end and its size. Raises FileError."""
    BYTES.check(len(content), where)
    if not content.startswith(_RESTART_HEAD) or not content.endswith(RESTART_MAGIC):
        raise FileError(f"{where}: damaged, or no LAMMPS restart file of this machine")
    return content


@contextmanager
def guarded(size: int) -> Iterator[None]:
    """While LAMMPS reads a restart of so many bytes: it believes counts, and ends the process over some."""
    with last_words(_broken, aborts=True), bounded_memory(MEMORY_AN_ATOM * size / SMALLEST_ATOM):
        yield


def _broken() -> EngineError:
    return EngineError(
        "LAMMPS cannot read the restart file: damaged; start from its positions (glasscli export)"
    )
