"""A folder from a stranger may hold links and other people's files where glasscli keeps its own: none is touched."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from glasscli.analysis.kept import Kept
from glasscli.errors import FileError
from glasscli.landscape.catalogue import Catalogue
from glasscli.simulation.stopping import Stop
from glasscli.store.outputs import MADE, MADE_BYTES, Claims
from glasscli.store.repair import repair
from glasscli.workflow.pool import Pool
from glasscli.workflow.task import Task, log_of, make_records, records, write_ended, write_tasks
from tests.conftest import run_glasscli

QUENCH = ["quench", "--atoms", "200", "--steps", "400", "--equilibration", "100", "--checkpoint-every", "200"]
TEXT = "mine, and nobody else's\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A folder with the unfinished run b.h5."""
    folder = tmp_path_factory.mktemp("begun")
    assert run_glasscli(*QUENCH, "-o", "b.h5", "--walltime", "0", cwd=folder).code == 75
    return folder


@pytest.fixture
def mine(tmp_path) -> Path:
    """A file of the user's, outside of the folder that is worked in."""
    path = tmp_path / "home" / "thesis.txt"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def refused(*words: str, cwd: Path, names: str) -> None:
    found = run_glasscli(*words, cwd=cwd)
    assert found.code == 1 and found.err.count("\n") == 1, found
    assert names in found.err and "unexpected" not in found.err, found


def test_a_working_folder_that_is_a_link_or_somebodys(mine, tmp_path):
    (tmp_path / "w.h5.partial").symlink_to("home")
    other = tmp_path / "y.h5.partial"
    (other / "sub").mkdir(parents=True)
    (other / "mynotes").write_text(TEXT)
    scratch = tmp_path / "v.h5.partial"
    scratch.mkdir()
    (scratch / "lammps-abcdefgh").symlink_to("../home")
    refused(*QUENCH, "-o", "w.h5", cwd=tmp_path, names="w.h5.partial")
    refused(*QUENCH, "-o", "y.h5", "--force", cwd=tmp_path, names="y.h5.partial/mynotes")
    refused(*QUENCH, "-o", "v.h5", cwd=tmp_path, names="lammps-abcdefgh")
    assert mine.read_text() == (other / "mynotes").read_text() == TEXT and (other / "sub").is_dir()


def test_a_finished_run_is_not_lengthened_in_a_linked_folder(mine, tmp_path, runs):
    shutil.copy(runs / "anneal.h5", tmp_path / "b.h5")
    (tmp_path / "b.h5.partial").symlink_to("home")
    refused("resume", "b.h5", "--steps", "10", cwd=tmp_path, names="b.h5.partial")
    assert mine.read_text() == TEXT


@pytest.mark.parametrize(
    "name", ["journal", "lock", "history", "run.json", "start.restart", "lammps-abcdefgh"]
)
def test_a_link_in_a_working_folder(name, begun, mine, tmp_path):
    folder = tmp_path / "b.h5.partial"
    shutil.copytree(begun / folder.name, folder)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(mine if "lammps" not in name else mine.parent)
    with pytest.raises(FileError, match=name):
        repair(tmp_path / "b.h5")
    refused("resume", "b.h5", cwd=tmp_path, names=name)
    assert mine.read_text() == TEXT and (folder / name).is_symlink()


def test_what_files_were_made_of_is_not_written_through_a_link(tmp_path, mine):
    long = TEXT * (MADE_BYTES // len(TEXT) + 1)
    mine.write_text(long)
    (tmp_path / MADE).symlink_to(mine)
    for name in ("b.csv", "c.csv"):
        Claims([tmp_path / "a.h5"]).file(tmp_path / name)
    assert mine.read_text() == long


def test_a_pipe_in_place_of_what_files_were_made_of(tmp_path):
    os.mkfifo(tmp_path / MADE)
    (tmp_path / "b.csv").write_text("a,b\n")
    with pytest.raises(FileError, match="exists"):
        Claims([tmp_path / "a.h5"]).file(tmp_path / "b.csv")


def hostile_journal(base: Path, victim: Path) -> None:
    """A hot journal that names a super-journal without children: SQLite deletes that (pager_delsuper)."""
    sqlite3.connect(base).execute("CREATE TABLE records (kind TEXT, key TEXT, value BLOB)").connection.close()
    name, magic = os.fsencode(victim), bytes.fromhex("d9d505f920a163d7")
    head = magic + bytes(4) * 3 + (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
    ending = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + magic
    page = (2**30 // 4096 + 1).to_bytes(4, "big")
    Path(f"{base}-journal").write_bytes(head.ljust(512, b"\0") + page + name + ending)


def test_a_journal_that_names_a_file_to_delete(tmp_path, mine):
    base = tmp_path / "a-analysis.db"
    hostile_journal(base, mine)
    kept = Kept(base)
    with pytest.raises(FileError, match="journal"):
        Catalogue(base, mend=True)
    assert mine.read_text() == TEXT and "-journal" in kept.notes[0]
    sqlite3.connect(base).execute("SELECT * FROM sqlite_master").fetchall()
    assert not mine.exists(), "SQLite itself follows it, or this tests nothing"


def test_kept_results_are_not_made_through_a_link(tmp_path):
    base = tmp_path / "a-analysis.db"
    base.symlink_to("new.db")
    kept = Kept(base)
    with pytest.raises(FileError):
        Catalogue(base)
    assert not (tmp_path / "new.db").exists() and kept.notes


def task(name: str) -> Task:
    return Task(name, "one", ("quench",), f"{name}.h5")


def test_records_of_tasks_are_not_written_through_links(tmp_path, mine):
    place = make_records(tmp_path)
    for name in ("quench.json", "plan.json", "plan.lock"):
        (place / name).symlink_to(mine)
    with pytest.raises(FileError, match=r"plan\.lock"):
        write_tasks(tmp_path, [task("quench")])
    (place / "plan.lock").unlink()
    (place / "plan.json").unlink()
    write_tasks(tmp_path, [task("quench")])
    log_of(tmp_path, task("quench")).symlink_to(mine)
    pool = Pool(tmp_path, [task("quench")], 1, Stop())
    ended = pool.run(lambda *_: None)["quench"]
    assert ended.state == "failed" and "quench.log" in ended.error
    write_ended(tmp_path, task("quench"), ended)
    assert mine.read_text() == TEXT


def test_a_folder_of_records_that_is_a_link(tmp_path, mine):
    records(tmp_path).symlink_to(mine.parent)
    with pytest.raises(FileError, match="glasscli-tasks"):
        write_tasks(tmp_path, [task("quench")])
    assert [path.name for path in mine.parent.iterdir()] == [mine.name]


NAMED_BY_US = {
    "page": (["report", "f.dump", "--measure", "pdf"], "f-report.html"),
    "table": (["analyze", "f.dump", "--measure", "pdf"], "f-pdf.csv"),
    "figure": (["analyze", "f.dump", "--measure", "pdf"], "f-pdf.png"),
    "picture": (["render", "f.dump", "--view", "species", "--renderer", "matplotlib"], "f-species.png"),
    "structure": (["build", "fcc", "--atoms", "32", "--volume-per-atom", "0.8"], "fcc.lammps"),
    "theory": (["theory", "stability", "--beta-eps", "3"], "theory-stability.csv"),
    "run": (QUENCH, "quench.h5"),
    "replicas": ([*QUENCH, "--replicas", "2"], "quench-0002.h5"),
}


@pytest.mark.parametrize("there", [True, False], ids=["there", "dangling"])
@pytest.mark.parametrize("kind", NAMED_BY_US)
def test_an_output_that_nobody_named_follows_no_link(kind, there, mine, tmp_path):
    """Its like where it leads to is somebody's, made by a run of the same command elsewhere, or nothing yet."""
    words, name = NAMED_BY_US[kind]
    rows = "".join(f"{i} 1 {i % 3} {i // 3 % 3} {i // 9}\n" for i in range(27))
    dump = (
        f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n27\nITEM: BOX BOUNDS pp pp pp\n{'0 3' + chr(10)}"
        + "0 3\n" * 2
    )
    place = tmp_path / "stranger"
    place.mkdir()
    (place / "f.dump").write_text(f"{dump}ITEM: ATOMS id type x y z\n{rows}")
    target = mine.parent / name
    if there:
        shutil.copy(place / "f.dump", mine.parent)
        found = run_glasscli(*words, cwd=mine.parent)
        assert found.code == 0 and target.exists(), found
    before = target.read_bytes() if there else None
    (place / name).symlink_to(target)
    found = run_glasscli(*words, cwd=place)
    assert found.code == 1 and name in found.err and "link" in found.err and "-o" in found.err, found
    assert "--force" in found.err and found.err.count("\n") == 1, found
    assert (target.read_bytes() if target.exists() else None) == before and (place / name).is_symlink()


def test_what_goes_on_in_a_folder_follows_no_link(begun, mine, tmp_path):
    """The output of an unfinished run, of a folder and of a study: a link, or a text by its name."""
    shutil.copytree(begun / "b.h5.partial", tmp_path / "b.h5.partial")
    other = tmp_path / "other.h5"
    (tmp_path / "b.h5").symlink_to(other)
    found = run_glasscli("resume", cwd=tmp_path)
    assert found.code == 1 and "b.h5 did not go on: it is a link" in found.out and not other.exists(), found
    (tmp_path / "b.h5").unlink()
    (tmp_path / "b.h5").symlink_to(mine)
    refused("resume", "b.h5", cwd=tmp_path, names="b.h5 is a text file")
    (tmp_path / "b.h5").unlink()
    shutil.copy(mine, tmp_path / "b.h5")
    refused("resume", "b.h5", cwd=tmp_path, names="b.h5 is a text file")
    assert mine.read_text() == (tmp_path / "b.h5").read_text() == TEXT
    (tmp_path / "quench.h5").symlink_to(other)
    ended = Pool(tmp_path, [task("quench")], 1, Stop()).run(lambda *_: None)["quench"]
    assert ended.state == "failed" and "quench.h5 is a link" in ended.error and not other.exists()
