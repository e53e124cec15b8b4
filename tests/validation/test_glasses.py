"""Glasses against numbers that others computed or that an independent sum gives."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from glasscli.engine.minimiser import Minimiser
from glasscli.formats.foreign import open_source
from glasscli.model.system import load_system
from glasscli.store.reader import open_run


def lattice_sum(configuration, sigmas=(1.0, 11 / 12, 5 / 6), cutoff=2.5):
    """Energy per atom and pressure of the shifted Lennard-Jones mixture, summed pair by pair in NumPy."""
    c, edges = configuration, configuration.box.edges
    pairs = cKDTree(c.positions % edges, boxsize=edges).query_pairs(cutoff, output_type="ndarray")
    vectors = c.positions[pairs[:, 1]] - c.positions[pairs[:, 0]]
    vectors -= edges * np.round(vectors / edges)
    r2 = (vectors**2).sum(axis=1)
    sigma = np.array(sigmas)[c.species[pairs].sum(axis=1) - 2]
    s6, shift6 = (sigma**2 / r2) ** 3, (sigma / cutoff) ** 6
    energy = 4 * (s6**2 - s6) - 4 * (shift6**2 - shift6)
    return energy.sum() / c.n_atoms, (24 * (2 * s6**2 - s6)).sum() / (3 * c.volume)


def test_the_third_party_glass_is_a_minimum_of_this_very_potential(third_party_glass, glasscli):
    """32000 atoms quenched by others: no force is left, so potential, shift and cutoff are theirs."""
    answer = glasscli("analyze", third_party_glass, "--system", "wahnstrom", "--json")
    assert answer.code == 0, answer.err
    data = answer.data
    energy, pressure = lattice_sum(open_source(third_party_glass)[0])
    assert data["inherent_energy"]["last"] == pytest.approx(energy, abs=1e-9)
    assert data["pressure"] == pytest.approx(pressure, abs=1e-8)
    assert data["max_force"] < 2e-4
    assert data["icosahedral_fraction"]["last"] == pytest.approx(2133 / 32000)
    assert data["icosahedral_fraction"]["small"] == pytest.approx(2040 / 16000)


def test_energies_of_stored_inherent_structures_are_those_of_an_independent_sum(runs):
    """Stored positions are float32: energies agree to 1e-9, and no force is left beyond their rounding."""
    run = open_run(runs / "anneal.h5")
    energy, _ = lattice_sum(run.inherent[-1])
    assert run.inherent_table["inherent_energy"][-1] == pytest.approx(energy, abs=1e-8)
    assert run.inherent_table["inherent_max_force"].max() < 1e-6
    with Minimiser(load_system("wahnstrom")) as minimiser:
        assert minimiser.evaluate(run.inherent[-1]).max_force < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_default_quenches(seed, glasscli, pytestconfig):
    """T_f, E_IS, icosahedra of the default quench, five seeds; reduced: one seed, four times faster."""
    reduced = not pytestconfig.getoption("--full-stress")
    if reduced and seed > 1:
        pytest.skip("five seeds with --full-stress")
    words = ["--steps", "50000", "--inherent-every", "10000"] if reduced else []
    data = glasscli("quench", "--seed", seed, *words, "--json", timeout=900).data
    assert 0.45 < data["T_f"] < 0.65
    assert -7.15 < data["inherent_energy"] < (-6.97 if reduced else -7.0)
    assert (0.02 if reduced else 0.04) < data["icosahedral_fraction"] < 0.20


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("kob-andersen", ["--atoms", "300", "--steps", "2000"]),
        ("soft-sphere", ["--atoms", "300", "--steps", "1000"]),
        ("cuzr", ["--atoms", "400", "--steps", "300"]),
    ],
)
def test_every_system_quenches(system, words, glasscli, tmp_path):
    answer = glasscli("quench", "--system", system, *words, "--equilibration", "100", "--json")
    assert answer.code == 0, answer.err
    run = open_run(tmp_path / "quench.h5")
    assert run.inherent_table["inherent_energy"][-1] < run.thermo["potential_energy"][0]
    assert run.manifest.protocol.ensemble.kind == ("npt" if system == "cuzr" else "nvt")
    assert glasscli("analyze", "--json").code == 0


def test_soft_spheres_end_smoothly():
    """V and V' vanish at r = 3 (Buchenau 1992, below Eq. 9), and V(1) is 1 + A + B."""
    from glasscli.configuration import Configuration

    with Minimiser(load_system("soft-sphere")) as minimiser:

        def energy(r: float) -> float:
            positions = np.array([[1.0, 1.0, 1.0], [1.0 + r, 1.0, 1.0]])
            return (
                2
                * minimiser.evaluate(
                    Configuration(positions, np.array([1, 1], dtype=np.int32), np.full(3, 9.0))
                ).energy
            )

        assert energy(1.0) == pytest.approx(1 + 1.5 * 3.0**-10 - 2.5 * 3.0**-6, abs=1e-12)
        assert energy(2.999999) == pytest.approx(0, abs=1e-10)
        assert (energy(2.999) - energy(2.998)) / 1e-3 == pytest.approx(0, abs=2e-5)
