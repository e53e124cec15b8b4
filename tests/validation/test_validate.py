"""The quick comparisons hold, or say why not; one that should and does not is a failure."""

import json

import pytest

from glasscli.cli import main
from glasscli.reproduce.comparison import Expected, Kind, Verdict, as_expected, compare
from glasscli.reproduce.validate import GROUPS, Group, glass_group


def wrong(group):
    return [
        f"{c.expected.what}: {c.ours!r} ± {c.found.error}, not {as_expected(c.expected)}"
        for c in compare(group.expected, group.numbers())
        if c.wrong or c.verdict is Verdict.UNSURE
    ]


@pytest.mark.parametrize("name", GROUPS)
def test_numbers_come_out_or_their_difference_has_an_explanation(name):
    assert not wrong(GROUPS[name])


def test_the_third_party_glass_has_the_numbers_that_others_counted(third_party_glass):
    group = glass_group(third_party_glass)
    assert {"f_ico", "f_ico small"} <= {e.key for e in group.expected}
    assert not wrong(group)


def test_validate_fails_when_a_calculation_differs_and_not_for_an_explained_print(monkeypatch, capsys):
    def said(**how):
        one = Expected("x", "x", "somewhere", value=2.0, error=0.1, rival=3.0, fails="another law", **how)
        monkeypatch.setitem(GROUPS, "wrong", Group("wrong", (one,), lambda: {"x": 3.0}))
        with pytest.raises(SystemExit) as end:
            main(["validate", "--only", "wrong", "--json"])
        return end.value.code, json.loads(capsys.readouterr().out)

    code, data = said(kind=Kind.EXACT, why="an excuse")
    assert code == 1 and data["failed"] == 1 and data["rows"][0]["difference"] == 1.0
    assert said(kind=Kind.PRINTED)[0] == 1
    code, data = said(kind=Kind.PRINTED, why="a misprint")
    assert code == 0 and data["failed"] == 0 and data["differ"] == 1
    assert data["by_kind"] == {"printed number": {"differs": 1}}


def test_unknown_groups_and_missing_glasses_are_one_line(glasscli):
    assert "did you mean 'theory'" in glasscli("validate", "--only", "theori").err
    assert glasscli("validate", "--glass", "none.lammps").err == "glasscli: none.lammps: no such file\n"
