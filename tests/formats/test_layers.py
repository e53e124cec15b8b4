"""One layer of atoms from another program: a plane, with a system of two dimensions or with none, and back."""

import json

import gsd.hoomd
import numpy as np
import pytest

from glasscli.cli import analyze, export, render, show
from glasscli.formats.foreign import open_source
from tests.conftest import in_process
from tests.planes import leaning

N = 7


def layer(path, z, thickness, periodic="pp pp pp"):
    """A triangular crystal in its tilted box as LAMMPS dumps it."""
    c = leaning(N)
    (a, _, _), (xy, b, _), _ = c.box.vectors.tolist()
    rows = "".join(f"{k} 1 {x!r} {y!r} {z!r}\n" for k, (x, y, _) in enumerate(c.positions.tolist(), start=1))
    low, high = z - thickness / 2, z + thickness / 2
    path.write_text(
        f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{N * N}\nITEM: BOX BOUNDS xy xz yz {periodic}\n"
        f"0 {a + xy!r} {xy!r}\n0 {b!r} 0\n{low!r} {high!r} 0\nITEM: ATOMS id type x y z\n{rows}"
    )


def call(command, name, folder, monkeypatch, *words):
    code, out, err = in_process(name, command.command, folder, monkeypatch)(*words)
    return json.loads(out) if code == 0 and "--json" in words else (code, out, err)


@pytest.mark.parametrize(("z", "thickness"), [(0.0, 1.0), (0.0, 50.0), (3.0, 0.01), (0.5, 1.0)])
def test_a_layer_without_a_system_is_measured_in_its_plane(tmp_path, monkeypatch, z, thickness):
    layer(tmp_path / "a.dump", z, thickness)
    found = call(analyze, "analyze", tmp_path, monkeypatch, "a.dump", "--measure", "hexatic,pdf", "--json")
    assert found["box"]["dimension"] == 2 and found["hexatic"]["psi_6"] == pytest.approx(1)
    assert "a.dump holds one layer of atoms, at one z: it is taken for a plane" in found["notes"]
    told = call(show, "show", tmp_path, monkeypatch, "a.dump", "--json")
    assert told["box"]["dimension"] == 2
    assert told["volume_per_atom"] == pytest.approx(1.1**2 * 3**0.5 / 2)


def test_a_layer_is_not_of_a_system_in_space(tmp_path, monkeypatch):
    layer(tmp_path / "a.dump", 0.0, 1.0)
    code, _, err = call(analyze, "analyze", tmp_path, monkeypatch, "a.dump", "--system", "soft-sphere")
    assert code == 2 and "need a --system with dimension = 2, or none" in err and len(err.splitlines()) == 1


def test_gsd_says_that_it_is_of_a_plane(tmp_path, monkeypatch):
    """HOOMD's planes have no thickness; their tilt is in units of the second edge."""
    layer(tmp_path / "a.dump", 0.0, 1.0)
    code, _, err = call(
        export,
        "export",
        tmp_path,
        monkeypatch,
        "a.dump",
        "--system",
        "falk-langer",
        "--species",
        "L",
        "-o",
        "b.gsd",
    )
    assert code == 0, err
    with gsd.hoomd.open(tmp_path / "b.gsd") as file:
        stated = file[0]
    assert stated.configuration.dimensions == 2 and not stated.particles.position[:, 2].any()
    assert stated.configuration.box == pytest.approx([N * 1.1, N * 1.1 * 0.75**0.5, 0, 3**-0.5, 0, 0])
    again = open_source(tmp_path / "b.gsd")[0]
    assert again.box.dimension == 2 and not again.positions[:, 2].any()
    assert again.box.vectors[:2] == pytest.approx(leaning(N).box.vectors[:2], rel=1e-6)
    code, _, err = call(analyze, "analyze", tmp_path, monkeypatch, "b.gsd", "--system", "soft-sphere")
    assert code == 2 and "has two dimensions, soft-sphere has three" in err


def test_planes_are_drawn_with_what_they_have(tmp_path, monkeypatch):
    layer(tmp_path / "a.dump", 0.0, 1.0)
    for view in ("polygons", "volume"):
        code, _, err = call(render, "render", tmp_path, monkeypatch, "a.dump", "--view", view)
        assert code == 0, err
    code, _, err = call(render, "render", tmp_path, monkeypatch, "a.dump", "--view", "laves")
    assert code == 2 and "the view laves needs three dimensions; here are species" in err


def test_an_atom_above_the_plane_of_a_gsd_is_none(tmp_path):
    with gsd.hoomd.open(tmp_path / "a.gsd", "w") as file:
        frame = gsd.hoomd.Frame()
        frame.configuration.dimensions, frame.configuration.box = 2, [10, 10, 0, 0, 0, 0]
        frame.particles.N, frame.particles.types, frame.particles.typeid = 20, ["A"], np.zeros(20)
        frame.particles.position = np.random.default_rng(0).uniform(-4, 4, (20, 3))
        file.append(frame)
    with pytest.raises(Exception, match="they are in no plane"):
        open_source(tmp_path / "a.gsd")
