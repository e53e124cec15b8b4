"""Scales, wells and classes of soft potentials; distributions; eta and xi from geometry."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad

from glasscli import units
from glasscli.errors import InputError
from glasscli.theory import coupling, distributions, fragment, population, quartic_levels, soft_potential


def test_scales_of_one_kelvin_and_thirty_electronvolts():
    found = soft_potential.scales(1 / units.KELVIN_PER_EV, 30.0)
    assert found.eta_L == pytest.approx(0.0142, abs=5e-5)
    assert found.w * units.KELVIN_PER_EV == pytest.approx(70, abs=0.5)
    # eps0 of a real atom: hbar^2/2Ma0^2 of 28 u is 0.87 K.
    eps0 = soft_potential.zero_point_scale(28 * units.ATOMIC_MASS)
    assert eps0 / units.BOLTZMANN == pytest.approx(0.866, abs=5e-3)


def test_reduced_hamiltonian_has_the_levels_of_the_full_one():
    from glasscli.theory.anharmonic import solve

    scale = soft_potential.scales(0.3, 11.0)
    eta, xi = -0.5, 0.4
    K1, K2 = scale.reduced(eta, xi)
    full = solve(lambda x: 11.0 * soft_potential.value(x, eta, xi), 4, (-3, 3), stiffness=0.3).energies
    assert full == pytest.approx(scale.w * quartic_levels.states(float(K1), float(K2), 4).energies, rel=1e-9)


def test_wells_against_brute_force_at_random_parameters():
    rng = np.random.default_rng(5)
    x = np.linspace(-4, 4, 400001)
    for eta, xi in zip(rng.uniform(-1, 1, 200), rng.uniform(-2, 2, 200), strict=True):
        V = soft_potential.value(x, eta, xi)
        minima = x[1:-1][(V[1:-1] < V[:-2]) & (V[1:-1] < V[2:])]
        found = soft_potential.wells(eta, xi)
        assert float(found.depth) == pytest.approx(V.min(), abs=1e-8)
        assert len(minima) == (1 if found.kind == "single" else 2)
        if len(minima) == 2:
            top = V[(x > minima[0]) & (x < minima[1])].max()
            assert float(found.barrier) == pytest.approx(
                top - soft_potential.value(minima, eta, xi).max(), abs=1e-8
            )
            assert sorted([float(found.deep), float(found.shallow)]) == pytest.approx(
                sorted(minima), abs=3e-5
            )


def test_extrema_and_force_constants_are_klingers():
    """3.4 with its signs mended: x_1,2 = (3 xi/8)(-1 -+ L^(1/2)) has k/k0 = 2 eta0 (L +- L^(1/2))."""
    rng = np.random.default_rng(6)
    for xi in rng.uniform(0.05, 0.8, 200):
        eta0 = float(soft_potential.eta0(xi))
        eta = eta0 * rng.uniform(-3, 1)
        L = 1 - eta / eta0
        far, near = (3 * xi / 8) * (-1 - np.sqrt(L)), (3 * xi / 8) * (-1 + np.sqrt(L))
        assert soft_potential.extrema(eta, xi) == pytest.approx(sorted([far, near]), abs=1e-12)
        assert soft_potential.curvature(far, eta, xi) == pytest.approx(2 * eta0 * (L + np.sqrt(L)), abs=1e-12)
        assert soft_potential.curvature(near, eta, xi) == pytest.approx(
            2 * eta0 * (L - np.sqrt(L)), abs=1e-12
        )


def test_classes_and_symmetric_wells():
    classify = soft_potential.classify
    assert list(classify([0.1, -0.1, 0.02, 0.0, 0.1], [0.0, 0.0, 0.3, 0.3, 0.6], 1e-3)) == [
        "single",
        "two-well-1",
        "two-well-2",
        "singular",
        "two-well-2",
    ]
    line = float(soft_potential.eta0(0.3))
    assert str(classify(line + 1e-4, 0.3, 1e-3)) == "singular"
    for eta, xi in ((-0.2, 0.0), (0.09 / 4, 0.3)):
        found = soft_potential.wells(eta, xi)
        assert float(found.asymmetry) == pytest.approx(0, abs=1e-15)
        assert (float(found.deep) + float(found.shallow)) / 2 == pytest.approx(-xi / 4, abs=1e-12)
    assert soft_potential.is_symmetric(4.0, 4.0) and not soft_potential.is_symmetric(4.0, 4.1)


def test_without_cubic_is_the_same_potential():
    K1, K2 = -1.3, 2.2
    D1, D2 = soft_potential.without_cubic(K1, K2)
    y = np.linspace(-3, 3, 50)
    difference = soft_potential.value(y - K2 / 4, K1, K2) - (D1 * y + D2 * y**2 + y**4)
    assert np.ptp(difference) < 1e-12
    step = 1e-6
    columns = [
        (np.array(soft_potential.without_cubic(K1 + a, K2 + b)) - np.array([D1, D2])) / step
        for a, b in ((step, 0), (0, step))
    ]
    assert abs(np.linalg.det(columns)) == pytest.approx(abs(K1) / 2, rel=1e-5)


@pytest.mark.parametrize("xi_mean", [0.0, 0.4])
def test_gaussian_is_normalised_as_printed_it_is_not(xi_mean):
    F = distributions.gaussian(1.0, 0.3, xi_mean, 0.25)
    total = dblquad(lambda xi, eta: float(F(eta, xi)), -2, 4, -3, 3)[0]
    assert total == pytest.approx(1.0, abs=1e-7)


def test_concentrations_against_sampling():
    F = distributions.gaussian(0.3, 0.3, 0.1, 0.3)
    found = distributions.concentrations(F, 0.2, 0.02)
    n = 2000
    eta = -0.2 + 0.4 * (np.arange(n) + 0.5) / n
    top = distributions.soft_xi(0.2)
    xi = top * (np.arange(n) + 0.5) / n
    grid = F(eta[:, None], xi[None, :]) * 2 * (0.4 / n) * (top / n)
    kinds = soft_potential.classify(eta[:, None], xi[None, :], 0.02)
    assert found.c_a == pytest.approx(grid.sum(), rel=1e-3)
    for name, kind in (("single", "single"), ("two_well_1", "two-well-1"), ("two_well_2", "two-well-2")):
        assert getattr(found, name) == pytest.approx(grid[kinds == kind].sum(), rel=5e-3, abs=1e-6)
    assert found.singular == pytest.approx(grid[kinds == "singular"].sum(), rel=5e-3)


def test_exponential_and_cluster_estimates():
    F = distributions.exponential(1e-2, 0.1, 0.3)
    assert float(F(0.1, 0.3)) == pytest.approx(1e-2)
    assert distributions.cluster_estimate(3, 10)[0] == pytest.approx(0.027)
    assert distributions.cluster_estimate(3, 10, 100)[1] == pytest.approx(2.7e-5)
    # Only the ratio of two glasses is known: one with its own T_g is itself.
    assert distributions.vitrification_factor(300, 300) == 1
    assert distributions.vitrification_factor(300, 900, 450, 2.0) == pytest.approx(np.exp(1.5**2 - 0.5**2))
    assert distributions.pressure_factor(5e9) == pytest.approx(np.exp(-2))
    with pytest.raises(InputError, match="eta_width"):
        distributions.gaussian(eta_width=0)


def test_coupling_is_the_slope_of_the_gap_and_of_the_papers_size():
    scale = soft_potential.scales(1 / units.KELVIN_PER_EV, 30.0)
    step = 1e-4
    for K1, K2 in ((-1.0, 0.7), (2.0, -1.5), (0.5, 3.0)):
        found = coupling.coupling(K1, K2, scale, 0.8, -0.6)
        by_eta = (
            scale.w / scale.eta_L * (quartic_levels.gap(K1 + step, K2) - quartic_levels.gap(K1 - step, K2))
        )
        by_xi = (
            scale.w
            / scale.eta_L**0.5
            * (quartic_levels.gap(K1, K2 + step) - quartic_levels.gap(K1, K2 - step))
        )
        assert found.b == pytest.approx(float(0.8 * by_eta - 0.6 * by_xi) / (2 * step), rel=1e-5)
    assert 0.3 < coupling.tunnelling_estimate(scale, 10) < coupling.tunnelling_estimate(scale, 3.6) < 1.0
    assert coupling.anharmonic_estimate(scale) == pytest.approx(0.426, abs=1e-3)


def test_couplings_of_a_distribution_are_those_of_its_members():
    scale = soft_potential.scales(1 / units.KELVIN_PER_EV, 30.0)
    K1, K2 = np.array([-6.0, 0.0, -1.0]), np.array([0.01, 1.0, 0.5])
    by_K1, by_K2 = quartic_levels.gap_slopes(K1, K2)
    for k in range(3):
        one = coupling.coupling(float(K1[k]), float(K2[k]), scale)
        assert scale.w / scale.eta_L * by_K1[k] == pytest.approx(one.by_eta, rel=1e-5)
        assert scale.w / scale.eta_L**0.5 * by_K2[k] == pytest.approx(one.by_xi, rel=1e-5)
    some = population.from_samples(K1 * scale.eta_L, K2 * scale.eta_L**0.5, scale.eta_L)
    found = coupling.couplings(some, scale)
    assert found["tunnelling"] == pytest.approx(abs(coupling.coupling(-6.0, 0.01, scale).b), rel=1e-5)
    assert len(set(found["anharmonic"].round(9))) == 2


def test_fragment_expands_the_exact_energy():
    rng = np.random.default_rng(8)
    for _ in range(200):
        bond = fragment.Morse(rng.uniform(0.5, 4), rng.uniform(1, 2.5), 2.5)
        longest = bond.inflection + 0.25 / bond.a
        d1, d2 = rng.uniform(2.6, longest, 2)
        angle = rng.uniform(150, 180)
        try:
            found = fragment.fragment(bond, d1, d2, angle)
        except InputError:
            continue
        x = np.array([-0.02, -0.01, 0.01, 0.02])
        ends = fragment.place(d1, d2, angle)
        exact = fragment.potential(x + found.origin, bond, ends) - fragment.potential(
            np.array([found.origin]), bond, ends
        )
        quartic = found.A * soft_potential.value(x, found.eta, found.xi)
        assert exact == pytest.approx(quartic, abs=3e-7 * bond.D * bond.a**5)


def test_stretching_past_the_inflection_makes_two_wells():
    bond = fragment.Morse(2.0, 1.5, 2.5)
    below, above = bond.inflection - 0.02, bond.inflection + 0.02
    assert fragment.fragment(bond, below, below).eta > 0 > fragment.fragment(bond, above, above).eta
    assert fragment.fragment(bond, above, above).xi == pytest.approx(0, abs=1e-12)
    assert np.allclose(np.linalg.norm(fragment.place(2.7, 3.1, 140), axis=1), [2.7, 3.1])
    a, b = fragment.place(2.7, 3.1, 140)
    assert a @ b / (2.7 * 3.1) == pytest.approx(np.cos(np.radians(140)))
    assert fragment.eta_from_volume([1.0, 1.5], 1.2) == pytest.approx([0.2, -0.3])
    with pytest.raises(InputError, match="angle"):
        fragment.place(1, 1, 200)
    with pytest.raises(InputError, match="quartic"):
        fragment.fragment(bond, 5.0, 5.0)
