"""LAMMPS data files of every atom style that LAMMPS writes here, with the style's name and without it."""

import re
from functools import cache

import numpy as np
import pytest

from glasscli.engine.installed import instance
from glasscli.errors import FileError
from glasscli.formats.foreign import ForeignTrajectory

EDGE = 11.1
STYLES = [
    "amoeba", "angle", "atomic", "body nparticle 1 2", "bond", "bpm/sphere", "charge", "dielectric", "dipole",
    "dpd", "edpd", "electron", "ellipsoid", "full", "mdpd", "molecular", "peri", "rheo", "rheo/thermal", "smd",
    "sph", "sphere", "spin", "tdpd 2", "tri", "hybrid sphere charge", "hybrid full dipole",
    "hybrid bond charge", "hybrid sphere spin", "hybrid ellipsoid molecular", "hybrid atomic electron",
    "hybrid angle peri charge", "hybrid tdpd 2 charge", "hybrid charge sphere bond", "hybrid smd charge",
    "hybrid body nparticle 1 2 charge", "hybrid charge sph",
]  # fmt: skip
# Its volume of 1 may as well be an atom of type 1, and then its density a charge.
AMBIGUOUS = ("peri",)


@cache
def written(style, path):
    """What LAMMPS says of 32 atoms that it wrote: positions and types in the order of ids."""
    with instance() as lmp:
        units = {"smd": "si", "electron": "electron"}.get(
            style.split()[-1], "lj" if "dpd" in style else "metal"
        )
        units = "si" if "smd" in style else units
        places = np.random.default_rng(5).random((32, 3)) * EDGE
        points = "\n".join(
            f"create_atoms {1 + k % 2} single {x} {y} {z}" for k, (x, y, z) in enumerate(places)
        )
        lmp.commands_string(
            f"units {units}\natom_style {style}\nregion b block 0 {EDGE} 0 {EDGE} 0 {EDGE}\ncreate_box 2 b\n{points}"
        )
        for command in ("mass 1 63.546", "mass 2 91.224", "set group all charge 0.5", "set group all diameter 1.2",
                        "set group all density 1.1", "velocity all create 300 77 loop geom"):  # fmt: skip
            try:
                lmp.command(command)
            except Exception:
                continue  # no such property in this style
        lmp.command(f"write_data {path} nocoeff")
        order = np.argsort(lmp.numpy.extract_atom("id")[:32])
        return (
            places,
            lmp.numpy.extract_atom("type")[:32][order].copy(),
            lmp.numpy.extract_atom("v")[:32][order].copy(),
        )


def check(path, truth):
    atoms = ForeignTrajectory(path)[0]
    np.testing.assert_allclose(atoms.positions, truth[0], atol=1e-9)
    np.testing.assert_array_equal(atoms.species, truth[1])
    np.testing.assert_array_equal(atoms.images, np.zeros((32, 3)))
    np.testing.assert_allclose(atoms.velocities, truth[2], rtol=1e-6)


@pytest.mark.parametrize("style", STYLES)
def test_a_data_file_of_any_style(style, tmp_path):
    path = tmp_path / "a.data"
    truth = written(style, path)
    check(path, truth)
    text = path.read_text()
    path.write_text("# somebody's atoms\n" + re.sub(r"Atoms *#.*", "Atoms", text.split("\n", 1)[1]))
    if style in AMBIGUOUS:
        with pytest.raises(
            FileError, match=r"a.data: the 10 columns of its atoms fit sphere and full: write the style"
        ):
            ForeignTrajectory(path)
    else:
        check(path, truth)


def test_an_accelerators_style_is_the_plain_one(tmp_path):
    path = tmp_path / "a.data"
    truth = written("full", path)
    path.write_text(path.read_text().replace("Atoms # full", "Atoms # full/kk"))
    check(path, truth)


def test_columns_that_are_not_those_of_the_named_style_are_one_line(tmp_path):
    path = tmp_path / "a.data"
    written("sphere", path)
    path.write_text(path.read_text().replace("Atoms # sphere", "Atoms # spin"))
    with pytest.raises(FileError, match=r"a.data: its atoms have 10 columns, those of style spin 9 or 12"):
        ForeignTrajectory(path)
