"""Data files are found in three places and nowhere else."""

from pathlib import Path

import pytest

from glasscli.errors import InputError, MissingFileError
from glasscli.model.find import Kind, find, user_folder

SYSTEMS = Kind("system", "systems", "glasscli.model")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The user's folder of systems."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "glasscli" / "systems"
    folder.mkdir(parents=True)
    return folder


def test_by_name_from_glasscli_or_from_the_users_folder(own):
    (own / "mine.toml").write_bytes(b"x")
    assert SYSTEMS.names() == sorted([*SYSTEMS.built_in(), "mine"])
    ours, theirs = find(SYSTEMS, "mine"), find(SYSTEMS, "cuzr")
    assert (ours.content, ours.folder, ours.origin) == (b"x", own, str(own / "mine.toml"))
    assert (theirs.folder, theirs.origin) == (None, "cuzr") and b"eam/fs" in theirs.content


def test_by_path(tmp_path, own):
    (tmp_path / "a.toml").write_bytes(b"x")
    assert find(SYSTEMS, str(tmp_path / "a.toml")).folder == tmp_path
    with pytest.raises(MissingFileError, match="no such system file"):
        find(SYSTEMS, "b.toml")
    with pytest.raises(MissingFileError):
        find(SYSTEMS, "../systems/cuzr")


def test_the_folder_one_works_in_is_not_looked_into(tmp_path, own, monkeypatch):
    (tmp_path / "mine.toml").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="unknown system 'mine'"):
        find(SYSTEMS, "mine")


def test_a_name_means_one_thing(own):
    (own / "cuzr.toml").write_bytes(b"x")
    with pytest.raises(InputError, match="cuzr is a built-in system: give your file another name"):
        find(SYSTEMS, "cuzr")


def test_without_a_home_there_is_what_comes_with_glasscli(monkeypatch):
    def none():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(Path, "home", none)
    assert user_folder() is None and SYSTEMS.own() == {}
    assert find(SYSTEMS, "cuzr").content
