"""Self-trapped states: exact minima, the harmonic and quartic limits, the gap."""

from __future__ import annotations

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.theory import self_trapping as st
from glasscli.theory import soft_potential


def test_pure_quartic_has_the_ratio_2_52_not_4():
    for Q0, A in ((3.0, 30.0), (1.0, 1e8), (2.0, 1e-2)):
        found = st.trapped(Q0, A, 0.3, 2.0)
        for n, W in ((1, found.W1), (2, found.W2)):
            assert pytest.approx(-0.75 * n * Q0 * (n * Q0 / (4 * A)) ** (1 / 3), rel=1e-13) == W
        assert pytest.approx(2.52, abs=5e-4) == found.W2 / found.W1
        assert st.anharmonic_limit(Q0, A) == pytest.approx(-found.W2)


def test_harmonic_branch_has_the_ratio_4_for_a_huge_A():
    found = st.trapped(3.0, 1e12, 0.3, 2.0, eta=0.3)
    assert pytest.approx(4, rel=1e-12) == found.W2 / found.W1
    assert pytest.approx(st.anderson(3.0, 2e12 * 0.3, 0.3), rel=1e-12) == (found.W1, found.W2, found.U)


def test_minima_against_brute_force_at_random_parameters():
    rng = np.random.default_rng(7)
    x = np.linspace(-3, 3, 600001)
    for _ in range(200):
        force, eta, xi = rng.uniform(0, 3), rng.uniform(-0.6, 0.6), rng.uniform(-1, 1)
        energy = soft_potential.value(x, eta, xi) - force * x
        place, lowest = st.minimum(force, eta, xi)
        assert float(lowest) == pytest.approx(energy.min(), abs=1e-9)
        assert float(soft_potential.value(place, eta, xi) - force * place) == pytest.approx(
            float(lowest), abs=1e-15
        )


def test_correlation_energy_and_parameters_about_the_pair():
    found = st.trapped(3.0, 30.0, 0.3, 2.0, eta=-0.05, xi=0.1)
    assert found.W0 < 0
    assert pytest.approx(0.3 + found.W2 + found.W0 - 2 * found.W1) == found.U
    y = np.linspace(-0.1, 0.1, 21)
    V = 30 * soft_potential.value(found.x2 + y, -0.05, 0.1) - 6 * (found.x2 + y)
    assert pytest.approx(30 * soft_potential.value(y, found.eta2, found.xi2), abs=1e-12) == V - found.W2


def test_the_gap_repels():
    free = st.trapped(3.0, 30.0, 0.3, 2.0)
    assert not free.repelled and free.W2_limited == free.W2
    near = st.trapped(3.0, 30.0, 0.0, 1.0)
    assert near.repelled and near.W2_limited == -1.0 and near.W1_limited == -0.25


def test_relations_5_16_hold_in_the_limit():
    """A harmonic bond with |W_2| = gap and no repulsion: all thresholds are the gap or half of it."""
    gap = 1.0
    k, one, pair = st.coordination_defect(3.0, gap)
    assert (one, pair) == pytest.approx((-gap / 4, -gap / 2))
    eta, state = st.deepest_pair(3.0, 1e-6, 0.0, gap)
    assert 2e-6 * eta == pytest.approx(k, rel=1e-4) and pytest.approx(-gap) == state.W2
    found = st.relations(state, 3.0, gap)
    for other in (found.E_opt, 2 * found.E_PL, 2 * found.E_IA, 2 * found.W_a, found.E_X):
        assert other == pytest.approx(gap, rel=1e-4)
    with pytest.raises(InputError, match="no stable pair"):
        st.relations(st.trapped(0.1, 30.0, 1.0, 2.0), 0.1, 2.0)


def test_relations_5_16_fail_for_an_anharmonic_bond_and_for_a_repulsion():
    """Luminescence and intragap absorption part as A gap^3/Q0^4 grows, and W_a falls with U_c."""
    parted = []
    for Q0 in (20.0, 6.0, 3.0):
        _, state = st.deepest_pair(Q0, 30.0, 0.0, 1.2)
        found = st.relations(state, Q0, 1.2)
        assert pytest.approx(1.2) == found.E_PL + found.E_IA and found.E_PL < found.E_IA
        parted.append((found.E_IA - found.E_PL) / 1.2)
    assert parted == sorted(parted) and parted[0] < 0.001 and parted[-1] > 0.09
    _, state = st.deepest_pair(3.0, 30.0, 0.3, 1.2)
    assert 2 * st.relations(state, 3.0, 1.2).W_a < 0.3 * 1.2


def test_the_deepest_pair_of_a_dielectric_is_that_of_the_pure_quartic():
    eta, state = st.deepest_pair(3.0, 30.0, 0.3, 9.0)
    assert eta == 0 and pytest.approx(st.anharmonic_limit(3.0, 30.0)) == -state.W2


def test_density_of_pairs_falls_as_5_13():
    # Stiff enough to be harmonic, sharp tails, so that only the shift spreads the levels.
    gap, U_c, Q0, A = 4.0, 0.05, 3.0, 1e-4
    E = np.linspace(2.4, 3.4, 6)
    found = st.gap_states(E, Q0, A, U_c, gap, eta_soft=15 / 1e-4, tail=2e-3)
    slope = np.polyfit(np.log(gap - E + U_c / 2), np.log(found.pairs), 1)[0]
    assert slope == pytest.approx(-2, abs=0.05)
    whole = st.gap_states(np.linspace(0, gap, 41), Q0, A, U_c, gap)
    assert whole.pairs == pytest.approx(whole.pairs[::-1], rel=1e-9)  # electrons and holes alike


def test_adiabatic_branches_repel_by_the_mixing():
    x = np.linspace(-1, 1, 2001)
    ground, excited = st.adiabatic_potentials(x, 3.0, 30.0, 1.0, mixing=0.07)
    assert (excited - ground).min() == pytest.approx(0.14, abs=1e-5)
    free_ground, free_excited = st.adiabatic_potentials(x, 3.0, 30.0, 1.0, mixing=0.0)
    V = 30 * x**4
    assert np.minimum(V, V + 1 - 3 * np.abs(x)) == pytest.approx(free_ground)
    assert np.maximum(V, V + 1 - 3 * np.abs(x)) == pytest.approx(free_excited)


@pytest.mark.parametrize("bad", [{"Q0": -1}, {"A": 0}, {"gap": 0}, {"U_c": -1}, {"eta": np.nan}])
def test_bad_inputs(bad):
    with pytest.raises(InputError):
        st.trapped(**{"Q0": 3.0, "A": 30.0, "U_c": 0.3, "gap": 2.0, **bad})
