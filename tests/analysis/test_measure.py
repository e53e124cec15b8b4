"""What a measure may read, what is kept of it, and in what order measures stand."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from glasscli.analysis.choices import Choices
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.frame import Frame, Shared
from glasscli.analysis.measure import Measure, restoring, stored
from glasscli.analysis.registry import DEFAULT, MEASURES, listing, resolve
from glasscli.analysis.result import Result, plain
from glasscli.errors import GlassError, InputError
from glasscli.formats.foreign import open_source
from glasscli.observables.topology import unique_bonds
from glasscli.observables.voronoi import tessellate
from tests.report.test_page import write

CHOICES = Choices(jobs=1)
CHOSEN = replace(CHOICES, radii={1: 0.55, 2: 0.45})
MEASURED = []


@dataclass(frozen=True)
class Row:
    bonds: int


@dataclass(frozen=True)
class Bonds(Result):
    last: int


def count(frame):
    MEASURED.append(frame.configuration.step)
    return Row(len(unique_bonds(frame.radical)))


def counting(**more):
    def finish(subject):
        *_, row = measure.rows(subject)
        return Bonds(row.bonds)

    measure = Measure(name="bonds", explanation="bonds", finish=finish, frame=count, row=Row, **more)
    return measure


@pytest.fixture
def added(monkeypatch):
    """A measure that counts radical bonds, among all others."""
    measure = counting(needs=("radical",))
    monkeypatch.setitem(MEASURES, measure.name, measure)
    MEASURED.clear()
    return measure


def test_a_measure_that_asks_for_the_radical_tessellation_gets_it(added, tmp_path):
    """Whoever else is asked: without radii it would count the bonds of the plain one."""
    path = write(tmp_path / "glass.dump", n=200, species=2, edges=(6.0,))
    last = open_source(path)[-1]
    counts = [len(unique_bonds(tessellate(last, radii, bonds=True))) for radii in (None, CHOSEN.radii)]
    assert counts[0] != counts[1]
    (alone,) = analyze_all([path], None, CHOSEN, ["bonds"])
    (beside,) = analyze_all([path], None, CHOSEN, ["bonds", "topology"])
    assert alone.data["bonds"] == beside.data["bonds"] == {"last": counts[1]}
    assert beside.data["topology"]["frames"][-1]["bonds"] == counts[1]


def test_rows_are_kept_by_what_they_were_made_from(added, tmp_path):
    path = write(tmp_path / "glass.dump", n=100, species=2, edges=(5.0, 5.0))
    first, again = (analyze_all([path], None, CHOSEN, ["bonds"])[0].data for _ in range(2))
    assert first == again and sorted(MEASURED) == [0, 1]
    # Other radii, other rows; a choice that it does not read changes nothing.
    (other,) = analyze_all([path], None, Choices(jobs=1, radii={1: 0.5, 2: 0.5}), ["bonds"])
    assert other.data["bonds"] != first["bonds"] and len(MEASURED) == 4
    analyze_all([path], None, replace(CHOSEN, bin_width=0.5, edge_threshold=0.1), ["bonds"])
    assert len(MEASURED) == 4


def test_what_a_measure_does_not_say_it_needs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setitem(MEASURES, "bonds", counting())
    path = write(tmp_path / "glass.dump", n=60, species=2, edges=(4.0,))
    with pytest.raises(GlassError, match=r"reads frame.radical: its `needs` must name 'radical'"):
        analyze_all([path], None, CHOICES, ["bonds"])
    with pytest.raises(ValueError, match="nothing is called cell;"):
        counting(needs=("cell",))
    with pytest.raises(ValueError, match="go together"):
        Measure(name="half", explanation="", finish=lambda subject: None, frame=count)


def test_without_radii_there_is_no_radical_tessellation(added, tmp_path):
    path = write(tmp_path / "three.dump", n=60, species=3, edges=(4.0,))
    configuration = open_source(path)[0]
    with pytest.raises(InputError, match="needs --radii"):
        _ = Frame(Shared(configuration, CHOICES, None)).radical
    with pytest.raises(InputError, match="3 species needs --radii"):
        analyze_all([path], None, CHOICES, ["bonds"])
    (found,) = analyze_all([path], None, CHOICES, ["bonds", "pdf"])
    assert found.data["bonds"] == {} and found.data["pdf"]["total"]
    assert any(note.startswith("no bonds: ") for note in found.notes)


def test_a_measure_that_needs_energies_waits_for_a_system(monkeypatch, tmp_path, wahnstrom):
    monkeypatch.setitem(MEASURES, "bonds", counting(needs=("radical", "energies")))
    path = write(tmp_path / "glass.dump", n=60, species=2, edges=(4.0,))
    with pytest.raises(InputError, match="give --system"):
        analyze_all([path], None, CHOICES, ["bonds"])
    assert analyze_all([path], wahnstrom, CHOICES, ["bonds"])[0].data["bonds"]["last"] > 60


@dataclass(frozen=True)
class Inner:
    bonds: int
    orders: dict[str, int]


@dataclass(frozen=True)
class Nested:
    step: int
    inner: Inner
    values: np.ndarray
    share: float | None


def test_a_row_comes_back_as_it_was():
    row = Nested(3, Inner(7, {"5": 7}), np.arange(3.0), None)
    kept = stored(row)
    assert kept["inner"] == {"bonds": 7, "orders": {"5": 7}} and kept["values"] is row.values
    back = restoring(Nested)(kept)
    assert back.inner == row.inner and back.step == 3 and back.share is None


def test_numbers_as_json_has_them():
    assert plain({1: np.float32(0.5), "a": (np.nan, np.inf, np.int64(2))}) == {"1": 0.5, "a": [None, None, 2]}
    assert plain(Inner(1, {})) == {"bonds": 1, "orders": {}} and plain(Bonds(2)) == {"last": 2}
    with pytest.raises(TypeError, match="object has no form in JSON"):
        plain(object())


def test_measures_stand_by_their_places():
    names = ["icosahedra", "domains", "hexatic", "definitions", "pdf", "structure-factor", "diffraction", "network",
             "displacements", "topology", "local-energy", "relaxation", "local-order", "ttt",
             "elasticity", "flow-curve", "instability", "rearrangements", "shear-band", "soft-spots"]  # fmt: skip
    assert list(MEASURES) == names and resolve("all") == tuple(names)
    assert DEFAULT == ("icosahedra", "hexatic", "pdf", "displacements", "relaxation")
    assert resolve("ttt, pdf") == ("pdf", "ttt")
    data, text = listing()
    assert list(data["measures"]) == names and len(text.splitlines()) == len(names) + 1
    assert all(
        measure.captions
        for name, measure in MEASURES.items()
        if name not in ("definitions", "elasticity", "hexatic", "local-order")
    )
