"""The measures `network` and `diffraction`, from the command line: crystals of silica, glasses that are no network."""

import numpy as np
import pytest

from glasscli.analysis.choices import Choices, chosen
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.measures.network import NetworkOf
from glasscli.errors import InputError
from glasscli.units import WITHOUT_SYSTEM
from tests.lattices import gas, ideal
from tests.observables.test_rings import VOLUMES


def xyz(path, configuration, names, frames=1):
    """An extended XYZ file with the names of species 1, 2, ..."""
    edges = " ".join(f"{x:.10g}" for x in configuration.box.vectors.ravel())
    lines = [f"{configuration.n_atoms}", f'Lattice="{edges}" Properties=species:S:1:pos:R:3']
    lines += [
        f"{names[s - 1]} {' '.join(f'{x:.10f}' for x in place)}"
        for s, place in zip(configuration.species.tolist(), configuration.positions, strict=True)
    ]
    path.write_text("\n".join(lines * frames) + "\n")
    return path


def cristobalite(repeat=(2, 2, 2)):
    return ideal("cristobalite", VOLUMES["cristobalite"], repeat)


def test_cristobalite_built_and_measured_by_command(glasscli, tmp_path):
    """Its published cell (R. W. G. Wyckoff, 1925: a = 7.16 Å): every number is known."""
    built = glasscli("build", "cristobalite", "--system", "silica", "--cells", "2,2,2", "--lattice", "7.16",
                     "--ideal", "-o", "c.data")  # fmt: skip
    assert built.code == 0, built.err
    done = glasscli("analyze", "c.data", "--measure", "network,diffraction", "--json")
    assert done.code == 0, done.err
    found = done.data["network"]
    assert found["coordination"]["Si-O"] == {"mean": 4.0, "histogram": {"4": 1.0}}
    assert found["coordination"]["O-Si"] == {"mean": 2.0, "histogram": {"2": 1.0}}
    assert found["angles"]["O-Si-O"]["mean"] == pytest.approx(109.4712, abs=1e-3)
    assert found["angles"]["Si-O-Si"]["mean"] == pytest.approx(180, abs=1e-3)
    assert np.sum(found["angles"]["Si-O-Si"]["histogram"]) == pytest.approx(1)
    assert found["rings"] == found["king_rings"] == {"6": 1.0} and found["ring_definition"] == "primitive"
    assert found["rings_per_former"] == {"primitive": {"6": 2.0}, "king": {"6": 2.0}}
    assert found["qn"] == {"4": 1.0} and found["qn_by_species"] == {"Si": {"4": 1.0}}
    assert (found["formers"], found["bridges"], found["reason"]) == (["Si"], ["O"], None)
    assert found["cutoffs"]["Si-O"] == pytest.approx(7.16 * np.sqrt(3) / 8, rel=0.08)
    seen = done.data["diffraction"]
    # Its strongest low reflection, 111, is where the first sharp diffraction peak of the glass is.
    assert seen["neutron"]["first_sharp_peak"]["q"] == pytest.approx(2 * np.pi * np.sqrt(3) / 7.16, abs=0.016)
    # b of silicon 4.149 fm, of oxygen 5.803 fm (V. F. Sears, Neutron News 3, 26 (1992)).
    weights = {"Si-Si": 0.069, "Si-O": 0.388, "O-O": 0.543}
    assert {pair: round(share, 3) for pair, share in seen["neutron"]["weights"].items()} == weights
    assert seen["neutron"]["T_unit"] == "barn/Å²" and len(seen["xray"]["S"]) == len(seen["q"])
    made = {path.name for path in tmp_path.iterdir()}
    for name in (
        "angles.csv",
        "angles.png",
        "rings.csv",
        "rings.png",
        "qn.csv",
        "qn.png",
        "coordination.csv",
    ):
        assert f"c-network-{name}" in made
    assert {"c-diffraction.csv", "c-diffraction.png", "c-diffraction-distances.csv"} <= made
    heads = [
        (tmp_path / f"c-{name}.csv").read_text().splitlines() for name in ("diffraction", "network-angles")
    ]
    assert "q (Å⁻¹),S_neutron,S_xray" in heads[0] and any(
        line.startswith("angle (°),p_") for line in heads[1]
    )
    listed = glasscli("analyze", "--list", "--json").data["measures"]
    assert {"network", "diffraction"} <= set(listed)


def test_bonds_and_formers_as_the_user_says(tmp_path):
    """Four silicon atoms called sodium: far ends of oxygen that bridges no more; rows are kept by what is said."""
    c = cristobalite()
    species = c.species.copy()
    species[np.flatnonzero(species == 2)[:4]] = 3
    path = xyz(tmp_path / "nas.xyz", type(c)(c.positions, species, c.box), ["O", "Si", "Na"])

    def network(**options):
        (found,) = analyze_all([path], None, chosen(None, jobs=1, **options), ["network"])
        return found.data["network"], found.notes

    plain, _ = network()
    assert plain["formers"] == ["Si"] and plain["bridges"] == ["O"]
    tree = c.box.tree(c.positions)
    bridges = [{species[k] for k in near} == {1, 2} for near in tree.within(c.positions, 1.7)]
    near = [[k for k in near if c.species[k] == 1 and bridges[k]] for near in tree.within(c.positions, 1.7)]
    lost = [near[k] for k in np.flatnonzero(species == 2)]
    number = sum(float(n) * share for n, share in plain["qn"].items())
    assert number == pytest.approx(np.mean([len(those) for those in lost])) and number < 4
    both, _ = network(formers="Si,Na")
    assert set(both["qn_by_species"]) == {"Si", "Na"} and both["qn"] == {"4": 1.0}
    short, _ = network(bond_cutoffs="Si-O=1.2")
    assert short["cutoffs"]["O-Si"] == 1.2 and short["rings"] == {} and short["qn"] == {"0": 1.0}
    again, _ = network(bond_cutoffs="O-Si=1.7")
    assert again["qn"] == plain["qn"]
    for options, said in [
        ({"bond_cutoffs": "Si-K=2"}, "--bond-cutoffs Si-K: not a pair of the species"),
        ({"formers": "K"}, "--formers K: not a species of the file"),
    ]:
        with pytest.raises(InputError, match=said):
            network(**options)
    for options, said in [
        ({"bond_cutoffs": "Si=2"}, "is not pairs with lengths such as Si-O=2.2"),
        ({"bond_cutoffs": "Si-O=0"}, "is not pairs with lengths"), ({"bond_cutoffs": ""}, "is not pairs"),
        ({"bond_cutoffs": "Si-O=nan"}, "is not pairs"), ({"formers": "Si,"}, "is not a list of species"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=said):
            chosen(None, **options)


def test_a_metal_has_neighbours_and_angles_and_the_reason_for_the_rest(tmp_path):
    path = xyz(tmp_path / "metal.xyz", gas([150, 100, 50], [17.0] * 3, 2), ["Cu", "Zr", "Al"])
    options = Choices(
        jobs=1, bond_cutoffs={f"{a}-{b}": 3.4 for a in ["Cu", "Zr", "Al"] for b in ["Cu", "Zr", "Al"]}
    )
    (found,) = analyze_all([path], None, options, ["network", "diffraction"])
    data = found.data["network"]
    assert len(data["coordination"]) == 9 and len(data["angles"]) == 18
    (network,) = (result for result in found.results if isinstance(result, NetworkOf))
    lines = network.text(WITHOUT_SYSTEM).splitlines()
    assert len(lines) == 4 and max(map(len, lines)) < 80 and lines[-1].split()[:2] == ["18", "angles:"]
    assert data["rings"] is data["king_rings"] is data["qn"] is data["rings_per_former"] is None
    assert data["reason"] == "there is no oxygen, chalcogen, halogen or nitrogen that bridges"
    assert f"no rings, no Q^n: {data['reason']}" in found.notes
    # 4/3 pi r^3 of a gas of that density, all species alike.
    near = sum(data["coordination"][f"Cu-{b}"]["mean"] for b in ("Cu", "Zr", "Al"))
    assert near == pytest.approx(4 / 3 * np.pi * 3.4**3 * 300 / 17**3, rel=0.15)
    assert len(found.data["diffraction"]["neutron"]["weights"]) == 6
    assert "lengths are taken as angstroms" in " ".join(found.notes)


def test_names_in_reduced_units_are_no_elements(runs, tmp_path, glasscli):
    """Wahnström's glass: neighbours as g(r) has them, one line for what it has not."""
    wrong = glasscli("analyze", runs / "quench.h5", "--measure", "diffraction", "-o", tmp_path / "x")
    assert wrong.code and wrong.err.strip().endswith("names of species in reduced units are no elements")
    assert len(wrong.err.strip().splitlines()) == 1
    done = glasscli("analyze", runs / "quench.h5", "--measure", "network,pdf", "-o", tmp_path / "x", "--json")
    assert done.code == 0, done.err
    found = done.data["network"]
    assert found["reason"] == "names of species in reduced units are no elements"
    for pair, shell in done.data["pdf"]["coordination"].items():
        if pair != "total" and shell:
            assert found["coordination"][pair]["mean"] == pytest.approx(shell["number"], rel=0.1)


def test_a_species_that_is_no_element_is_one_line(tmp_path, glasscli):
    xyz(tmp_path / "odd.xyz", gas([60, 40], [9.0] * 3, 2), ["Si", "Xx"])
    done = glasscli("analyze", "odd.xyz", "--measure", "diffraction")
    assert done.code and "Xx is no element" in done.err and len(done.err.strip().splitlines()) == 1
    beside = glasscli("analyze", "odd.xyz", "--measure", "network,diffraction", "--json")
    assert beside.code == 0 and not beside.data["diffraction"]
    assert beside.data["network"]["reason"].startswith("Xx is no element")


def test_a_report_shows_the_network(tmp_path, glasscli):
    xyz(tmp_path / "c.xyz", cristobalite((2, 2, 1)), ["O", "Si"])
    done = glasscli("report", "c.xyz", "--measure", "network,diffraction")
    assert done.code == 0, done.err
    page = (tmp_path / "c-report.html").read_text()
    for said in (
        "angle Si-O-Si",
        "primitive rings",
        "Q^n",
        "Si-O neighbours within",
        "neutrons",
        "c-network-rings.csv",
    ):
        assert said in page


TETRAHEDRON = "5\n\nSi 0 0 0\nO 1 1 1\nO 1 -1 -1\nO -1 1 -1\nO -1 -1 1\n"


def test_a_molecule_in_free_space_has_the_bonds_that_are_said_and_no_others(glasscli, tmp_path):
    """Four oxygens round silicon, at the tetrahedral angle; nothing repeats, so there is no g(r) to end bonds at."""
    (tmp_path / "sio4.xyz").write_text(TETRAHEDRON)
    done = glasscli("analyze", "sio4.xyz", "--measure", "network", "--bond-cutoffs", "Si-O=2", "--json")
    assert done.code == 0, done.err
    found = done.data["network"]
    assert found["coordination"]["Si-O"]["mean"] == 4 and "O-O" not in found["coordination"]
    assert found["angles"]["O-Si-O"]["mean"] == pytest.approx(np.degrees(np.arccos(-1 / 3)))
    assert any("a box that is free has no g(r): no bonds of O-O, Si-Si" in n for n in done.data["notes"])
    alone = glasscli("analyze", "sio4.xyz", "--measure", "network")
    assert alone.code == 2 and "give --bond-cutoffs A-B=LENGTH" in alone.err
    assert len(alone.err.strip().splitlines()) <= 2 and "Traceback" not in alone.err


@pytest.mark.parametrize("command", [("analyze", "--measure", "all"), ("report",)])
def test_all_measures_of_a_free_cluster_leave_out_what_its_box_does_not_give(glasscli, tmp_path, command):
    (tmp_path / "sio4.xyz").write_text(TETRAHEDRON)
    done = glasscli(*command, "sio4.xyz", "--json")
    assert done.code == 0, done.err
    assert any(n.startswith("no network: bonds end at the first minimum of g(r)") for n in done.data["notes"])


def test_what_has_no_meaning_in_reduced_units_is_said_only_to_who_asked_for_it(glasscli):
    built = glasscli("build", "c15", "--cells", "2,2,2", "--volume-per-atom", "0.7", "-o", "lj.data")
    assert built.code == 0, built.err
    silent = glasscli("analyze", "lj.data", "--measure", "all", "--json")
    assert silent.code == 0, silent.err
    assert not [n for n in silent.data["notes"] if "elements" in n]
    assert silent.data["network"]["reason"] == "names of species in reduced units are no elements"
    asked = glasscli("analyze", "lj.data", "--measure", "network,diffraction", "--json")
    assert len([n for n in asked.data["notes"] if "are no elements" in n]) == 2
    alone = glasscli("analyze", "lj.data", "--measure", "diffraction")
    assert alone.code == 2 and "no diffraction: names of species in reduced units" in alone.err
