"""Names, histories and command lines of somebody else are shown, never obeyed: on a terminal, in a page, in a table."""

import csv
import json
import shutil
import string

import pytest

from glasscli.formats.csv import write_rows
from glasscli.report.page import Section, Table, write_page
from glasscli.shown import lines, shown
from tests.conftest import run_glasscli

ESCAPE = "a\x1b]0;owned\x07\x1b[2J\x9b1m\u202egnp.h5"
UNSEEN = set("\x1b\x07\x9b\u202e\u200b\u2028\r\x00\x7f\ud800")


def seen(text: str) -> bool:
    return not UNSEEN & set(text)


def test_what_is_shown():
    assert shown(ESCAPE) == r"a\x1b]0;owned\x07\x1b[2J\x9b1m\u202egnp.h5"
    assert shown("a\nb") == r"a\nb" and lines("a\nb\tc") == "a\nb\tc"
    plain = string.printable[:95] + "σ Å ε/k ⟨r²⟩ Wahnström ± — é 分子"
    assert shown(plain) == plain
    assert shown("\udcff").encode() == rb"\udcff"


@pytest.mark.parametrize("words", [["show"], ["analyze"], ["verify"], ["export", "-o", "x.xyz"], ["resume"], ["report"],
                                   ["anneal", "--T", "1"]])  # fmt: skip
def test_names_in_errors(words, tmp_path, glasscli):
    (tmp_path / ESCAPE).write_text("no HDF5\n")
    for name in (ESCAPE, f"missing {ESCAPE}"):
        answer = glasscli(words[0], name, *words[1:])
        assert answer.code and answer.err.count("\n") == 1
        assert seen(answer.err + answer.out) and r"\x1b]0;owned" in answer.err, answer.err
    answer = glasscli(words[0], ESCAPE, *words[1:], "--json")
    assert json.loads(answer.out)["error"] and seen(answer.out + answer.err)


def test_unknown_words_and_options(glasscli):
    for words in ([ESCAPE], ["quench", f"--{ESCAPE}"], ["quench", "--system", ESCAPE], ["quench", "--atoms", ESCAPE],
                  ["show", "x.h5", "--debug", ESCAPE], ["anneal", "q", "--T", ESCAPE, "--debug"]):  # fmt: skip
        answer = glasscli(*words)
        assert answer.code and seen(answer.err + answer.out), answer.err


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    """A working folder whose name and record hold escapes."""
    folder = tmp_path_factory.mktemp("strange")
    words = ["quench", "--atoms", 200, "--steps", 1000, "--equilibration", 10, "--checkpoint-every", 500]
    assert run_glasscli(*words, "--inherent-every", 0, "--walltime", "0", cwd=folder).code == 75
    working = folder / "q\x1b[31m\n  fake done.h5.partial"
    shutil.move(folder / "quench.h5.partial", working)
    data = json.loads((working / "run.json").read_text())
    data |= {"command_line": f"glasscli quench {ESCAPE}\n\n  identity  0000", "created": ESCAPE}
    data["parents"] = []
    data["versions"]["glasscli"] = ESCAPE
    (working / "run.json").write_text(json.dumps(data))
    row = json.loads((working / "history").read_text().strip().splitlines()[-1])
    (working / "history").write_text(json.dumps(row | {"reason": f"error {ESCAPE}\nfake: done"}) + "\n")
    return folder


def test_status_and_show(strange):
    status = run_glasscli("status", cwd=strange)
    assert status.code == 0 and seen(status.out)
    assert len(status.out.splitlines()) == 2 and r"q\x1b[31m\n  fake done" in status.out, status.out
    name = next(strange.glob("q*")).name
    show = run_glasscli("show", name, cwd=strange)
    assert show.code == 0, show.err
    assert seen(show.out) and r"\x1b]0;owned" in show.out
    assert (
        show.out.splitlines()[0].endswith(".partial")
        and sum("identity" in w for w in show.out.splitlines()) == 2
    )


def test_logs_and_records(tmp_path, glasscli):
    records = tmp_path / "glasscli-tasks"
    records.mkdir()
    task = {"name": "q", "stage": "quench", "words": ["quench"], "output": "q.h5", "inputs": []}
    (records / "plan.json").write_text(json.dumps([task]))
    ended = {"words": ["quench"], "exit_code": 1, "error": ESCAPE}
    (records / "q.json").write_text(json.dumps(ended))
    (records / "q.log").write_text(f"{ESCAPE}\n\x1b]52;c;aGk=\x07\n")
    answer = glasscli("status")
    assert answer.code == 0 and "failed" in answer.out and seen(answer.out) and r"\x1b]52" in answer.out


def test_a_page_holds_no_markup_of_names(tmp_path):
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b\u202e"
    link = tmp_path / "javascript:alert(1).csv"
    table = Table([bad], [[bad]], caption=bad)
    page = write_page(tmp_path / "p.html", bad, bad, [Section(bad, [table], [], [link], [bad])])
    text = page.read_text()
    assert "<script" not in text and "<img" not in text and 'href="javascript:' not in text and seen(text)


def test_a_table_holds_no_formula(tmp_path):
    cells = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "-1.5", "+2", "plain", "\x1b[2J"]
    path = write_rows(
        tmp_path / "t.csv", ["=name"], [[cell] for cell in cells] + [[-1.5], [-3]], ["a\x1b\nb"]
    )
    comment, *rows = path.read_text().splitlines()
    assert comment == r"# a\x1b b"
    found = [row[0] for row in csv.reader(rows)]
    assert found == ["'=name", "'=cmd|' /C calc'!A0", "'@SUM(1)", "'+1+1", "'-2+3", "-1.5", "+2", "plain", r"\x1b[2J",
                     "-1.5", "-3"]  # fmt: skip
