"""Crystals whose sites are shared: what mixing is where it is ideal, and where all patterns can be counted."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.engine.pair_tables import tabulate
from glasscli.errors import InputError
from glasscli.free_energy.basin import harmonic
from glasscli.free_energy.crystal import Effort, frenkel_ladd, translations
from glasscli.free_energy.rows import rows_of
from glasscli.free_energy.solution import ideal, mixed_crystal, shared_sites
from glasscli.free_energy.tasks import SOLUTION, Task
from glasscli.landscape.worker import close, instances
from glasscli.model.system import load_system
from glasscli.modes.minimum import settle
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named
from tests.plain_system import PLAIN

SECOND = '[[species]]\nname = "B"\nmass = 1.0\nfraction = 0.5\n[defaults]'


@pytest.fixture
def alloy(tmp_path):
    """Two species that differ in how they see each other alone, between nearest neighbours; fcc, 32 atoms."""

    def make(unlike):
        pairs = '"pair_style lj/cut 1.4", "pair_modify shift yes", "pair_coeff * * 1.0 1.0", "pair_coeff 1 2 '
        pairs += f'{unlike} 1.0"'
        text = PLAIN.replace('"pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0"', pairs)
        text = text.replace("cutoff = 2.5", "cutoff = 1.4").replace("fraction = 1.0", "fraction = 0.5")
        (tmp_path / "alloy.toml").write_text(text.replace("[defaults]", SECOND))
        system = load_system(str(tmp_path / "alloy.toml"))
        return system, build_crystal(system, phase_named("fcc-A", system), 32, 1.0).configuration

    return make


def test_atoms_that_are_alike_mix_ideally(alloy):
    system, crystal = alloy(1.0)
    effort, T = Effort(6, 80, 200), 0.1
    pure = frenkel_ladd(system, crystal, T, np.random.default_rng(1), effort)
    mixed = mixed_crystal(system, crystal, (20, 12), tabulate(system), T, 1, np.random.default_rng(2), effort)
    number, infinite = ideal(np.repeat(np.array([1, 2], np.int32), [20, 12]))
    assert number == pytest.approx(np.log(225792840)) and infinite > number
    apart = pure.value - mixed.absolute.value
    error = np.hypot(pure.error, mixed.absolute.error)
    assert abs(apart - T * number) < 4 * error < 0.12 * T * number
    assert abs(mixed.entropy - number) < 4 * mixed.error < 0.2 * number and mixed.exchanged == 1


def test_two_atoms_among_thirty_two_as_all_their_patterns_say(alloy):
    """All pairs of sites, by which shell the two are in: F = -kT ln sum_i exp(-F_i / kT), each F_i by its modes."""
    system, crystal = alloy(0.7)
    T, n = 0.05, crystal.n_atoms
    away = crystal.box.minimum_image(crystal.positions - crystal.positions[0])
    shells = np.round((away**2).sum(axis=1), 6)
    forces, curvature = instances(system)
    free, many = [], []
    for distance in np.unique(shells)[1:]:
        species = np.ones(n, np.int32)
        species[[0, np.flatnonzero(shells == distance)[0]]] = 2
        at_rest = settle(replace(crystal, species=species), forces, curvature)
        pattern = at_rest.configuration
        entropy = harmonic(at_rest.hessian.matrix, pattern, system, T)
        alike = np.log(translations(crystal) / translations(pattern))
        free.append(n * at_rest.energy + T * (3 * (n - 1) + 1.5 - entropy + alike))
        many.append(n * (shells == distance).sum() / 2)
    close()
    weights = np.array(many) * np.exp(-(np.array(free) - min(free)) / T)
    exact = min(free) - T * np.log(weights.sum())
    shares = weights / weights.sum()
    entropy = float(-(shares * np.log(shares / many)).sum())
    by_lot = float(np.array(free) @ np.array(many)) / 496 - T * np.log(496)
    found = mixed_crystal(
        system, crystal, (30, 2), tabulate(system), T, 1, np.random.default_rng(3), Effort(8, 150, 400)
    )
    assert sum(many) == 496 and found.ideal == pytest.approx(np.log(496))
    assert by_lot - exact > 2 * T and found.ideal - entropy > 0.8, "neighbours are sought"
    assert abs(found.absolute.value - exact) < 4 * found.absolute.error < 1.6 * T
    assert abs(found.entropy - entropy) < 4 * found.error < 3 and 0.02 < found.exchanged < 0.9


def test_which_sites_are_shared(alloy):
    crystal = alloy(1.0)[1]
    assert shared_sites(crystal, (20, 12)).all()
    with pytest.raises(InputError, match="nothing is shared"):
        shared_sites(crystal, (32, 0))
    two = load_system("wahnstrom")
    c15 = build_crystal(two, phase_named("c15", two), 24, 0.68).configuration
    assert (shared_sites(c15, (12, 12)) == (c15.species == 2)).all()
    assert (shared_sites(c15, (4, 20)) == (c15.species == 1)).all()


def test_the_command_says_what_mixing_is_worth(glasscli, alloy):
    alloy(1.0)
    args = ["free-energy", "fcc-A:0.375", "--system", "alloy.toml", "--volume", "1.0", "--temperature", "0.1"]
    args += [
        "--atoms",
        "32",
        "--steps",
        "20",
        "--switches",
        "2",
        "--rounds",
        "100",
        "--jobs",
        "1",
        "--no-figure",
    ]
    (row,) = glasscli(*args, "--json").data["phases"]
    number, infinite = ideal(np.repeat(np.array([1, 2], np.int32), [20, 12]))
    assert (
        row["phase"] == "fcc-A:0.375" and row["composition"] == 0.375 and row["method"] == "einstein, shared"
    )
    assert row["S_ideal"] == pytest.approx(infinite / 32) and row["exchanged"] == 1
    assert row["F_mixing"] == pytest.approx(-0.1 * row["S_mixing"]) and row["F_mixing_error"] > 0
    size = 0.1 * (np.log(32) / 2 - infinite + number) / 32
    assert row["size_correction"] == pytest.approx(size)
    assert "who sits where has the entropy" in glasscli(*args).out


def test_sizes_of_one_question_are_one_row_whatever_their_shares_round_to():
    """c15:0.5 of 72 and 120 atoms, of which 37 and 60 are of the second species: one F, of the larger, both kept."""
    system, tasks, done = load_system("wahnstrom"), {}, {}
    for n, small in ((72, 37), (120, 60)):
        task = Task(system, "c15:0.5", SOLUTION, 0.7, (0.5,), n, Effort(), 1, 0.5)
        names = "F F_error U U_error P P_error drift independent dissipation lacking S_mixing S_mixing_error S_ideal"
        one = dict.fromkeys(f"{names} exchanged".split(), 0.1) | {"atoms": n, "counts": [n - small, small]}
        tasks[task.key] = task
        done[task.key] = {f"0.{k}": v for k, v in (one | {"estimate": "mean", "translations": 4}).items()}
    (row,) = rows_of(system, tasks, done)
    assert row.composition == 0.5 and row.shares == (0.5, 0.5) and sorted(row.sizes) == [72, 120]
