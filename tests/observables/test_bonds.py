"""Neighbours, angles, who bridges whom; amplitudes of neutrons and X-rays, totals and their peaks."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.observables import scattering
from glasscli.observables.bonds import bond_angles, bonds_within, first_minima, neighbour_counts
from glasscli.observables.network import bonding, numbered
from glasscli.observables.structure_factor import structure_factor
from tests.lattices import DIAMOND, bcc, crystal, fcc, gas, ideal
from tests.observables.test_rings import VOLUMES


def test_bonds_are_the_pairs_within_the_cutoffs_of_their_species():
    """Against all pairs and their nearest images; a pair without a cutoff has none."""
    c = gas([40, 30, 20], [6.0, 7.0, 8.0], 3)
    cutoffs = {(1, 1): 1.0, (1, 2): 1.6, (3, 3): 2.4}
    found = bonds_within(c, cutoffs)
    apart = c.box.minimum_image(c.positions[None] - c.positions[:, None])
    lengths = np.linalg.norm(apart, axis=2)
    reach = np.zeros((4, 4))
    for (a, b), length in cutoffs.items():
        reach[a, b] = reach[b, a] = length
    wanted = (lengths < reach[np.ix_(c.species, c.species)]) & (lengths > 0)
    assert sorted(zip(found.first, found.second, strict=True)) == sorted(
        zip(*np.nonzero(wanted), strict=True)
    )
    assert found.vectors == pytest.approx(apart[found.first, found.second])
    counts = neighbour_counts(found)
    assert counts[1, 2] @ np.arange(len(counts[1, 2])) == counts[2, 1] @ np.arange(len(counts[2, 1]))
    assert counts[1, 3].tolist() == [40]


@pytest.mark.parametrize(("made", "number"), [(fcc, 12), (bcc, 8)])
def test_a_unit_cell_has_the_neighbours_of_the_crystal(made, number):
    """Also where the box is narrower than the bonds, and g(r) needs copies of it."""
    for repeat in (1, 3):
        c = made(1.0, repeat)
        # Between the first two shells: bcc's second is 1.15 times as far as its first.
        minima = {(1, 1): 0.93} if made is bcc else first_minima(c)
        assert neighbour_counts(bonds_within(c, minima))[1, 1].tolist() == [0] * number + [c.n_atoms]
    assert 1 / np.sqrt(2) < first_minima(fcc(1.0, 1))[1, 1] < 1.0


def test_angles_of_crystals():
    """Tetrahedra: 109.471 degrees; oxygen halfway between silicon: 180; twelve neighbours: 60, 90, 120, 180."""
    c = ideal("cristobalite", VOLUMES["cristobalite"], (2, 1, 1))
    found = bond_angles(bonds_within(c, {(1, 2): 2.0}))
    assert set(found) == {(1, 2, 1), (2, 1, 2)}
    for triple, angle, each, atoms in (((1, 2, 1), 109.4712, 6, 16), ((2, 1, 2), 180.0, 1, 32)):
        one = found[triple]
        assert one.counts.sum() == one.counts[min(179, int(angle))] == each * atoms
        assert one.total / one.counts.sum() == pytest.approx(angle, abs=1e-3)
        assert one.squares / one.counts.sum() == pytest.approx(angle**2, rel=1e-5)
    close = bond_angles(bonds_within(fcc(1.0, 2, noise=1e-4), {(1, 1): 0.85}))[1, 1, 1].counts
    near = {angle: close[angle - 1 : angle + 1].sum() for angle in (60, 90, 120)}
    assert near == {60: 24 * 32, 90: 12 * 32, 120: 24 * 32} and close[178:].sum() == 6 * 32


@pytest.mark.parametrize(("elements", "formers", "bridges", "reason"), [
    (["Si", "O"], "Si", "O", ""), (["Na", "Si", "O"], "Si", "O", ""), (["Al", "Si", "Na", "O"], "Al Si", "O", ""),
    (["Ge", "Se"], "Ge", "Se", ""), (["Te", "O"], "Te", "O", ""), (["As", "Te"], "As", "Te", ""),
    (["Be", "F"], "Be", "F", ""), (["Zn", "Cl"], "Zn", "Cl", ""), (["Si", "N"], "Si", "N", ""),
    (["P", "O", "S"], "P S", "O", ""), (["Si"], "Si", "", ""), (["Si", "C"], "Si C", "", ""), (["Se"], "Se", "", ""),
    (["Cu", "Zr"], "", "", "there is no oxygen, chalcogen, halogen or nitrogen that bridges"),
    (["Fe", "B"], "", "", "there is no oxygen, chalcogen, halogen or nitrogen that bridges"),
    (["Mg", "O"], "", "", "there is no network former beside O"),
])  # fmt: skip
def test_elements_say_who_bridges_whom(elements, formers, bridges, reason):
    numbers = dict(enumerate(elements, start=1))
    found = bonding(numbers, {})
    assert [numbers[s] for s in found.formers] == formers.split()
    assert [numbers[s] for s in found.bridges] == bridges.split()
    assert found.reason == reason


def test_formers_by_hand_and_cutoffs_by_name():
    found = bonding({1: "Na", 2: "Mg", 3: "O"}, {}, [2])
    assert (found.formers, found.bridges) == ((2,), (3,)) and found.pairs() == [(2, 3)]
    assert bonding({}, {}, [1]).pairs() == [(1, 1)]
    assert numbered({1: "O", 2: "Si"}, {"Si-O": 2.2, "O-O": 3.0}, "--x") == {(1, 2): 2.2, (1, 1): 3.0}
    with pytest.raises(InputError, match="--x Si-Al: not a pair of the species O, Si"):
        numbered({1: "O", 2: "Si"}, {"Si-Al": 2.2}, "--x")


def test_amplitudes_are_those_of_published_tables():
    """V. F. Sears, Neutron News 3, 26 (1992): Si 4.149, O 5.803, Ni 10.3, Ti -3.438 fm. Form factors at q = 0: Z."""
    elements = dict(enumerate(("Si", "O", "Ni", "Ti"), start=1))
    found = scattering.neutrons(elements).amplitudes
    assert [float(b[0]) for b in found.values()] == pytest.approx([4.149, 5.803, 10.3, -3.438], rel=0.02)
    factors = scattering.x_rays(elements, np.array([0.0, 4 * np.pi * 0.5])).amplitudes
    assert [f[0] for f in factors.values()] == pytest.approx([14, 8, 28, 22], abs=0.01)
    # International Tables C 6.1.1.1, sin(theta)/lambda = 0.5: Si 6.24, O 2.34 (2.338).
    assert [factors[s][1] for s in (1, 2)] == pytest.approx([6.24, 2.34], abs=0.05)
    assert [z[0] for z in scattering.electrons(elements).amplitudes.values()] == [14, 8, 28, 22]
    with pytest.raises(InputError, match="neutron scattering length of Po is not known"):
        scattering.neutrons({1: "Po"})


def test_weights_of_silica_are_those_of_the_literature():
    """Neutrons: 0.069 Si-Si, 0.388 Si-O, 0.543 O-O, from (4.149 + 2 x 5.803)^2 by hand; they add up to one."""
    found = scattering.neutrons({1: "Si", 2: "O"}).weights({1: 1 / 3, 2: 2 / 3})
    assert {pair: float(w[0]) for pair, w in found.items()} == pytest.approx(
        {(1, 1): 0.0694, (1, 2): 0.3880, (2, 2): 0.5426}, abs=5e-4
    )
    assert sum(found.values()) == pytest.approx(1)


def test_a_null_alloy_has_no_total():
    """67.6 % titanium and zirconium: -3.438 and 7.16 fm cancel."""
    with pytest.raises(InputError, match="mean scattering length is next to nothing"):
        scattering.neutrons({1: "Ti", 2: "Zr"}).weights({1: 0.676, 2: 0.324})


def test_a_weighted_total_is_that_of_the_waves_of_all_atoms():
    """Sum of b exp(iqr) over all atoms, squared, over N <b>^2, less <b^2>/<b>^2 and plus one: Faber and Ziman's."""
    c = gas([30, 50, 20], [9.0, 10.0, 11.0], 5)
    factor = structure_factor(c, 1.0, 1e-3)  # so narrow bins hold single waves
    b = {1: 4.149, 2: 5.803, 3: -3.7}
    seen = scattering.Radiation({s: np.array([x]) for s, x in b.items()})
    total = scattering.weighted(factor.partials, seen.weights({s: n / 100 for s, n in c.counts.items()}))
    each = np.array([b[s] for s in c.species.tolist()])
    wave = 2 * np.pi / c.box.edges[2]
    k = int(np.argmin(np.abs(factor.q - wave)))
    assert factor.q[k] == pytest.approx(wave) and factor.vectors[k] == 1
    amplitude = np.abs((each * np.exp(1j * wave * c.positions[:, 2])).sum()) ** 2
    expected = 1 + (amplitude / 100 - (each**2).mean()) / each.mean() ** 2
    assert total[k] == pytest.approx(expected, rel=1e-9)


def test_peaks_are_found_between_bins_and_noise_is_none():
    q = np.arange(0.1, 12, 0.1)
    total = 1 + 0.5 * np.exp(-(((q - 1.53) / 0.3) ** 2)) + 0.8 * np.exp(-(((q - 5.18) / 0.4) ** 2))
    total += 0.005 * np.sin(40 * q)
    vectors = np.where(q < 0.5, 2, 300)
    total[2] = 3  # of two waves
    found = scattering.maxima(q, total, vectors, 0.1)
    assert [p.q for p in found] == pytest.approx([1.53, 5.18], abs=0.02)
    assert found[1].height == pytest.approx(1.8, abs=0.05)


def test_the_total_correlation_function_of_a_crystal_has_its_neighbours():
    """The area of r T(r) under the first peak of silicon: 4 neighbours times b^2."""
    from glasscli.observables.pair_distribution import pair_distribution

    c = crystal(DIAMOND, [1] * 8, 5.431, 3)
    g = pair_distribution(c, 0.02, 3.0)
    b = scattering.neutrons({1: "Si"})
    t = scattering.total_correlation(g.r, g.total, c.n_atoms / c.volume, float(b.mean_square({1: 1.0})[0]))
    area = (g.r * t).sum() * (g.r[1] - g.r[0])
    assert area / 4.15071**2 == pytest.approx(4, rel=2e-4)


def test_a_configuration_without_any_bond_has_no_angle():
    c = Configuration(np.array([[1.0, 1, 1]]), np.array([1], np.int32), Box.cube(30.0))
    bonds = bonds_within(c, {(1, 1): 2.0})
    assert bond_angles(bonds) == {} and neighbour_counts(bonds)[1, 1].tolist() == [1]
