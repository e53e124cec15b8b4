"""Short-range order and concentration excitations of model alloys."""

from __future__ import annotations

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.formats.writers import lammps_data
from glasscli.landscape.alloy import pair_second_derivative
from glasscli.model.system import load_system
from glasscli.theory import excitations as ex


def caesium_chloride(n=6, edge=1.2):
    corner = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = np.concatenate([corner, corner + 0.5]) * edge
    return positions, np.repeat([1, 2], n**3), Box.cube(n * edge)


def test_perfect_order_and_no_order():
    positions, species, box = caesium_chloride()
    first = ex.pairs_within(positions, box, 1.1)
    ordered = ex.short_range_order(species, first)
    assert (ordered.neighbours == 8).all()
    assert ordered.alpha == pytest.approx(np.full(len(species), -1.0))
    rng = np.random.default_rng(0)
    means = [ex.short_range_order(rng.permutation(species), first).mean for _ in range(40)]
    # Without replacement a neighbour is unlike with probability c N/(N - 1).
    assert np.mean(means) == pytest.approx(-1 / (len(species) - 1), abs=4 * np.std(means) / np.sqrt(40))
    halves = np.where(positions[:, 0] < box.edges[0] / 2, 1, 2)
    assert ex.short_range_order(halves, first).mean > 0.6


def test_pairs_are_those_of_brute_force():
    rng = np.random.default_rng(1)
    edges = np.array([5.0, 6.0, 7.0])
    positions = rng.uniform(-1, 2, (80, 3)) * edges
    pairs = ex.pairs_within(positions, Box(edges), 2.0)
    step = positions[:, None] - positions
    step -= edges * np.round(step / edges)
    r = np.linalg.norm(step, axis=2)
    i, j = np.nonzero((r < 2.0) & ~np.eye(80, dtype=bool))
    assert sorted(zip(pairs.i, pairs.j, strict=True)) == sorted(zip(i, j, strict=True))
    assert pairs.r == pytest.approx(r[pairs.i, pairs.j], abs=1e-12)
    with pytest.raises(InputError, match="half the box"):
        ex.pairs_within(positions, Box(edges), 3.0)


def test_second_derivative_of_lennard_jones():
    epsilon, sigma = np.array([[1, 0.8], [0.8, 0.5]]), np.array([[1, 0.9], [0.9, 0.8]])
    second = ex.lennard_jones_second_derivative(epsilon, sigma)
    r, h = np.array([1.0, 1.3, 2.0]), 1e-4
    for a in (1, 2):
        for b in (1, 2):
            e, s = epsilon[a - 1, b - 1], sigma[a - 1, b - 1]

            def u(x, e=e, s=s):
                return 4 * e * ((s / x) ** 12 - (s / x) ** 6)

            numeric = (u(r + h) - 2 * u(r) + u(r - h)) / h**2
            assert second(r, np.full(3, a), np.full(3, b)) == pytest.approx(numeric, rel=1e-5)


def test_dispersion_is_the_sum_of_the_printed_equations():
    """Eqs. 2-5 atom by atom with a mass put in, for pairs along all directions (plain loops)."""
    positions, species, box = caesium_chloride(4)
    rng = np.random.default_rng(2)
    positions = positions + rng.normal(0, 0.04, positions.shape)
    species = rng.permutation(species)
    pairs = ex.pairs_within(positions, box, 1.5)
    order = ex.short_range_order(species, ex.pairs_within(positions, box, 1.15))
    second = ex.lennard_jones_second_derivative(np.ones((2, 2)), np.ones((2, 2)))
    k, k_s, c, mass = np.array([2.0, 5.0]), 5.2, order.c, 3.7
    found = ex.dispersion(k, species, pairs, order, second, k_s)
    mixed, alpha = c * (1 - c), order.alpha

    def sine(x):
        return np.sin(x) / x

    for n, wave in enumerate(k):
        total = 0j
        for atom in range(len(species)):
            mine = pairs.i == atom
            r, other = pairs.r[mine], pairs.j[mine]
            W = -second(r, species[pairs.i[mine]], species[other]) / (k_s**2 * mixed)
            if alpha[atom] == 0:
                continue
            R2 = 2 / (mixed**2 * mass**3 * alpha[atom] ** 2 * np.sum(W * alpha[other] * sine(k_s * r)))
            A = -1 / (mixed**2 * mass**3 * R2 * alpha[atom])
            M = mixed / 4 * np.sum(W * alpha[other] * sine(wave * r))
            total += np.sqrt(complex(A**2 + 2 * A * M))
        assert found.E[n] == pytest.approx(total.real / len(species), rel=1e-9)
        assert found.damping[n] == pytest.approx(total.imag / len(species), rel=1e-9, abs=1e-12)
    assert ((found.damped >= 0) & (found.damped <= 1)).all()


def test_peak_of_the_concentration_structure_factor():
    positions, species, box = caesium_chloride()
    # The chemical order of CsCl doubles the cell's planes: k = 2 pi/edge.
    assert ex.concentration_peak(positions, species, box, 7.0) == pytest.approx(2 * np.pi / 1.2, rel=1e-6)


def test_one_species_is_refused():
    positions, species, box = caesium_chloride(3)
    with pytest.raises(InputError, match="two species"):
        ex.short_range_order(np.ones_like(species), ex.pairs_within(positions, box, 1.1))


def test_second_derivatives_are_those_of_the_systems_own_pairs():
    """Kob and Andersen's parameters by hand: sigma 1, 0.8, 0.88, epsilon 1, 1.5, 0.5, cut at 2.5 sigma."""
    second = pair_second_derivative(load_system("kob-andersen"))
    for a, b, sigma, epsilon in ((1, 1, 1.0, 1.0), (1, 2, 0.8, 1.5), (2, 1, 0.8, 1.5), (2, 2, 0.88, 0.5)):
        r = np.linspace(0.9, 2.45, 50) * sigma
        by_hand = 4 * epsilon * (156 * sigma**12 / r**14 - 42 * sigma**6 / r**8)
        found = second(r, np.full(50, a, np.int32), np.full(50, b, np.int32))
        assert found == pytest.approx(by_hand, rel=1e-6, abs=1e-6)
    with pytest.raises(InputError, match="cuzr has a many-body potential"):
        pair_second_derivative(load_system("cuzr"))


def test_a_files_own_system_gives_the_force_constants(tmp_path, glasscli):
    """The same as with its parameters by hand, where no pair is cut; others than Wahnstroem's."""
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(*[np.arange(6)] * 3), -1).reshape(-1, 3)
    places = (grid + rng.uniform(-0.05, 0.05, grid.shape)) * 0.95
    species = (rng.permutation(len(grid)) % 5 == 0).astype(np.int32) + 1
    atoms = Configuration(places % 5.7, species, np.full(3, 5.7))
    (tmp_path / "ka.data").write_text(lammps_data(atoms, load_system("kob-andersen")))
    words = ["theory", "excitations", "ka.data", "--reach", "1.9", "--no-figure", "--json"]
    own = glasscli(*words).data["E"]
    assert own == pytest.approx(glasscli(*words, "--system", "kob-andersen").data["E"])
    by_hand = glasscli(*words, "--sigma", "1,0.8,0.88", "--epsilon", "1,1.5,0.5").data["E"]
    assert own == pytest.approx(by_hand, rel=1e-5)
    another = glasscli(*words, "--sigma", "1,0.9167,0.8333", "--epsilon", "1,1,1").data["E"]
    assert np.abs(np.array(another) / own - 1).max() > 0.02
    alone = glasscli(*words, "--sigma", "1,1,1")
    assert alone.code == 2 and "--sigma and --epsilon go together" in alone.err
