"""Exchange attempts sample Boltzmann's distribution, and their energies are LAMMPS's."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from glasscli.configuration import Box, Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.compiled import built
from glasscli.engine.own.ready import Ready
from glasscli.engine.own.sample import Sample
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.simulation.kernel import Sites
from glasscli.simulation.partners import BLOCK, BLOCKS, exchange_ready
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named

BOX = Box.cube(8.0)


@pytest.fixture(scope="module")
def wahnstrom():
    return load_system("wahnstrom")


@pytest.fixture(scope="module")
def table(wahnstrom):
    return tabulate(wahnstrom)


def scattered(n, seed, spacing=0.9, edge=8.0):
    """n points at least `spacing` apart in a cube, so that exchanging them costs some kT."""
    rng, points = np.random.default_rng(seed), []
    while len(points) < n:
        point = rng.uniform(0, edge, 3)
        if all(np.linalg.norm(np.minimum(abs(point - p), 8.0 - abs(point - p))) > spacing for p in points):
            points.append(point)
    return np.array(points)


def lennard_jones(distance, sigma):
    def bare(r):
        return 4 * ((sigma / r) ** 12 - (sigma / r) ** 6)

    return np.where(distance < 2.5, bare(distance) - bare(2.5), 0.0)


def test_the_table_is_the_potential(table):
    distances = np.random.default_rng(1).uniform(0.75, 2.6, 400)
    for (a, b), sigma in {(0, 0): 1.0, (0, 1): 11 / 12, (1, 1): 5 / 6}.items():
        exact = lennard_jones(distances, sigma)
        ours = []
        for r in distances:
            positions = np.array([[1.0, 1, 1], [1 + r, 1, 1]])
            ours.append(Sites(positions, np.array([a, b]), BOX, table).total())
        assert np.abs(np.array(ours) - exact).max() < 1e-11 * max(1, np.abs(exact).max())


# Partners drawn blindly, and by readiness, with attempts between two samples that are then independent.
DRAWS = pytest.mark.parametrize(
    "draw, apart", [(Sites.exchange, 40), (exchange_ready, 15)], ids=["any", "ready"]
)
needs_compiled = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")


class Compiled:
    """`Sites` whose atoms exchange by `Ready`, as far as these tests ask."""

    def __init__(self, system, positions, species, box):
        self.species, self._positions, self._edges = np.array(species, np.int32), positions, box.edges
        self._sample = Sample(system, self.species + 1)
        self._ready = Ready(self._sample)

    def draw(self, rng, attempts, beta, weights=None):
        n_species = int(self.species.max()) + 1 if weights is None else len(weights)
        shares = np.triu(np.ones((n_species, n_species)) if weights is None else weights, 1)
        found = self._ready.exchange(self._positions, self._edges, rng, attempts, beta, shares)
        assert found.tried.sum() == attempts and (found.accepted <= found.tried).all()
        self.species = self.species[found.occupant]
        self._sample.relabel(self.species + 1)


@pytest.mark.parametrize(
    "draw, apart",
    [(Sites.exchange, 40), (exchange_ready, 15), pytest.param(Compiled.draw, 15, marks=needs_compiled)],
    ids=["any", "ready", "compiled"],
)
@pytest.mark.parametrize("n, small", [(4, 2), (20, 3)])
def test_all_assignments_of_a_cluster_come_as_boltzmann_says(wahnstrom, table, n, small, draw, apart):
    """Exact enumeration: 6 assignments of 4 atoms, 1140 of 20."""
    positions = scattered(n, seed=n, edge=2.0 if n == 4 else 3.4)
    beta = 0.7
    assignments = dict.fromkeys(itertools.combinations(range(n), small), 0)
    energies = []
    for chosen in assignments:
        species = np.zeros(n, dtype=np.int32)
        species[list(chosen)] = 1
        energies.append(Sites(positions, species, BOX, table).total())
    weights = np.exp(-beta * (np.array(energies) - min(energies)))
    weights /= weights.sum()
    assert weights.max() < 0.9  # a distribution, not one state
    if draw is Compiled.draw:
        sites = Compiled(wahnstrom, positions, species, BOX)
    else:
        sites = Sites(positions, species, BOX, table)
    rng, samples, apart = np.random.default_rng(5), 20000, apart * small
    for _ in range(samples):
        draw(sites, rng, apart, beta)
        assignments[tuple(np.flatnonzero(sites.species).tolist())] += 1
    seen, expected = np.array(list(assignments.values())), samples * weights
    order = np.argsort(expected)
    # Rare assignments are counted together, so that each bin expects ten or more.
    groups = np.minimum((np.cumsum(expected[order]) // 10).astype(int), int(samples / 10) - 1)
    seen, expected = (np.bincount(groups, v[order]) for v in (seen, expected))
    keep = expected > 0
    test = stats.chisquare(seen[keep], expected[keep] * seen[keep].sum() / expected[keep].sum())
    assert test.pvalue > 1e-3, test


@DRAWS
def test_three_species_and_chemical_potentials_sample_boltzmann_too(draw, apart):
    """Species of kob-andersen with a third like the second: exact enumeration of both ensembles."""
    system = load_system("kob-andersen")
    pair = tabulate(system)
    names = np.array([0, 1, 1])
    index = pair.pair[np.ix_(names, names)]
    table = replace(pair, pair=index, alone=np.zeros(3))
    positions, beta = scattered(6, seed=3, edge=2.6), 0.8

    def energy(species):
        return Sites(positions, np.array(species), BOX, table).total()

    rng, samples = np.random.default_rng(6), 20000
    canonical = sorted(set(itertools.permutations([0, 0, 1, 1, 2, 2])))
    sites = Sites(positions, np.array(canonical[0]), BOX, table)
    seen = dict.fromkeys(canonical, 0)
    weights = np.array([[0, 1, 2], [0, 0, 0.5], [0, 0, 0]])
    for _ in range(samples):
        draw(sites, rng, apart, beta, weights)
        draw(sites, rng, apart, beta)
        seen[tuple(sites.species.tolist())] += 1
    weights = np.exp(-beta * np.array([energy(s) for s in canonical]))
    assert stats.chisquare(list(seen.values()), samples * weights / weights.sum()).pvalue > 1e-3

    mu = np.array([0.0, 0.7, -0.4])
    states = list(itertools.product(range(3), repeat=6))
    weights = np.array([np.exp(-beta * (energy(s) - mu[list(s)].sum())) for s in states])
    counts = np.zeros(3)
    sites = Sites(positions, np.array(states[0]), BOX, table)
    for _ in range(samples):
        sites.transmute(rng, 60, beta, mu)
        counts += np.bincount(sites.species, minlength=3)
    expected = np.array([[s.count(k) for k in range(3)] for s in states]).T @ weights / weights.sum()
    assert np.abs(counts / samples - expected).max() < 5 * np.sqrt(6 / samples)


@needs_compiled
def test_three_species_sample_boltzmann_by_the_compiled_kernel_too():
    """All 90 assignments, pairs of species by weight and alike in turns."""
    system = load_system("kob-andersen-ternary")
    table, positions, beta = tabulate(system), scattered(6, seed=3, edge=2.6), 0.8
    canonical = sorted(set(itertools.permutations([0, 0, 1, 1, 2, 2])))
    weights = np.array([[0, 1, 2], [0, 0, 0.5], [0, 0, 0]])
    energies = [Sites(positions, np.array(s), BOX, table).total() for s in canonical]
    sites, rng, samples = Compiled(system, positions, canonical[0], BOX), np.random.default_rng(6), 20000
    seen = dict.fromkeys(canonical, 0)
    for _ in range(samples):
        sites.draw(rng, 15, beta, weights)
        sites.draw(rng, 15, beta)
        seen[tuple(sites.species.tolist())] += 1
    expected = np.exp(-beta * (np.array(energies) - min(energies)))
    expected *= samples / expected.sum()
    order = np.argsort(expected)
    groups = (np.cumsum(expected[order]) // 10).astype(int)
    counted, expected = (np.bincount(groups, np.asarray(v)[order]) for v in (list(seen.values()), expected))
    assert np.count_nonzero(expected) > 10
    assert stats.chisquare(counted[expected > 0], expected[expected > 0]).pvalue > 1e-3


def test_only_the_sites_that_are_named_exchange_their_atoms(table):
    """At infinite temperature every pattern of those, here 15 of 6 sites, comes as often; the others stay."""
    positions, rng = scattered(12, seed=3), np.random.default_rng(4)
    species = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1], np.int32)
    among = np.zeros(12, dtype=bool)
    among[[0, 1, 2, 5, 6, 9]] = True
    sites, seen = Sites(positions, species, BOX, table), {}
    for _ in range(6000):
        sites.exchange(rng, 12, 0.0, among=among)
        assert (sites.species[~among] == species[~among]).all()
        pattern = tuple(sites.species[among])
        seen[pattern] = seen.get(pattern, 0) + 1
    assert len(seen) == 15 and stats.chisquare(list(seen.values())).pvalue > 1e-3
    with pytest.raises(ValueError, match="all atoms are alike"):
        sites.exchange(rng, 12, 0.0, among=sites.species == 0)


def test_energies_of_attempts_are_those_of_lammps(wahnstrom, table):
    """Single changes, the sum of a thousand accepted moves, and totals, in a dense random sample."""
    rng = np.random.default_rng(2)
    n = 500
    lattice = np.stack(np.meshgrid(*[np.arange(8)] * 3), -1).reshape(-1, 3)[:n] * 0.91
    positions = np.ascontiguousarray(lattice + rng.uniform(-0.05, 0.05, (n, 3))) % (8 * 0.91)
    box, species = Box.cube(8 * 0.91), (np.arange(n) % 2).astype(np.int32)
    sites = Sites(positions, species, box, table)
    with Minimiser(wahnstrom) as lammps:

        def total(where):
            return lammps.evaluate(Configuration(where, species + 1, box)).energy * n

        start = total(positions)
        assert sites.total() == pytest.approx(start, rel=1e-11)
        tried, accepted, change = sites.exchange(rng, 200_000, 1 / 0.8)
        assert tried.sum() == 200_000 and 500 < accepted.sum() < 100_000
        moved = np.empty_like(positions)
        moved[sites.occupant] = positions
        end = total(moved)
        assert change == pytest.approx(end - start, abs=1e-9)
        assert sites.total() == pytest.approx(end, rel=1e-11)
        worst = 0.0
        for i, j in rng.integers(0, n, (300, 2)):
            if sites.species[i] != sites.species[j]:
                there = moved.copy()
                a, b = sites.occupant[[i, j]]
                there[[a, b]] = there[[b, a]]
                exact = total(there) - end
                worst = max(worst, abs(sites.change(i, j) - exact) / max(abs(exact), 7.0))
        assert worst < 1e-11


@DRAWS
@pytest.mark.parametrize("cells", [(4, 5, 5), (3, 3, 4)])
def test_sites_sorted_into_cells_have_the_energies_of_all_pairs(table, cells, draw, apart):
    """Also after exchanges: what is kept up to date is what a fresh start gives."""
    rng = np.random.default_rng(4)
    edges = np.array(cells) * 2.5 + 0.3
    steps = [np.arange(int(edge / 1.05)) * edge / int(edge / 1.05) for edge in edges]
    positions = np.stack(np.meshgrid(*steps, indexing="ij"), -1).reshape(-1, 3)
    positions = (positions + rng.uniform(-0.06, 0.06, positions.shape)) % edges
    species = rng.permutation(np.arange(len(positions)) % 2).astype(np.int32)
    d = positions[:, None] - positions
    d -= edges * np.round(d / edges)
    r = np.sqrt((d**2).sum(-1))
    np.fill_diagonal(r, 9.0)

    def brute(kinds):
        sigma = np.array([[1, 11 / 12], [11 / 12, 5 / 6]])
        return np.stack([lennard_jones(r, sigma[s][kinds][None, :]).sum(1) for s in (0, 1)], axis=1)

    sites = Sites(positions, species, Box(edges), table)
    assert np.abs(sites.energies - brute(species)).max() < 1e-9
    draw(sites, rng, 500 * apart, 1.0)
    assert (np.sort(sites.occupant) == np.arange(len(positions))).all()
    assert (sites.species == species[sites.occupant]).all() and (sites.species != species).any()
    assert np.abs(sites.energies - brute(sites.species)).max() < 1e-9


def test_many_bodies_are_refused():
    with pytest.raises(InputError, match=r"many-body.*--engine-mc lammps"):
        tabulate(load_system("cuzr"))


def test_atoms_that_are_all_alike_are_refused(table):
    sites = Sites(scattered(4, 1), np.zeros(4, dtype=np.int32), BOX, table)
    with pytest.raises(ValueError, match="nothing to exchange"):
        sites.exchange(np.random.default_rng(1), 10, 1.0)


def test_ready_partners_among_more_sites_than_blocks_of_the_usual_length(wahnstrom, table):
    """Sums of readiness lead to atoms of their species, and energies add up."""
    start = replicate(phase_named("c15", wahnstrom).cell(0.8), (12, 12, 12))
    assert start.n_atoms > BLOCK * BLOCKS
    sites = Sites(start.positions, start.species - 1, start.box, table)
    before = sites.total()
    tried, accepted, change = exchange_ready(sites, np.random.default_rng(3), 400, 2.0)
    assert tried.sum() == 400 and 0 < accepted.sum() < 400
    assert sites.total() - before == pytest.approx(change, abs=1e-7)
    assert np.array_equal(sites.species, start.species[sites.occupant] - 1)
    fresh = Sites(start.positions, sites.species, start.box, table)
    assert np.abs(fresh.energies - sites.energies).max() < 1e-9
