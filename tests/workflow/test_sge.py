"""A real Grid Engine: stages wait for each other, and what its walltime ends is queued again until it is done."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from glasscli.store.reader import open_run

START = Path(__file__).with_name("start_sge.sh")
STUDY = """
folder = "a b; touch x"
[stages.quench]
steps = 400
equilibration = 0
inherent-every = 0
[stages.anneal]
after = "quench"
T = 0.5
from = "final"
steps = 16000
every = 2000
checkpoint-every = 2000
inherent-every = 0
"""


@pytest.fixture(scope="module")
def grid_engine() -> None:
    started = subprocess.run(["sh", START], capture_output=True, text=True)
    if started.returncode == 2:
        pytest.skip(started.stdout.strip())
    assert started.returncode == 0, started.stdout + started.stderr


@pytest.mark.cluster
@pytest.mark.usefixtures("grid_engine")
def test_a_study_on_grid_engine(glasscli, tmp_path):
    folder = tmp_path / "a b; touch x"
    (tmp_path / "study.toml").write_text(STUDY)
    answer = glasscli("submit", "study.toml", "--cluster", "sge", "--walltime", "0:00:01", "--json")
    assert answer.code == 0, answer.err
    seen, deadline = [], time.monotonic() + 900
    while not seen or seen[-1]["done"] < 2:
        assert time.monotonic() < deadline, json.dumps(seen[-1])
        seen.append(glasscli("status", folder, "--json").data)
        assert seen[-1]["failed"] == 0, json.dumps(seen[-1])
        time.sleep(0.3)
    anneals = [next(r for r in s["runs"] if r["name"] == "anneal")["state"] for s in seen]
    assert anneals[0] == "queued" and "running" in anneals
    history = open_run(folder / "anneal.h5").manifest.history
    assert (
        len(history) > 1
        and all("walltime" in i.reason for i in history[:-1])
        and all(i.exact for i in history)
    )
    assert glasscli("verify", folder / "anneal.h5").code == 0
    assert {p.name for p in tmp_path.iterdir()} == {folder.name, "study.toml"}, "a folder's name was run"
