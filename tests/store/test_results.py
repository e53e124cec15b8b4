"""Results that several processes add to one run, and a run that is lengthened while it is measured."""

import multiprocessing
import shutil
import threading
import time

import pytest

from glasscli.errors import FileError
from glasscli.store import results
from glasscli.store.files import replacing, turn
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli


def _add(path, name):
    results.add_results(open_run(path), {name: {"value": name}})


def test_what_two_processes_add_is_kept(runs, tmp_path, monkeypatch):
    """Each copies the file and renames its copy over it: without turns the last one alone would be there."""
    path = tmp_path / "a.h5"
    shutil.copy(runs / "anneal.h5", path)
    add = results.add_bytes

    def slow(*words):
        time.sleep(0.3)
        return add(*words)

    monkeypatch.setattr(results, "add_bytes", slow)
    context = multiprocessing.get_context("fork")
    names = [f"n{k}" for k in range(3)]
    at_work = [context.Process(target=_add, args=(path, name)) for name in names]
    for process in at_work:
        process.start()
    for process in at_work:
        process.join()
    run = open_run(path)
    assert [run.result(name) for name in names] == [{"value": name} for name in names]


def test_a_run_that_was_lengthened_takes_no_results_of_before(runs, tmp_path):
    path = tmp_path / "anneal.h5"
    shutil.copy(runs / "anneal.h5", path)
    before = open_run(path)
    assert run_glasscli("resume", "anneal.h5", "--steps", "100", "more", cwd=tmp_path).code == 0
    longer = path.read_bytes()
    with pytest.raises(FileError, match=r"anneal\.h5 is another than was measured"):
        results.add_results(before, {"x": {"value": 1}})
    assert path.read_bytes() == longer


def test_a_run_is_renamed_in_its_turn(tmp_path):
    """Whoever changes a copy of it would else put the old one back."""
    path, order = tmp_path / "a.h5", []

    def finish():
        with replacing(path) as temporary:
            temporary.write_bytes(b"longer")
        order.append("longer")

    finishing = threading.Thread(target=finish)
    with turn(tmp_path):
        finishing.start()
        finishing.join(1)
        order.append("changed")
    finishing.join()
    assert order == ["changed", "longer"]
