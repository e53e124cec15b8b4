"""Our sums over pairs against LAMMPS: energies, forces and virial of random configurations, and their bits."""

import os

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.forces import Forces, symmetric
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.choice import refusal
from glasscli.engine.own.compiled import CHOICE, INSTRUCTION_SETS, built, library
from glasscli.engine.own.laws import CELL_BITS, POLYNOMIAL, POWERS, TABLED, laws
from glasscli.engine.own.sample import Ended, Sample, shape_of
from glasscli.engine.random_atoms import random_atoms
from glasscli.errors import InputError, LostAtomsError
from glasscli.model.system import System, load_system

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")

RELATIVE = 1e-12


def mixture(kinds: int, style: str = "lj/cut 2.5", shift: bool = True) -> System:
    """Lennard-Jones species of sizes and strengths all unlike, with a cutoff of its own for each pair."""
    plain = load_system("kob-andersen")
    lines = [f"pair_style {style}", *(["pair_modify shift yes"] if shift else [])]
    for a in range(1, kinds + 1):
        for b in range(a, kinds + 1):
            sigma, epsilon = 0.8 + 0.05 * (a + b), 1.0 + 0.1 * a * b
            lines.append(f"pair_coeff {a} {b} {epsilon:g} {sigma:g} {1.9 + 0.06 * (a + b):g}")
    species = tuple(
        plain.species[0].model_copy(update={"name": f"S{k}", "fraction": 1 / kinds}) for k in range(kinds)
    )
    return plain.model_copy(update={"name": "mixture", "commands": tuple(lines), "species": species})


def liquid(
    seed: int, kinds: int, atoms: int = 200, box: tuple[float, ...] = (1.0, 1.0, 1.0), density: float = 1.1
):
    """Atoms a minimal distance apart, some of them outside the box."""
    rng = np.random.default_rng(seed)
    cells = int(np.ceil(atoms ** (1 / 3)))
    grid = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[:atoms]
    edges = np.array(box) * (cells**3 / density) ** (1 / 3)
    positions = (grid + 0.5 + rng.uniform(-0.12, 0.12, grid.shape)) / cells * edges
    species = rng.integers(1, kinds + 1, atoms).astype(np.int32)
    return positions, species, edges


def compare(system: System, positions, species, edges, tolerance: float = RELATIVE) -> None:
    """edges: or the vectors of a box."""
    box = Box(edges)
    with Forces(system) as lammps:
        theirs = lammps.evaluate(Configuration(box.wrap(positions), species, box))
    with Sample(system, species) as sample:
        energy, forces, virial = sample.evaluate(positions, shape_of(box))
    size = max(1.0, np.abs(theirs.forces).max())
    assert np.abs(forces - theirs.forces).max() <= tolerance * size
    assert abs(energy / len(species) - theirs.energy) <= tolerance * max(1.0, abs(theirs.energy))
    scale = size * system.cutoff * len(species) / box.volume
    assert np.abs(symmetric(virial) / box.volume - theirs.tensor).max() <= tolerance * scale


@pytest.mark.parametrize("kinds", [1, 2, 3, 4, 5])
def test_forces_energy_and_virial_are_those_of_lammps(kinds):
    system = mixture(kinds)
    assert laws(system).family == POWERS
    for seed in range(8):
        compare(system, *liquid(seed, kinds, atoms=150 + 31 * seed, box=(1.0, 0.9 + 0.05 * seed, 1.1)))


@pytest.mark.parametrize(
    "name, family", [("wahnstrom", POWERS), ("kob-andersen", POWERS), ("soft-sphere", POLYNOMIAL)]
)
def test_built_in_systems(name, family):
    system = load_system(name)
    assert laws(system).family == family
    for seed in range(4):
        compare(system, *liquid(seed, system.n_species, atoms=500))


def test_a_law_of_two_pieces_is_tabulated_with_its_seam_between_two_cells():
    system = load_system("wahnstrom-smooth")
    found = laws(system)
    assert found.family == TABLED
    seam = 2.0**2 * found.scale * 2**CELL_BITS
    assert seam == int(seam)
    for seed in range(4):
        compare(system, *liquid(seed, 2, atoms=300), tolerance=1e-11)


def test_atoms_that_left_the_box_are_where_their_images_are():
    system = mixture(2)
    positions, species, edges = liquid(1, 2)
    away = positions + edges * np.random.default_rng(2).integers(-3, 4, positions.shape)
    with Sample(system, species) as sample:
        one, _, _ = sample.evaluate(positions, edges)
        other, _forces, _ = sample.evaluate(away, edges)
    assert other == pytest.approx(one, rel=1e-13)
    compare(system, away, species, edges)


@pytest.mark.parametrize("atoms, density", [(1, 0.9), (2, 0.9), (5, 1.0), (9, 1.1), (27, 1.1)])
def test_boxes_narrower_than_two_cutoffs_see_images(atoms, density):
    """LAMMPS makes the images that the cutoff needs; an atom meets its own."""
    compare(mixture(2), *liquid(3, 2, atoms=atoms, density=density, box=(1.0, 1.2, 0.8)))


@pytest.mark.parametrize("lean", [(0.3, 0.0, 0.0), (-0.5, 0.2, 0.4), (1.7, -2.3, 0.9), (0.0, 0.0, -1.2)])
@pytest.mark.parametrize("atoms", [9, 40, 500])
def test_tilted_boxes(lean, atoms):
    """Also those narrower than two cutoffs, and atoms outside."""
    positions, species, edges = liquid(8, 2, atoms=atoms)
    vectors = np.diag(edges)
    vectors[1, 0], vectors[2, 0], vectors[2, 1] = np.array(lean) * edges[0]
    away = np.random.default_rng(9).integers(-2, 3, positions.shape)
    compare(mixture(2), (positions / edges + away) @ vectors, species, vectors, 4 * RELATIVE)


def test_a_box_that_shears_keeps_its_list():
    """Forces stay those of a fresh list while it leans more and more, and the list lasts for many steps."""
    system = mixture(2)
    positions, species, edges = liquid(5, 2, atoms=300)
    rng, shape = np.random.default_rng(5), np.append(edges, np.zeros(3))
    with Sample(system, species) as kept, Sample(system, species) as fresh:
        for _ in range(200):
            positions = positions + rng.normal(0, 1e-3, positions.shape)
            turned = np.array([[0, 2e-3, 0], [0, 0, -1e-3], [0, 0, 0]])
            positions = positions @ (np.eye(3) + turned).T
            shape[3:] += 2e-3 * shape[1], 2e-3 * shape[5], -1e-3 * shape[2]
            fresh.reset()
            (one, forces, _), (other, anew, _) = (s.evaluate(positions, shape) for s in (kept, fresh))
            assert np.abs(forces - anew).max() < 1e-11 * np.abs(anew).max()
            assert one == pytest.approx(other, rel=1e-12)
        assert 1 < kept.lists < 20


def test_a_box_at_the_limit_of_two_cutoffs():
    system = mixture(1)
    positions, species, _ = liquid(4, 1, atoms=64)
    cutoff = laws(system).cutoff
    for edge in (2 * cutoff, 2 * (cutoff + system.skin), np.nextafter(2 * cutoff, 0)):
        compare(system, positions * edge / positions.max(), species, np.full(3, edge))


def test_the_list_is_kept_and_made_anew_when_atoms_have_moved_too_far():
    """Along a walk the forces stay those of a fresh list, in a box that changes too."""
    system = mixture(2)
    positions, species, edges = liquid(5, 2, atoms=300)
    rng = np.random.default_rng(5)
    with Sample(system, species) as kept, Sample(system, species) as fresh:
        for _ in range(60):
            positions = positions + rng.normal(0, 0.02, positions.shape)
            stretch = 1 + 0.002 * rng.standard_normal(3)
            edges, positions = edges * stretch, positions * stretch
            fresh.reset()
            (one, forces, _), (other, anew, _) = (
                kept.evaluate(positions, edges),
                fresh.evaluate(positions, edges),
            )
            assert np.abs(forces - anew).max() < 1e-11 * np.abs(anew).max() and one == pytest.approx(
                other, rel=1e-12
            )
        assert 1 < kept.lists < 30 and fresh.lists == 60


def test_pairs_of_shorter_cutoffs_are_listed_when_atoms_exchange_their_species():
    """Each pair is listed by its own cutoff; energies of sites, and atoms that became others, need more of them."""
    system = load_system("kob-andersen")
    positions, species, edges = liquid(7, 2, atoms=300)
    others = np.roll(species, 1)
    with Sample(system, species) as kept, Sample(system, others) as fresh:
        kept.evaluate(positions, edges)
        fewer = kept.rows
        kept.relabel(others)
        for _ in range(2):
            assert all(np.array_equal(a, b) for a, b in zip(
                kept.evaluate(positions, edges), fresh.evaluate(positions, edges), strict=True
            ))  # fmt: skip
            assert np.array_equal(kept.sites(positions, edges), fresh.sites(positions, edges))
        assert kept.lists == 1 and kept.rows > 1.05 * fewer


def test_every_instruction_set_gives_the_same_bits(monkeypatch):
    positions, species, edges = liquid(6, 2, atoms=333)
    for system in (mixture(2), load_system("soft-sphere"), load_system("wahnstrom-smooth")):
        kinds = np.minimum(species, system.n_species).astype(np.int32)
        found = []
        for name in INSTRUCTION_SETS[: library().pairs_instruction_sets()]:
            monkeypatch.setenv(CHOICE, name)
            with Sample(system, kinds) as sample:
                descent = sample.minimise(positions, edges, 1e-6, 100, 1000)
                found.append(
                    (*sample.evaluate(positions, edges), descent.positions, np.array(descent.energy))
                )
        for others in zip(*found, strict=True):
            assert all(np.array_equal(others[0], other) for other in others[1:])
        assert len(found) == library().pairs_instruction_sets() and os.environ[CHOICE] == name


def thermal(system: System, atoms: int, temperature: float, every: int, count: int):
    """Configurations of a liquid, some steps apart."""
    box = Box.cube((atoms * system.defaults.volume_per_atom) ** (1 / 3))
    with LibraryEngine(system) as engine:
        engine.commands(evaluation_commands(system, box)[:1])
        engine.commands(["atom_style atomic", "boundary p p p", "suffix off"])
        engine.commands(random_atoms(system, system.counts(atoms), box, 5))
        masses = [f"mass {k} {s.mass:g}" for k, s in enumerate(system.species, start=1)]
        engine.commands(
            [
                *masses,
                *system.commands,
                f"timestep {system.timestep:g}",
                "minimize 0 1e-3 1000 10000",
                "reset_timestep 0",
            ]
        )
        engine.commands(
            [
                f"velocity all create {2 * temperature} 7 dist gaussian",
                f"fix t all nvt temp {temperature} {temperature} 0.2",
            ]
        )
        for _ in range(count):
            engine.advance(every, (0, every * count), True)
            yield engine.configuration()


@pytest.mark.parametrize("name, temperature", [("wahnstrom", 0.8), ("kob-andersen", 0.7)])
def test_minima_are_those_that_lammps_finds(name, temperature):
    """Of configurations of a liquid; in one of a hundred or so round-off decides (see benchmarks/forces.py)."""
    system = load_system(name)
    same = total = 0
    with Minimiser(system) as lammps:
        for configuration in thermal(system, 100, temperature, 100, 60):
            theirs = lammps.minimise(configuration)
            with Sample(system, configuration.species) as sample:
                ours = sample.minimise(configuration.positions, configuration.box.edges, 1e-6, 20000, 200000)
            assert ours.ended == Ended.CONVERGED and np.abs(ours.forces).max() < 1e-6
            same += abs(ours.energy / 100 - theirs.energy) < 1e-7
            total += 1
    assert same >= total - 2, same


@pytest.mark.parametrize("where", [1e20, -1e300, np.nan, np.inf])
def test_atoms_that_flew_away_are_said_to_be_lost(where):
    system = mixture(2)
    positions, species, edges = liquid(7, 2)
    positions[3, 1] = where
    with Sample(system, species) as sample, pytest.raises(LostAtomsError, match="nowhere near the box"):
        sample.evaluate(positions, edges)


def test_what_is_no_sum_over_pairs_is_refused_in_one_line():
    with pytest.raises(InputError, match="many-body"):
        laws(load_system("cuzr"))


def test_what_is_not_ours_says_so(monkeypatch):
    once = load_system("wahnstrom").model_dump()
    once["commands"] = tuple(line.replace("shift yes", "tail yes") for line in once["commands"])
    assert "beyond its cutoff" in (refusal(System(**once | {"name": "tail"})) or "")
    monkeypatch.setenv(CHOICE, "sse9")
    with pytest.raises(InputError, match="sse9: this processor has plain"):
        Sample(load_system("wahnstrom"), np.ones(4, np.int32))
