"""An unfinished run whose folder was renamed is found by what is in it, and every command says what to do."""

import shutil
from pathlib import Path

import pytest

UNFINISHED = Path(__file__).parents[1] / "store" / "data" / "unfinished.h5.partial"


@pytest.mark.parametrize("name", ["mine", "mine.h5"])
def test_it_is_said_what_the_folder_holds(name, tmp_path, glasscli):
    shutil.copytree(UNFINISHED, tmp_path / name)
    line = f"{name} holds an unfinished run, but is not called NAME.h5.partial: rename it (mv {name} mine.h5.partial)"
    alone = glasscli("resume", name)
    assert alone.code == 2 and alone.err.count("\n") == 1 and line in alone.err
    whole = glasscli("resume", ".", "--json")
    assert whole.code == 75 and any(line in note for note in whole.data["notes"])
    (row,) = glasscli("status", "--json").data["runs"]
    assert row["state"] == "stopped" and line in row["reason"]
    assert glasscli("show", name, "--json").data["finished"] is False
    verified = glasscli("verify", name, "--json")
    assert verified.data["finished"] is False and verified.code == 0
    assert glasscli("cancel", name).code == 0
    (tmp_path / name).rename(tmp_path / "mine.h5.partial")
    (row,) = glasscli("status", "--json").data["runs"]
    assert line not in (row["reason"] or "")
