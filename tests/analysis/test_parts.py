"""Parts of a file's frames, measured by themselves, give the analysis of the whole its numbers to the last bit."""

import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from glasscli.analysis import driver
from glasscli.analysis.choices import chosen
from glasscli.analysis.parts import Part
from glasscli.cli.submit import _tasks
from glasscli.errors import FileError, InputError
from glasscli.formats.foreign import open_source
from glasscli.model.system import load_system
from glasscli.store.outputs import Claims
from tests.lattices import gas

MEASURES = ("icosahedra", "pdf", "local-energy")


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    """Seven frames of another program, whose energies are missing."""
    path = tmp_path_factory.mktemp("parts") / "theirs.dump"
    with path.open("w") as file:
        for k in range(7):
            c = gas([60, 60], [6.0, 6.0, 6.0], seed=k)
            file.write(
                f"ITEM: TIMESTEP\n{k}\nITEM: NUMBER OF ATOMS\n{c.n_atoms}\nITEM: BOX BOUNDS pp pp pp\n"
            )
            file.writelines("0 6\n" for _ in range(3))
            file.write("ITEM: ATOMS id type x y z\n")
            rows = np.column_stack([np.arange(1, c.n_atoms + 1), c.species, c.positions])
            np.savetxt(file, rows, fmt="%d %d %.8f %.8f %.8f")
    return path


def analyzed(path, part=None):
    """The answer of `analyze` or of a part of it, of a copy of the file."""
    system = load_system("wahnstrom")
    wish = chosen(system, pdf_frames=5)
    if part is None:
        (found,) = driver.analyze_all([path], system, wish, MEASURES, claims=Claims([path], force=True))
    else:
        (found,) = driver.measure_part([path], system, wish, Part.parse(part), MEASURES)
    return found.data


def rows(path):
    """What a database of kept results holds."""
    with sqlite3.connect(path) as base:
        return set(base.execute("SELECT * FROM rows"))


@pytest.fixture(scope="module")
def whole(dump, tmp_path_factory):
    """The answer, tables and rows without parts."""
    path = shutil.copy(dump, tmp_path_factory.mktemp("whole"))
    return analyzed(Path(path)), Path(path).parent


def same(answer, folder, whole):
    """Whether all that was said and kept is the same."""
    texts = []
    for found, place in ((answer, folder), (whole[0], whole[1])):
        kept = {k: v for k, v in found.items() if k not in ("file", "tables", "figures", "notes")}
        texts.append(json.dumps(kept, sort_keys=True).replace(str(place), ""))
    assert texts[0] == texts[1]
    for table in whole[1].glob("*.csv"):
        assert (folder / table.name).read_bytes() == table.read_bytes(), table.name
    assert rows(folder / "theirs-analysis.db") == rows(whole[1] / "theirs-analysis.db")


def test_parts_are_taken_in(dump, whole, tmp_path, monkeypatch):
    path = Path(shutil.copy(dump, tmp_path))
    made = [analyzed(path, f"{k}/3") for k in (3, 1, 2)]
    assert sum(one["frames"] for one in made) == 7 and {one["parts"] for one in made} == {3}
    assert all(one["measured"] == one["frames"] for one in made)
    assert analyzed(path, "2/3")["measured"] == 0, "a part that is run again has all its rows"
    monkeypatch.setattr(driver, "iterate_frames", None)  # nothing is left to be measured
    same(analyzed(path), tmp_path, whole)
    assert not list(tmp_path.glob("*-part-*")), "what was taken in is removed"


def test_a_part_that_was_killed_and_one_that_is_damaged(dump, whole, tmp_path):
    """What is whole of them is used; the file of the first stays, for it to go on with."""
    path = Path(shutil.copy(dump, tmp_path))
    for k in (1, 2):
        analyzed(path, f"{k}/2")
    first, second = (tmp_path / f"theirs-analysis-part-{k}-of-2.db" for k in (1, 2))
    with sqlite3.connect(first) as base:
        base.execute("DELETE FROM rows WHERE measure = 'part'")
    with sqlite3.connect(second) as base:
        base.execute("UPDATE rows SET result = zeroblob(40) WHERE measure = 'icosahedra'")
    same(analyzed(path), tmp_path, whole)
    assert first.exists() and not second.exists()


def test_a_file_that_is_no_database_hides_nothing(dump, whole, tmp_path):
    path, odd = Path(shutil.copy(dump, tmp_path)), tmp_path / "theirs-analysis-part-1-of-1.db"
    odd.write_bytes(b"not a database" * 100)
    answer = analyzed(path)
    assert any(odd.name in note for note in answer["notes"])
    same(answer, tmp_path, whole)
    assert odd.exists()


def test_a_part_that_cannot_be_kept_fails(dump, tmp_path):
    path, odd = Path(shutil.copy(dump, tmp_path)), tmp_path / "theirs-analysis-part-1-of-2.db"
    odd.write_bytes(b"not a database" * 100)
    with pytest.raises(FileError, match=odd.name):
        analyzed(path, "1/2")
    assert odd.read_bytes() == b"not a database" * 100


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/1e9", "-1/2", "1/999999999"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(InputError):
        Part.parse(text)


@pytest.mark.parametrize("count", [0, 1, 7, 100])
@pytest.mark.parametrize("of", [1, 3, 16])
def test_every_frame_is_in_one_part(count, of):
    assert [k for n in range(1, of + 1) for k in Part(n, of).frames(count)] == list(range(count))


def test_tasks_of_an_analysis(dump, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("analyze", str(dump), "--system", "wahnstrom", "--measure", "pdf")
    folder, tasks = _tasks(words, None, None, 3)
    assert folder == Path() and [task.stage for task in tasks] == ["parts"] * 3 + ["analyze"]
    assert tasks[1].words[:2] == ("analyze", str(dump)) and "2/3" in tasks[1].words
    assert tasks[-1].inputs == tuple(task.output for task in tasks[:-1])
    assert [task.stage for task in _tasks(words, None, None, None)[1]] == ["analyze"]
    with pytest.raises(InputError, match="--parts"):
        _tasks(("anneal", "q.h5"), None, None, 3)
    with pytest.raises(InputError, match="--part"):
        _tasks((*words, "--part", "1/3"), None, None, 3)


def test_minima_are_no_parts(dump):
    with pytest.raises(InputError, match="--minimise"):
        driver.measure_part(
            [dump], load_system("wahnstrom"), chosen(None, minimise=True), Part(1, 2), MEASURES
        )
    assert len(open_source(dump)) == 7
