"""Killed, resumed, shared: no record is lost and none is made twice."""

import json
import os
import random
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from glasscli.errors import FileError
from glasscli.landscape import catalogue as catalogue_module
from glasscli.landscape.catalogue import Catalogue
from glasscli.landscape.worker import each
from glasscli.simulation.stopping import Stop
from tests.landscape.hops import crossed, events_of, trajectory

HOPS = 3


def start(path):
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.landscape.hops", str(path), str(HOPS)], cwd=root, stdout=subprocess.PIPE,
        text=True, env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip


def test_two_processes_one_of_them_killed(tmp_path):
    path = tmp_path / "hops.db"
    with start(path) as victim, start(path) as other:
        first = victim.stdout.readline().strip() or "none"
        victim.kill()
        made = [first, *victim.stdout.read().split(), *other.stdout.read().split()]
    assert other.returncode == 0
    # Everything that was reported is there; what the victim held is the other's or is missing, never half.
    with Catalogue(path) as catalogue:
        there = catalogue.keys("barrier")
    assert set(made) - {"none"} <= there and len(there) >= HOPS - 1
    found, before = crossed(path, HOPS)
    assert before == there and found.computed == HOPS - len(there)
    assert set(found.keys) == set(found.records) and len(made) == len(set(made))
    # All hops are one by symmetry, and go straight over one saddle.
    records = list(found.records.values())
    barriers = [record.passes[0].forward for record in records]
    assert all(r.complete and len(r.passes) == 1 and r.passes[0].converged for r in records)
    assert barriers == pytest.approx([barriers[0]] * HOPS, abs=1e-7)
    again, _ = crossed(path, HOPS)
    assert again.computed == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_ends_when_the_walltime_does(jobs):
    """No piece is begun that would not fit any more; those that were are waited for, or left at the end."""
    stop = Stop()
    asked, done = [], []

    def naps():
        for k in range(1000):
            asked.append(str(k))
            yield asked[-1], 0.1

    for key, _ in each(time.sleep, naps(), jobs, stop):
        done.append(key)
        if stop.deadline is None:  # however long the processes took to start
            stop.deadline = time.monotonic() + 0.5
    assert stop.reason == "walltime"
    assert set(done) <= set(asked) and len(asked) - len(done) <= jobs and 0 < len(done) < 1000


def test_a_damaged_catalogue_is_refused_and_stays(tmp_path):
    path = tmp_path / "bad.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(FileError, match="move it away"):
        Catalogue(path)
    assert path.read_bytes().startswith(b"not a database")


def test_events_tell_places_apart_where_energies_are_equal():
    """The vacancy goes to three neighbours and comes back each time: four minima, six transitions of three kinds."""
    events, _ = events_of(trajectory(3))
    assert len(events.minima) == 4 and [m.visits for m in events.minima] == [4, 1, 1, 1]
    assert [(e.i, e.j) for e in events.transitions] == [(0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (3, 0)]
    assert len(events.distinct) == 3 and events.transitions[1].same_as == 0
    one = events.transitions[0]
    assert (
        one.distance == pytest.approx(1.56 / 2**0.5)
        and one.atoms == pytest.approx(1.0)
        and one.waiting == [100]
    )


def flat(k: int) -> dict:
    return {"value": k + 0.5, "array": np.full(60, float(k))}


def filled(path) -> bytes:
    with Catalogue(path) as catalogue:
        for k in range(120):
            catalogue.add("barrier", f"key{k:03d}", flat(k))
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_of_a_damaged_catalogue_whole_records_go_on_and_it_is_set_aside(tmp_path, seed):
    rng, path = random.Random(seed), tmp_path / "x-landscape.db"
    content = bytearray(filled(path))
    first, at = 2 * 4096, rng.randrange(2 * 4096, len(content) - 4096)
    if seed % 3 == 0:
        content[at : at + 4096] = rng.randbytes(4096)
    elif seed % 3 == 1:
        content = content[:at]
    else:
        for _ in range(10):
            content[rng.randrange(first, len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    try:
        with Catalogue(path) as reader:
            for key, value in reader.all("barrier"):
                assert value["value"] == int(key[3:]) + 0.5
    except FileError as error:
        assert str(path) in str(error) and "\n" not in str(error)
    with Catalogue(path, mend=True) as catalogue:
        there = dict(catalogue.all("barrier"))
        for k in range(120):
            if f"key{k:03d}" not in there:
                catalogue.add("barrier", f"key{k:03d}", flat(k))
        assert [value["value"] for _, value in catalogue.all("barrier")] == [k + 0.5 for k in range(120)]
        assert len(there) == 120 or catalogue.notes
    aside = path.with_name("x-landscape.db.damaged")
    assert not aside.exists() or aside.read_bytes() == content


def test_what_is_no_catalogue_is_never_set_aside(tmp_path):
    with sqlite3.connect(tmp_path / "mine.db") as base:
        base.execute("CREATE TABLE mine (x)")
    (tmp_path / "text.db").write_bytes(b"not a database" * 100)
    for path in (tmp_path / "mine.db", tmp_path / "text.db"):
        before = path.read_bytes()
        with pytest.raises(FileError, match="move it away"):
            Catalogue(path, mend=True)
        assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.db", "text.db"]


def test_a_locked_catalogue_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue_module, "PATIENCE_SECONDS", 0.05)
    path = tmp_path / "x-landscape.db"
    before = filled(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FileError, match="locked: another process may hold it"):
        Catalogue(path, mend=True)
    holder.close()
    assert path.read_bytes() == before


def test_records_from_before_there_were_checksums_are_read(tmp_path):
    """Made by the version before: the length of a header, the header, the arrays."""
    path = tmp_path / "x-landscape.db"
    filled(path)
    header = json.dumps({"values": {"value": 7.5}, "arrays": {"array": ["<f8", [2]]}}).encode()
    old = struct.pack("<I", len(header)) + header + np.array([1.0, 2.0]).tobytes()
    with sqlite3.connect(path) as base:
        base.execute("INSERT INTO records VALUES ('barrier', 'old', ?)", (old,))
    with Catalogue(path) as catalogue:
        assert catalogue.get("barrier", "old")["array"].tolist() == [1.0, 2.0] and not catalogue.notes
