import builtins
import signal
import sys
from collections import Counter

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.errors import GlassError, InputError, MissingPackageError
from glasscli.formats.ovito import require_ovito
from glasscli.observables.voronoi import census, icosahedral_fraction, index_counts, tessellate
from tests.lattices import bcc, c15, fcc, gas


def names(configuration, **options):
    cells = tessellate(configuration, **options)
    return {row.name: row.fraction for row in census([index_counts(cells, configuration.species)])}


def test_perfect_fcc_has_dodecahedral_cells():
    assert names(fcc()) == {"<0,12,0,0>": 1.0}


def test_perfect_bcc_has_truncated_octahedra():
    assert names(bcc()) == {"<0,6,0,8>": 1.0}


def test_thermal_fcc_needs_an_edge_threshold():
    warm = fcc(noise=0.01)
    assert names(warm, edge_threshold=0.1) == {"<0,12,0,0>": 1.0}
    assert names(warm).get("<0,12,0,0>", 0) < 0.1


def test_c15_small_atoms_are_icosahedra_and_large_ones_z16():
    laves = c15()
    cells = tessellate(laves)
    share = icosahedral_fraction(cells, laves.species)
    assert share.all == pytest.approx(2 / 3, abs=1e-12)
    assert share.by_species == {1: 0.0, 2: 1.0}
    assert set(cells.coordination[laves.species == 1]) == {16}
    assert names(laves) == {"<0,0,12,0>": pytest.approx(2 / 3), "<0,0,12,4>": pytest.approx(1 / 3)}


def test_cells_fill_the_box_and_bonds_are_their_faces():
    sample = gas([60, 40], [5.0, 6.0, 7.0])
    for radii in (None, {1: 0.55, 2: 0.45}):
        cells = tessellate(sample, radii=radii, bonds=True)
        assert cells.volumes.sum() == pytest.approx(sample.volume, rel=1e-10)
        ends = np.bincount(cells.bonds.ravel(), minlength=sample.n_atoms)
        np.testing.assert_array_equal(ends, cells.coordination)
        np.testing.assert_array_equal(cells.indices.sum(axis=1), cells.coordination)


def test_bond_images_lead_to_the_near_copy():
    laves = c15(repeat=3)
    cells = tessellate(laves, bonds=True)
    first, second = laves.positions[cells.bonds].swapaxes(0, 1)
    distance = np.linalg.norm(second + laves.box.cartesian(cells.bond_images) - first, axis=1)
    # A-A sqrt(3)/4, B-B sqrt(2)/4, A-B sqrt(11)/8 in units of the edge.
    expected = sorted([3**0.5 / 4, 2**0.5 / 4, 11**0.5 / 8])
    assert {round(d, 9) for d in distance} == {round(d, 9) for d in expected}


def test_radii_move_the_faces():
    sample = gas([50, 50], [5.0] * 3)
    plain, radical = tessellate(sample), tessellate(sample, radii={1: 0.55, 2: 0.45})
    large = sample.species == 1
    assert radical.volumes[large].mean() > plain.volumes[large].mean()


def test_census_adds_up_frames_and_counts_each_species_own_share():
    laves = c15()
    counts = index_counts(tessellate(laves), laves.species)
    rows = census([counts, counts])
    assert [row.name for row in rows] == ["<0,0,12,0>", "<0,0,12,4>"]
    assert rows[0].by_species == {1: 0.0, 2: 1.0}
    assert sum(counts.values()) == laves.n_atoms
    assert isinstance(counts + counts, Counter)
    assert census([counts], top=1) == rows[:1]
    assert census([]) == []


def test_one_species_has_its_own_share():
    crystal = fcc()
    share = icosahedral_fraction(tessellate(crystal), crystal.species)
    assert (share.all, share.by_species) == (0.0, {1: 0.0})


@pytest.mark.parametrize("n", [1, 2, 7])
def test_few_atoms_see_their_own_copies(n):
    few = gas([n], [1.0] * 3, seed=3)
    assert tessellate(few).volumes.sum() == pytest.approx(1.0)


def test_bad_input_is_one_line():
    crystal = fcc(repeat=2)
    with pytest.raises(InputError, match="must not be negative: -1"):
        tessellate(crystal, edge_threshold=-1)
    with pytest.raises(InputError, match="species 1 has no radius"):
        tessellate(crystal, radii={2: 0.5})
    with pytest.raises(InputError, match="positive"):
        tessellate(crystal, radii={1: 0.0})
    nothing = Configuration(np.empty((0, 3)), np.empty(0, dtype=np.int32), np.ones(3))
    with pytest.raises(InputError, match="at least one atom"):
        tessellate(nothing)
    twice = Configuration(np.repeat(crystal.positions, 2, axis=0), np.ones(64, dtype=np.int32), crystal.box)
    with pytest.raises(GlassError, match="same place"):
        tessellate(twice)


def test_third_party_glass(derlet_glass):
    glass = derlet_glass
    assert glass.counts == {1: 16000, 2: 16000}
    assert glass.volume / glass.n_atoms == pytest.approx(0.767, abs=1e-5)
    cells = tessellate(glass)
    share = icosahedral_fraction(cells, glass.species)
    large, small = share.by_species[1], share.by_species[2]
    assert [round(x) for x in (share.all * 32000, small * 16000, large * 16000)] == [2133, 2040, 93]
    # Mean plain volumes of each species, computed independently.
    assert cells.volumes[glass.species == 1].mean() == pytest.approx(0.842, abs=5e-4)
    assert cells.volumes[glass.species == 2].mean() == pytest.approx(0.692, abs=5e-4)
    assert census([index_counts(cells, glass.species)], top=1)[0].name == "<0,0,12,0>"


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (ModuleNotFoundError("No module named 'ovito'", name="ovito"), "pip install ovito"),
        (
            ImportError("libEGL.so.1: cannot open shared object file: No such file or directory"),
            r"libEGL\.so\.1: it is in libegl1; .* libfontconfig1 libdbus-1-3 libxkbcommon0 libglib2.0-0",
        ),
        (ImportError("something else"), "does not load"),
    ],
)
def test_missing_ovito_names_the_packages(monkeypatch, failure, says):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "ovito":
            raise failure
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "ovito", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingPackageError, match=says) as caught:
        require_ovito()
    assert "\n" not in str(caught.value)


def test_thresholds_that_leave_no_face():
    cells = tessellate(gas([20], [3.0] * 3), edge_threshold=99.0, bonds=True)
    assert cells.indices.shape == (20, 6) and not cells.icosahedra.any()


def test_ovito_finds_somebody_to_call_where_ctrl_c_is_ignored():
    """It calls the handler that was there before it; of an ignored signal that is no address, and the process ends."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        require_ovito()
        assert callable(signal.getsignal(signal.SIGINT))
        signal.raise_signal(signal.SIGINT)  # is still ignored
    finally:
        signal.signal(signal.SIGINT, before)
