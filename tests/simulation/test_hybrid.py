"""`glasscli hybrid`: contract, exact resumption, agreement with LAMMPS's own exchanges, refusals."""

import signal
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from glasscli.observables.pair_counts import pair_counts
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

SHORT = ["--steps", "2000", "--every", "500", "--inherent-every", "500", "--checkpoint-every", "500"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small, fast quench in it, and what each test leaves."""
    where = tmp_path_factory.mktemp("hybrid")
    words = ["quench", "--atoms", "200", "--steps", "8000", "--equilibration", "500", "--inherent-every", "0"]
    answer = run_glasscli(*words, cwd=where)
    assert answer.code == 0, answer.err
    return where


def test_the_contract_holds_and_the_glass_relaxes(folder):
    answer = run_glasscli(
        "hybrid",
        "--T",
        "0.55",
        "--steps",
        "3000",
        "--every",
        "1000",
        "--inherent-every",
        "150",
        "--json",
        cwd=folder,
    )
    assert answer.code == 0, answer.err
    d = answer.data
    contract = "file parent temperature md_steps attempts accepted acceptance audit inherent_energy"
    contract += " icosahedral_fraction ns_per_attempt attempts_per_second wall_seconds verdict"
    assert set(contract.split()) <= set(d)
    assert d["md_steps"] == 3000 and d["attempts"] == 3000 // 24 * 20
    assert 0.4 * d["attempts"] < d["accepted"] < d["attempts"]
    assert abs(d["T_conf"] - 0.55) < 4 * d["T_conf_error"] < 0.08
    assert d["sampler"]["name"] == "hmc" and d["certificate"] is None
    assert d["sampler"]["step"] == pytest.approx(0.0108 * (0.5 / 0.55) ** (1 / 3))
    assert 0.5 < d["sampler"]["acceptance"] < 1
    assert d["acceptance"] == {"L-S": d["accepted"] / d["attempts"]}
    assert d["audit"]["checked"] >= 6 and d["audit"]["worst_relative_error"] < 1e-10
    assert d["inherent_energy"]["mean_last_half"] < d["inherent_energy"]["first"] - 0.01
    assert 0 < d["icosahedral_fraction"]["mean_last_half"] < 1
    assert d["verdict"]["drift_error"] > 0 and "drifts by" in d["verdict"]["reason"]
    assert d["verdict"]["label"] or d["verdict"]["reason"].startswith("too short to judge")
    run = open_run(folder / "hybrid.h5")
    assert (
        len(run.exchange_table["step"]) == 3 and run.exchange_table["exchange_tried"].sum() == d["attempts"]
    )
    said = run_glasscli("show", "hybrid.h5", cwd=folder).out
    assert "not a physical time" in said and "µs" not in said and "ns" not in said.split()


@pytest.mark.parametrize(
    "kernel",
    [
        ["--engine-mc", "local"],
        ["--engine-mc", "lammps", "--attempts", "20"],
        ["--mu", "0,0.5", "--attempts", "2000"],
    ],
    ids=["local", "lammps", "mu"],
)
def test_an_interrupted_run_goes_on_bit_for_bit(kernel, folder, tmp_path):
    words = ["hybrid", str(folder / "quench.h5"), "--T", "0.8", *SHORT, *kernel, "-o"]
    assert run_glasscli(*words, "whole.h5", cwd=tmp_path).code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *words, "cut.h5"], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    journal = tmp_path / "cut.h5.partial" / "checkpoint-1-000000000000500"
    while process.poll() is None and not journal.exists():
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "cut.h5").exists()
    answer = run_glasscli("resume", "cut.h5", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert_same_run(tmp_path / "cut.h5", tmp_path / "whole.h5")
    whole, cut = open_run(tmp_path / "whole.h5"), open_run(tmp_path / "cut.h5")
    for name, values in whole.exchange_table.items():
        assert (cut.exchange_table[name] == values).all(), name
    for ours, theirs in zip(cut.frames, whole.frames, strict=True):
        assert (ours.species == theirs.species).all()
    assert run_glasscli("verify", "cut.h5", cwd=tmp_path).code == 0
    counts = [tuple(frame.counts.values()) for frame in whole.frames]
    if "--mu" in kernel:
        assert len(set(counts)) > 1
    else:
        assert set(counts) == {(100, 100)}


def test_lengthened_it_is_the_long_run(folder, tmp_path):
    words = ["hybrid", str(folder / "quench.h5"), "--T", "0.8", *SHORT[2:], "-o"]
    assert run_glasscli(*words, "long.h5", "--steps", "2000", cwd=tmp_path).code == 0
    assert run_glasscli(*words, "short.h5", "--steps", "1000", cwd=tmp_path).code == 0
    assert run_glasscli("resume", "short.h5", "--steps", "1000", cwd=tmp_path).code == 0
    long, short = open_run(tmp_path / "long.h5"), open_run(tmp_path / "short.h5")
    assert (long.frames[-1].positions == short.frames[-1].positions).all()
    assert long.exchange_table["exchange_tried"].sum() == short.exchange_table["exchange_tried"].sum()


def test_both_kernels_agree_with_each_other_in_the_liquid(folder, tmp_path):
    """<E>, <P>, partial g(r) at T = 1.0 within error bars; velocities Maxwellian for both masses after exchanges."""
    common = ["hybrid", str(folder / "quench.h5"), "--T", "1.0", "--timestep", "0.004", "--steps", "12000"]
    common += ["--inherent-every", "0", "--every", "200", "--velocities"]
    runs = {}
    for kernel, more in {
        "local": ["--attempts", "20"],
        "lammps": ["--attempts", "5", "--md-per-mc", "50"],
    }.items():
        answer = run_glasscli(
            *common, "--engine-mc", kernel, *more, "-o", f"{kernel}.h5", "--json", cwd=tmp_path
        )
        assert answer.code == 0, answer.err
        runs[kernel] = open_run(tmp_path / f"{kernel}.h5")
    for name in ("potential_energy", "pressure"):
        means, errors = zip(*(blocks(run.thermo[name][20:]) for run in runs.values()), strict=True)
        assert abs(means[0] - means[1]) < 4 * np.hypot(*errors), (name, means, errors)
    shapes = [np.array([partial_g(frame) for frame in list(run.frames)[10:]]) for run in runs.values()]
    # Frames 200 steps apart are not independent: three count as one.
    error = np.sqrt(sum(3 * shape.var(0, ddof=1) / len(shape) for shape in shapes))
    judged = shapes[0].mean(0) > 0.3
    difference = (shapes[0].mean(0) - shapes[1].mean(0))[judged]
    assert np.abs(difference / error[judged]).max() < 5
    masses = [s.mass for s in runs["local"].manifest.system.species]
    frames = list(runs["local"].frames)[10::10]
    for species, mass in enumerate(masses, start=1):
        v = np.concatenate([f.velocities[f.species == species].ravel() for f in frames])
        assert stats.kstest(v[::3], "norm", args=(0, np.sqrt(1.0 / mass))).pvalue > 1e-3


def blocks(values, n=10):
    means = np.array([block.mean() for block in np.array_split(values, n)])
    return means.mean(), means.std(ddof=1) / np.sqrt(n)


def partial_g(frame):
    """[3, 23] pair densities of LL, LS, SS from 0.7 to 3 against the ideal gas."""
    edges = np.linspace(0, 3.0, 31)
    counts = pair_counts(frame.positions, frame.box, frame.species.astype(np.int64) - 1, 2, 3.0, 30)
    n = [np.count_nonzero(frame.species == s) for s in (1, 2)]
    pairs = np.array([n[0] * (n[0] - 1) / 2, n[0] * n[1], n[1] * (n[1] - 1) / 2])
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    return (np.array([counts[0, 0], counts[0, 1], counts[1, 1]]) / pairs[:, None] / shells * frame.volume)[
        :, 7:
    ]


@pytest.mark.parametrize(
    "words, said",
    [
        (["hybrid", "--T", "-1"], "not positive"),
        (["hybrid", "--T", "0"], "not positive"),
        (["hybrid", "--T", "0.5", "--mu", "1"], "one number a species"),
        (["hybrid", "--T", "0.5", "--mu", "a,b"], "is not numbers"),
        (["hybrid", "one.xyz", "--system", "soft-sphere", "--T", "0.5"], "nothing to exchange"),
        (["hybrid", "one.xyz", "--system", "cuzr", "--T", "500", "--engine-mc", "local"], "--engine-mc lammps"),
        (["hybrid", "--T", "0.5", "--md-per-mc", "0"], "range"),
        (["hybrid", "--T", "0.5", "--forces", "own", "--engine-mc", "lammps"], "leave one out"),
    ],
)  # fmt: skip
def test_refusals_are_one_line(words, said, folder):
    points = np.stack(np.meshgrid(*[np.arange(8)] * 3), -1).reshape(-1, 3)
    metal = "cuzr" in words
    rows = "\n".join(f"{'ZrCu'[2 * (k % 2):2 * (k % 2) + 2] if metal else 'A'} {x} {y} {z}"
                     for k, (x, y, z) in enumerate((points * (2.6 if metal else 1.0)).tolist()))  # fmt: skip
    edge = 8 * (2.6 if metal else 1.0)
    lattice = f'Lattice="{edge} 0 0 0 {edge} 0 0 0 {edge}" Properties=species:S:1:pos:R:3'
    (folder / "one.xyz").write_text(f"{len(points)}\n{lattice}\n{rows}\n")
    answer = run_glasscli(*words, cwd=folder)
    assert answer.code in (1, 2) and said in answer.err, answer.err
    assert "Traceback" not in answer.err
