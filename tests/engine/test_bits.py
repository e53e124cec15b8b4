"""Same inputs and seed, same bits: run to run, with and without minimisation, in process and in `lmp` alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.formats.foreign import open_source
from glasscli.model.protocol import Minimisation
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli

RUN = ["--steps", "4000", "--equilibration", "500", "--checkpoint-every", "1500", "--every", "500"]


def lmp(folder: Path, deck: str) -> None:
    executable = Path(sys.executable).with_name("lmp")
    done = subprocess.run([executable, "-in", deck], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def state_of(system, restart: bytes):
    engine = LibraryEngine(system)
    engine.provide("a.restart", restart)
    engine.commands(
        ["units lj", "atom_style atomic", "boundary p p p", "read_restart a.restart", *system.commands]
    )
    found = engine.configuration()
    engine.close()
    return found


def assert_same(one, other):
    assert one.box.matches(other.box)
    for name in ("positions", "velocities", "images"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@pytest.fixture(scope="module")
def quench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bits")
    answer = run_glasscli("quench", *RUN, "--inherent-every", "1000", "-o", "with.h5", cwd=folder)
    assert answer.code == 0, answer.err
    return folder / "with.h5"


def test_same_seed_twice_and_without_inherent_structures(quench, glasscli):
    """Bits depend on system, protocol and seed; sampling inherent structures only watches."""
    assert glasscli("quench", *RUN, "--inherent-every", "0", "-o", quench.parent / "without.h5").code == 0
    one, other = open_run(quench), open_run(quench.parent / "without.h5")
    assert_same(one.state(-1).configuration, other.state(-1).configuration)
    assert all(
        np.array_equal(a.positions, b.positions) for a, b in zip(one.frames, other.frames, strict=True)
    )
    assert len(one.inherent) and not len(other.inherent)


def test_another_seed_gives_another_glass(quench, glasscli):
    assert (
        glasscli(
            "quench", *RUN, "--inherent-every", "0", "--seed", "2", "-o", quench.parent / "other.h5"
        ).code
        == 0
    )
    one, other = open_run(quench).state(-1), open_run(quench.parent / "other.h5").state(-1)
    assert not np.allclose(one.configuration.positions, other.configuration.positions)


def test_quench_equals_lmp_alone(quench, glasscli, tmp_path):
    """The deck of --dry-run, run by `lmp -in`, ends in the same bits and dumps the same frames."""
    assert (
        glasscli("quench", *RUN, "--inherent-every", "1000", "--dry-run", "-o", tmp_path / "deck").code == 0
    )
    lmp(tmp_path / "deck", "quench.in")
    run = open_run(quench)
    restart = (tmp_path / "deck" / "quench.end.restart").read_bytes()
    assert_same(run.state(-1).configuration, state_of(run.manifest.system, restart))
    dumped = open_source(tmp_path / "deck" / "frames.dump")
    assert [c.step for c in dumped] == run.frames.steps.tolist()
    assert np.abs(dumped[3].positions - run.frames[3].positions).max() < 1e-6


def test_anneal_equals_lmp_alone_and_follows_the_quench(quench, glasscli, tmp_path):
    """The approach repeats the ramp bit for bit; the deck with its start file gives the same anneal."""
    shutil.copy(quench, tmp_path / "quench.h5")
    words = ["anneal", "--T", "0.9", "--steps", "1000", "--every", "500", "--checkpoint-every", "600"]
    assert glasscli(*words).code == 0
    assert glasscli(*words, "--dry-run", "-o", "deck").code == 0
    lmp(tmp_path / "deck", "anneal.in")
    run, parent = open_run(tmp_path / "anneal.h5"), open_run(quench)
    restart = (tmp_path / "deck" / "anneal.end.restart").read_bytes()
    assert_same(run.state(-1).configuration, state_of(run.manifest.system, restart))
    approach = run.manifest.protocol.approach
    assert approach.first_step == 1500 and approach.last_step == parent.manifest.protocol.ramp.step_at(0.9)
    assert run.thermo["temperature"].mean() == pytest.approx(0.9, abs=0.08)


def test_an_anneal_at_a_stored_state_starts_from_it_exactly(quench, glasscli, tmp_path):
    shutil.copy(quench, tmp_path / "quench.h5")
    parent = open_run(quench)
    temperature = parent.manifest.protocol.temperature_at(3000)
    assert glasscli("anneal", "--T", repr(temperature), "--steps", "100").code == 0
    state = parent.state(parent.state_steps.tolist().index(3000)).configuration
    first = open_run(tmp_path / "anneal.h5").frames[0]
    assert np.array_equal(first.positions.astype("f4"), state.positions.astype("f4"))


def test_an_inherent_structure_depends_on_its_configuration_alone(quench):
    """Whatever an instance minimised before leaves no trace, and the energy does not depend on the tolerance."""
    run = open_run(quench)
    system = run.manifest.system
    with (
        Minimiser(system) as busy,
        Minimiser(system) as fresh,
        Minimiser(system, Minimisation(force_tolerance=1e-8)) as exact,
    ):
        for configuration in list(run.frames)[:3]:
            busy.minimise(configuration)
        one, other = busy.minimise(run.frames[5]), fresh.minimise(run.frames[5])
        assert np.array_equal(one.configuration.positions, other.configuration.positions)
        assert one.energy == other.energy and one.max_force < 1e-6
        assert exact.minimise(run.frames[5]).energy == pytest.approx(one.energy, abs=1e-10)
        assert busy.energies(one.configuration).mean() == pytest.approx(one.energy, abs=1e-12)


def test_evaluating_one_configuration_after_another(quench):
    """Each gets its own energy, pressure and force, not those of the first."""
    run = open_run(quench)
    with Minimiser(run.manifest.system) as minimiser:
        together = [minimiser.evaluate(c) for c in run.frames]
    for configuration, found in zip(run.frames, together, strict=True):
        with Minimiser(run.manifest.system) as alone:
            one = alone.evaluate(configuration)
        assert (found.energy, found.pressure, found.max_force) == (one.energy, one.pressure, one.max_force)
    assert len({found.energy for found in together}) == len(together)
