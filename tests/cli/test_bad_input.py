"""Thirty ways to be wrong: each gets one clear line, the right exit code, no traceback, and leaves nothing behind."""

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.plain_system import PLAIN

STYLE = "pair_style lj/cut 2.5"
FIRST, USAGE, FAILED = "glasscli", 2, 1

DATA = """# two atoms on top of each other

{n} atoms
2 atom types
0 {edge} xlo xhi
0 {edge} ylo yhi
0 {edge} zlo zhi

Atoms # atomic

{atoms}
"""


def structure(path: Path, overlap: bool = False, edge: float = 8.0) -> None:
    grid = np.stack(np.meshgrid(*[np.arange(8)] * 3), axis=-1).reshape(-1, 3) * edge / 8
    if overlap:
        grid[1] = grid[0] + 0.01
    rows = "\n".join(f"{i} {1 + i % 2} {x} {y} {z}" for i, (x, y, z) in enumerate(grid, start=1))
    path.write_text(DATA.format(n=len(grid), edge=edge, atoms=rows))


@pytest.fixture
def folder(tmp_path: Path, runs: Path) -> Path:
    """A folder with one of everything that can be wrong."""
    shutil.copy(runs / "quench.h5", tmp_path / "good.h5")
    whole = (runs / "quench.h5").read_bytes()
    (tmp_path / "truncated.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "text.h5").write_text("not HDF5 at all")
    (tmp_path / "existing.h5").write_bytes(whole)
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = [1, 2]
    (tmp_path / "style.toml").write_text(PLAIN.replace(STYLE, "pair_style lj/quux 2.5"))
    (tmp_path / "shell.toml").write_text(PLAIN.replace(STYLE, "shell touch x"))
    structure(tmp_path / "overlap.lammps", overlap=True)
    structure(tmp_path / "grid.lammps")
    (tmp_path / "garbage.lammps").write_text("this is no data file\n")
    return tmp_path


CASES = [
    ("unknown temperature unit", ["anneal", "good.h5", "--T", "0.95Tg"], USAGE, "unknown unit 'Tg'"),
    ("T_f missing", ["anneal", "grid.lammps", "--system", "wahnstrom", "--T", "0.95Tf"], USAGE, "needs T_f"),
    ("unknown time unit", ["anneal", "good.h5", "--T", "0.5", "--time", "3 parsec"], USAGE, "unknown unit 'parsec'"),
    ("time and steps", ["anneal", "good.h5", "--T", "0.5", "--time", "1ns", "--steps", "5"], USAGE, "not both"),
    ("composition", ["quench", "--composition", "1.4"], USAGE, "composition 1.4 is not between 0 and 1"),
    ("composition of one species", ["quench", "--system", "soft-sphere", "--composition", "0.5"], USAGE, "two species"),
    ("tiny box", ["quench", "--atoms", "7"], USAGE, "smaller than two cutoffs"),
    ("no atoms", ["quench", "--atoms", "0"], USAGE, "0 atoms"),
    ("truncated HDF5", ["show", "truncated.h5"], FAILED, "truncated"),
    ("empty HDF5", ["show", "empty.h5"], FAILED, "truncated"),
    ("text called HDF5", ["analyze", "text.h5"], FAILED, "not an HDF5 file"),
    ("foreign HDF5", ["analyze", "foreign.h5"], FAILED, "not one of glasscli's"),
    ("existing output", ["quench", "--steps", "10", "-o", "existing.h5"], FAILED, "--force"),
    ("missing folder", ["quench", "--steps", "10", "-o", "no/where/q.h5"], FAILED, "does not exist"),
    ("pair style LAMMPS lacks", ["quench", "--system", "style.toml"], FAILED, "lj/quux"),
    ("system that runs a program", ["quench", "--system", "shell.toml"], USAGE, "refused"),
    ("overlapping atoms", ["anneal", "overlap.lammps", "--T", "0.5"], USAGE, "overlap"),
    ("lost atoms", ["quench", "--timestep", "0.5", "--steps", "5000"], FAILED, "smaller --timestep"),
    ("unknown system", ["quench", "--system", "wahnstorm"], USAGE, "did you mean 'wahnstrom'"),
    ("missing system file", ["quench", "--system", "my.toml"], USAGE, "no such system file"),
    ("missing file", ["anneal", "nothing.h5", "--T", "0.5"], USAGE, "no such file"),
    ("no quench here", ["anneal", "--T", "0.5"], USAGE, "run `glasscli quench` first"),
    ("nothing to analyze", ["analyze"], USAGE, "name the file"),
    ("unknown option", ["quench", "--stepz", "5"], USAGE, "--stepz"),
    ("unknown command", ["quensh"], USAGE, "quensh"),
    ("temperature missing", ["anneal", "good.h5"], USAGE, "--T"),
    ("outside the ramp", ["anneal", "good.h5", "--T", "3.5"], USAGE, "outside the quench's range"),
    ("heating quench", ["quench", "--T-start", "0.5", "--T-end", "1.0"], USAGE, "below T-start"),
    ("negative temperature", ["quench", "--T-start", "-2"], USAGE, "not positive"),
    ("zero rate", ["quench", "--rate", "0"], USAGE, "not positive"),
    ("steps and rate", ["quench", "--rate", "0.1", "--steps", "10"], USAGE, "not both"),
    ("pressure at constant volume", ["quench", "--ensemble", "nvt", "--pressure", "1"], USAGE, "--ensemble npt"),
    ("seed zero", ["quench", "--seed", "0"], USAGE, "seed 0"),
    ("species volumes", ["quench", "--species-volumes", "big,small"], USAGE, "SMALL,LARGE"),
    ("frame that is not there", ["export", "good.h5", "--frame", "999", "-o", "a.xyz"], USAGE, "999"),
    ("unknown format", ["export", "good.h5", "-o", "a.pdb"], USAGE, ".pdb"),
    ("garbage structure", ["analyze", "garbage.lammps"], FAILED, "garbage.lammps"),
    ("radii", ["analyze", "good.h5", "--radii", "large"], USAGE, "--radii"),
    ("wrong system for a file", ["anneal", "good.h5", "--system", "cuzr", "--T", "0.5"], USAGE, "does not fit"),
    ("walltime", ["anneal", "good.h5", "--T", "0.5", "--walltime", "soon"], USAGE, "walltime"),
    ("kelvin in LJ", ["anneal", "good.h5", "--T", "300K"], USAGE, "no kelvin"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "says"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_clear_line(words, code, says, folder, glasscli):
    before = {p.name for p in folder.iterdir()}
    answer = glasscli(*words)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(FIRST) and answer.err.count("\n") == 1, answer.err
    assert says in answer.err
    assert "Traceback" not in answer.err
    finished = {p.name for p in folder.iterdir() if not p.name.endswith(".partial")}
    assert finished == before, "a failed command left files that look finished"


def test_unwritable_folder(tmp_path, glasscli):
    """Root may write anywhere but in a folder marked immutable; so ask the kernel's own read-only place."""
    target = Path("/proc/quench.h5") if os.geteuid() == 0 else tmp_path / "locked" / "quench.h5"
    if os.geteuid() != 0:
        target.parent.mkdir(mode=0o500)
    answer = glasscli("quench", "--steps", "10", "-o", target)
    assert answer.code == FAILED and answer.err.count("\n") == 1
    assert str(target.parent) in answer.err


def test_nothing_is_lost_when_a_run_fails(folder, glasscli):
    """An existing file survives a forced run that cannot start."""
    before = (folder / "existing.h5").read_bytes()
    answer = glasscli("quench", "--system", "style.toml", "-o", "existing.h5", "--force")
    assert answer.code == FAILED
    assert (folder / "existing.h5").read_bytes() == before
