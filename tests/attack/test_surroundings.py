"""What surrounds a command: variables of the environment, names without a name, files that are none."""

import os
from pathlib import Path

import pytest

from glasscli.engine.launch import check_threads
from glasscli.errors import FileError, InputError
from glasscli.report.beside import stem_of
from glasscli.store.kind import RUN, TABLE
from glasscli.store.outputs import Claims, check, check_run, writable
from tests.attack.test_programs import one_line

HDF5 = {
    "HDF5_DRIVER": "bogus",
    "HDF5_DRIVER_CONFIG": "bogus",
    "HDF5_VOL_CONNECTOR": "bogus",
    "HDF5_PLUGIN_PATH": "/nonexistent",
    "HDF5_PLUGIN_PRELOAD": "bogus",
}


def test_no_variable_says_how_hdf5_stores(runs, tmp_path, glasscli):
    """A driver or connector that is not there would end the process, one that is there would be run."""
    answer = glasscli("render", runs / "anneal.h5", "-o", "a.png", "--json", **HDF5)
    assert answer.code == 0 and answer.data["file"], answer
    assert [path.name for path in tmp_path.glob("*.png")] == ["a.png"]


def test_threads_of_the_environment(monkeypatch, glasscli):
    """A hundred thousand would end the process, or wait for one another; what is no number OpenMP passes over."""
    one_line(
        glasscli("quench", "--atoms", "200", "--steps", "20", OMP_NUM_THREADS="100000"),
        "OMP_NUM_THREADS=100000: 100000 threads of a process",
        "--allow threads=100000",
    )
    for text in ("abc", "-1", "0", "", "2,3", "4"):
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        check_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "9999,1")
    with pytest.raises(InputError, match="9999 threads"):
        check_threads()
    monkeypatch.setenv("GLASSCLI_MAX_THREADS", "9999")
    check_threads()


@pytest.mark.parametrize("folder", ["/proc", "/sys", "/dev/full", "/proc/self/task"])
def test_what_takes_no_file_is_refused_at_the_start(folder):
    """Also to root, who is told that he may write there."""
    for decide in (lambda path: check(path, RUN), writable, Claims().file):
        with pytest.raises(FileError, match=r"cannot be written to|does not exist"):
            decide(Path(folder) / "x.h5")


def test_a_folder_is_tried_without_a_trace(tmp_path):
    assert check(tmp_path / "x.h5", RUN) == tmp_path.resolve() / "x.h5"
    assert not list(tmp_path.iterdir())


def test_an_ending_is_no_name(runs, tmp_path, glasscli):
    assert stem_of(Path("..h5")) == Path("..h5") and stem_of(Path("a/.h5")) == Path(".h5")
    for name in ("..csv", "...png"):
        with pytest.raises(FileError, match="an ending without a name"):
            check(tmp_path / name, TABLE)
    for command in ("report", "analyze"):
        one_line(glasscli(command, "..h5"), "..h5: an ending without a name", code=1)


def test_a_run_is_not_called_like_the_folder_of_an_unfinished_one(tmp_path):
    with pytest.raises(FileError, match="unfinished run"):
        check_run(tmp_path / "a.h5.partial", ())


@pytest.mark.parametrize("words", ["show", "render", "export -o y.data", "theory spectrum --distribution",
                                   "theory excitations --system wahnstrom"])  # fmt: skip
@pytest.mark.parametrize("kind", ["pipe", "zero"])
def test_a_pipe_is_not_waited_for(words, kind, tmp_path, glasscli):
    name = "/dev/zero"
    if kind == "pipe":
        os.mkfifo(tmp_path / "pipe")
        name = "pipe"
    one_line(glasscli(*words.split(), name, limits=(2 * 10**9, 20)), f"{name}: no file, but", code=1)
