"""Kept results belong to what a file holds; a cache that is damaged, locked or somebody else's never gives a number."""

import os
import random
import shutil
import sqlite3
from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli.analysis import kept as module
from glasscli.analysis.kept import Damaged, Kept, key, pack, unpack
from tests.report.test_page import write
from tests.resealed import reseal

SETTINGS = key({"a": 1})
SOURCE = [f"frame {k}" for k in range(200)]


def row(k: int) -> dict:
    return {"value": k + 0.5, "array": np.full(40, float(k))}


def filled(path: Path) -> bytes:
    """A database with a row a frame, as bytes."""
    kept = Kept(path)
    for k in range(len(SOURCE)):
        kept.add(SOURCE, "m", SETTINGS, k, row(k))
    kept.close()
    return path.read_bytes()


def assert_right(kept: Kept) -> int:
    """What is there is right, what is missing can be added; returns how many were there."""
    have = kept.frames(SOURCE, "m", SETTINGS)
    for k in range(len(SOURCE)):
        if k not in have:
            kept.add(SOURCE, "m", SETTINGS, k, row(k))
    kept.commit()
    for k, found in enumerate(kept.get(SOURCE, "m", SETTINGS, range(len(SOURCE)))):
        assert found["value"] == k + 0.5 and (found["array"] == k).all()
    kept.close()
    return len(have)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_database_gives_right_numbers_or_none(tmp_path, seed):
    rng, path = random.Random(seed), tmp_path / "x-analysis.db"
    content = bytearray(filled(path))
    kind = ("page", "bytes", "truncate", "garbage")[seed % 4]
    at = rng.randrange(0, len(content) - 4096)
    if kind == "page":
        content[at : at + 4096] = rng.randbytes(4096)
    elif kind == "bytes":
        for _ in range(20):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    content = (
        content[:at]
        if kind == "truncate"
        else bytearray(rng.randbytes(9999))
        if kind == "garbage"
        else content
    )
    path.write_bytes(content)
    kept = Kept(path)
    assert assert_right(kept) < len(SOURCE) or kind == "bytes"
    if kind == "garbage":
        assert path.read_bytes() == content and "left alone" in kept.notes[0]


def test_rows_that_lie_elsewhere_or_are_others_are_no_rows(tmp_path):
    path = tmp_path / "x-analysis.db"
    filled(path)
    with sqlite3.connect(path) as base:
        (blob,) = base.execute("SELECT result FROM rows WHERE frame='frame 7'").fetchone()
        base.execute("UPDATE rows SET result=? WHERE frame='frame 8'", (blob,))
    kept = Kept(path)
    assert kept.frames(SOURCE, "m", SETTINGS) == set(range(200)) - {8}
    assert kept.notes == [f"{path}: 1 damaged rows of m are computed again"]
    assert kept.frames(["other"], "m", SETTINGS) == set() and kept.frames(SOURCE, "m", key({})) == set()
    with pytest.raises(Damaged):
        unpack(pack(row(1), b"here"), b"there")
    with pytest.raises(Damaged):
        unpack(b"", b"here", old=True)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    for name, table in (("mine", "CREATE TABLE mine (x)"), ("same", "CREATE TABLE results (x, y)")):
        path = tmp_path / f"{name}-analysis.db"
        with sqlite3.connect(path) as base:
            base.execute(table)
        before = path.read_bytes()
        kept = Kept(path)
        assert "another program" in kept.notes[0] and assert_right(kept) == 0
        assert path.read_bytes() == before


def test_a_locked_database_is_neither_waited_for_nor_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)
    path = tmp_path / "x-analysis.db"
    filled(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    kept = Kept(path)
    assert "locked" in kept.notes[0] and assert_right(kept) == 0
    holder.execute("COMMIT")
    kept = Kept(path)
    assert kept.notes == [] and kept.frames(SOURCE, "m", SETTINGS) == set(range(200))
    # Locked in the middle: what was added since the last commit is still given back.
    kept.add(SOURCE, "n", SETTINGS, 3, row(3))
    kept.commit()
    holder.execute("BEGIN EXCLUSIVE")
    kept.add(SOURCE, "n", SETTINGS, 4, row(4))
    assert [found["value"] for found in kept.get(SOURCE, "n", SETTINGS, [4])] == [4.5] and kept.notes
    holder.close()


def test_a_folder_in_its_place(tmp_path):
    (tmp_path / "x-analysis.db").mkdir()
    kept = Kept(tmp_path / "x-analysis.db")
    assert "nothing is kept" in kept.notes[0] and assert_right(kept) == 0


def test_another_file_of_one_name_size_and_time_has_its_own_numbers(tmp_path, glasscli):
    """Until now its rows were found by these three: the old numbers."""
    words = ["analyze", "x.dump", "--measure", "pdf", "--cutoff", "1.5", "--bin-width", "0.1"]
    (tmp_path / "fresh").mkdir()
    path = tmp_path / "x.dump"
    write(path, n=60, species=2, edges=(4.0,))
    assert glasscli(*words).code == 0
    before, stat = path.read_text().splitlines(), path.stat()
    at = next(k for k, line in enumerate(before) if line.startswith("ITEM: ATOMS")) + 1
    columns = before[at - 1].split()[2:]
    x, y = columns.index("x"), columns.index("y")
    for k in range(at, at + 30):  # half of the atoms mirrored
        cells = before[k].split()
        cells[x], cells[y] = cells[y], cells[x]
        before[k] = " ".join(cells)
    path.write_text("\n".join(before) + "\n")
    assert path.stat().st_size == stat.st_size
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    shutil.copy(path, tmp_path / "fresh")
    assert glasscli(*words).code == 0 and glasscli(*words, cwd=tmp_path / "fresh").code == 0
    table = Path("x-pdf.csv")
    assert (tmp_path / table).read_text() == (tmp_path / "fresh" / table).read_text()


def test_a_run_of_the_same_identity_with_other_frames_has_its_own_numbers(tmp_path, glasscli, runs):
    """As one made again with another accelerator: until now the old f_ico stood beside the new energies."""
    words = ["analyze", "anneal.h5", "--measure", "icosahedra", "--json"]
    path = tmp_path / "anneal.h5"
    shutil.copy(runs / "anneal.h5", path)
    first = glasscli(*words).data
    with h5py.File(path, "r+") as file:
        for name in ("particles/inherent/position/value", "particles/inherent/image/value"):
            file[name][...] = file[name][...][::-1]
    reseal(path)
    (tmp_path / "fresh").mkdir()
    shutil.copy(path, tmp_path / "fresh")
    again, fresh = glasscli(*words).data, glasscli(*words, cwd=tmp_path / "fresh").data
    table = "anneal-icosahedra.csv"
    assert (tmp_path / table).read_text() == (tmp_path / "fresh" / table).read_text()
    assert again["icosahedral_fraction"] == fresh["icosahedral_fraction"] != first["icosahedral_fraction"]


def test_frames_keep_their_rows_when_a_run_is_finished(tmp_path, runs):
    """A journal and the file made of it hold the same frames, bit for bit."""
    from glasscli.errors import StoppedEarly
    from glasscli.protocols.kinds.quench import QuenchWish
    from glasscli.protocols.wish import SamplingWish
    from glasscli.simulation.job import Job
    from glasscli.simulation.plan import job_of
    from glasscli.simulation.run import run
    from glasscli.simulation.stopping import Stop
    from glasscli.store.reader import open_run

    sampling = SamplingWish(every=100, inherent_every=200, checkpoint_every=200)
    wish = QuenchWish(atoms=200, steps="600", equilibration=0, sampling=sampling)
    job: Job = job_of(wish, None, tmp_path / "q.h5")
    with pytest.raises(StoppedEarly):
        run(job, stop=Stop(reason="walltime"))
    with pytest.raises(StoppedEarly):
        run(job, stop=Stop(reason="walltime"))
    before = open_run(tmp_path / "q.h5")
    early, early_minima = before.frames.digests(), before.inherent.digests()
    whole = run(job)
    frames, minima = whole.frames.digests(), whole.inherent.digests()
    assert early and frames[: len(early)] == early and minima[: len(early_minima)] == early_minima
    assert len(set(frames)) == len(frames) == len(whole.frames) and len(minima) == len(whole.inherent)
