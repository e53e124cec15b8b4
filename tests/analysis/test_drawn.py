"""A picture is drawn when it would change, and only then."""

import os

import numpy as np
import pytest

from glasscli.analysis import workers
from glasscli.analysis.drawn import draw, key_of
from glasscli.analysis.kept import Kept
from glasscli.errors import FileError, GlassError


def by_whom(path, *values):
    path.write_text(str(os.getpid()))


def refuse(path, *values):
    raise FileError(f"{path}: no space left")


@pytest.fixture
def drawer(monkeypatch):
    """A process that waits for work. Of a test that has used OVITO it cannot be a fork."""
    worker = workers.Worker("spawn")
    monkeypatch.setattr(workers, "_idle", [worker])
    yield worker
    worker.end()


def test_who_waits_for_work_draws(drawer, tmp_path):
    kept, path = Kept(tmp_path / "x-analysis.db"), tmp_path / "x-pdf.png"
    draw(kept, path, by_whom, [1], {}).finish(kept)
    assert int(path.read_text()) not in (0, os.getpid())
    assert draw(kept, path, by_whom, [1], {}) is None, "it is remembered"
    with pytest.raises(FileError, match="no space left"):
        draw(kept, path, refuse, [2], {}).finish(kept)
    assert draw(kept, path, by_whom, [lambda: 3], {}) is None, "what cannot be sent is drawn here"
    assert int(path.read_text()) == os.getpid() and not drawer.waiting


def leave(path, *values):
    os._exit(3)


def test_a_drawer_that_is_gone_is_noticed(drawer, tmp_path):
    kept = Kept(None)
    picture = draw(kept, tmp_path / "x-pdf.png", leave, [], {})
    with pytest.raises(GlassError, match=r"ended from outside \(exit code 3\)"):
        picture.finish(kept)


def test_a_picture_is_drawn_when_it_would_change(tmp_path):
    kept, path, drawn = Kept(tmp_path / "x-analysis.db"), tmp_path / "x-pdf.png", []

    def picture(target, *values, **more):
        drawn.append(values)
        target.write_text(f"{values} {more}")

    def times(*values, **more):
        draw(kept, path, picture, values, more)
        return len(drawn)

    g = np.linspace(0, 1, 5)
    assert times(g, {1: "A"}, label="r") == 1
    assert times(g.copy(), {1: "A"}, label="r") == 1, "equal numbers look alike"
    assert times(g + 1e-12, {1: "A"}, label="r") == 2
    assert times(g + 1e-12, {1: "B"}, label="r") == 3
    path.write_text("another program's")
    assert times(g + 1e-12, {1: "B"}, label="r") == 4
    path.unlink()
    assert times(g + 1e-12, {1: "B"}, label="r") == 5 and path.exists()
    kept.close()
    kept = Kept(tmp_path / "x-analysis.db")
    assert times(g + 1e-12, {1: "B"}, label="r") == 5, "it is remembered"
    assert times(zip(g, g, strict=True)) == 6 and times(zip(g, g, strict=True)) == 7, (
        "no form to be told again"
    )


def test_values_that_differ_have_other_keys():
    given = [(1,), (1.0,), ("1",), (True,), (None,), ([1],), ((1, 2),), (1, 2), ("ab", "c"), ("a", "bc")]
    given += [(np.arange(4),), (np.arange(4).reshape(2, 2),), (np.arange(4.0),), ({"a": 1},)]
    assert len({key_of(draw, *values) for values in given}) == len(given)
