"""Harmonic vibrations against analytic crystals, and what quasi-harmonic free energies must obey."""

from contextlib import ExitStack

import numpy as np
import pytest
from scipy.integrate import trapezoid

from glasscli.configuration import Box
from glasscli.engine.forces import Forces
from glasscli.engine.pairwise import force_constant_range
from glasscli.eos import vibrations as module
from glasscli.eos.curves import phase_curve
from glasscli.eos.equations import Question, answer
from glasscli.eos.free_energy import quasi_harmonic, vibrations
from glasscli.eos.mixture import mixture
from glasscli.eos.vibrations import Spectrum, force_constants, mesh, spectrum
from glasscli.model.system import load_system
from glasscli.structures.phases import phase_named
from glasscli.units import UNIT_SYSTEMS


@pytest.fixture(scope="module")
def springs(tmp_path_factory):
    """fcc whose atoms feel nearest neighbours only, at rest: every bond is a spring of stiffness V''."""
    text = """
name = "springs"
units = "lj"
timestep = 0.001
cutoff = 1.4
skin = 0.3
commands = ["pair_style lj/cut 1.4", "pair_modify shift yes", "pair_coeff 1 1 1.0 1.0"]
[[species]]
name = "A"
mass = 2.0
fraction = 1.0
[defaults]
volume_per_atom = 1.0
T_start = 1.0
T_end = 0.1
[fictive]
glass_below = 0.3
liquid_above = 0.7
"""
    path = tmp_path_factory.mktemp("system") / "springs.toml"
    path.write_text(text)
    return load_system(str(path))


def test_fcc_with_nearest_neighbour_springs_has_the_textbook_branches(springs):
    """Along [100]: m w_L^2 = 8 k sin^2(qa/4), m w_T^2 = 4 k sin^2(qa/4) twice (Ashcroft & Mermin, problem 22.5)."""
    distance = 2 ** (1 / 6)
    stiffness = 72 / 2 ** (1 / 3)
    a = np.sqrt(2) * distance
    with Forces(springs) as forces:
        constants = force_constants(phase_named("fcc", springs).cell(a**3 / 4), forces)
    for q in np.array([0.3, 0.7, 1.0]) * np.pi / a:
        found = constants.squared_frequencies(np.array([q, 0, 0]))
        # The cubic cell folds four branches onto q: q itself, and q + (2 pi / a) times the fcc zone's corners.
        sine = np.sin(q * a / 4) ** 2
        for expected in (8 * stiffness * sine / 2.0, 4 * stiffness * sine / 2.0):
            assert np.abs(found - expected).min() == pytest.approx(0, abs=1e-4 * stiffness)
        transverse = np.abs(found - 4 * stiffness * sine / 2.0) < 1e-4 * stiffness
        assert transverse.sum() >= 2


def analytic_matrix(positions, edges, k, sigma=1.0, cutoff=2.5):
    """Monatomic Lennard-Jones dynamical matrix of unit mass at k, from V' and V'' summed over images."""
    n = len(positions)
    shifts = np.array(np.meshgrid(*([np.arange(-3, 4)] * 3), indexing="ij")).reshape(3, -1).T * edges
    matrix = np.zeros((n, 3, n, 3), dtype=complex)
    for i in range(n):
        for j in range(n):
            d = positions[j] + shifts - positions[i]
            r = np.linalg.norm(d, axis=1)
            keep = (r > 1e-9) & (r < cutoff)
            d, r = d[keep], r[keep]
            first = 4 * (-12 * sigma**12 / r**13 + 6 * sigma**6 / r**7)
            second = 4 * (156 * sigma**12 / r**14 - 42 * sigma**6 / r**8)
            unit = d / r[:, None]
            tensor = (second - first / r)[:, None, None] * unit[:, :, None] * unit[:, None] + (first / r)[
                :, None, None
            ] * np.eye(3)
            matrix[i, :, i] += tensor.sum(axis=0)
            matrix[i, :, j] -= (tensor * np.exp(1j * d @ k)[:, None, None]).sum(axis=0)
    return matrix.reshape(3 * n, 3 * n)


@pytest.mark.parametrize(("name", "volume"), [("fcc", 0.93), ("hcp", 0.95), ("bcc", 0.96)])
def test_frequencies_equal_the_analytic_dynamical_matrix(name, volume, wahnstrom, forces):
    """Finite differences of LAMMPS's forces against V' and V'' at any wave vector; bcc's are unstable in both."""
    cell = phase_named(name, wahnstrom).cell(volume)
    constants = force_constants(cell, forces)
    for k in (np.array([0.3, -0.7, 1.1]), np.array([2.0, 0.1, 0.4])):
        expected = np.linalg.eigvalsh(analytic_matrix(cell.positions, cell.box.edges, k))
        assert constants.squared_frequencies(k) == pytest.approx(expected, abs=2e-5 * np.abs(expected).max())


def test_rigid_translations_cost_nothing_and_masses_matter(wahnstrom, forces):
    cell = phase_named("b2", wahnstrom).cell(0.75)
    constants = force_constants(cell, forces)
    assert np.abs(constants.squared_frequencies(np.zeros(3))[:3]).max() < 1e-6
    matrix = constants.dynamical_matrix(np.zeros(3))
    # A rigid shift weighs atoms by the roots of their masses: 1 and 1/2.
    shift = np.tile(np.eye(3), (2, 1)) * np.repeat(np.sqrt([1.0, 0.5]), 3)[:, None]
    assert np.abs(matrix @ shift).max() < 1e-6


def test_the_brillouin_zone_is_sampled_enough(wahnstrom, forces, monkeypatch):
    """Twice as many wave vectors along each axis change kT ln w per atom by less than a hundredth of kT."""
    constants = force_constants(phase_named("fcc", wahnstrom).cell(0.93), forces)
    values = []
    for spacings in (module.MESH_SPACINGS, 2 * module.MESH_SPACINGS):
        monkeypatch.setattr(module, "MESH_SPACINGS", spacings)
        values.append(spectrum(constants).free_energy(1.0, 1.0, 1.0, False))
    assert values[0] == pytest.approx(values[1], abs=0.01)
    _, weights = mesh(Box(np.array([1.0, 2.0, 3.0])), 1.0)
    assert weights.sum() == pytest.approx(1)


def test_unstable_crystals_have_no_spectrum(wahnstrom, forces):
    assert spectrum(force_constants(phase_named("bcc", wahnstrom).cell(0.96), forces)) is None


def test_quantum_oscillators_become_classical_when_hot_and_keep_zero_point_energy_when_cold():
    one = Spectrum(np.array([[2.0, 3.0, 5.0]]), np.array([1.0]))
    assert one.free_energy(0.01, 1.0, 1.0, True) == pytest.approx(0.5 * 10.0, rel=1e-9)
    assert one.free_energy(500.0, 1.0, 1.0, True) == pytest.approx(
        one.free_energy(500.0, 1.0, 1.0, False), rel=1e-5
    )
    # Classical, by hand: kT (ln 2 + ln 3 + ln 5 - 3 ln kT).
    assert one.free_energy(2.0, 1.0, 1.0, False) == pytest.approx(2 * (np.log(30) - 3 * np.log(2)))


def test_force_constants_reach_further_in_metals(wahnstrom):
    assert force_constant_range(wahnstrom) == 2.5
    assert force_constant_range(load_system("soft-sphere")) == 3.0
    assert force_constant_range(load_system("cuzr")) == 15.2


def test_crystals_expand_and_soften_and_mix_at_a_temperature(wahnstrom):
    """F(V, T) of hcp and B2: E + F_vib at the computed volumes, expansion with T, -TS, and a mixture on it."""
    free = {}
    with ExitStack() as stack:
        for name in ("hcp-large", "b2"):
            forces, wide = (stack.enter_context(Forces(wahnstrom)) for _ in range(2))
            phase = phase_curve(phase_named(name, wahnstrom), forces, 0.767)
            found = vibrations(phase, wide, 0.767)
            cold, hot = (quasi_harmonic(phase, found, wahnstrom, T) for T in (0.1, 0.4))
            assert phase.curve.minimum[0] < cold.minimum[0] < hot.minimum[0]
            assert phase.curve.bulk_modulus > cold.bulk_modulus > hot.bulk_modulus
            for v, s in zip(found.volumes, found.spectra, strict=True):
                exact = phase.curve.energy(v) + s.free_energy(0.4, 1.0, 1.0, False)
                assert hot.energy(v) == pytest.approx(exact, abs=0.01)
            free[name] = hot
            m = hot.minimum
            assert hot.energy(m[0] * 1.01) > m[1] < hot.energy(m[0] * 0.99)
        shared = mixture(free["b2"], free["hcp-large"], 0.25, 0.9)
        assert shared.volumes["b2"] < 0.9 < shared.volumes["hcp-large"]
        assert shared.energy <= 0.5 * (free["b2"].energy(0.82) + free["hcp-large"].energy(0.98)) + 1e-9


def debye(theta, temperature):
    """Free energy per atom (eV) of Debye's model, by his integral."""
    x = np.linspace(1e-6, theta / temperature, 20001)
    integral = trapezoid(x**3 / np.expm1(x), x)
    kT = UNIT_SYSTEMS["metal"].boltzmann * temperature
    third = integral / x[-1] ** 3
    return 9 / 8 * UNIT_SYSTEMS["metal"].boltzmann * theta + kT * (3 * np.log1p(-np.exp(-x[-1])) - 3 * third)


@pytest.mark.slow
def test_a_many_body_crystal_is_stable_and_stiff():
    """fcc Cu of the embedded-atom potential: the highest frequency is near 7.5 THz (neutrons: 7.3)."""
    system = load_system("cuzr")
    with Forces(system) as forces:
        constants = force_constants(phase_named("fcc-small", system).cell(12.05), forces)
    found = spectrum(constants)
    assert found is not None
    # A Debye solid of 343 K has 9/8 k Theta = 33 meV of zero-point energy, and at 300 K the model's own F.
    boltzmann, hbar = UNIT_SYSTEMS["metal"].boltzmann, UNIT_SYSTEMS["metal"].hbar
    assert found.free_energy(1.0, boltzmann, hbar, True) == pytest.approx(0.033, abs=0.005)
    assert found.free_energy(300.0, boltzmann, hbar, True) == pytest.approx(debye(343, 300), abs=0.01)
    assert found.frequencies.max() / (2 * np.pi) == pytest.approx(7.3, abs=0.8)


def test_what_has_no_free_energy_says_why(springs):
    """Hot atoms without pressure fly apart; bcc has modes that are unstable."""
    found = answer(springs, Question(("fcc", "bcc"), temperature=5.0, points=9)).data["phases"]
    fcc, bcc = (found[name]["free_energy"] for name in ("fcc-A", "bcc-A"))
    assert fcc["volume"] is None and "only falls with volume" in fcc["reason"] and fcc["curve"]
    assert bcc["free_energy"] is None and "unstable" in bcc["reason"]
