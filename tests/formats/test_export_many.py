"""Many frames written for other programs, read back by theirs and by us: nothing is lost that has a place there."""

import sys
import warnings

import gsd.hoomd
import MDAnalysis
import numpy as np
import pytest
from ase.io import read as ase_read
from scipy.io import netcdf_file

from glasscli.errors import FileError, InputError, MissingPackageError
from glasscli.formats.export import export
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.netcdf import NetcdfFile
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli

SEVERAL = ("dump", "lammpstrj", "xyz", "extxyz", "gsd", "nc")
SINGLE_PRECISION = ("gsd",)


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """A run in reduced units with velocities, and one in metal units."""
    folder = tmp_path_factory.mktemp("moving")
    lj = (
        "quench",
        "--atoms",
        170,
        "--steps",
        2000,
        "--equilibration",
        200,
        "--every",
        500,
        "--inherent-every",
        500,
    )
    assert run_glasscli(*lj, "--velocities", "-o", "lj.h5", cwd=folder).code == 0
    metal = (
        "quench",
        "--system",
        "cuzr",
        "--atoms",
        256,
        "--steps",
        60,
        "--equilibration",
        20,
        "--every",
        20,
    )
    answer = run_glasscli(*metal, "-o", "metal.h5", cwd=folder)
    assert answer.code == 0, answer.err
    return folder


def called(trajectory, configuration, names):
    return [trajectory.species_names.get(int(s), names[int(s) - 1]) for s in configuration.species]


@pytest.mark.parametrize("kind", ["frames", "inherent", "states"])
@pytest.mark.parametrize("ending", SEVERAL)
@pytest.mark.parametrize("name", ["lj", "metal"])
def test_all_frames_come_back(name, ending, kind, moving, tmp_path):
    run = open_run(moving / f"{name}.h5")
    ours = {"frames": run.frames, "inherent": run.inherent}.get(kind) or [
        run.state(k).configuration for k in range(len(run.state_steps))
    ]
    path = tmp_path / f"a.{ending}"
    if not len(ours):
        with pytest.raises(InputError, match=r"has 0 of these \(inherent\), none in all"):
            export(moving / f"{name}.h5", path, "all", kind)
        assert not path.exists()
        return
    found = export(moving / f"{name}.h5", path, "all", kind)
    assert (found.frames, found.step, found.frame) == (len(ours), ours[-1].step, len(ours) - 1)
    back = ForeignTrajectory(path)
    assert len(back) == len(ours)
    system, timestep = run.manifest.system, run.manifest.protocol.timestep
    names = [s.name for s in system.species]
    near = 1e-6 if ending in SINGLE_PRECISION else 1e-12
    for k, one in enumerate(ours):
        two = back[k]
        order = np.argsort(two.identifiers)
        np.testing.assert_array_equal(two.identifiers[order], one.identifiers)
        assert np.abs(one.box.minimum_image(two.positions[order] - one.positions)).max() < near
        np.testing.assert_allclose(two.box.edges, one.box.edges, rtol=1e-6 if ending == "gsd" else 1e-15)
        np.testing.assert_array_equal(two.images[order], one.images)
        assert [called(back, two, names)[i] for i in order] == [names[s - 1] for s in one.species]
        assert two.step == one.step
        assert (two.velocities is None) == (one.velocities is None)
        if one.velocities is not None:
            np.testing.assert_allclose(two.velocities[order], one.velocities, rtol=1e-6, atol=1e-12)
        if ending != "gsd":
            assert back.time_of(k) == (one.step, pytest.approx(one.step * timestep))
    assert back.units == (None if ending == "gsd" else system.units)
    if ending != "nc":
        masses = {back.species_names[s]: m for s, m in back.masses.items()}
        assert masses == pytest.approx({s.name: s.mass for s in system.species})


def test_other_readers_see_the_same(moving, tmp_path):
    """ASE, gsd, SciPy and MDAnalysis, each its own format."""
    run = open_run(moving / "metal.h5")
    last = run.frames[-1]
    for ending in ("xyz", "gsd", "nc", "xtc"):
        export(moving / "metal.h5", tmp_path / f"a.{ending}", "all", "frames")
    atoms = ase_read(tmp_path / "a.xyz", index=-1)
    np.testing.assert_allclose(atoms.positions, last.positions, atol=1e-12)
    assert atoms.get_chemical_symbols() == [run.manifest.system.species[s - 1].name for s in last.species]
    np.testing.assert_allclose(atoms.cell.lengths(), last.box.edges)
    with gsd.hoomd.open(tmp_path / "a.gsd") as file:
        frame = file[-1]
    assert frame.particles.types == [s.name for s in run.manifest.system.species]
    assert frame.configuration.step == last.step
    with netcdf_file(tmp_path / "a.nc", mmap=False) as file:
        assert file.Conventions == b"AMBER" and file.variables["time"].units == b"picosecond"
        np.testing.assert_array_equal(file.variables["coordinates"][-1], last.positions)
    universe = MDAnalysis.Universe.empty(last.n_atoms, trajectory=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, near in (("a.nc", 1e-5), ("a.xtc", 0.006)):
            universe.load_new(str(tmp_path / name), **({"format": "NCDF"} if name == "a.nc" else {}))
            read = universe.trajectory[-1]
            assert universe.trajectory.n_frames == len(run.frames)
            assert read.time == pytest.approx(last.step * run.manifest.protocol.timestep)  # picoseconds
            away = last.box.minimum_image(read.positions - last.positions)
            assert np.abs(away).max() < near
            np.testing.assert_allclose(read.dimensions, [*last.box.edges, 90, 90, 90], rtol=1e-5)


@pytest.mark.parametrize(("asked", "steps"), [
    ("all", [0, 500, 1000, 1500, 2000]), ("1:4", [500, 1000, 1500]), ("::2", [0, 1000, 2000]), ("-2:", [1500, 2000]),
    ("3", [1500]), (-1, [2000]), ("-5", [0]),
])  # fmt: skip
def test_which_frames(asked, steps, moving, tmp_path):
    export(moving / "lj.h5", tmp_path / "a.dump", asked, "frames")
    assert [c.step for c in ForeignTrajectory(tmp_path / "a.dump")] == steps


@pytest.mark.parametrize(("ending", "frame", "error", "says"), [
    ("data", "all", InputError, r"\.data holds one configuration: use \.xyz"),
    ("dump", "7:9", InputError, r"has 5 of these \(frames\), none in 7:9"),
    ("dump", "5", InputError, r"has 5 of these \(frames\), not a number 5"),
    ("dump", "1:2:0", InputError, r"neither a number, all nor a range"),
    ("dump", "1:2:3:4", InputError, r"neither a number, all nor a range"),
    ("dump", "last", InputError, r"neither a number, all nor a range"),
    ("pdb", "all", InputError, r"cannot write '\.pdb': use \.lammps, .*\.gsd, \.nc, \.xtc"),
    ("xtc", "all", InputError, r"nanometres and picoseconds, which lj units cannot be told in: choose"),
])  # fmt: skip
def test_what_cannot_be_written_is_one_line_and_nothing_is_left(ending, frame, error, says, moving, tmp_path):
    with pytest.raises(error, match=says):
        export(moving / "lj.h5", tmp_path / f"a.{ending}", frame, "frames")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("ending", "module", "extra"), [
    ("gsd", "gsd.hoomd", "gsd"), ("xtc", "MDAnalysis.lib.formats.libmdaxdr", "xtc"),
])  # fmt: skip
def test_a_missing_package_is_named(ending, module, extra, moving, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackageError, match=rf"to write \.{ending}: pip install 'glasscli\[{extra}\]'"):
        export(moving / "metal.h5", tmp_path / f"a.{ending}", "all", "frames")
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_kind_is_left_alone(moving, tmp_path):
    (tmp_path / "a.gsd").write_text("my notes\n")
    with pytest.raises(FileError, match=r"a.gsd is a text file, not a GSD file, and is left alone"):
        export(moving / "lj.h5", tmp_path / "a.gsd", "all", "frames", force=True)
    for ending in ("gsd", "nc", "dump"):
        export(moving / "lj.h5", tmp_path / f"b.{ending}", "all", "frames")
        with pytest.raises(FileError, match=r"exists: give --force"):
            export(moving / "lj.h5", tmp_path / f"b.{ending}", "all", "frames")
        export(moving / "lj.h5", tmp_path / f"b.{ending}", 0, "frames", force=True)
        assert len(ForeignTrajectory(tmp_path / f"b.{ending}")) == 1


def test_a_foreign_trajectory_from_one_format_to_another(moving, tmp_path):
    """Its units, times, names and masses go with it."""
    export(moving / "metal.h5", tmp_path / "a.dump", "all", "frames")
    export(tmp_path / "a.dump", tmp_path / "b.xyz", "all")
    export(tmp_path / "b.xyz", tmp_path / "c.xtc", "all")  # it states its units
    one, two = ForeignTrajectory(tmp_path / "a.dump"), ForeignTrajectory(tmp_path / "b.xyz")
    assert two.units == "metal" and len(two) == len(one)
    assert two.time_per_step == pytest.approx(one.time_per_step)
    assert sorted(two.species_names.values()) == sorted(one.species_names.values())


def test_json_says_how_many(moving, tmp_path, glasscli):
    answer = glasscli(
        "export", moving / "lj.h5", "--kind", "frames", "--frame", "1:3", "-o", "a.nc", "--json"
    )
    said = {key: answer.data[key] for key in ("frame", "step", "frames", "atoms")}
    assert said == {"frame": 2, "step": 1000, "frames": 2, "atoms": 170}


def test_a_netcdf_file_keeps_its_atoms(moving, tmp_path):
    first = open_run(moving / "lj.h5").frames[0]
    other = open_run(moving / "metal.h5").frames[0]
    with (
        pytest.raises(FileError, match="NetCDF keeps them the same"),
        NetcdfFile(tmp_path / "a.nc", None) as file,
    ):
        file.add(first, 0.0)
        file.add(other, 1.0)
