"""What a dry run says: counts are those of the run, bytes those of its file; nothing here depends on a clock."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from glasscli.engine.random_atoms import random_atoms
from glasscli.model.system import load_system
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.cost import Estimate, estimate, memory, scaled, total
from glasscli.simulation.due import due, rows
from glasscli.simulation.job import Job
from glasscli.simulation.pilot_sample import sample_of
from glasscli.simulation.plan import plan
from glasscli.simulation.run import Standing
from glasscli.store.reader import open_run
from glasscli.store.schema import INHERENT, SERIES
from tests.conftest import QUICK_QUENCH, run_glasscli

SHORT = ["--from", "final", "--seed", "3"]
MADE = {
    "quench": None,
    "anneal": None,
    "compact": ["quench", "--atoms", "200", "--steps", "3000", "--equilibration", "200", "--every", "100",
                "--precision", "1e-3", "--inherent-every", "0", "--velocities"],
    "heat": ["heat", "quench.h5", *SHORT, "--steps", "800", "--age", "100", "--T-age", "0.5", "--every", "150",
             "--inherent-every", "300"],
    "hybrid": ["hybrid", "quench.h5", *SHORT, "--T", "0.8", "--steps", "480", "--every", "100", "--inherent-every",
               "0", "--checkpoint-every", "240"],
    "flow": ["flow", "quench.h5", *SHORT, "--T", "0.5", "--rate", "0.05", "--strain-max", "0.1", "--every", "200",
             "--inherent-every", "500", "--checkpoint-every", "500"],
}  # fmt: skip
KEYS = {"core_hours", "bytes", "memory_bytes"}


@pytest.fixture(scope="module")
def made(runs, tmp_path_factory):
    """Small finished runs, one of each that keeps something else."""
    folder = tmp_path_factory.mktemp("made")
    for name, words in MADE.items():
        if words is None:
            shutil.copy(runs / f"{name}.h5", folder)
            continue
        answer = run_glasscli(*words, "-o", f"{name}.h5", cwd=folder)
        assert answer.code == 0, answer.err
    return folder


@pytest.mark.parametrize("name", MADE)
def test_what_is_due_is_what_a_run_has(made, name):
    run = open_run(made / f"{name}.h5")
    job = Job.of(run)
    whole = due(job)
    assert whole.frames == len(run.frames) and whole.states == len(run.state_steps)
    assert whole.minima == len(run.table(INHERENT)["step"])
    expected = rows(job)
    for series in SERIES.values():
        count = len(run.table(series)["step"])
        assert expected.get(series.kind, 0) == pytest.approx(count, abs=2, rel=0.1), series.kind
    assert whole.steps == sum(leg.steps for leg in job.deck.legs)


@pytest.mark.parametrize("name", MADE)
def test_bytes_are_those_of_the_file(made, name):
    path = made / f"{name}.h5"
    found = estimate(Job.of(open_run(path)), Standing.NONE)
    assert found.bytes == pytest.approx(path.stat().st_size, rel=0.2)
    assert found.core_hours > 0 and found.memory_bytes > 5e7 and found.timed


def test_what_is_left_is_the_rest(made):
    job = Job.of(open_run(made / "quench.h5"))
    whole, left = due(job), due(job, 1, 8000)
    assert (left.before, left.kept) == (0, job.protocol.steps - 8000)
    assert left.frames == whole.frames - job.protocol.sampling.frames.count(8000)
    assert left.minima == whole.minima - job.protocol.sampling.inherent.count(8000)
    melting = due(job, 0, 400)
    assert melting.before == whole.before - 400 and melting.kept == whole.kept
    assert melting.frames == whole.frames and melting.states == whole.states
    end = due(job, 1, job.protocol.steps)
    assert (end.steps, end.frames, end.minima, end.batches) == (0, 0, 0, 0)


def quench(atoms, **more):
    sampling = SamplingWish(**more)
    return plan(load_system("wahnstrom"), QuenchWish(atoms=atoms, sampling=sampling), Path("nope.h5"))


def test_laws_of_size():
    """By the speeds of one sample: time and bytes in proportion to atoms, minima by the power of 4/3."""
    from glasscli.simulation.pilot import Speeds
    from glasscli.store.size import Sizes

    speeds = Speeds(500, 1e-6, 1e-6, 0.2, 500, 0, 0, 0, 0, 0, 0, Sizes(10.0, 10.0, 100.0, 0.0))
    one, ten = (estimate(quench(n), Standing.NONE, speeds) for n in (10_000, 100_000))
    assert ten.parts["dynamics"] == pytest.approx(10 * one.parts["dynamics"])
    assert ten.parts["inherent structures"] == pytest.approx(10 ** (4 / 3) * one.parts["inherent structures"])
    assert ten.bytes == pytest.approx(10 * one.bytes, rel=0.01)
    assert memory(quench(100_000)) - memory(quench(50_000)) == pytest.approx(
        memory(quench(50_000)) - memory(quench(200)), rel=0.01
    )
    assert memory(quench(100_000, inherent_every=0)) < memory(quench(100_000))
    # Measured: 391 MB of 200000 atoms without minima, 1.58 GB of a million (benchmarks/results/big.json).
    big = json.loads((Path(__file__).parents[2] / "benchmarks/results/big.json").read_text())["rows"]
    for row in big:
        if row["part"] == "quench" and row["atoms"] >= 100_000:
            said = memory(replace_sampling(quench(row["atoms"], inherent_every=0)))
            assert said == pytest.approx(row["bytes"], rel=0.3)


def replace_sampling(job):
    """As short as what was measured: too few rows for fits."""
    return replace(job, protocol=job.protocol.model_copy(update={"steps": 200}))


def test_a_sum_is_of_all_and_memory_of_the_largest():
    small = Estimate(1.0, 10.0, 5.0, 100, 500, 500, {"dynamics": 1.0}, notes=("said",))
    large = Estimate(2.0, 20.0, 7.0, 200, 900, 500, {"dynamics": 1.5, "strain": 0.5}, notes=("said",))
    found = total([(small, 3), (large, 1)])
    assert (found.core_hours, found.bytes, found.memory_bytes, found.steps) == (5.0, 50.0, 7.0, 500)
    assert found.parts == {"dynamics": 4.5, "strain": 0.5} and found.notes == ("said",)
    assert scaled(found, 2.0).core_hours == 10.0 and scaled(found, 2.0).memory_bytes == 7.0
    assert total([]).data.keys() >= KEYS


def test_a_large_sample_is_timed_by_a_small_one_like_it():
    job = quench(1_000_000)
    few = sample_of(job, 500).job
    assert sum(few.protocol.counts) == 500 and few.protocol.counts[0] == few.protocol.counts[1]
    assert few.box.volume / 500 == pytest.approx(job.box.volume / 1_000_000)
    silica = load_system("silica")
    charged = plan(silica, QuenchWish(atoms=3 * 40_000), Path("nope.h5"))
    counts = sample_of(charged, 500).job.protocol.counts
    assert counts[1] == 2 * counts[0] and 500 <= sum(counts) < 1200
    silica.check_neutral(counts)


def test_seeds_of_a_melt_on_a_grid_are_lammps_own():
    """Those of replicas have 31 bits, which its generator of subsets does not take."""
    job = quench(5000)
    for seed in (5, 900_000_000, 2_000_000_000):
        lines = random_atoms(job.system, job.protocol.counts, job.box, seed)
        seeds = [int(line.split()[-1]) for line in lines if line.startswith(("delete_atoms", "set type"))]
        assert seeds and all(0 < one <= 900_000_000 for one in seeds)
        assert seed > 1e9 or seeds[-1] in (seed + 2, 2)


WORDS = {
    "quench": ["quench", "--atoms", "200"],
    "replicas": ["quench", "--atoms", "200", "--replicas", "3"],
    "anneal": ["anneal", "q.h5", "--T", "0.5"],
    "hybrid": ["hybrid", "q.h5", "--T", "0.95Tf", "--Tf", "0.6"],
    "tempering": ["hybrid", "q.h5", "--exchange-replicas", "0.6:0.9:3", "--from", "final"],
    "heat": ["heat", "q.h5"],
    "shear": ["shear", "q.h5", "--strain-max", "0.001"],
    "flow": ["flow", "q.h5", "--T", "0.5", "--rate", "0.01"],
    "run": ["run", "s.toml"],
    "submit": ["submit", "s.toml"],
    "analyze": ["analyze", "q.h5"],
    "dynamics": ["dynamics", "--T", "2.0", "--atoms", "200"],
    "dynamics of a file": ["dynamics", "a.h5"],
    "modes": ["modes", "q.h5"],
    "modes, a few": ["modes", "q.h5", "--count", "8"],
    "modes of moving atoms": ["modes", "a.h5", "--instantaneous"],
    "propensity": ["propensity", "q.h5", "--steps", "100"],
    "free-energy": ["free-energy", "c15", "--temperature", "0.5", "--atoms", "100"],
}
STUDY = """
[stages.quench]
atoms = 200
steps = 500
[stages.anneal]
after = "quench"
T = ["0.9Tf", 0.5]
steps = 100
[stages.analyze]
after = "anneal"
"""


@pytest.mark.parametrize("name", WORDS)
def test_every_dry_run_says_what_it_takes_and_makes_nothing(name, runs, tmp_path, glasscli):
    shutil.copy(runs / "quench.h5", tmp_path / "q.h5")
    shutil.copy(runs / "anneal.h5", tmp_path / "a.h5")
    (tmp_path / "s.toml").write_text(STUDY)
    before = sorted(tmp_path.iterdir())
    words = WORDS[name]
    words = [words[0], "--dry-run", "--json", *words[1:]]
    answer = glasscli(*words)
    assert answer.code == 0, answer.err
    data = answer.data
    assert data.keys() >= KEYS and all(data[key] > 0 for key in KEYS), data
    if "stages" in data:
        known = [stage for stage in data["stages"] if stage["core_hours"] is not None]
        assert sum(stage["bytes"] for stage in known) == pytest.approx(data["bytes"], abs=9)
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_done_and_what_is_left(runs, tmp_path, glasscli):
    shutil.copy(runs / "quench.h5", tmp_path)
    words = [*QUICK_QUENCH, "--dry-run", "--json"]
    done = glasscli(*words).data
    assert done["core_hours"] == 0 and done["bytes"] == (tmp_path / "quench.h5").stat().st_size
    assert "quench.h5 is finished: nothing is left to do" in done["estimate_notes"]
    # Another run of the usual name is said, of one that was named refused.
    other = glasscli("quench", "--atoms", 200, "--dry-run", "--json")
    assert other.code == 0 and "holds another run" in " ".join(other.data["estimate_notes"])
    refused = glasscli("quench", "--atoms", 200, "--dry-run", "-o", "quench.h5")
    assert refused.code == 1 and "holds another run: give --force" in refused.err
    assert glasscli("quench", "--atoms", 200, "--dry-run", "-o", "quench.h5", "--force").code == 0
    short = ["quench", "--atoms", 200, "--steps", 4000, "--equilibration", 2000, "--checkpoint-every", 1000,
             "--inherent-every", 0, "-o", "b.h5"]  # fmt: skip
    whole = glasscli(*short, "--dry-run", "--json").data
    assert glasscli(*short, "--walltime", "0").code == 75
    left = glasscli(*short, "--dry-run", "--json").data
    assert (
        left["steps"] == 5000
        and whole["steps"] == 6000
        and left["bytes"] == pytest.approx(whole["bytes"], rel=0.1)
    )
    assert "b.h5 is begun: 5000 of 6000 steps are left" in left["estimate_notes"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["quench", "--system", "wahnstrm"], "did you mean 'wahnstrom'"),
        (["quench", "--atoms", "20"], "smaller than two cutoffs"),
        (["anneal", "--T", "0.5"], "no quench.h5"),
        (["quench", "--atoms", "20", "--replicas", "2"], "smaller than two cutoffs"),
        (["submit", "--", "quench", "--atoms", "20"], "smaller than two cutoffs"),
    ],
)
def test_a_dry_run_refuses_what_the_run_would(words, says, tmp_path, glasscli):
    answer = glasscli(words[0], "--dry-run", *words[1:])
    assert answer.code in (1, 2) and says in answer.err and answer.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["run", "submit"])
def test_boxes_are_checked_before_a_study_begins(command, tmp_path, glasscli):
    (tmp_path / "s.toml").write_text('[stages.small]\ncommand = "quench"\natoms = [200, 20]\nsteps = 100\n')
    answer = glasscli(command, "s.toml")
    assert answer.code == 2 and answer.err.count("\n") == 1
    assert "small: the box of edge" in answer.err and "smaller than two cutoffs" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]
