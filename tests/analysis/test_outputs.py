"""Two inputs never write one output."""

import csv
import shutil
from pathlib import Path

import pytest

from glasscli.analysis.files import stem_beside, stems_of
from glasscli.analysis.report_page import page_of
from glasscli.report.beside import stem_of
from tests.report.test_page import write

ODD = Path(__file__).resolve().parents[1] / "data" / "odd-files"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("quench.h5", "quench"), ("quench.h5.partial", "quench"), ("probe", "probe"), ("glass.lammps.gz", "glass"),
        ("dump.0", "dump.0"), ("dump.1000.gz", "dump.1000"), ("d.500.dump", "d.500"), ("anneal-0.5.h5", "anneal-0.5"),
        ("glass.final", "glass.final"),
    ],
)  # fmt: skip
def test_an_ending_is_taken_off_only_where_it_names_a_kind_of_file(tmp_path, file, name):
    assert stem_of(tmp_path / file) == Path(name)
    assert stem_beside(tmp_path / file) == tmp_path / name


def test_files_of_one_name_keep_their_endings_but_a_run(tmp_path):
    for name in ("glass.data", "glass.lammps", "glass.h5", "other.data", "other-pdf.csv", "other.png"):
        (tmp_path / name).touch()
    names = {
        name: stem_of(tmp_path / name).name
        for name in ("glass.data", "glass.lammps", "glass.h5", "other.data")
    }
    assert names == {
        "glass.data": "glass.data",
        "glass.lammps": "glass.lammps",
        "glass.h5": "glass",
        "other.data": "other",
    }


def test_two_snapshots_have_two_outputs(glasscli, tmp_path):
    for file in ODD.glob("04-dump.*"):
        shutil.copy(file, tmp_path)
    answer = glasscli("analyze", "04-dump.0", "04-dump.1000", "--measure", "pdf", "--json")
    assert answer.code == 0, answer.err
    tables = [name for found in answer.data["files"] for name in found["tables"]]
    assert tables == ["04-dump.0-pdf.csv", "04-dump.1000-pdf.csv"]
    first, second = ((tmp_path / name).read_text() for name in tables)
    assert first != second
    rows = [line for line in first.splitlines() if not line.startswith("#")]
    assert next(csv.reader(rows))[0].startswith("r (")


def test_files_of_one_name_under_one_stem():
    files = [Path("a/x.h5"), Path("b/x.h5"), Path("b/y.h5")]
    assert list(stems_of(files).values()) == [Path("a/x"), Path("b/x"), Path("b/y")]
    assert list(stems_of(files, Path("o/s")).values()) == [Path("o/s-a-x"), Path("o/s-b-x"), Path("o/s-y")]
    assert stems_of(files[:1], Path("o/s")) == {files[0]: Path("o/s")}


def test_a_page_is_named_after_its_file_and_not_replaced(glasscli, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "few.dump", n=60, species=2, edges=(4.0,))
    words = ["report", "in/few.dump", "--measure", "pdf", "--json"]
    assert glasscli(*words).data["report"] == "in/few-report.html"
    for mine, says in (
        ("<html>mine</html>", "exists: give --force"),
        ("mine", "a text file, not a web page"),
    ):
        (folder / "few-report.html").write_text(mine)
        refused = glasscli(*words)
        assert refused.code == 1 and says in refused.err
        assert (folder / "few-report.html").read_text() == mine
    assert glasscli(*words, "--force").code == 1 and (folder / "few-report.html").read_text() == "mine"
    (folder / "few-report.html").write_text("<html>mine</html>")
    assert glasscli(*words, "--force").code == 0 and "<html" in (folder / "few-report.html").read_text()
    files = [Path("a/x.h5"), Path("b/x.h5"), Path("c.h5")]
    assert page_of(files).name == "x-and-2-more-report.html" and page_of(files[:1]).name == "x-report.html"
