"""Exchanges by readiness, compiled: the decisions of the other kernel, energies of LAMMPS, the same bits everywhere."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.own.compiled import CHOICE, INSTRUCTION_SETS, built, library
from glasscli.engine.own.ready import Ready
from glasscli.engine.own.sample import Sample
from glasscli.engine.pair_tables import tabulate
from glasscli.model.system import load_system
from glasscli.simulation.kernel import Sites
from glasscli.simulation.partners import exchange_ready
from tests.engine.own.test_forces import liquid, mixture

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")

SYSTEMS = ["wahnstrom", "kob-andersen", "kob-andersen-ternary", "wahnstrom-smooth"]
ATTEMPTS = 400


def sites_of(system, seed, atoms=343):
    """Positions in a box of at least two cutoffs, species from 1, edges, inverse temperature."""
    positions, species, edges = liquid(seed, system.n_species, atoms, density=1.0)
    return positions, species, edges, 1 / 0.9


def shares_of_all(n_species):
    return np.triu(np.ones((n_species, n_species)), 1)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("weighted", [False, True])
def test_decisions_are_those_of_the_kernel_for_any_potential(name, weighted):
    """From the same random numbers, where sites are drawn in the same order: so it asks no cells to sort them."""
    system = load_system(name)
    positions, species, edges, beta = sites_of(system, 3)
    n_species = system.n_species
    weights = (
        shares_of_all(n_species) * np.arange(1, n_species**2 + 1).reshape(n_species, -1) if weighted else None
    )
    shares = shares_of_all(n_species) if weights is None else weights
    with Sample(system, species) as sample:
        ready = Ready(sample)
        found = ready.exchange(positions, edges, np.random.default_rng(5), ATTEMPTS, beta, shares)
        order = ready.order
    box = Box(edges)
    assert (edges < 3 * system.cutoff).all() and sorted(order) == list(range(len(species)))
    sites = Sites(box.wrap(positions)[order], species[order] - 1, box, tabulate(system))
    tried, accepted, energy = exchange_ready(sites, np.random.default_rng(5), ATTEMPTS, beta, weights)
    occupant = np.empty_like(order)
    occupant[order] = order[sites.occupant]
    assert np.array_equal(found.tried, tried) and np.array_equal(found.accepted, accepted)
    assert np.array_equal(found.occupant, occupant) and 20 < accepted.sum() < ATTEMPTS
    assert found.energy == pytest.approx(energy, abs=1e-6 * abs(sites.total()))


@pytest.mark.parametrize(
    "system", [*(load_system(name) for name in SYSTEMS), mixture(5)], ids=lambda s: s.name
)
def test_energies_are_those_of_lammps(system):
    """The sum of what was accepted, and single exchanges afterwards, of near sites and far ones."""
    positions, species, edges, beta = sites_of(system, 4)
    box, rng = Box(edges), np.random.default_rng(1)
    with Forces(system) as lammps, Sample(system, species) as sample:

        def total(kinds):
            return len(kinds) * lammps.evaluate(Configuration(box.wrap(positions), kinds, box)).energy

        ready, start = Ready(sample), total(species)
        found = ready.exchange(positions, edges, rng, ATTEMPTS, beta, shares_of_all(system.n_species))
        assert found.accepted.sum() > 20 and found.tried.sum() == ATTEMPTS
        kinds = species[found.occupant]
        assert sorted(found.occupant) == list(range(len(species)))
        end = total(kinds)
        scale = max(abs(end), abs(start)) / len(kinds)
        assert abs(found.energy - (end - start)) < 1e-10 * max(scale, abs(end - start))
        near = np.argsort(((box.minimum_image(positions - positions[0])) ** 2).sum(axis=1))
        for j in (*near[1:6], near[-1], near[len(near) // 2]):
            swapped = kinds.copy()
            swapped[[0, j]] = swapped[[j, 0]]
            change = total(swapped) - end
            assert abs(ready.change(0, int(j)) - change) < 1e-10 * max(scale, abs(change))
        sample.relabel(kinds)
        assert sample.energy_and_forces(positions, edges)[0] == pytest.approx(end, rel=1e-12)


def test_every_instruction_set_gives_the_same_bits(monkeypatch):
    for system in (*map(load_system, SYSTEMS), mixture(4)):
        positions, species, edges, beta = sites_of(system, 6)
        found = []
        for name in INSTRUCTION_SETS[: library().pairs_instruction_sets()]:
            monkeypatch.setenv(CHOICE, name)
            with Sample(system, species) as sample:
                ready = Ready(sample)
                batches = [
                    ready.exchange(
                        positions + 0.01 * k,
                        edges,
                        np.random.default_rng(k),
                        150,
                        beta,
                        shares_of_all(system.n_species),
                    )
                    for k in range(2)
                ]
                found.append(
                    [np.array(part) for b in batches for part in (b.energy, b.accepted, b.occupant)]
                    + [np.array(ready.change(0, 1))]
                )
        for others in zip(*found, strict=True):
            assert all(np.array_equal(others[0], other) for other in others[1:])


def test_a_batch_depends_on_no_batch_before():
    """Atoms that moved on, and a sample that was asked of it first, make the same exchanges."""
    system = load_system("kob-andersen")
    positions, species, edges, beta = sites_of(system, 7, atoms=1000)
    moved, shares = positions + np.random.default_rng(2).normal(0, 0.3, positions.shape), shares_of_all(2)
    with Sample(system, species) as kept, Sample(system, species) as fresh:
        ready = Ready(kept)
        ready.exchange(positions, edges, np.random.default_rng(1), 50, beta, shares)
        kept.reset()
        one = ready.exchange(moved, edges, np.random.default_rng(1), 50, beta, shares)
        other = Ready(fresh).exchange(moved, edges, np.random.default_rng(1), 50, beta, shares)
        assert one.energy == other.energy and np.array_equal(one.occupant, other.occupant)


def test_atoms_that_nobody_can_stand_in_for_stay():
    """No readiness above zero: attempts are counted, nothing is exchanged, and no sum is divided by nothing."""
    system = load_system("wahnstrom")
    positions, edges = np.array([[1.0, 1, 1], [1.0, 1, 1.02], [4, 4, 4], [4, 4, 4.4]]), np.full(3, 8.0)
    with Sample(system, np.array([1, 2, 2, 2], np.int32)) as sample:
        found = Ready(sample).exchange(positions, edges, np.random.default_rng(1), 20, 1e9, shares_of_all(2))
    assert found.tried.sum() == 20 and sorted(found.occupant) == [0, 1, 2, 3] and np.isfinite(found.energy)
    with pytest.raises(MemoryError), Sample(mixture(1), np.ones(4, np.int32)) as one:
        Ready(one)
