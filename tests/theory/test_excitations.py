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


def test_atoms_without_neighbours_are_refused_in_one_line(tmp_path, glasscli):
    positions = np.array([[1.0, 1, 1], [5, 5, 5], [9, 1, 5]])
    atoms = Configuration(positions, np.array([1, 2, 1], np.int32), np.full(3, 12.0))
    (tmp_path / "far.data").write_text(lammps_data(atoms, load_system("kob-andersen")))
    answer = glasscli("theory", "excitations", "far.data", "--no-figure")
    assert answer.code == 2 and answer.err.count("\n") == 1 and "larger --shell" in answer.err
    answer = glasscli("modes", "far.data", "--species", "A,B")
    assert answer.code == 2 and answer.err.count("\n") == 1 and "nothing vibrates" in answer.err


def test_excitations_of_a_kob_andersen_configuration_by_hand(tmp_path, glasscli):
    """E(k) by plain sums over every pair of atoms, with Kob and Andersen's parameters: Eqs. 2-6 without the mass."""
    rng = np.random.default_rng(4)
    n, edge = 6, 5.8
    grid = np.stack(np.meshgrid(*[np.arange(n)] * 3), -1).reshape(-1, 3)
    places = ((grid + rng.uniform(-0.08, 0.08, grid.shape)) * edge / n) % edge
    species = (rng.permutation(len(grid)) % 5 == 0).astype(np.int32) + 1
    atoms = Configuration(places, species, np.full(3, edge))
    (tmp_path / "ka.data").write_text(lammps_data(atoms, load_system("kob-andersen")))
    shell, k_s = 1.45, 6.0
    words = ["--shell", str(shell), "--k-s", str(k_s), "--k-max", "12", "--no-figure", "--json"]
    found = glasscli("theory", "excitations", "ka.data", *words).data
    sigma, epsilon = np.array([[1, 0.8], [0.8, 0.88]]), np.array([[1, 1.5], [1.5, 0.5]])
    step = places[:, None] - places
    step -= edge * np.round(step / edge)
    r = np.sqrt((step**2).sum(axis=2))
    np.fill_diagonal(r, np.inf)
    s, e = sigma[species - 1][:, species - 1], epsilon[species - 1][:, species - 1]
    within = r < 2.5 * s
    r_in = np.where(within, r, 1.0)
    curved = np.where(within, 4 * e * (156 * s**12 / r_in**14 - 42 * s**6 / r_in**8), 0.0)
    c = np.mean(species == 1)
    unlike = ((r < shell) & (species[:, None] != species)).sum(axis=1) / (r < shell).sum(axis=1)
    alpha = 1 - unlike / np.where(species == 1, 1 - c, c)
    W = -curved / (k_s**2 * c * (1 - c))
    wave = np.array(found["k"])[[30, 59, 100]]

    def summed(k):
        return (W * np.where(within, np.sin(k * r_in) / (k * r_in), 0.0)) @ alpha

    A = -alpha / 2 * summed(k_s)
    by_hand = [np.sqrt((A**2 + A * c * (1 - c) / 2 * summed(k)).astype(complex)).mean() for k in wave]
    assert np.array(found["E"])[[30, 59, 100]] == pytest.approx(np.real(by_hand), rel=1e-5)
    assert np.array(found["damping"])[[30, 59, 100]] == pytest.approx(np.imag(by_hand), rel=1e-5, abs=1e-9)
    assert found["alpha_mean"] == pytest.approx(alpha.mean())
