"""Files as other programs write them: the same six atoms, half of them Cu and half Zr, must come out of each."""

import gzip

import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.formats.export import export
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.source import open_in, wanted_system
from glasscli.model.system import load_system

CUZR = load_system("cuzr")
PLACES = np.array([[1, 1, 1], [3.5, 1, 1], [2.25, 3.5, 1], [4.25, 3.25, 3], [10, 10, 10], [12.5, 10, 9]])
ELEMENTS = ["Cu", "Cu", "Zr", "Cu", "Zr", "Zr"]
IMAGES = np.array([[0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 0, 2], [0, 0, 0], [0, 0, -1]])
EDGE = 20.0
MASSES = {"Cu": 63.546, "Zr": 91.224}
NAMED = "Masses\n\n1 63.546 # Cu\n2 91.224 # Zr\n\n"
WEIGHED = "Masses\n\n1 63.546\n2 91.224\n\n"


def values(i, types=(1, 2), ids=None):
    """What a column may hold of an atom."""
    x, flags, name = PLACES[i], IMAGES[i], ELEMENTS[i]
    found = {
        "id": ids[i] if ids else i + 1, "type": types[name == "Zr"], "element": name, "typelabel": name,
        "mol": 1 + i // 3,
        "q": 0.5 if name == "Cu" else -0.5, "zero": 0, "one": 1, "d": 1.5, "rho": 2.5, "mass": MASSES[name], "mu": 0.25,
    }  # fmt: skip
    for k, a in enumerate("xyz"):
        found |= {a: x[k], f"{a}s": x[k] / EDGE, f"i{a}": flags[k]}
        found |= {f"{a}u": x[k] + EDGE * flags[k], f"{a}su": x[k] / EDGE + flags[k], f"{a}o": x[k] - EDGE / 2}
    return found


def rows(columns, order=range(6), **more):
    return "".join(" ".join(str(values(i, **more)[c]) for c in columns.split()) + "\n" for i in order)


def dump(columns, order=range(6), step=0, **more):
    box = "ITEM: BOX BOUNDS pp pp pp\n" + f"0 {EDGE}\n" * 3
    head = f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n6\n{box}"
    return f"{head}ITEM: ATOMS {columns}\n{rows(columns, order, **more)}"


def data(
    columns, hint="", masses=NAMED, first="LAMMPS data file via write_data, timestep = 700", types=2, **more
):
    sides = "".join(f"0 {EDGE} {a}lo {a}hi\n" for a in "xyz")
    return (
        f"{first}\n\n6 atoms\n{types} atom types\n\n{sides}\n{masses}Atoms{hint}\n\n{rows(columns, **more)}"
    )


def xyz(properties, columns, order=range(6), more='pbc="T T T"'):
    lattice = f'Lattice="{EDGE} 0 0 0 {EDGE} 0 0 0 {EDGE}"'
    return f"6\n{lattice} Properties={properties} {more}\n{rows(columns, order)}"


FLAGS = "ix iy iz"
LABELS = "Atom Type Labels\n\n1 Cu\n2 Zr\n\nMasses\n\nCu 63.546\nZr 91.224\n\n"
TURNED = [4, 2, 1, 0, 3, 5]
# name: (text, what the file calls its types, whether it says images)
FILES = {
    "x.dump": (dump("id type x y z"), {}, False),
    "xs.dump": (dump("id type xs ys zs"), {}, False),
    "xu.dump": (dump("id type xu yu zu"), {}, True),
    "xsu.dump": (dump("id type xsu ysu zsu"), {}, True),
    "x-flags.dump": (dump(f"id type x y z {FLAGS}"), {}, True),
    "xs-flags.dump": (dump(f"id type xs ys zs {FLAGS}"), {}, True),
    "xu-flags.dump": (dump(f"id type xu yu zu {FLAGS}"), {}, True),
    "x-xu.dump": (dump("id type x y z xu yu zu"), {}, True),
    "xsu-xs.dump": (dump("id type xsu ysu zsu xs ys zs"), {}, True),
    "xu-xsu.dump": (dump("id type xsu ysu zsu xu yu zu"), {}, True),
    "one-flag.dump": (dump("id type x y z ix"), {}, False),
    "one-unwrapped.dump": (dump("id type xu y z"), {}, False),
    "element.dump": (dump("id element x y z", TURNED), {1: "Cu", 2: "Zr"}, False),
    "type-element.dump": (dump("id type element x y z", types=(2, 1)), {1: "Zr", 2: "Cu"}, False),
    "label.dump": (dump(f"id typelabel x y z {FLAGS}", TURNED), {1: "Cu", 2: "Zr"}, True),
    "mass.dump": (dump("id type mass x y z"), {}, False),
    "ids-from-0.dump": (dump("id type x y z", ids=range(6)), {}, False),
    "gaps.dump": (dump("type id x y z", TURNED, ids=[3, 4, 7, 9, 30, 100]), {}, False),
    "crlf.dump": (dump(f"id typelabel x y z {FLAGS}").replace("\n", "\r\n"), {1: "Cu", 2: "Zr"}, True),
    "label.dump.gz": (dump("id typelabel x y z"), {1: "Cu", 2: "Zr"}, False),
    "atomic.data": (data(f"id type x y z {FLAGS}", " # atomic"), {1: "Cu", 2: "Zr"}, True),
    "atomic-kk.data": (data(f"id type x y z {FLAGS}", " # atomic/kk"), {1: "Cu", 2: "Zr"}, True),
    "charge.data": (data(f"id type q x y z {FLAGS}", " # charge"), {1: "Cu", 2: "Zr"}, True),
    "charge-unsaid.data": (data(f"id type q x y z {FLAGS}"), {1: "Cu", 2: "Zr"}, True),
    "uncharged-unsaid.data": (data("id type zero x y z"), {1: "Cu", 2: "Zr"}, False),
    "full-unsaid.data": (data("id mol type q x y z"), {1: "Cu", 2: "Zr"}, False),
    "neutral-full-unsaid.data": (data("id one type zero x y z"), {1: "Cu", 2: "Zr"}, False),
    "molecular-unsaid.data": (data(f"id mol type x y z {FLAGS}"), {1: "Cu", 2: "Zr"}, True),
    "one-molecule-unsaid.data": (data("id one type x y z"), {1: "Cu", 2: "Zr"}, False),
    "sphere-unsaid.data": (data(f"id type d rho x y z {FLAGS}"), {1: "Cu", 2: "Zr"}, True),
    "dipole-unsaid.data": (data(f"id type q x y z mu mu mu {FLAGS}"), {1: "Cu", 2: "Zr"}, True),
    "hybrid.data": (data(f"id type x y z d rho zero {FLAGS}", " # hybrid"), {1: "Cu", 2: "Zr"}, True),
    "hybrid-plain.data": (data("id type x y z d rho q", " # hybrid"), {1: "Cu", 2: "Zr"}, False),
    "hybrid-comment.data": (
        data(f"id type x y z zero {FLAGS}", " # hybrid", first="atom_style hybrid bond"), {1: "Cu", 2: "Zr"}, True,
    ),
    "hybrid-moving.data.gz": (
        data("id type x y z d rho q", " # hybrid") + "\nVelocities\n\n" + rows("id one one one zero zero zero"),
        {1: "Cu", 2: "Zr"}, False,
    ),
    "labels.data": (data("id element x y z", " # atomic", LABELS), {1: "Cu", 2: "Zr"}, False),
    "weighed.data": (data("id type x y z", masses=WEIGHED), {}, False),
    "crlf.data": (data("id type zero x y z").replace("\n", "\r\n"), {1: "Cu", 2: "Zr"}, False),
    "third-type.data": (
        data("id type x y z", masses="Masses\n\n1 63.546 # Cu\n2 91.224 # Zr\n3 1.008 # H\n\n", types=3),
        {1: "Cu", 2: "Zr", 3: "H"}, False,
    ),
    "species.xyz": (xyz("species:S:1:pos:R:3", "element x y z", TURNED), {1: "Cu", 2: "Zr"}, False),
    "type.xyz": (xyz("type:I:1:pos:R:3", "type x y z"), {}, False),
    "type-species.xyz": (
        xyz("type:I:1:species:S:1:pos:R:3", "type element x y z"), {1: "Cu", 2: "Zr"}, False,
    ),
    "species-type.xyz": (
        xyz("species:S:1:pos:R:3:type:I:1", "element x y z type", TURNED), {1: "Cu", 2: "Zr"}, False,
    ),
    "id.xyz": (xyz("id:I:1:species:S:1:pos:R:3", "id element x y z", TURNED), {1: "Cu", 2: "Zr"}, False),
    "ovito.xyz": (
        xyz("id:I:1:species:S:1:pos:R:3:map_shift:I:3:mass:R:1", "id element x y z ix iy iz mass", TURNED),
        {1: "Cu", 2: "Zr"}, True,
    ),
    "ase.xyz": (
        xyz("species:S:1:pos:R:3:masses:R:1", "element x y z mass", more='energy=-1.0 pbc="T T T"'),
        {1: "Cu", 2: "Zr"}, False,
    ),
    "origin.xyz": (
        xyz("species:S:1:pos:R:3", "element xo yo zo", more='Origin="-10 -10 -10" pbc="T T T"'),
        {1: "Cu", 2: "Zr"}, False,
    ),
    "unwrapped.xyz": (xyz("species:S:1:pos:R:3", "element xu yu zu"), {1: "Cu", 2: "Zr"}, False),
    "crlf.xyz": (
        xyz("species:S:1:pos:R:3", "element x y z").replace("\n", "\r\n"), {1: "Cu", 2: "Zr"}, False,
    ),
    "species.xyz.gz": (xyz("species:S:1:pos:R:3", "element x y z", TURNED), {1: "Cu", 2: "Zr"}, False),
    "a.poscar": (
        f"a\n1.0\n{EDGE} 0 0\n0 {EDGE} 0\n0 0 {EDGE}\nZr Cu\n3 3\nCartesian\n" + rows("x y z", [2, 4, 5, 0, 1, 3]),
        {1: "Zr", 2: "Cu"}, False,
    ),
}  # fmt: skip


def write(folder, name):
    path = folder / name
    text = FILES[name][0]
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def by_place(configuration):
    """Rows of atoms in the order of PLACES, wherever the file had them."""
    away = np.abs(configuration.positions[:, None] - PLACES[None]).max(axis=2)
    assert (away.min(axis=0) < 1e-6).all()
    return away.argmin(axis=0)


@pytest.mark.parametrize("name", FILES)
def test_the_same_atoms_whoever_wrote_them(name, tmp_path):
    _, names, images = FILES[name]
    found = ForeignTrajectory(write(tmp_path, name))
    assert found.species_names == names
    atoms = open_in(tmp_path / name, CUZR)[0]
    at = by_place(atoms)
    np.testing.assert_allclose(atoms.box.edges, EDGE)
    known = names or found.stated.masses
    # Numbers alone are taken in order: type 1 as Zr.
    expected = ELEMENTS if known else [{"Cu": "Zr", "Zr": "Cu"}[e] for e in ELEMENTS]
    assert [CUZR.species[s - 1].name for s in atoms.species[at]] == expected
    if images:
        np.testing.assert_array_equal(atoms.images[at], IMAGES)
    else:
        assert atoms.images is None


def test_ids_are_the_files_own(tmp_path):
    assert ForeignTrajectory(write(tmp_path, "ids-from-0.dump"))[0].identifiers.tolist() == [0, 1, 2, 3, 4, 5]
    found = ForeignTrajectory(write(tmp_path, "gaps.dump"))[0]
    assert found.identifiers.tolist() == [3, 4, 7, 9, 30, 100]
    np.testing.assert_array_equal(by_place(found), range(6))


def test_velocities_of_a_hybrid_style(tmp_path):
    np.testing.assert_array_equal(
        ForeignTrajectory(write(tmp_path, "hybrid-moving.data.gz"))[0].velocities, 1.0
    )


def test_masses_give_no_names(tmp_path):
    """Two kinds of one mass, that of argon: no element is stated, and they stay two."""
    (tmp_path / "a.data").write_text(
        data("id type x y z", masses="Masses\n\n1 39.948\n2 39.948\n\n", first="mixture")
    )
    found = ForeignTrajectory(tmp_path / "a.data")
    assert found.species_names == {} and found[0].counts == {1: 3, 2: 3}
    (tmp_path / "b.data").write_text(
        data("id type x y z", masses="Masses\n\n1 39.948 # Ar\n2 39.948 # Ar\n\n", first="mixture")
    )
    assert ForeignTrajectory(tmp_path / "b.data")[0].counts == {1: 3, 2: 3}


@pytest.mark.parametrize(
    ("columns", "says"),
    [("id q type x y z", "the 6 columns of its atoms fit no atom style"),
     ("id type one rho x y z", "the 7 columns of its atoms fit sphere and full")],
)  # fmt: skip
def test_columns_of_no_style_or_of_two_are_one_line(tmp_path, columns, says):
    (tmp_path / "a.data").write_text(data(columns))
    with pytest.raises(FileError, match=f"a.data: {says}.*Atoms # charge"):
        ForeignTrajectory(tmp_path / "a.data")


@pytest.mark.parametrize("ending", ["data", "xyz", "dump"])
@pytest.mark.parametrize(
    "name",
    ["x.dump", "xu-flags.dump", "type-element.dump", "mass.dump", "gaps.dump", "hybrid.data", "labels.data",
     "third-type.data", "type-species.xyz", "ovito.xyz"],
)  # fmt: skip
def test_what_is_exported_comes_back(name, ending, tmp_path):
    """Names, masses, ids, images, box and step; only LAMMPS data with masses of some, and no names, keep less."""
    before = ForeignTrajectory(write(tmp_path, name))
    export(tmp_path / name, tmp_path / f"out.{ending}")
    after = ForeignTrajectory(tmp_path / f"out.{ending}")
    one, two = before[-1], after[-1]
    order = np.argsort(two.identifiers)
    np.testing.assert_array_equal(np.sort(two.identifiers), one.identifiers)
    np.testing.assert_allclose(two.positions[order], one.positions, atol=1e-12)
    np.testing.assert_allclose(two.box.edges, one.box.edges, rtol=1e-15)
    assert (two.images is None) == (one.images is None)
    if one.images is not None:
        np.testing.assert_array_equal(two.images[order], one.images)
    assert two.step == one.step
    called = [
        [t.stated.names.get(int(s), int(s)) for s in c.species] for t, c in ((before, one), (after, two))
    ]
    assert [called[1][k] for k in order] == called[0]
    here = {before.stated.names.get(s, s): m for s, m in before.stated.masses.items() if s in one.counts}
    there = {after.stated.names.get(s, s): m for s, m in after.stated.masses.items() if s in two.counts}
    assert there == pytest.approx(here)


@pytest.mark.parametrize("ending", ["data", "lammps", "xyz", "dump"])
@pytest.mark.parametrize("types", [(1, 2, 3), (2, 5, 7), (1, 3, 40)])
def test_any_numbers_of_types_are_exported_without_names(types, ending, tmp_path):
    rows = "".join(f"{i} {t} {i} {i} {i}\n" for i, t in enumerate((*types, *types[::-1]), start=1))
    box = "ITEM: BOX BOUNDS pp pp pp\n" + "0 20\n" * 3
    path = tmp_path / "a.dump"
    path.write_text(f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n6\n{box}ITEM: ATOMS id type x y z\n{rows}")
    export(path, tmp_path / f"b.{ending}")
    assert ForeignTrajectory(tmp_path / f"b.{ending}")[0].species.tolist() == [*types, *types[::-1]]


def test_an_exported_file_called_like_a_system_is_not_of_it(tmp_path):
    (tmp_path / "wahnstrom").write_text(FILES["x.dump"][0])
    export(tmp_path / "wahnstrom", tmp_path / "a.data")
    with pytest.raises(InputError, match="does not name its system"):
        wanted_system(tmp_path / "a.data", None)
