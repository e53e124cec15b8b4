"""A tilted box in every format that holds many frames; what is free in those that can say it, refused by the others."""

import gsd.hoomd
import numpy as np
import pytest
from ase import Atoms
from ase.io import write
from MDAnalysis.lib.formats.libmdaxdr import XTCFile

from glasscli.errors import InputError
from glasscli.formats.export import export
from glasscli.formats.foreign import open_any

# In LAMMPS's form, the tilt of c beyond half an edge.
CELL = np.array([[9.0, 0, 0], [3.0, 10.0, 0], [-5.5, 1.25, 11.0]])
PERIODIC_ONLY = {"gsd": "a GSD file", "nc": "a NetCDF file", "xtc": "an XTC file"}
TILTS = (0.3, -0.5, 1.25 / 11)  # xy, xz, yz over the height of the vector that they lean along


@pytest.fixture
def source(tmp_path):
    """Three frames by ASE, [3, 12, 3] fractions of the cell; metal units, without which there is no XTC."""
    fractions = np.random.default_rng(5).random((3, 12, 3))
    frames = [Atoms("Si4O8", scaled_positions=each, cell=CELL, pbc=True) for each in fractions]
    for k, frame in enumerate(frames):
        frame.info = {"step": 10 * k, "units": "metal"}
    write(tmp_path / "ase.xyz", frames, format="extxyz", write_info=True)
    return tmp_path / "ase.xyz", fractions


@pytest.mark.parametrize(
    ("ending", "precision"), [("dump", 1e-7), ("xyz", 1e-7), ("nc", 1e-7), ("gsd", 2e-6)]
)
def test_a_tilted_trajectory_comes_back(source, tmp_path, ending, precision):
    path, fractions = source
    output = tmp_path / f"tilted.{ending}"
    export(path, output, "all")
    found = open_any(output)
    assert len(found) == 3
    for k, expected in enumerate(fractions):
        np.testing.assert_allclose(found[k].box.vectors, CELL, atol=precision)
        apart = found[k].box.fractional(found[k].positions) - expected
        np.testing.assert_allclose(apart - np.round(apart), 0, atol=precision)
        assert sorted(found[k].counts.values()) == [4, 8]


def test_gsd_has_hoomds_tilt_factors_and_the_middle_as_origin(source, tmp_path):
    path, fractions = source
    export(path, tmp_path / "tilted.gsd", "all")
    with gsd.hoomd.open(tmp_path / "tilted.gsd") as file:
        frame = file[2]
    np.testing.assert_allclose(frame.configuration.box, [9, 10, 11, *TILTS], rtol=1e-6)
    apart = (frame.particles.position + CELL.sum(axis=0) / 2) @ np.linalg.inv(CELL) - fractions[2]
    np.testing.assert_allclose(apart - np.round(apart), 0, atol=1e-6)


def test_xtc_has_the_vectors_in_nanometres(source, tmp_path):
    path, fractions = source
    export(path, tmp_path / "tilted.xtc", "all")
    with XTCFile(str(tmp_path / "tilted.xtc")) as file:
        frames = list(file)
    assert [frame.step for frame in frames] == [0, 10, 20]
    np.testing.assert_allclose(frames[1].box, CELL / 10, atol=1e-6)
    apart = 10 * frames[1].x @ np.linalg.inv(CELL) - fractions[1]
    np.testing.assert_allclose(apart - np.round(apart), 0, atol=2e-3)  # of 0.01 Å


@pytest.mark.parametrize("ending", PERIODIC_ONLY)
@pytest.mark.parametrize("periodic", ["T T F", "F F F"])
def test_a_free_box_is_refused_where_it_cannot_be_said(tmp_path, ending, periodic):
    cell = " ".join(str(x) for x in CELL.ravel())
    text = f'2\nLattice="{cell}" Properties=species:S:1:pos:R:3 pbc="{periodic}" units=metal\nSi 1 1 1\nO 2 2 2\n'
    (tmp_path / "free.xyz").write_text(text)
    output = tmp_path / f"free.{ending}"
    with pytest.raises(InputError) as refused:
        export(tmp_path / "free.xyz", output)
    message = str(refused.value)
    assert message.startswith(f"{PERIODIC_ONLY[ending]} needs a box that is periodic everywhere")
    assert message.endswith("choose .dump, .xyz or .data") and "\n" not in message and not output.exists()


def test_data_files_keep_the_units_and_what_is_free(tmp_path):
    """LAMMPS's own data files state their units in the title; ours lost those of a dump."""
    text = '2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="T T F" units=real\nSi 1 1 1\nO 2 2 2\n'
    (tmp_path / "film.xyz").write_text(text)
    export(tmp_path / "film.xyz", tmp_path / "film.data")
    found = open_any(tmp_path / "film.data")
    assert (found.units, found[0].box.boundary) == ("real", "p p s")
