"""Estimates of analyses grow as what they count: each piece of work takes one second here, whatever it is."""

import numpy as np
import pytest

from glasscli.analysis import cost
from glasscli.analysis.choices import Choices
from glasscli.analysis.cost import analysis_cost, growing, page_cost
from glasscli.analysis.written_cost import export_cost
from glasscli.configuration import Box, Configuration
from glasscli.formats.export import export
from glasscli.model.system import load_system
from glasscli.simulation.pieces import First, piece
from glasscli.simulation.timed import Timed
from tests.conftest import run_glasscli


def gas(n, seed=1, density=1.0):
    """Atoms on a perturbed grid."""
    side = round(n ** (1 / 3))
    grid = np.stack(np.meshgrid(*[np.arange(side)] * 3), axis=-1).reshape(-1, 3) + 0.5
    rng = np.random.default_rng(seed)
    box = Box.cube(side * density ** (-1 / 3))
    places = density ** (-1 / 3) * (grid + rng.uniform(-0.1, 0.1, grid.shape))
    return Configuration(box.wrap(places), rng.integers(1, 3, len(grid)).astype(np.int32), box)


@pytest.fixture
def seconds(monkeypatch):
    """Every piece of work is done once, and takes a second."""

    def each(self, works, most=0.0):
        next(iter(works))()
        return 1.0

    monkeypatch.setattr(Timed, "each", each)
    monkeypatch.setattr(Timed, "overhead", 3.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The frames of a liquid, and three and six of them."""
    folder = tmp_path_factory.mktemp("files")
    some = ["--equilibration", "100", "--inherent-every", "0", "--every", "10"]
    words = ["quench", "--atoms", "200", "--steps", "60", *some]
    assert run_glasscli(*words, "-o", "melt.h5", cwd=folder).code == 0
    for count in (3, 6):
        export(folder / "melt.h5", folder / f"{count}.xyz", f"0:{count}", "frames")
    return folder


def test_twice_the_frames_twice_the_time_of_frames(files, seconds):
    system = load_system("wahnstrom")
    three, six = (
        analysis_cost([files / f"{n}.xyz"], system, Choices(jobs=1), ("icosahedra",)) for n in (3, 6)
    )
    assert six.parts["frames"] == pytest.approx(2 * three.parts["frames"])
    assert six.parts["energies"] == pytest.approx(2 * three.parts["energies"]) and three.parts["energies"] > 0
    both = analysis_cost([files / "3.xyz", files / "6.xyz"], system, Choices(jobs=1), ("icosahedra",))
    assert both.parts["frames"] == pytest.approx(three.parts["frames"] + six.parts["frames"])
    assert both.memory_bytes == max(three.memory_bytes, six.memory_bytes)


def test_inherent_structures_that_are_to_be_made(files, seconds):
    system = load_system("wahnstrom")
    three, six = (
        analysis_cost([files / f"{n}.xyz"], system, Choices(minimise=True, jobs=1), ("icosahedra",))
        for n in (3, 6)
    )
    assert six.parts["inherent structures"] == pytest.approx(2 * three.parts["inherent structures"])
    assert six.bytes > three.bytes


def test_a_page_takes_more_than_its_measures(files, seconds, tmp_path):
    system, names = load_system("wahnstrom"), ("icosahedra", "pdf")
    found = analysis_cost([files / "3.xyz"], system, Choices(jobs=1), names)
    page = page_cost([files / "3.xyz"], tmp_path / "a.html", system, Choices(jobs=1), names)
    assert page.bytes > found.bytes and page.parts["pictures"] > found.parts["pictures"]


def test_memory_of_a_page_is_what_was_measured(files, seconds):
    """benchmarks/results/big.json: 0.59, 1.23 and 8.26 GB."""
    for atoms, measured in ((1e4, 0.59e9), (1e5, 1.23e9), (1e6, 8.26e9)):
        said = cost.PROCESS + cost.LARGEST * atoms + min(cost.SLICES, cost.OF_SLICES * atoms)
        assert said == pytest.approx(measured, rel=0.25)


def test_pairs_of_frames_are_counted():
    """By the first frames: what grows with the pairs goes on so, what does not stays."""
    frames, steps = [gas(27)] * 200, np.arange(200)

    class Fixed(Timed):
        def each(self, works, most=0.0):
            first = next(iter(works))
            view = first.args[0]
            pairs = sum(map(len, cost.choose_pairs(steps[: len(view)], 50).values()))
            return 0.05 + 1e-4 * (len(view) + pairs)

    whole = sum(map(len, cost.choose_pairs(steps, 50).values())) + 200
    found = growing(Fixed(), len, frames, steps, 50)
    assert found == pytest.approx(0.05 + 1e-4 * whole, rel=1e-6)


def test_a_file_of_more_frames_is_longer_in_proportion(files, seconds, tmp_path):
    few, all_ = (
        export_cost(files / "melt.h5", tmp_path / "out.xyz", f"0:{n}", "frames", None) for n in (2, 6)
    )
    assert all_.bytes == pytest.approx(3 * few.bytes, rel=0.02)
    export(files / "melt.h5", tmp_path / "out.xyz", "0:6", "frames")
    assert all_.bytes == pytest.approx((tmp_path / "out.xyz").stat().st_size, rel=0.02)


def test_a_block_is_as_dense_as_the_whole():
    whole = gas(8000, density=0.8)
    few = piece(whole, 1000)
    assert few.n_atoms == pytest.approx(1000, rel=0.15)
    assert few.n_atoms / few.volume == pytest.approx(0.8, rel=0.1)
    assert few.box.contains(few.positions).all()
    assert piece(few, 2000) is few
    near = few.box.tree(few.positions).pairs(0.6 * whole.spacing)
    assert not len(near)


def test_the_first_frames_and_atoms():
    view = First([gas(64), gas(64, 2), gas(64, 3)], 2, 10)
    assert len(view) == 2 and view[1].n_atoms == 10
    assert (view[1].positions == gas(64, 2).positions[:10]).all()
