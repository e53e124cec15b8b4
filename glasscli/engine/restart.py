"""LAMMPS's restart files, as far as we look into them: heads, ends and sizes, before LAMMPS reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from glasscli.box import Floats
from glasscli.errors import EngineError, FileError
from glasscli.last_words import last_words
from glasscli.limits import BYTES, bounded_memory

RESTART_MAGIC = b"LammpS RestartT\0"
SMALLEST_ATOM = 8 * 11  # bytes in a restart: its length, place, id, type, mask, images and velocity
_RESTART_HEAD = RESTART_MAGIC + struct.pack("=i", 1)  # the order of bytes behind it
# Marks in it, by their place in the list of lmprestart.h: the box's BOXLO and BOXHI, what each process wrote (PERPROC).
_SIDES, _OF_A_PROCESS = (31, 32), 47
_LEAST = SMALLEST_ATOM // 8
FARTHEST = 1000.0  # edges from the box; an atom is some outside at most, until neighbours are listed anew


def checked_restart(content: bytes, where: object) -> bytes:
    """A restart file that LAMMPS may be given: whole, by its head, end, size, box and atoms. Raises FileError."""
    BYTES.check(len(content), where)
    ends = content.startswith(_RESTART_HEAD) and content.endswith(RESTART_MAGIC)
    atoms = _atoms_of(content) if ends else None
    if atoms is None:
        raise FileError(f"{where}: damaged, or no LAMMPS restart file of this machine")
    if fault := _fault(content, atoms):
        raise FileError(f"{where}: damaged: {fault}")
    return content


def _atoms_of(content: bytes) -> Floats | None:
    """[n_atoms, 11] what stands first of each atom; None where they do not lead, one after another, to the end.

    LAMMPS would read for ever behind one whose length is 0.
    """
    mark, end = struct.pack("=i", _OF_A_PROCESS), len(content) - len(RESTART_MAGIC)
    at = content.find(mark)
    while at >= 0:
        if (found := _of_processes(content, at, end)) is not None:
            return found
        at = content.find(mark, at + 1)
    return None


def _of_processes(content: bytes, at: int, end: int) -> Floats | None:
    """The same of what processes wrote, each its mark, how many numbers, and these; None for another place."""
    found = []
    while at + 8 <= end:
        mark, count = struct.unpack_from("=ii", content, at)
        if mark != _OF_A_PROCESS or not 0 <= 8 * count <= end - at - 8:
            return None
        atoms = _of_a_process(np.frombuffer(content, "=f8", count, at + 8))
        if atoms is None:
            return None
        found.append(atoms)
        at += 8 + 8 * count
    return np.concatenate(found) if at == end and found else None


def _of_a_process(values: Floats) -> Floats | None:
    """The same of the numbers of one process; the first of each atom says how many it has."""
    at, found = 0, []
    while at < len(values):
        length = values[at]
        if not (_LEAST <= length <= len(values) - at and length == int(length)):
            return None
        whole = values[at : at + (len(values) - at) // int(length) * int(length)].reshape(-1, int(length))
        others = np.flatnonzero(whole[:, 0] != length)
        same = whole[: others[0]] if len(others) else whole
        found.append(same[:, :_LEAST])
        at += same.size
    return np.concatenate(found) if found else np.empty((0, _LEAST))


def _fault(content: bytes, atoms: Floats) -> str:
    """What is wrong with box and atoms, '' where they are sound: LAMMPS brings atoms back into it edge by edge."""
    sides = [content.find(struct.pack("=ii", side, 3)) + 8 for side in _SIDES]
    if min(sides) < 8 or max(sides) + 24 > len(content):
        return "no box"
    low, high = (np.frombuffer(content, "=f8", 3, side) for side in sides)
    with np.errstate(over="ignore", invalid="ignore"):
        edges = high - low
        within = np.abs(atoms[:, 1:4] - low) <= FARTHEST * edges
    if not ((edges > 0) & np.isfinite(edges)).all():
        return f"a box from {low.tolist()} to {high.tolist()}"
    return (
        "" if within.all() else f"atom {int(np.argmin(within.all(axis=1))) + 1} lies far outside of the box"
    )


@contextmanager
def guarded(memory: float) -> Iterator[None]:
    """While LAMMPS reads a restart or first runs from it: it believes counts, and ends the process over some.

    memory: bytes that it may take, besides those that any may
    """
    with last_words(_broken, aborts=True), bounded_memory(memory):
        yield


def _broken() -> EngineError:
    return EngineError(
        "LAMMPS cannot go on from the restart file: damaged; start from its positions (glasscli export)"
    )
