"""Commands that measure, killed at any instant: what is left is whole or not there, and the next call is right."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glasscli.formats.writers import extended_xyz
from glasscli.model.system import load_system
from glasscli.store.reader import open_run
from glasscli.store.verify import check
from tests.conftest import run_glasscli
from tests.landscape.hops import trajectory
from tests.report.test_page import write

pytestmark = pytest.mark.stress

COMMANDS = {
    "analyze": ["analyze", "anneal.h5", "--measure", "icosahedra,pdf", "--jobs", "1"],
    "minimise": ["analyze", "d.dump", "--system", "wahnstrom", "--minimise", "--measure", "pdf", "--jobs", "1"],
    "report": ["report", "d.dump", "--measure", "pdf", "--jobs", "1", "--force"],
    "barriers": ["landscape", "barriers", "hops.xyz", "--system", "wahnstrom-smooth", "--jobs", "1", "--no-rates"],
    "table": ["theory", "stability", "--beta-eps", "3"],
    "picture": ["render", "d.dump", "--renderer", "matplotlib"],
}  # fmt: skip
WHOLE = {".csv", ".png", ".html", ".lammps"}  # the same bytes from the same command


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, runs) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    shutil.copy(runs / "anneal.h5", folder)
    write(folder / "d.dump", n=150, species=2, edges=(5.3,) * 4)
    system = load_system("wahnstrom-smooth")
    frames = trajectory(2)
    (folder / "hops.xyz").write_text("".join(extended_xyz(frame, system) for frame in frames))
    return folder


def products(folder: Path) -> dict[str, bytes]:
    """Everything that poses as whole: hidden and temporary names do not."""
    return {
        p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in WHOLE and not p.name.startswith(".")
    }


def assert_nothing_half(folder: Path, right: dict[str, bytes], inputs: Path) -> None:
    found = products(folder)
    assert {name: content for name, content in found.items() if content != right.get(name)} == {}
    assert (folder / "d.dump").read_bytes() == (inputs / "d.dump").read_bytes()
    assert check(open_run(folder / "anneal.h5")) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_write_boundaries_and_at_random(name, inputs, tmp_path, pytestconfig):
    words, full = COMMANDS[name], pytestconfig.getoption("--full-stress")
    reference, folder, counter = tmp_path / "reference", tmp_path / "killed", tmp_path / "count"
    shutil.copytree(inputs, reference)
    assert (answer := run_glasscli(*words, cwd=reference, fault=(counter, 0))).code == 0, answer.err
    right, total = products(reference), int(counter.read_text())
    assert right and total > 1
    rng, kills = random.Random(name), 0
    for fatal in np.unique(np.linspace(1, total - 1, min(total, 40 if full else 2)).astype(int)).tolist():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(inputs, folder)
        kills += run_glasscli(*words, cwd=folder, fault=(counter, fatal)).code == -signal.SIGKILL
        assert_nothing_half(folder, right, inputs)
        assert (answer := run_glasscli(*words, cwd=folder)).code == 0, answer.err
        assert products(folder) == right
    shutil.rmtree(folder)
    shutil.copytree(inputs, folder)
    for _ in range(20 if full else 1):  # on top of each other: caches keep what was done
        process = subprocess.Popen(
            [sys.executable, "-m", "glasscli", *words], cwd=folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(timeout=rng.uniform(0.5, 5.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        assert_nothing_half(folder, right, inputs)
    assert (answer := run_glasscli(*words, cwd=folder)).code == 0, answer.err
    assert products(folder) == right and kills
