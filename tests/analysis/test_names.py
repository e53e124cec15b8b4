"""Species and pairs of them by name, of files with one to four species; small and large only of two sizes."""

from __future__ import annotations

import csv
import json

import h5py
import pytest

from glasscli.cli.call import call
from glasscli.formats.names import atoms_of, labels, pair_name
from glasscli.model.system import load_system, two_sizes
from tests.conftest import ROOT
from tests.mixtures import names_of, write_frames, write_system

ODD = ROOT / "tests" / "data" / "odd-files"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def header(path):
    """The columns of a table."""
    with path.open(newline="") as file:
        return next(csv.reader(line for line in file if not line.startswith("#")))


def test_a_species_is_called_by_its_name_else_its_number():
    assert labels([2, 1, 3], {1: "Si"}, {1: "no", 2: "O"}) == {1: "Si", 2: "O", 3: "3"}
    # A file with two types of carbon: no key may stand for both.
    assert labels([1, 2, 3], {1: "C", 2: "C", 3: "H"}) == {1: "C(1)", 2: "C(2)", 3: "H"}
    assert pair_name((1, 2), {1: "Si", 2: "O"}) == "Si-O" and pair_name((1, 12), {}) == "1-12"
    assert (atoms_of("Cu"), atoms_of(2)) == ("Cu atoms", "atoms of species 2")


def test_two_sizes_are_stated_radii_that_differ():
    assert load_system("wahnstrom").two_sizes == (1, 2)
    assert load_system("soft-sphere").two_sizes is None
    assert two_sizes({1: 1.28, 2: 1.45}) == (2, 1)  # copper beside silver is the small one
    for others in ({1: 0.5, 2: 0.5}, {1: 0.5, 2: None}, {1: 0.5}, {1: 0.5, 2: 0.4, 3: 0.3}, {}):
        assert two_sizes(others) is None


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("units", ["lj", "metal", None])
def test_every_species_and_pair_by_name(tmp_path, units, n):
    names = names_of(units or "metal", n)
    if units is None:  # names alone have an order of their own
        names = tuple(sorted(names))
    file = write_frames(tmp_path / "mixture.xyz", names, 2.5 if units == "metal" else 1.0, frames=2)
    options = {} if units is None else {"system": str(write_system(tmp_path / "mixture.toml", units, n))}
    found = call(
        "analyze", file.name, measure="icosahedra,pdf,structure-factor,relaxation", jobs=1, **options
    )
    pairs = [f"{names[a]}-{names[b]}" for a in range(n) for b in range(a, n)]
    assert list(found["pdf"]["partials"]) == list(found["structure-factor"]["partials"]) == pairs
    assert list(found["coordination"]) == ["total", *(f"{a}-{b}" for a in names for b in names)]
    for place in (found["icosahedral_fraction"], found["icosahedra"]):
        assert list(place["by_species"]) == list(names) and not {"small", "large"} & set(place)
    assert all(list(one["by_species"]) == list(names) for one in found["icosahedra"]["census"])
    parts = ["centres", *(f"centres_and_{name}_neighbours" for name in names)]
    assert list(found["pdf"]["icosahedral"]) == parts
    columns = {
        name: header(tmp_path / f"mixture-{name}.csv")
        for name in ("pdf", "structure-factor", "voronoi", "frames")
    }
    assert {f"g_{pair}" for pair in pairs} | {f"part_{part}" for part in parts} <= set(columns["pdf"])
    assert {f"S_{pair}" for pair in pairs} <= set(columns["structure-factor"])
    assert columns["voronoi"][2:] == [f"fraction_of_{name}" for name in names]
    assert [c for c in columns["frames"] if c.startswith("f_ico_")] == [f"f_ico_{name}" for name in names]
    assert not any("small" in c or "large" in c for table in columns.values() for c in table)


def test_two_sizes_keep_their_words(tmp_path):
    """Small and large as before, and the same shares by name."""
    file = write_frames(tmp_path / "glass.xyz", "LS", 1.0, frames=2)
    found = call("analyze", file.name, system="wahnstrom", jobs=1)
    share = found["icosahedral_fraction"]
    assert share["small"] == share["by_species"]["S"] and share["large"] == share["by_species"]["L"]
    assert list(found["pdf"]["icosahedral"]) == ["centres", "centres_and_small_neighbours"]
    assert {"icosahedral_fraction_small", "icosahedral_fraction_large", "f_ico_S"} <= set(
        header(tmp_path / "glass-frames.csv")
    )


def test_the_small_species_is_that_of_the_smaller_radius(tmp_path):
    """C15 of MgCu2 with Cu named first: all Cu in icosahedra, no Mg, all of it Laves, a third of the atoms Mg."""
    write_system(tmp_path / "cumg.toml", "metal", 2, radii=(0.4, 0.5), names=("Cu", "Mg"))
    built = call("build", "c15", system="cumg.toml", atoms=192, volume_per_atom=16.0, o="c15.lammps")
    assert built["composition"] == pytest.approx(1 / 3) and set(built["minimum_distances"]) == {
        "Cu-Cu", "Cu-Mg", "Mg-Mg"
    }  # fmt: skip
    found = call("analyze", "c15.lammps", system="cumg.toml", measure="all", jobs=1)
    share = found["icosahedral_fraction"]
    assert (
        (share["small"], share["large"]) == (1, 0) == (share["by_species"]["Cu"], share["by_species"]["Mg"])
    )
    assert found["icosahedra"]["laves"]["all"] == 1
    assert found["icosahedra"]["radical"]["radii"] == pytest.approx({"Cu": 1.0, "Mg": 1.25})
    assert found["topology"]["radii"] == pytest.approx({"Cu": 1.0, "Mg": 1.25})
    assert set(found["local-energy"]["by_species"]) == {"Cu", "Mg"}
    with (tmp_path / "c15-local-energy.csv").open(newline="") as file:
        assert {row["species"] for row in csv.DictReader(file)} == {"Cu", "Mg"}


def test_sodium_chloride_has_six_neighbours_of_the_other_kind(tmp_path):
    rows = [
        f"{('Na', 'Cl')[(i + j + k) % 2]} {i * 2.8} {j * 2.8} {k * 2.8}"
        for i in range(8)
        for j in range(8)
        for k in range(8)
    ]
    box = f"{8 * 2.8} 0 0 0 {8 * 2.8} 0 0 0 {8 * 2.8}"
    (tmp_path / "salt.xyz").write_text(
        f'512\nLattice="{box}" Properties=species:S:1:pos:R:3\n' + "\n".join(rows) + "\n"
    )
    found = call("analyze", "salt.xyz", measure="pdf", cutoff=8.0)["coordination"]
    assert found["Na-Cl"]["number"] == found["Cl-Na"]["number"] == pytest.approx(6)
    assert found["Na-Na"]["number"] == pytest.approx(12)


def test_types_without_names_are_numbers(tmp_path):
    (tmp_path / "three.dump").write_bytes((ODD / "10-three-species.dump").read_bytes())
    found = call("analyze", "three.dump", measure="pdf,icosahedra", jobs=1)
    assert list(found["pdf"]["partials"]) == ["1-1", "1-2", "1-3", "2-2", "2-3", "3-3"]
    assert list(found["icosahedral_fraction"]["by_species"]) == ["1", "2", "3"]


def test_radii_by_hand_say_two_sizes(tmp_path):
    write_frames(tmp_path / "two.xyz", ("O", "Si"), 2.5, frames=1)
    share = call("analyze", "two.xyz", measure="icosahedra", radii="0.9,1.1")["icosahedral_fraction"]
    assert share["small"] == share["by_species"]["O"]


def test_what_a_run_keeps_of_its_analysis_is_by_name(tmp_path):
    (tmp_path / "quench.h5").write_bytes((ROOT / "tests" / "store" / "data" / "quench.h5").read_bytes())
    call("analyze", "quench.h5", measure="pdf,local-energy", jobs=1)
    with h5py.File("quench.h5") as file:
        assert {"L-L", "L-S", "S-S"} <= set(file["analysis/pair_distribution"])
        assert {"histogram_L", "histogram_S"} <= set(file["analysis/local_energy"])
        assert "L-S" in json.loads(file["analysis/frames/json"][()].tobytes())["coordination"]


def test_motion_and_pictures_by_name(tmp_path):
    write_frames(tmp_path / "mixture.xyz", ("Si", "O", "Na"), 2.5)
    call("analyze", "mixture.xyz", measure="displacements", jobs=1)
    with (tmp_path / "mixture-displacements.csv").open(newline="") as file:
        assert {row["species"] for row in csv.DictReader(file)} == {"Si", "O", "Na"}


def test_excitations_say_whose_concentration_they_mean(tmp_path):
    """c is the share of the first species: a quarter of the atoms are Si where every fourth is."""
    write_frames(tmp_path / "silica.xyz", ("Si", "O", "O", "O"), 2.5, frames=1)
    write_system(tmp_path / "silica.toml", "metal", 2)
    found = call(
        "theory excitations", "silica.xyz", system="silica.toml", shell=3.5, reach=5.0, no_figure=True, o="e"
    )
    assert (found["species"], found["c"]) == (["Si", "O"], pytest.approx(0.25))


def test_radii_are_told_where_somebody_states_them(tmp_path):
    """One species needs none, and none is made up in its unit."""
    write_system(tmp_path / "one.toml", "metal", 1)
    file = write_frames(tmp_path / "one.xyz", names_of("metal", 1), 2.5)
    words = {"system": "one.toml", "measure": "icosahedra,topology", "jobs": 1}
    found = call("analyze", file.name, **words)
    assert found["topology"]["radii"] == found["icosahedra"]["radical"]["radii"] == {}
    found = call("analyze", file.name, **words, radii="1.1")
    (name,) = names_of("metal", 1)
    assert found["topology"]["radii"] == found["icosahedra"]["radical"]["radii"] == {name: 1.1}
