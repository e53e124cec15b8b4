"""A protocol is added by what docs/extending.md says alone: two files, and every command knows it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUENCH = ["quench", "--atoms", "200", "--steps", "1000", "--equilibration", "100", "--every", "500",
          "--inherent-every", "500"]  # fmt: skip
WARM = ["warm", "quench.h5", "--T-end", "0.5", "--steps", "600", "--every", "200", "--inherent-every", "200",
        "--checkpoint-every", "200"]  # fmt: skip
STUDY = """
folder = "out"
[stages.quench]
atoms = 200
steps = 400
equilibration = 100
inherent-every = 0
[stages.warm]
after = "quench"
T-end = [0.5, 0.7]
steps = 200
inherent-every = 0
"""


def files_of(heading: str) -> dict[str, str]:
    """{path: text} of the files that a section of the page gives: a path in backquotes, then its text indented."""
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    pieces = re.findall(r"^`(glasscli/\S+\.py)`:.*\n((?:\S.*\n)*)\n((?:    .*\n|\n)+)", section, re.MULTILINE)
    return {path: re.sub(r"^    ", "", text, flags=re.MULTILINE).strip() + "\n" for path, _, text in pieces}


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A copy of the package with the files of the page, and an empty folder to work in."""
    where = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "glasscli", where / "glasscli", ignore=shutil.ignore_patterns("__pycache__"))
    added = files_of("A protocol")
    assert len(added) == 2
    for path, text in added.items():
        assert not (where / path).exists()
        (where / path).write_text(text, encoding="utf-8")
    (where / "work").mkdir()
    return where


@pytest.fixture(scope="module")
def glasscli(extended):
    def run(*words: str, code: int = 0) -> str:
        command = [sys.executable, "-P", "-m", "glasscli", *words]
        environment = os.environ | {"PYTHONPATH": str(extended)}
        done = subprocess.run(
            command, cwd=extended / "work", env=environment, capture_output=True, text=True, timeout=250
        )
        assert done.returncode == code, done.stderr
        return done.stdout + (done.stderr if code else "")

    run(*QUENCH)
    return run


def test_the_files_are_as_ours_are(extended):
    paths = [str(extended / path) for path in files_of("A protocol")]
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--config", str(ROOT / "pyproject.toml"), *paths]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_it_stops_goes_on_and_is_the_same(glasscli, extended):
    assert "Raise the temperature of a glass linearly." in glasscli("--help")
    assert "fix thermostat all nvt temp 0.01" in glasscli(*WARM, "--dry-run")
    assert "stopped at step 200 of 600" in glasscli(*WARM, "-o", "cut.h5", "--walltime", "0", code=75)
    rows = json.loads(glasscli("status", "--json"))["runs"]
    assert [(r["state"], r["step"], r["steps"]) for r in rows if r["file"] == "cut.h5"] == [
        ("stopped", 200, 600)
    ]
    assert "UNFINISHED at step 200" in glasscli("show", "cut.h5.partial")
    glasscli("resume", "cut.h5")
    said = glasscli(*WARM)
    assert said.startswith("warm.h5: 200 atoms of wahnstrom, 600 steps") and "E_IS" in said
    for file in ("cut.h5", "warm.h5"):
        assert "all well" in glasscli("verify", file)
    shown, cut = (json.loads(glasscli("show", file, "--json")) for file in ("warm.h5", "cut.h5"))
    assert shown["kind"] == "warm" and shown["identity"] == cut["identity"] and shown["frames"] == 4
    assert shown["inherent_energy"] == cut["inherent_energy"]
    assert "temperature  0.01 -> 0.5" in glasscli("show", "warm.h5")
    assert "its ramp has ended" in glasscli("resume", "warm.h5", "--steps", "100", code=2)


def test_what_looks_at_runs_knows_it(glasscli, extended):
    glasscli(*WARM)
    found = json.loads(glasscli("analyze", "warm.h5", "--json"))
    assert found["frames"] == 4 and found["inherent_energy"]["last"] < 0
    page = Path(json.loads(glasscli("report", "warm.h5", "-o", "warm.html", "--json"))["report"])
    assert "glasscli warm quench.h5" in (extended / "work" / page).read_text(encoding="utf-8")
    glasscli("anneal", "warm.h5", "--T", "0.5", "--steps", "100", "--inherent-every", "0")
    assert "warm.h5 (" in glasscli("show", "anneal.h5")


def test_studies_and_clusters_know_it(glasscli, extended):
    (extended / "work" / "study.toml").write_text(STUDY)
    scripts = json.loads(glasscli("submit", "study.toml", "--dry-run", "--json"))["scripts"]
    assert list(scripts) == ["quench", "warm"]
    line = json.loads(
        glasscli("submit", "--dry-run", "--json", "--", "warm", "--T-end", "1", "--replicas", "2")
    )
    assert list(line["scripts"]) == ["warm"]
    ended = json.loads(glasscli("run", "study.toml", "--jobs", "2", "--json"))
    assert ended["done"] == 3
    assert {run["file"] for run in ended["runs"]} == {"quench.h5", "warm-T-end0.5.h5", "warm-T-end0.7.h5"}


def test_the_original_says_that_it_does_not_know_it(glasscli, extended):
    glasscli(*WARM)
    command = [sys.executable, "-P", "-m", "glasscli", "show", str(extended / "work" / "warm.h5")]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert (
        done.returncode == 1
        and "unknown protocol 'warm' (known: anneal, flow, heat, hybrid, quench, shear)" in done.stderr
    )
    assert done.stderr.count("\n") == 1
