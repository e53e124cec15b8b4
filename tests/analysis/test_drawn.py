"""A picture is drawn when it would change, and only then."""

import numpy as np

from glasscli.analysis.drawn import draw, key_of
from glasscli.analysis.kept import Kept


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
