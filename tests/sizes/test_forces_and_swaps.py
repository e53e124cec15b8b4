"""Forces and exchanges of atoms whose diameters vary: against LAMMPS, the formula written out, Boltzmann."""

import itertools

import numpy as np
import pytest
from scipy import stats

from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.compiled import CHOICE, INSTRUCTION_SETS, built, library
from glasscli.engine.own.laws import SCALED, laws
from glasscli.engine.own.sample import Sample
from glasscli.engine.own.swaps import Swaps
from glasscli.errors import InputError
from glasscli.model.sizes import pair_length
from glasscli.model.system import load_system
from glasscli.modes.hessian import PAIRWISE, Curvature
from glasscli.modes.hessian_differences import by_differences

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")


@pytest.fixture(scope="module")
def system():
    return load_system("polydisperse")


def liquid(system, seed: int, atoms: int) -> Configuration:
    """Atoms of random places and diameters that do not overlap much."""
    rng = np.random.default_rng(seed)
    cells = int(np.ceil(atoms ** (1 / 3)))
    grid = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[:atoms]
    edges = np.array([1.0, 1.1, 1.05]) * cells
    positions = (grid + 0.5 + rng.uniform(-0.12, 0.12, grid.shape)) / cells * edges
    diameters = rng.permutation(system.sizes.of(atoms))
    return Configuration(positions, np.ones(atoms, dtype=np.int32), Box(edges), diameters=diameters)


def written_out(c: Configuration) -> float:
    """The published formula, summed over all pairs in Python."""
    i, j = np.triu_indices(c.n_atoms, 1)
    r = np.linalg.norm(c.box.minimum_image(c.positions[i] - c.positions[j]), axis=1)
    s = (c.diameters[i] + c.diameters[j]) / 2 * (1 - 0.2 * np.abs(c.diameters[i] - c.diameters[j]))
    c0, c2, c4 = -28 / 1.25**12, 48 / 1.25**14, -21 / 1.25**16
    energy = (s / r) ** 12 + c0 + c2 * (r / s) ** 2 + c4 * (r / s) ** 4
    return float(energy[r < 1.25 * s].sum())


def test_forces_energy_and_virial_are_those_of_lammps_and_of_the_formula(system):
    assert laws(system).family == SCALED and laws(system).cutoff == 1.25
    with Forces(system) as lammps:
        for seed, atoms in enumerate((130, 216, 333)):
            c = liquid(system, seed, atoms)
            theirs = lammps.evaluate(c)
            with Sample.of(system, c) as sample:
                energy, forces, virial = sample.evaluate(c.positions, c.box.edges)
            size = np.abs(theirs.forces).max()
            assert np.abs(forces - theirs.forces).max() <= 1e-12 * size
            assert energy / atoms == pytest.approx(theirs.energy, rel=1e-12)
            assert energy == pytest.approx(written_out(c), rel=1e-12)
            assert np.abs(virial[:3] / c.box.volume - theirs.stress).max() <= 1e-12 * size


def test_lists_follow_the_reach_of_each_pair(system):
    """Along a walk, in a box that changes, the forces stay those of a fresh list."""
    c = liquid(system, 5, 300)
    positions, edges, rng = c.positions, c.box.edges, np.random.default_rng(5)
    with Sample.of(system, c) as kept, Sample.of(system, c) as fresh:
        for _ in range(50):
            positions = positions + rng.normal(0, 0.03, positions.shape)
            stretch = 1 + 0.002 * rng.standard_normal(3)
            edges, positions = edges * stretch, positions * stretch
            fresh.reset()
            (one, forces, _), (other, anew, _) = (
                kept.evaluate(positions, edges),
                fresh.evaluate(positions, edges),
            )
            assert np.abs(forces - anew).max() < 1e-11 * np.abs(anew).max()
            assert one == pytest.approx(other, rel=1e-12)
        assert 1 < kept.lists < 40


def test_every_instruction_set_gives_the_same_bits(system, monkeypatch):
    c, found = liquid(system, 6, 333), []
    for name in INSTRUCTION_SETS[: library().pairs_instruction_sets()]:
        monkeypatch.setenv(CHOICE, name)
        with Sample.of(system, c) as sample:
            descent = sample.minimise(c.positions, c.box.edges, 1e-6, 20000, 200000)
            outcome = (
                *sample.evaluate(c.positions, c.box.edges),
                descent.positions,
                np.array(descent.energy),
            )
        swaps = Swaps(system, c.diameters)
        swaps.place(c.positions, c.box)
        moved = swaps.exchange(np.random.default_rng(1), 20_000, 1 / 0.3, 0.5)
        found.append((*outcome, np.array(moved), swaps.occupant))
    for others in zip(*found, strict=True):
        assert all(np.array_equal(others[0], other) for other in others[1:])


def test_minima_are_those_that_lammps_finds(system):
    c = liquid(system, 7, 125)
    with Minimiser(system) as ours, Minimiser(system, forces="lammps") as lammps:
        mine, theirs = ours.minimise(c), lammps.minimise(c)
    assert mine.max_force < 1e-6
    assert mine.energy == pytest.approx(theirs.energy, abs=1e-7)
    assert np.array_equal(mine.configuration.diameters, c.diameters)


def swapped(c: Configuration, i: int, j: int) -> Configuration:
    diameters = c.diameters.copy()
    diameters[[i, j]] = diameters[[j, i]]
    return Configuration(c.positions, c.species, c.box, diameters=diameters)


def test_energies_of_exchanges_are_those_of_lammps(system):
    """Single ones, and the sum of thousands that were accepted."""
    c = liquid(system, 8, 216)
    swaps = Swaps(system, c.diameters)
    swaps.place(c.positions, c.box)
    rng = np.random.default_rng(2)
    with Forces(system) as lammps:

        def total(one: Configuration) -> float:
            return 216 * lammps.evaluate(one).energy

        start = total(c)
        assert swaps.total() == pytest.approx(start, rel=1e-12)
        for i, j in rng.integers(0, 216, (10, 2)):
            if i != j:
                assert swaps.change(i, j) == pytest.approx(
                    total(swapped(c, i, j)) - start, abs=1e-9 * abs(start)
                )
        accepted, change = swaps.exchange(rng, 50_000, 1 / 0.5, np.inf)
        assert 1000 < accepted < 50_000 and change < 0
        after = Configuration(c.positions, c.species, c.box, diameters=c.diameters[swaps.occupant])
        assert sorted(swaps.occupant) == list(range(216))
        assert swaps.total() == pytest.approx(total(after), rel=1e-11)
        assert change == pytest.approx(total(after) - start, rel=1e-9)


def test_no_pair_beyond_the_width_is_exchanged(system):
    """Two groups of diameters, further apart than the width: each keeps its sites."""
    c = liquid(system, 9, 125)
    diameters = np.where(np.arange(125) < 60, 0.8, 1.2) + np.linspace(0, 0.1, 125)
    swaps = Swaps(system, diameters)
    swaps.place(c.positions, c.box)
    accepted, _ = swaps.exchange(np.random.default_rng(3), 20_000, 1 / 2.0, 0.2)
    assert accepted > 100
    assert ((swaps.occupant < 60) == (np.arange(125) < 60)).all()
    with pytest.raises(InputError, match="no two atoms"):
        swaps.exchange(np.random.default_rng(3), 1, 1.0, 1e-6)


@pytest.mark.parametrize(
    "diameters, width", [((0.8, 0.8, 1.3, 1.3), np.inf), ((0.8, 0.95, 1.15, 1.3), 0.25)], ids=["two", "four"]
)
def test_all_arrangements_of_four_sites_come_as_boltzmann_says(system, diameters, width):
    """Exact enumeration: two sizes, and four sizes of which only neighbouring ones are exchanged."""
    positions = 3 + np.array([[0.0, 0, 0], [0.95, 0.1, 0], [0.2, 1.05, 0.1], [0.9, 0.9, 0.75]])
    box, beta, sizes = Box.cube(8.0), 1 / 0.8, np.array(diameters)
    arrangements = sorted(set(itertools.permutations(diameters)))
    energies = [
        written_out(Configuration(positions, np.ones(4, np.int32), box, diameters=np.array(a)))
        for a in arrangements
    ]
    weights = np.exp(-beta * (np.array(energies) - min(energies)))
    weights /= weights.sum()
    assert weights.max() < 0.9 and len(arrangements) == (6 if width == np.inf else 24)
    seen = dict.fromkeys(arrangements, 0)
    swaps, rng, samples = Swaps(system, sizes), np.random.default_rng(5), 20_000
    swaps.place(positions, box)
    first = Configuration(positions, np.ones(4, np.int32), box, diameters=sizes)
    assert swaps.total() == pytest.approx(written_out(first))
    for _ in range(samples):
        swaps.exchange(rng, 60, beta, width)
        seen[tuple(sizes[swaps.occupant].tolist())] += 1
    expected = samples * weights
    counts = np.array([seen[a] for a in arrangements])
    rare = expected < 10
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    keep = expected > 0
    assert (
        stats.chisquare(counts[keep], expected[keep] * counts[keep].sum() / expected[keep].sum()).pvalue
        > 1e-3
    )


def test_a_formula_that_is_none_of_ours_is_left_to_lammps(system):
    """Another nonadditivity than the file says, and a pair energy that is no sum of powers."""
    wrong = system.model_copy(update={"sizes": system.sizes.model_copy(update={"nonadditivity": 0.1})})
    with pytest.raises(InputError, match="LAMMPS's"):
        laws(wrong)
    style, line = system.commands
    other = system.model_copy(update={"commands": (style, line.replace("(s/r)^12", "exp(-r/s)"))})
    with pytest.raises(InputError, match="LAMMPS's"):
        laws(other)
    assert pair_length(np.array(1.0), np.array(1.0), 0.2) == 1


def test_the_hessian_of_pairs_is_that_of_differences(system):
    c = liquid(system, 11, 70)
    with Forces(system) as lammps:
        curvature = Curvature(lammps)
        found = curvature.hessian(c)
        assert found.method == PAIRWISE
        differences, _, _ = by_differences(c, lammps, system.cutoff)
    assert abs(found.matrix - differences).max() < 1e-5 * abs(differences).max()
