"""Nothing of the user's is ever lost: what may be written is decided in one place, at the start of every command."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from glasscli.errors import FileError
from glasscli.store.kind import DATA, DUMP, JSON, PAGE, RUN, TABLE, TEXT, XYZ, kind_of
from glasscli.store.outputs import MADE, Claims, same_file
from tests.report.test_page import write

QUICK = ["--atoms", "200", "--steps", "200", "--equilibration", "0"]
QUENCH = ["quench", *QUICK, "--inherent-every", "100"]


@pytest.fixture(scope="module")
def made(tmp_path_factory, runs) -> Path:
    """A quench, an anneal made of it, a foreign file, and precious files of other kinds."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("quench.h5", "anneal.h5"):
        shutil.copy(runs / name, folder)
    write(folder / "few.dump", n=60, species=2, edges=(4.0,))
    (folder / "precious.txt").write_text("years of work\n")
    (folder / "folder.h5").mkdir()
    (folder / "folder.png").mkdir()
    with sqlite3.connect(folder / "precious.db") as base:
        base.execute("CREATE TABLE mine (x)")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


REFUSED = {
    "report over a trajectory": ["report", "anneal.h5", "-o", "quench.h5"],
    "report over its input": ["report", "anneal.h5", "-o", "anneal.h5"],
    "anneal over its parent": ["anneal", "quench.h5", "--T", "0.5", "--steps", "100", "-o", "quench.h5"],
    "anneal over its parent, by ../": ["anneal", "quench.h5", "--T", "0.5", "-o", "folder.h5/../quench.h5"],
    "anneal over its parent, by a link": ["anneal", "quench.h5", "--T", "0.5", "--steps", "100", "-o", "link.h5"],
    "anneal over its parent, by a hard link": ["anneal", "quench.h5", "--T", "0.5", "--steps", "100", "-o", "hard.h5"],
    "anneal over its grandparent": ["anneal", "anneal.h5", "--T", "0.5", "--steps", "100", "-o", "quench.h5"],
    "anneals over a text": ["anneal", "quench.h5", "--replicas", "2", "--T", "0.5", "--steps", "100", "-o", "trap.h5"],
    "a run into a folder": [*QUENCH, "-o", "folder.h5"],
    "a run into this folder": [*QUENCH, "-o", "."],
    "a run over a text": [*QUENCH, "-o", "precious.txt"],
    "a run into no folder": [*QUENCH, "-o", "no/where.h5"],
    "a run into a loop of links": [*QUENCH, "-o", "loop.h5"],
    "a run under too long a name": [*QUENCH, "-o", "x" * 252 + ".h5"],
    "a page over a database": ["report", "few.dump", "-o", "precious.db"],
    "a page into a folder": ["report", "few.dump", "-o", "folder.h5"],
    "a structure over a run": ["build", "fcc", "--atoms", "32", "-o", "folder.h5/../trap.lammps"],
    "an export over its input": ["export", "few.dump", "-o", "few.dump"],
    "an export over a run": ["export", "few.dump", "-o", "trap.lammps"],
    "a table over a run": ["eos", "fcc", "--points", "9", "--table", "anneal.h5"],
    "a figure over a text": ["eos", "fcc", "--points", "9", "--figure", "trap.png"],
    "a picture over a text": ["render", "few.dump", "-o", "trap.png"],
    "a picture into a folder": ["render", "few.dump", "-o", "folder.png"],
    "an answer over a run": ["theory", "stability", "--beta-eps", "3", "-o", "trap"],
    "an answer over its input": ["theory", "spectrum", "--distribution", "samples.csv", "-o", "samples"],
    "modes over a text": ["modes", "quench.h5", "-o", "trap"],
    "events over a text": ["landscape", "events", "anneal.h5", "-o", "trap"],
    "tables over a text": ["analyze", "few.dump", "-o", "trap", "--measure", "pdf"],
    "a dry run over its input": ["quench", "start.data", "--system", "wahnstrom", "--dry-run", "-o", "."],
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_written_is_refused_and_stays(name, made, tmp_path, glasscli):
    """With --force too, in one line that names the place, and before anything is simulated."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    (folder / "link.h5").symlink_to("quench.h5")
    (folder / "loop.h5").symlink_to("loop.h5")
    os.link(folder / "quench.h5", folder / "hard.h5")
    for trap in ("trap.png", "trap-modes.png", "trap-events.csv", "trap-pdf.csv", "trap-0002.h5"):
        (folder / trap).write_text("years of work\n")
    for trap in ("trap.csv", "trap.lammps"):
        shutil.copy(folder / "quench.h5", folder / trap)
    (folder / "samples.csv").write_text("0.1,0.2\n0.3,0.1\n0.2,0.1\n")
    if name == "a dry run over its input":
        assert glasscli("export", "few.dump", "-o", "start.data", cwd=folder).code == 0
    before = contents(folder)
    for force in ([], ["--force"]):
        answer = glasscli(*REFUSED[name], *force, cwd=folder)
        assert answer.code in (1, 2) and answer.err.count("\n") == 1, (answer.out, answer.err)
        assert "Traceback" not in answer.err and "unexpected" not in answer.err
        after = contents(folder)
        assert {k: after.get(k) for k in before} == before
        assert not [k for k in after if k.endswith((".partial/journal", ".tmp"))]
    assert (folder / "link.h5").is_symlink() and (folder / "loop.h5").is_symlink()


def test_a_result_goes_where_a_link_leads_and_the_link_stays(tmp_path, glasscli, made):
    (tmp_path / "disk").mkdir()
    for name in ("run.h5", "page.html", "c.lammps", "curves.csv", "curves.png", "view.png", "t.csv", "t.png"):
        (tmp_path / name).symlink_to(f"disk/{name}")
    shutil.copy(made / "few.dump", tmp_path)
    for words in (
        [*QUENCH, "-o", "run.h5"], ["report", "few.dump", "--measure", "pdf", "-o", "page.html"],
        ["build", "fcc", "--atoms", "32", "-o", "c.lammps"],
        ["eos", "fcc", "--points", "9", "--table", "curves.csv", "--figure", "curves.png"],
        ["render", "few.dump", "-o", "view.png"], ["theory", "stability", "--beta-eps", "3", "-o", "t"],
        ["analyze", "run.h5", "--measure", "pdf"],
    ):  # fmt: skip
        answer = glasscli(*words)
        assert answer.code == 0, answer.err
    links = [path for path in tmp_path.iterdir() if path.is_symlink()]
    assert len(links) == 8
    assert all(kind_of(tmp_path / "disk" / link.name) == kind_of(link) for link in links)
    assert kind_of(tmp_path / "disk/run.h5") == RUN and kind_of(tmp_path / "disk/page.html") == PAGE
    assert glasscli("show", "disk/run.h5", "--json").data["finished"] is True
    assert glasscli("verify", "run.h5").code == 0


def test_force_replaces_its_like(tmp_path, glasscli):
    assert glasscli(*QUENCH).code == 0
    other = [*QUENCH, "--seed", "2"]
    assert "--force" in glasscli(*other).err
    assert glasscli(*other, "--force").code == 0
    theory = ["theory", "stability", "--beta-eps", "3", "-o", "mine"]
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    refused = glasscli(*theory, "--no-figure")
    assert refused.code == 1 and "mine.csv exists: give --force" in refused.err
    assert (tmp_path / "mine.csv").read_text() == "a,b\n1,2\n"
    assert glasscli(*theory, "--no-figure", "--force").code == 0
    assert (tmp_path / "mine.csv").read_text() != "a,b\n1,2\n"
    # A name that the command gives is its own.
    assert [glasscli(*theory[:-2], "--no-figure").code for _ in range(2)] == [0, 0]


def test_two_inputs_of_one_name_never_share_an_output(tmp_path, glasscli):
    """The same command about the same file replaces what it made; about another file of that name it asks."""
    for folder, n in (("a", 60), ("b", 70)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "x.dump", n=n, species=2, edges=(6.0,))
    for words, product in (
        (["render", "{}/x.dump"], "x-species.png"),
        (["analyze", "{}/x.dump", "--measure", "pdf", "-o", "s"], "s-pdf.csv"),
        (["theory", "excitations", "{}/x.dump", "--system", "wahnstrom", "-o", "e"], "e.csv"),
    ):
        of_a, of_b = ([word.format(folder) for word in words] for folder in "ab")
        for _ in range(2):
            answer = glasscli(*of_a)
            assert answer.code == 0, answer.err
        before = (tmp_path / product).read_bytes()
        refused = glasscli(*of_b)
        assert refused.code == 1 and "was made of a/x.dump" in refused.err and "--force" in refused.err
        assert (tmp_path / product).read_bytes() == before
        assert glasscli(*of_b, "--force").code == 0 and (tmp_path / product).read_bytes() != before
    both = glasscli("analyze", "a/x.dump", "b/x.dump", "--measure", "pdf", "-o", "both", "--json")
    tables = [table for file in both.data["files"] for table in file["tables"]]
    assert tables == ["both-a-x-pdf.csv", "both-b-x-pdf.csv"]


def test_what_more_files_make_supersedes_and_what_fewer_make_asks(tmp_path):
    for name in ("a.h5", "b.h5"):
        (tmp_path / name).touch()
    a, b, table = tmp_path / "a.h5", tmp_path / "b.h5", tmp_path / "t.csv"
    for inputs in ([a], [b, a]):
        Claims(inputs).file(table, TABLE)
        table.write_text("x,y\n1,2\n")
    for inputs in ([a], [b]):
        with pytest.raises(FileError, match=r"t.csv was made of a.h5, b.h5: give --force"):
            Claims(inputs).check(table, TABLE)
    # A torn line is nobody's: it is asked for, not taken.
    (tmp_path / MADE).write_text((tmp_path / MADE).read_text()[:-9])
    with pytest.raises(FileError, match="--force"):
        Claims([b]).check(table, TABLE)
    (tmp_path / MADE).unlink()
    with pytest.raises(FileError, match="exists: give --force"):
        Claims([a, b]).check(table, TABLE)
    Claims([a, b]).check(table, TABLE, own=True)


def test_the_names_of_one_file(tmp_path):
    one = tmp_path / "q.h5"
    (tmp_path / "q.h5.partial").mkdir()
    assert same_file(one, tmp_path / "x" / ".." / "q.h5") or not (tmp_path / "x").exists()
    assert same_file(one, tmp_path / "q.h5.partial") and same_file(tmp_path / "q.h5.partial", one)
    (tmp_path / "l.h5").symlink_to("q.h5")
    assert same_file(tmp_path / "l.h5", one) and not same_file(tmp_path / "p.h5", one)


def test_kinds_are_told_by_what_is_inside(tmp_path, runs):
    for text, kind in (
        ("ITEM: TIMESTEP\n0\n", DUMP), ("# made\n\n4 atoms\n2 atom types\n", DATA), ("2\nx\nA 0 0 0\nA 1 1 1\n", XYZ),
        ("<!DOCTYPE html><html>", PAGE), ("# of a run\na,b\n1,2\n", TABLE), ("a note\n", "a text file"),
        ("step,potential_energy (kcal/mol)\n", TABLE), ("\"<0,0,12,0>\",3\n", TEXT),
        ("index,share\n\"<0,0,12,0>\",3\n", TABLE),
        ("name,ε\n" + "Å,1\n" * 5000, TABLE), ("atoms in cluster,all\n", TABLE),
        ("name,n\n" + "Cu,1\n" * 5000 + "Z", TABLE), ('{"a": [1, 2]}', JSON), ("[" + "1.5, " * 5000, JSON),
        ('{"a": "' + "b" * 9000, JSON), ("[1] Smith, Jones: a paper\n", TEXT), ("{draft}\n", TEXT), ("[" * 9000, TEXT),
        ("2020\n\nwas a hard year\n", TEXT), ("20 atoms, all of copper,\nwere seen\n", TEXT),
        ("mine, and nobody else's\n", TEXT), ("Dear Bob,\nI have, in 2020, seen 7.\n", TEXT),
        ("bread,milk\n", TABLE), ("eggs, 12\nmilk, 2\n", TEXT), ("0.1,0.2\n0.3,0.1\n", TEXT), ("a,b\n1,2\n3\n", TEXT),
        ("", "an empty file"), ("\0\1\2", "a file of another kind"),
    ):  # fmt: skip
        (tmp_path / "any").write_text(text)
        assert kind_of(tmp_path / "any") == kind
    assert kind_of(runs / "quench.h5") == RUN


WRITERS = {
    "theory": (["theory", "levels", "-o", "d.csv", "--no-figure"], "d.csv"),
    "analyze": (["analyze", "few.dump", "--measure", "pdf", "-o", "d"], "d-pdf.csv"),
    "eos": (["eos", "fcc", "--points", "9", "--table", "d.csv"], "d.csv"),
    "lammps": (["export", "few.dump", "-o", "d.lammps"], "d.lammps"),
    "xyz": (["export", "few.dump", "-o", "d.xyz"], "d.xyz"),
    "dump": (["export", "few.dump", "-o", "d.dump"], "d.dump"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_force_replaces_no_prose(name, tmp_path, glasscli, made):
    """A letter has commas, a diary begins with a year, notes count atoms; they stay, with --force too."""
    shutil.copy(made / "few.dump", tmp_path)
    words, place = WRITERS[name]
    for text in (
        "Dear Bob,\nthe eggs, all 12, are gone\n",
        "2020\n\nwas hard\n",
        "20 atoms, all of copper\n",
    ):
        (tmp_path / place).write_text(text)
        refused = glasscli(*words, "--force")
        assert refused.code == 1 and f"{place} is a text file" in refused.err, refused
        assert refused.err.count("\n") == 1 and (tmp_path / place).read_text() == text
    (tmp_path / place).unlink()
    for _ in range(2):
        answer = glasscli(*words, "--force")
        assert answer.code == 0, answer.err


def test_a_folder_that_cannot_be_written_to_is_named_before_anything_is_done(tmp_path, glasscli):
    if os.geteuid() != 0:
        pytest.skip("mounting takes root")
    (tmp_path / "in").mkdir()
    assert glasscli(*QUENCH, cwd=tmp_path / "in").code == 0
    subprocess.run(["mount", "--bind", tmp_path / "in", tmp_path / "in"], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", tmp_path / "in"], check=True)
        refused = glasscli("analyze", "in/quench.h5", "--measure", "pdf")
        assert refused.code == 1 and "in cannot be written to: say with -o STEM" in refused.err
        assert [p.name for p in tmp_path.iterdir()] == ["in"]
        answer = glasscli("analyze", "in/quench.h5", "--measure", "pdf", "-o", "out", "--json")
        assert answer.code == 0, answer.err
        assert "not kept in it" in answer.err and answer.data["tables"] == ["out-pdf.csv"]
        page = glasscli("report", "in/quench.h5", "--measure", "pdf", "-o", "page.html")
        assert page.code == 0, page.err
    finally:
        subprocess.run(["umount", tmp_path / "in"], check=True)


@pytest.fixture
def deck(tmp_path, runs, glasscli):
    """A dry run into a folder d that holds its like already."""
    shutil.copy(runs / "quench.h5", tmp_path / "q.h5")
    words = ("anneal", "q.h5", "--T", "0.5", "--steps", "100", "-o", "d", "--dry-run", "--force")
    assert glasscli(*words).code == 0 and {p.name for p in (tmp_path / "d").iterdir()} >= {"anneal.in"}
    return words


@pytest.mark.parametrize("name", ["anneal.in", "start.restart"])
@pytest.mark.parametrize("how", ["run", "text", "link"])
def test_a_dry_run_replaces_its_like_alone(name, how, deck, tmp_path, glasscli):
    place, target = tmp_path / "d" / name, tmp_path / "diary.txt"
    place.unlink()
    target.write_text("my thesis\n")
    if how == "link":
        place.symlink_to(target)
    else:
        shutil.copy(target if how == "text" else tmp_path / "q.h5", place)
    before = place.read_bytes()
    answer = glasscli(*deck)
    assert answer.code == 1 and name in answer.err and answer.err.count("\n") == 1
    assert place.read_bytes() == before and target.read_text() == "my thesis\n"


def test_force_replaces_the_files_of_another_dry_run(deck, tmp_path, glasscli):
    before = (tmp_path / "d/anneal.in").read_text()
    answer = glasscli(*("0.6" if word == "0.5" else word for word in deck))
    assert answer.code == 0 and (tmp_path / "d/anneal.in").read_text() != before


@pytest.mark.parametrize(
    "words", [["theory", "levels"], ["analyze", "few.dump", "--measure", "pdf"]], ids=["t", "a"]
)
def test_a_device_begins_no_names(words, made, tmp_path, glasscli):
    """Not /dev/null.csv, which root could write; here beside a pipe."""
    shutil.copy(made / "few.dump", tmp_path)
    os.mkfifo(tmp_path / "pipe")
    answer = glasscli(*words, "-o", "pipe")
    assert answer.code == 1 and "pipe is no file but a device or a pipe" in answer.err, answer
    assert answer.err.count("\n") == 1 and {path.name for path in tmp_path.iterdir()} == {"few.dump", "pipe"}


def test_two_outputs_have_two_names(tmp_path, glasscli):
    """Known before anything is computed: nothing is made."""
    done = glasscli("eos", "fcc", "--points", "9", "--figure", "x.png", "--table", "./x.png")
    assert done.code == 1 and "x.png would be a PNG picture and a table (CSV)" in done.err
    assert not list(tmp_path.iterdir())
