"""Inherent structures over ranks and in a program of its own: those of the LAMMPS in process."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.launch import LAMMPS, OWN, Launch, environment
from glasscli.engine.minimiser import Minimiser
from glasscli.formats.writers import lammps_data
from glasscli.model.protocol import Minimisation
from glasscli.model.system import load_system
from glasscli.simulation.over_ranks import AS_FAST, RanksMinimiser, minimiser_of
from glasscli.store.reader import open_run
from glasscli.store.verify import check
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.conftest import run_glasscli
from tests.planes import leaning

LMP = str(Path(sys.executable).with_name("lmp"))
SYSTEM = load_system("wahnstrom")
AGREE = 1e-10
RESTED = Minimisation()
waiting = pytest.mark.cluster


def shaken(cell: Configuration, repeats: tuple[int, int, int], width: float) -> Configuration:
    """A crystal whose atoms are off their sites, some of them across an edge."""
    c = replicate(cell, repeats)
    moved = c.positions + width * np.random.default_rng(5).standard_normal(c.positions.shape)
    positions, crossed = c.box.folded(moved)
    return replace(c, positions=positions, images=crossed)


@pytest.fixture(scope="module")
def start() -> Configuration:
    return shaken(phase_named("c15", SYSTEM).cell(0.7), (2, 2, 2), 0.15)


@pytest.fixture(scope="module")
def reference(start):
    with Minimiser(SYSTEM, RESTED, LAMMPS) as minimiser:
        return minimiser.minimise(start)


def test_a_program_of_one_rank_finds_the_bits_of_the_one_in_process(start, reference, tmp_path):
    with RanksMinimiser(SYSTEM, RESTED, Launch(lmp=LMP), 1, tmp_path) as minimiser:
        found = minimiser.minimise(start)
    assert not list(tmp_path.iterdir())
    assert reference.max_force < RESTED.force_tolerance and reference.iterations > 10
    for name in ("energy", "pressure", "max_force", "iterations"):
        assert getattr(found, name) == getattr(reference, name), name
    for name in ("positions", "images", "species"):
        one, other = (getattr(rest.configuration, name) for rest in (found, reference))
        assert np.array_equal(one, other), name


@pytest.mark.parametrize(
    "ranks",
    [1, pytest.param(2, marks=waiting), pytest.param(4, marks=[waiting, pytest.mark.stress])],
)
def test_energies_of_minima_do_not_depend_on_the_ranks(ranks, start, reference, tmp_path):
    """Per atom, to 1e-10, and those of our own forces in one process with them."""
    with Minimiser(SYSTEM, RESTED, OWN) as minimiser:
        ours = minimiser.minimise(start)
    launch = Launch(ranks=ranks) if ranks > 1 else Launch(lmp=LMP)
    with RanksMinimiser(SYSTEM, RESTED, launch, ranks, tmp_path) as minimiser:
        found = minimiser.minimise(start)
    for rest in (ours, found):
        assert abs(rest.energy - reference.energy) < AGREE
        assert rest.max_force < RESTED.force_tolerance
        apart = start.box.minimum_image(rest.configuration.positions - reference.configuration.positions)
        assert np.abs(apart).max() < 1e-5


@pytest.mark.parametrize("name", ["kob-andersen-2d", "silica", "polydisperse"])
def test_planes_charges_and_diameters_reach_the_program(name, tmp_path):
    system = load_system(name)
    if name == "kob-andersen-2d":
        c = leaning()
    else:
        c = replicate(phase_named("bcc", SYSTEM).cell(1.0), (3, 3, 3))
        n = c.n_atoms
        spacing = system.defaults.volume_per_atom ** (1 / 3)
        edges = np.diag(c.box.vectors) * spacing / c.spacing
        species = np.ones(n, np.int32) if system.sizes else np.repeat([1, 2, 2], n // 3).astype(np.int32)
        c = replace(
            c, positions=c.positions * spacing / c.spacing, box=type(c.box)(edges), species=species,
            diameters=np.linspace(0.8, 1.3, n) if system.sizes else None,
        )  # fmt: skip
    few = Minimisation(max_iterations=5)
    outside = RanksMinimiser(system, few, Launch(lmp=LMP), 1, tmp_path)
    with Minimiser(system, few, LAMMPS) as inside, outside:
        one, other = inside.minimise(c), outside.minimise(c)
    assert other.configuration.box.dimension == system.dimension
    assert one.iterations == other.iterations > 0
    assert other.energy == pytest.approx(one.energy, rel=1e-12)
    assert np.abs(one.configuration.positions - other.configuration.positions).max() < 1e-9


def test_whoever_is_faster_minimises(tmp_path):
    """Our own forces up to so many ranks; where forces are LAMMPS's, the run's own LAMMPS."""

    def taken(launch: Launch, ranks: int) -> type:
        return type(minimiser_of(SYSTEM, RESTED, launch, ranks, tmp_path))

    assert taken(Launch(minima=OWN), 1) is taken(Launch(minima=LAMMPS), 1) is Minimiser
    assert taken(Launch(ranks=AS_FAST, minima=OWN), AS_FAST) is Minimiser
    assert taken(Launch(ranks=AS_FAST + 1, minima=OWN), AS_FAST + 1) is RanksMinimiser
    assert taken(Launch(lmp="srun lmp", minima=OWN), 64) is RanksMinimiser
    assert taken(Launch(ranks=2, minima=LAMMPS), 2) is RanksMinimiser
    assert taken(Launch(lmp=LMP, minima=LAMMPS), 1) is RanksMinimiser


def test_a_program_beside_another_does_not_wait_for_its_cores(monkeypatch):
    monkeypatch.delenv("SLURM_OVERLAP", raising=False)
    assert environment(beside=True)["SLURM_OVERLAP"] == "1"
    assert "SLURM_OVERLAP" not in environment()
    monkeypatch.setenv("SLURM_OVERLAP", "0")
    assert environment(beside=True)["SLURM_OVERLAP"] == "0"


@pytest.mark.parametrize("launch", [("--lmp", LMP), pytest.param(("--ranks", "2"), marks=waiting)])
def test_a_run_s_inherent_structures_are_those_of_its_ranks(launch, tmp_path):
    """Stopped and gone on with: the same minima as in one process, all of them kept."""
    start = shaken(phase_named("c15", SYSTEM).cell(0.7), (2, 2, 2), 0.03)
    (tmp_path / "start.lammps").write_text(lammps_data(start, SYSTEM))
    words = ["anneal", "start.lammps", "--system", "wahnstrom", "--T", "0.3", "--steps", 20, "--every", 10]
    words += ["--inherent-every", 10, "--checkpoint-every", 10, "--forces", "lammps"]
    assert run_glasscli(*words, "-o", "inside.h5", cwd=tmp_path).code == 0
    assert run_glasscli(*words, "-o", "ranks.h5", *launch, "--walltime", "0", cwd=tmp_path).code == 75
    answer = run_glasscli("resume", "ranks.h5", cwd=tmp_path)
    assert answer.code == 0, answer.err
    one, other = open_run(tmp_path / "inside.h5"), open_run(tmp_path / "ranks.h5")
    assert check(other) == [] and other.manifest.launch.minima == LAMMPS
    assert np.array_equal(one.inherent.steps, other.inherent.steps) and len(other.inherent) == 3
    apart = np.abs(one.inherent_table["inherent_energy"] - other.inherent_table["inherent_energy"])
    assert apart.max() < AGREE
    assert not list(tmp_path.glob("*.partial"))
