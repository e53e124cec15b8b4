"""The quick comparisons hold, and one that does not is said."""

import json

import numpy as np
import pytest

from glasscli.cli import main
from glasscli.reproduce.comparison import Comparison, Expected, compare
from glasscli.reproduce.validate import GROUPS, Group, glass_group


def differing(group):
    return [
        f"{c.expected.what}: {c.ours!r}, not {c.expected.value} ± {c.expected.tolerance}"
        for c in compare(group.expected, group.numbers())
        if not c.holds
    ]


@pytest.mark.parametrize("name", GROUPS)
def test_published_and_exact_numbers_come_out(name):
    assert not differing(GROUPS[name])


def test_the_third_party_glass_has_the_numbers_that_others_counted(third_party_glass):
    group = glass_group(third_party_glass)
    assert {"f_ico", "f_ico small"} <= {e.key for e in group.expected}
    assert not differing(group)


def test_a_number_out_of_its_tolerance_differs():
    one = Expected("x", "x", 2.0, 0.1, "exact")
    assert Comparison(one, 2.05).holds and not Comparison(one, 2.2).holds
    assert not Comparison(one, float("nan")).holds
    assert Comparison(one, None).holds is None
    # NumPy's own truth is not JSON's.
    assert json.loads(json.dumps(Comparison(one, np.float64(2.05)).data))["holds"] is True
    assert Comparison(one, float("nan")).data["ours"] is None


def test_validate_fails_when_one_comparison_does(monkeypatch, capsys):
    wrong = Group("wrong", (Expected("x", "x", 2.0, 0.1, "exact"),), lambda: {"x": 3.0})
    monkeypatch.setitem(GROUPS, "wrong", wrong)
    with pytest.raises(SystemExit) as end:
        main(["validate", "--only", "wrong", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert end.value.code == 1 and data["failed"] == 1 and data["rows"][0]["difference"] == 1.0


def test_unknown_groups_and_missing_glasses_are_one_line(glasscli):
    assert "did you mean 'theory'" in glasscli("validate", "--only", "theori").err
    assert glasscli("validate", "--glass", "none.lammps").err == "glasscli: none.lammps: no such file\n"
