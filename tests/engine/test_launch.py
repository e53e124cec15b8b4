"""One contract, three ways to run it: in process, in a program of its own, over ranks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import glasscli
from glasscli.engine.external import ExternalEngine
from glasscli.engine.launch import Launch, started_as
from glasscli.engine.library import LibraryEngine
from glasscli.engine.start import _check_help, help_of, start_engine, version_of
from glasscli.errors import EngineError, InputError
from glasscli.formats.writers import lammps_data
from glasscli.model.system import load_system
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.simulation.plan import plan
from glasscli.store import checkpoint as checkpoints
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.verify import check
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.conftest import run_glasscli

MPIEXEC = Path(sys.executable).with_name("mpiexec")
LMP = str(Path(sys.executable).with_name("lmp"))
SYSTEM = load_system("wahnstrom")
QUENCH = ["quench", "--atoms", "200", "--steps", "300", "--equilibration", "0", "--checkpoint-every", "100",
          "--every", "100", "--inherent-every", "0"]  # fmt: skip
IN_PROCESS, PROGRAM, RANKS = Launch(), Launch(lmp=LMP), Launch(ranks=2)


def drive(launch: Launch, folder: Path) -> dict:
    """All that the contract offers, once; what came of it."""
    start = replicate(phase_named("c15", SYSTEM).cell(0.7), (2, 2, 2))
    job = plan(SYSTEM, AnnealWish(0.5, steps=1000), Path("a.h5"), "", (start, Parent("c15", "")))
    deck, leg, seen = job.deck, job.deck.legs[-1], {}
    engine = start_engine(SYSTEM, launch, folder)
    try:
        engine.provide(job.start.name, job.start.content)
        engine.commands([*deck.entered, *leg.enter, *leg.fixes])
        engine.record(10)
        engine.advance(10, (0, 1000), True)
        engine.advance(10, (0, 1000), False)
        seen["rows"], seen["thermo"], seen["boltzmann"] = (
            engine.recorded(0),
            engine.thermo(),
            engine.boltzmann,
        )
        one = seen["run"] = engine.configuration()
        seen["state"] = engine.state()
        occupant = np.arange(192)
        occupant[[3, 150]] = 150, 3
        engine.rearrange(occupant)
        moved = engine.configuration()
        assert np.array_equal(moved.positions[[3, 150]], one.positions[[150, 3]])
        assert np.array_equal(moved.velocities, one.velocities)
        engine.transmute(one.species[::-1], np.full(192, 0.5))
        other = engine.configuration()
        assert np.array_equal(other.species, one.species[::-1])
        assert np.array_equal(other.velocities, one.velocities * 0.5)
        engine.replace(one)
        back = engine.configuration()
        for name in ("positions", "images", "velocities", "species"):
            assert np.array_equal(getattr(back, name), getattr(one, name)), name
        engine.advance(5, (0, 1000), True)
        seen["end"] = engine.configuration()
        with pytest.raises(EngineError, match="pair style"):
            engine.commands(["pair_style lj/nowhere"])
    finally:
        engine.close()
    return seen


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return drive(IN_PROCESS, tmp_path_factory.mktemp("reference"))


@pytest.mark.parametrize(
    "launch", [PROGRAM, pytest.param(RANKS, marks=pytest.mark.cluster)], ids=["program", "ranks"]
)
def test_every_engine_is_the_same_physics(launch, reference, tmp_path):
    """One rank gives the same bits wherever it runs, several the same to round-off; nothing is left behind."""
    seen = drive(launch, tmp_path)
    assert not list(tmp_path.iterdir())
    assert [step for step, _ in seen["rows"]] == [step for step, _ in reference["rows"]] == [10, 20]
    assert seen["boltzmann"] == reference["boltzmann"]
    if launch is PROGRAM:
        assert seen["rows"] == reference["rows"] and seen["thermo"] == reference["thermo"]
        assert seen["state"] == reference["state"]
        assert np.array_equal(seen["end"].positions, reference["end"].positions)
    for key, value in seen["thermo"].items():
        assert value == pytest.approx(reference["thermo"][key], rel=1e-9)
    assert np.abs(seen["end"].velocities - reference["end"].velocities).max() < 1e-8


def test_a_program_ends_in_peace(tmp_path):
    """What it says after its last command is read: a closed screen would kill it, and mpiexec all ranks with it."""
    talker = tmp_path / "talker"
    talker.write_text(f'#!/bin/sh\n{LMP} "$@"\nsleep 0.2; echo took 0:00:01\n')
    talker.chmod(0o755)
    engine = ExternalEngine(SYSTEM, Launch(lmp=str(talker)), tmp_path)
    engine.close()
    assert engine._process.returncode == 0
    assert list(tmp_path.iterdir()) == [talker]


def test_a_program_of_its_own_gives_the_bits_of_the_run_in_process_through_stops(tmp_path):
    """Stopped at every checkpoint, and finished in process, the file holds the same bits."""
    assert run_glasscli(*QUENCH, "-o", "whole.h5", cwd=tmp_path).code == 0
    words = [*QUENCH, "-o", "pieces.h5"]
    assert run_glasscli(*words, "--lmp", LMP, "--walltime", "0", cwd=tmp_path).code == 75
    assert open_run(tmp_path / "pieces.h5.partial").manifest.launch == Launch(lmp=LMP, minima="own")
    assert run_glasscli("resume", "pieces.h5", "--walltime", "0", cwd=tmp_path).code == 75
    assert open_run(tmp_path / "pieces.h5.partial").manifest.launch == Launch(lmp=LMP, minima="own")
    answer = run_glasscli("resume", "--lmp", "no-such-lmp", cwd=tmp_path)
    assert answer.code == 2 and "no program 'no-such-lmp'" in answer.err
    assert run_glasscli("resume", "pieces.h5", "--lmp", "", cwd=tmp_path).code == 0
    whole, pieces = open_run(tmp_path / "whole.h5"), open_run(tmp_path / "pieces.h5")
    assert check(pieces) == [] and all(i.exact for i in pieces.manifest.history)
    assert pieces.manifest.launch == Launch(minima="own") and len(pieces.manifest.history) == 3
    assert pieces.manifest.identity == whole.manifest.identity
    for name in ("positions", "velocities", "images"):
        one, other = (getattr(run.state(-1).configuration, name) for run in (whole, pieces))
        assert np.array_equal(one, other), name
    assert all(np.array_equal(whole.thermo[name], pieces.thermo[name]) for name in whole.thermo)


@pytest.mark.cluster
def test_a_dying_rank_ends_all_with_one_message_and_the_run_goes_on(tmp_path):
    """SIGKILL of one of two ranks; the same command on one rank goes on from the full state, and says so."""
    words = [*QUENCH, "--steps", "100000", "--equilibration", "0", "-o", "run.h5"]
    command = [sys.executable, "-m", "glasscli", *words]
    process = subprocess.Popen([*command, "--ranks", "2"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    partial, ranks = tmp_path / "run.h5.partial", []
    until = time.monotonic() + 600
    while not (ranks and list(partial.glob("checkpoint-0-*"))) and time.monotonic() < until:
        assert process.poll() is None, "it was done before a rank could die"
        time.sleep(0.05)
        ranks = children(children(process.pid))
    os.kill(max(ranks), signal.SIGKILL)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert said.count("\n") == 1 and "one of the 2 ranks" in said and "last checkpoint" in said, said
    found = checkpoints.latest(partial, 2**60)
    assert found is not None and found.ranks == 2
    assert check(open_run(partial)) == []
    assert run_glasscli(*words, "--walltime", "0", cwd=tmp_path).code == 75
    history = open_run(partial).manifest.history
    assert [i.ranks for i in history] == [2, 1] and [i.exact for i in history] == [True, False]


@pytest.mark.cluster
@pytest.mark.skipif(not MPIEXEC.exists(), reason="no mpiexec beside this Python")
def test_one_sample_over_the_ranks_of_mpirun(tmp_path):
    """The first process of `mpirun -n N glasscli` starts LAMMPS on N ranks; `resume` may take others."""

    def mpirun(*words):
        command = [MPIEXEC, "-n", "2", sys.executable, "-m", "glasscli", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stderr

    code, said = mpirun(*QUENCH, "--walltime", "0")
    assert code == 75 and said.count("\n") == 1, said
    assert open_run(tmp_path / "quench.h5.partial").manifest.launch == Launch(ranks=2, minima="own")
    code, said = mpirun("anneal", "none.h5", "--T", "1")
    assert code == 2 and said.count("\n") == 1, said
    code, said = mpirun("resume", "--ranks", "3")
    assert code == 2 and "mpirun has 2 ranks" in said and said.count("\n") == 1, said
    assert run_glasscli("resume", "--ranks", "1", cwd=tmp_path).code == 0
    run = open_run(tmp_path / "quench.h5")
    assert run.manifest.launch == Launch(minima="own") and check(run) == []
    assert [(i.ranks, i.exact) for i in run.manifest.history] == [(2, True), (1, False)]


def children(of: int | list[int]) -> list[int]:
    """Processes whose parent is one of these, or a child of such."""
    parents = {of} if isinstance(of, int) else set(of)
    pairs = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pairs.append((int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])))
        except (OSError, ValueError):
            continue
    found = [pid for pid, parent in pairs if parent in parents]
    return found + (children(found) if found else [])


def test_a_users_lammps_module_and_potential_file_are_used(tmp_path):
    """The module that comes first on the path; a potential in a folder whose name LAMMPS would take apart."""
    import lammps

    module, folder = tmp_path / "path" / "lammps" / "__init__.py", tmp_path / "50% a $b"
    module.parent.mkdir(parents=True)
    folder.mkdir()
    real = lammps.__file__
    module.write_text(
        f"import pathlib; pathlib.Path({str(tmp_path / 'used')!r}).touch()\n"
        f"__file__ = {real!r}; __path__ = [{str(Path(real).parent)!r}]\n"
        "exec(compile(pathlib.Path(__file__).read_text(), __file__, 'exec'))\n"
    )
    alloy = load_system("cuzr")
    potential = next(line.split()[3] for line in alloy.commands if line.startswith("pair_coeff"))
    text = (Path(glasscli.__file__).parent / "model" / "systems" / "cuzr.toml").read_text()
    (folder / "mine.toml").write_text(text.replace(potential, "mine.fs"))
    found = Path(real).parent / "share" / "lammps" / "potentials" / potential
    (folder / "mine.fs").write_bytes(found.read_bytes())
    crystal = replicate(phase_named("b2", alloy).cell(17.0), (5, 5, 5))
    (folder / "b2.lammps").write_text(lammps_data(crystal, alloy))
    words = ["anneal", "b2.lammps", "--system", "mine.toml", "--T", "300K", "--steps", 20]
    words += ["--checkpoint-every", 10, "--inherent-every", 0]
    answer = run_glasscli(*words, cwd=folder, PYTHONPATH=str(module.parents[1]))
    assert answer.code == 0, answer.err
    assert (tmp_path / "used").exists()
    answer = run_glasscli(*words, "--lmp", LMP, "-o", "outside.h5", cwd=folder)
    assert answer.code == 0, answer.err
    inside, outside = (
        open_run(folder / name).state(-1).configuration for name in ("anneal.h5", "outside.h5")
    )
    assert np.array_equal(inside.positions, outside.positions)


def test_lost_atoms_outside_say_what_to_do(tmp_path):
    words = [*QUENCH, "--timestep", "0.05", "--lmp", LMP]
    answer = run_glasscli(*words, cwd=tmp_path)
    assert answer.code == 1 and "--timestep" in answer.err and answer.err.count("\n") == 1


def test_what_is_missing_is_named_before_the_run(tmp_path):
    assert version_of(PROGRAM) == version_of(IN_PROCESS)
    text = help_of(PROGRAM)
    _check_help(text, SYSTEM, LMP)
    alloy = load_system("cuzr")
    with pytest.raises(InputError, match=r"eam/fs, which its package MANYBODY brings"):
        _check_help(text.replace(" eam/fs", ""), alloy, LMP)
    for words, said in [
        (["--lmp", "no-such-lmp"], "no program 'no-such-lmp'"),
        (["--lmp", "echo; touch hello"], "no program 'echo;'"),
        (["--lmp", "ls"], "is no LAMMPS"),
        (["--accelerator", "gpu"], "lacks the package GPU"),
    ]:
        answer = run_glasscli(*QUENCH, *words, cwd=tmp_path)
        assert answer.code == 2 and said in answer.err and answer.err.count("\n") == 1, answer.err
    assert not list(tmp_path.iterdir())


def test_auto_says_what_it_took_and_keeps_it(tmp_path):
    words = [*QUENCH, "--accelerator", "auto"]
    assert run_glasscli(*words, "--walltime", "0", cwd=tmp_path).code == 75
    took = open_run(tmp_path / "quench.h5.partial").manifest.launch
    assert took.accelerator in ("none", "opt", "omp", "own") and f"{took.accelerator} " in took.measured
    answer = run_glasscli("resume", "--json", cwd=tmp_path)
    assert answer.code == 0 and f"ran with accelerator {took.accelerator}" in answer.err
    run = open_run(tmp_path / "quench.h5")
    assert run.manifest.launch == took
    assert {i.accelerator for i in run.manifest.history} == {took.accelerator}
    assert all(i.exact for i in run.manifest.history)


@pytest.mark.parametrize("accelerator", ["none", "omp"])
def test_accelerators_are_the_same_physics(accelerator):
    job = plan(SYSTEM, QuenchWish(atoms=200, steps=1000, equilibration=0), Path("q.h5"), "")
    energies = []
    for launch in (Launch(), Launch(accelerator=accelerator, skin=0.4)):
        with LibraryEngine(SYSTEM, launch) as engine:
            engine.commands([*job.deck.entered, *job.deck.legs[0].fixes])
            engine.advance(20, (0, 1000), True)
            energies.append(engine.thermo()["pe"])
    assert energies[0] == pytest.approx(energies[1], rel=1e-6)  # a minimisation lies between


def test_a_command_s_own_suffix_is_what_its_program_takes(tmp_path):
    """`lmp -sf omp` takes styles of OPENMP: exact from its own restart on, and not from another's."""
    deck = plan(SYSTEM, QuenchWish(atoms=200, steps=1000, equilibration=0), Path("q.h5"), "").deck
    for lmp, took in ((LMP, "opt"), (f"{LMP} -sf omp", "omp")):
        engine = ExternalEngine(SYSTEM, Launch(lmp=lmp), tmp_path)
        try:
            engine.commands(deck.header)
            assert engine._values(*(f"is_active(package,{name})" for name in ("omp",))) == [
                float(took == "omp")
            ]
        finally:
            engine.close()
    assert Launch(lmp="srun lmp -k on g 1 -sf kk").tuned("suffix opt") == []
    assert Launch(lmp="srun lmp -k on g 1 -sf kk", accelerator="omp").suffix == "omp"
    program = f"{LMP} -sf omp"
    assert run_glasscli(*QUENCH, "-o", "whole.h5", "--lmp", program, cwd=tmp_path).code == 0
    for name, then in (("same.h5", program), ("other.h5", LMP)):
        words = [*QUENCH, "-o", name, "--lmp", program, "--walltime", "0"]
        assert run_glasscli(*words, cwd=tmp_path).code == 75
        assert run_glasscli("resume", name, "--lmp", then, cwd=tmp_path).code == 0
    whole, same, other = (open_run(tmp_path / name) for name in ("whole.h5", "same.h5", "other.h5"))
    assert [i.accelerator for i in other.manifest.history] == ["omp", ""]
    assert [i.exact for i in same.manifest.history] == [True, True]
    assert [i.exact for i in other.manifest.history] == [True, False]
    for field in ("positions", "velocities", "images"):
        one, two = (getattr(run.state(-1).configuration, field) for run in (whole, same))
        assert np.array_equal(one, two), field


def test_doctor_says_what_builds_have(tmp_path):
    found = {
        c["name"]: c
        for c in run_glasscli("doctor", "--json", "--lmp", f"{LMP} -sf omp", cwd=tmp_path).data["checks"]
    }
    assert "has none, opt, omp; not intel, kk, gpu" in found["accelerators"]["message"]
    assert (
        "1 ranks" in found["LAMMPS program"]["message"] and "takes omp" in found["LAMMPS program"]["message"]
    )
    answer = run_glasscli("doctor", "--lmp", "ls", cwd=tmp_path)
    assert answer.code == 1 and "is no LAMMPS" in answer.out


def test_mpirun_is_recognised():
    assert started_as({}) == (0, 1)
    assert started_as({"PMI_RANK": "x", "PMI_SIZE": "4"}) == (0, 1)
    assert started_as({"PMI_RANK": "2", "PMI_SIZE": "4", "MPI_LOCALNRANKS": "4"}) == (2, 4)
    assert started_as({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "3"}) == (0, 3)
    with pytest.raises(InputError, match="several nodes"):
        started_as({"PMI_RANK": "0", "PMI_SIZE": "4", "MPI_LOCALNRANKS": "2"})
