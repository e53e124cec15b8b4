"""Files in a run's working folder are as large as somebody made them: counted before they are read."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from glasscli.engine.library import LibraryEngine
from glasscli.engine.restart import RESTART_MAGIC, checked_restart
from glasscli.errors import EngineError, FileError
from glasscli.store import checkpoint, journal
from glasscli.store.content import sha256_of_file
from glasscli.store.reader import open_run
from glasscli.store.unfinished import JournalRun
from tests.conftest import run_glasscli, zygote
from tests.stress.same import assert_same_run

GIGABYTES, MEMORY = 6 * 2**30, 2 * 10**9
QUENCH = ["quench", "--atoms", "200", "--steps", "400", "--equilibration", "100", "--checkpoint-every", "200"]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory) -> Path:
    """An anneal that has a start and a checkpoint, and the same without one; in `whole` gone on with."""
    folder = tmp_path_factory.mktemp("stopped")
    assert run_glasscli(*QUENCH, cwd=folder).code == 0
    anneal = ["anneal", "quench.h5", "--T", "0.6", "--steps", "400", "--checkpoint-every", "200"]
    assert run_glasscli(*anneal, "--walltime", "0", cwd=folder).code == 75
    shutil.copytree(folder, folder / "whole")
    assert run_glasscli("resume", "anneal.h5", cwd=folder / "whole").code == 0
    return folder


def a_start(folder: Path) -> Path:
    """The start of a run, of six gigabytes that take no disk."""
    start = folder / "anneal.h5.partial" / "start.restart"
    os.truncate(start, GIGABYTES)
    return start


def test_a_start_of_gigabytes_is_done_without(stopped, tmp_path):
    """Neither it nor what it was made of is needed: a checkpoint is enough, and the bits are the same."""
    shutil.copytree(stopped / "anneal.h5.partial", tmp_path / "anneal.h5.partial")
    a_start(tmp_path)
    for words, code in ((["status"], 0), (["show", "anneal.h5"], 0), (["resume"], 0)):
        found, out, err = zygote().run(words, tmp_path, 300, memory=MEMORY, cpu=20)
        assert found == code and "memory" not in err and "Traceback" not in err, (words, out, err)
    assert "start is damaged" in err
    assert_same_run(tmp_path / "anneal.h5", stopped / "whole" / "anneal.h5")


def test_a_start_of_gigabytes_without_a_checkpoint_is_one_line(stopped, tmp_path):
    shutil.copytree(stopped / "anneal.h5.partial", tmp_path / "anneal.h5.partial")
    for path in a_start(tmp_path).parent.glob("checkpoint-*"):
        path.unlink()
    code, _, err = zygote().run(["resume", "anneal.h5"], tmp_path, 300, memory=MEMORY, cpu=20)
    assert code == 1 and err.count("\n") == 1, err
    assert "start.restart: 6442450944 bytes" in err and "--allow bytes=6442450944" in err


def test_a_start_that_is_a_link_is_not_read(stopped, tmp_path):
    shutil.copytree(stopped / "anneal.h5.partial", tmp_path / "anneal.h5.partial")
    start = tmp_path / "anneal.h5.partial" / "start.restart"
    start.rename(tmp_path / "elsewhere")
    start.symlink_to("../elsewhere")
    assert not JournalRun(start.parent).start_is_whole


def test_a_record_of_gigabytes_takes_no_memory(tmp_path):
    """Of two gigabytes of nothing, whose head says that they are one record."""
    path = tmp_path / "checkpoint-1-200"
    path.write_bytes(struct.pack("<4sII", journal.MAGIC, 2**31 - 1, 0))
    os.truncate(path, 2**31 + 20)
    with pytest.raises(FileError, match=r"record at byte 0: 2147483647 bytes .*--allow bytes="):
        list(journal.read(path))
    assert checkpoint.damaged(tmp_path) == [path]


def test_a_file_that_a_run_starts_from_is_digested_by_pieces(tmp_path):
    """The digest of "abc" is that of FIPS 180-2; a file of zeros takes no memory."""
    (tmp_path / "abc").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of_file(tmp_path / "abc") == digest


def test_a_restart_is_given_to_lammps_whole_or_not_at_all(runs):
    """LAMMPS writes its magic word at both ends, and behind the first a 1 in the order of bytes of its machine."""
    whole = open_run(runs / "quench.h5").state(0).restart
    assert whole[:16] == whole[-16:] == b"LammpS RestartT\0" and struct.unpack("=i", whole[16:20]) == (1,)
    assert checked_restart(whole, "x") is whole
    for content in (b"", whole[:-1], whole[1:], whole[:16] + whole[16:20][::-1] + whole[20:], b"\0" * 100):
        with pytest.raises(FileError, match="x: damaged, or no LAMMPS restart"):
            checked_restart(content, "x")


def test_a_restart_of_gigabytes_is_counted(runs, monkeypatch):
    monkeypatch.setenv("GLASSCLI_MAX_BYTES", "1000")
    with pytest.raises(FileError, match=r"more than the limit of 1000; .*--allow bytes="):
        checked_restart(open_run(runs / "quench.h5").state(0).restart, "x")


PROPERTIES = {
    "species:S:1:pos:R:3:big:R:999999999": "1000000003 columns are declared",
    "species:S:1:pos:R:3:v:R:3000000": "3000004 columns are declared",
    "species:S:1:pos:R:99999999999999999999": "are not NAME:TYPE:COLUMNS",
    "species:S:1:pos:R:-3": "are not NAME:TYPE:COLUMNS",
    "species:S:1:pos": "are not NAME:TYPE:COLUMNS",
    "species:S:1:posture:R:3": "name no positions",
}


@pytest.mark.parametrize("properties", PROPERTIES)
def test_columns_of_an_xyz_are_counted(properties, tmp_path):
    """OVITO would make a billion of them, for minutes and gigabytes, before it reads a line."""
    rows = "".join(f"Cu {i % 3} {i // 3 % 3} {i // 9}\n" for i in range(27))
    (tmp_path / "f.xyz").write_text(f'27\nLattice="3 0 0 0 3 0 0 0 3" Properties={properties}\n{rows}')
    code, _, err = zygote().run(["show", "f.xyz"], tmp_path, 300, memory=MEMORY, cpu=20)
    assert code == 1 and PROPERTIES[properties] in err and err.count("\n") == 1, err


def test_a_count_in_a_restart_takes_no_memory(runs):
    """What each process wrote stands last: the number of its doubles, and these. LAMMPS takes memory for so many."""
    run = open_run(runs / "quench.h5")
    whole = run.state(0).restart
    end = len(whole) - len(RESTART_MAGIC)
    numbers = ((k, struct.unpack_from("=i", whole, k)[0]) for k in range(end - 1000, 20, -1))
    at = next(k for k, number in numbers if k + 4 + 8 * number == end)
    with LibraryEngine(run.manifest.system) as engine:
        engine.provide("start.restart", whole[:at] + struct.pack("=i", 2**31 - 1) + whole[at + 4 :])
        with pytest.raises(EngineError, match=r"Failed to allocate .*--allow memory"):
            engine.commands(["read_restart start.restart"])


def test_a_restart_over_which_lammps_aborts_is_one_line(runs):
    """The flag behind the order of bytes and the revision, which LAMMPS takes as it is."""
    code = f"""
import glasscli.engine.library as library, sys
from glasscli.store.reader import open_run
run = open_run({str(runs / "quench.h5")!r})
whole = bytearray(run.state(0).restart)
whole[24:28] = b"\\0\\0\\0\\x80"
engine = library.LibraryEngine(run.manifest.system)
engine.provide("start.restart", bytes(whole))
sys.excepthook = lambda kind, error, trace: print(error, flush=True)
engine.commands(["read_restart start.restart"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "LAMMPS cannot go on from the restart file: damaged" in done.stdout, done
