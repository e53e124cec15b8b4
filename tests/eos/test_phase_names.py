"""Phases by the names of species, by size only in mixtures of two sizes, on the species that the radii say."""

from __future__ import annotations

import pytest

from glasscli.cli.call import call
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.structures.phases import default_phases, phase_named
from tests.conftest import ROOT
from tests.mixtures import write_system

THREE = ROOT / "tests" / "data" / "odd-files" / "12-three-metals.toml"


@pytest.fixture
def cu_ag(tmp_path):
    """Copper before silver, with radii or without."""

    def load(radii=()):
        return load_system(str(write_system(tmp_path / "cuag.toml", "metal", 2, radii, ("Cu", "Ag"))))

    return load


def test_silver_is_the_larger_where_radii_say_so(cu_ag):
    system = cu_ag((0.5, 0.57))
    assert phase_named("fcc-large", system).species == phase_named("fcc", system).species == (2,)
    assert phase_named("hcp-small", system).species == phase_named("hcp-Cu", system).species == (1,)
    laves = phase_named("c15", system)
    assert (laves.large, laves.small) == (2, 1) and laves.small_fraction == pytest.approx(1 / 3)
    assert "fcc-large" in default_phases(system)


def test_no_atom_is_large_where_nobody_stated_a_size(cu_ag):
    system = cu_ag()
    assert default_phases(system)[6:] == [f"{p}-{s}" for p in ("fcc", "bcc", "hcp") for s in ("Cu", "Ag")]
    assert phase_named("fcc", system).name == "fcc-Cu"
    with pytest.raises(InputError, match="no mixture of two sizes: name the species, fcc-Cu or fcc-Ag"):
        phase_named("fcc-large", system)
    # Whoever says what is on the large sites may say so.
    assert phase_named("fcc-large", system, large=2).species == (2,)
    with pytest.raises(InputError, match=r"unknown phase 'fcc-Cv'.*fcc-Cu"):
        phase_named("fcc-Cv", system)


def test_all_of_three_species():
    system = load_system(str(THREE))
    assert {f"bcc-{s}" for s in ("Ni", "Al", "H")} <= set(default_phases(system))
    assert phase_named("bcc-H", system).species == (3,)


@pytest.mark.parametrize(
    ("name", "species"), [("fcc-S", (2,)), ("fcc-small", (2,)), ("hcp-L", (1,)), ("FCC", (1,))]
)
def test_wahnstrom_has_both(wahnstrom, name, species):
    assert phase_named(name, wahnstrom).species == species


def test_copper_by_its_name(tmp_path, monkeypatch):
    """The same curve as fcc-small of cuzr: 3.64 Å, experiment 3.61."""
    monkeypatch.chdir(tmp_path)
    found = call("eos", "fcc-Cu", "fcc-small", system="cuzr", points=11)["phases"]
    assert list(found) == ["fcc-Cu", "fcc-small"] and found["fcc-Cu"]["species"] == ["Cu"]
    assert found["fcc-Cu"]["volume"] == found["fcc-small"]["volume"]
    assert (4 * found["fcc-Cu"]["volume"]) ** (1 / 3) == pytest.approx(3.61, abs=0.05)


def test_a_mixture_is_of_the_first_two_species(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="--mix is of Ni and Al, and H is neither"):
        call("eos", mix="fcc-Ni,fcc-H", composition=0.1, system=str(THREE))
