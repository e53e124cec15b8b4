"""What docs/extending.md says of a system and of a scheduler is true: one file each, as it stands on the page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glasscli.model.system import load_system
from glasscli.workflow.cluster import load_scheduler

ROOT = Path(__file__).resolve().parents[2]
QUENCH = ["--atoms", 150, "--steps", 400, "--equilibration", 100, "--inherent-every", 200, "--every", 200]


def block(section: str) -> str:
    """The indented block of a section of the page."""
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    text = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = re.search(r"(?:^    .*\n|^\n)+", text[text.index("\n    ") :], re.MULTILINE)[0].splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines).strip() + "\n"


SYSTEM, SCHEDULER = block("A system"), block("A scheduler")


@pytest.fixture
def home(tmp_path):
    """A user's folder with both files and a cluster that names the scheduler."""
    own = tmp_path / "config" / "glasscli"
    for folder, name, text in [
        ("systems", "my-mixture", SYSTEM),
        ("schedulers", "torque", SCHEDULER),
        ("clusters", "ours", 'scheduler = "torque"\nqueue = "long"\ncores = 2\n'),
    ]:
        (own / folder).mkdir(parents=True)
        (own / folder / f"{name}.toml").write_text(text)
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_the_commands_know_the_system(tmp_path, glasscli):
    (tmp_path / "my-mixture.toml").write_text(SYSTEM)
    made = glasscli("quench", "--system", "my-mixture.toml", *QUENCH, "-o", "q.h5")
    assert made.code == 0, made.err
    shown = glasscli("show", "q.h5")
    assert shown.code == 0 and "my-mixture (lj units): 150 atoms (150 A)" in shown.out
    analysed = glasscli("analyze", "q.h5", "--measure", "pdf", "--json")
    assert analysed.code == 0 and "pdf" in analysed.out, analysed.err
    page = glasscli("report", "q.h5", "--measure", "pdf", "-o", "q.html")
    assert page.code == 0, page.err
    assert "my-mixture" in (tmp_path / "q.html").read_text()


def test_a_system_of_the_users_folder_is_known_by_name(glasscli, home):
    deck = glasscli("quench", "--system", "my-mixture", "--dry-run", **home)
    assert deck.code == 0 and "pair_style lj/cut 2.5" in deck.out
    wrong = glasscli("quench", "--system", "my-mixtur", "--dry-run", **home)
    assert wrong.code == 2 and "did you mean 'my-mixture'" in wrong.err


def directives_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#PBS")]


EXPECTED = ["#PBS -N quench", "#PBS -t 1-2", "#PBS -l nodes=1:ppn=2", "#PBS -l walltime=24:00:00", "#PBS -j oe",
            "#PBS -r y", "#PBS -q long"]  # fmt: skip
SUBMIT = ["submit", "--dry-run", "--cluster"]


def test_submit_prints_the_directives_of_the_scheduler(tmp_path, glasscli, home):
    answer = glasscli(*SUBMIT, "ours", "--", "quench", "--replicas", 4, **home)
    assert answer.code == 0, answer.err
    assert directives_of(answer.out) == EXPECTED
    assert subprocess.run(["bash", "-n"], input=answer.out, text=True).returncode == 0
    bare = glasscli(*SUBMIT, "torque", "--", "quench", **home)
    assert bare.code == 0 and "#PBS -t 1-1" in directives_of(bare.out)
    # Beside a cluster's file, whatever folder one works in.
    there = tmp_path / "there"
    there.mkdir()
    (there / "torque.toml").write_text(SCHEDULER)
    (there / "c.toml").write_text('scheduler = "torque.toml"\nqueue = "long"\ncores = 2\n')
    beside = glasscli(*SUBMIT, "there/c.toml", "--", "quench", "--replicas", 4)
    assert beside.code == 0, beside.err
    assert directives_of(beside.out) == EXPECTED


def test_both_can_be_shipped_as_one_file_each(tmp_path):
    """In a copy of the package, with nothing else changed."""
    shutil.copytree(
        ROOT / "glasscli", tmp_path / "glasscli", ignore=shutil.ignore_patterns("__pycache__", "inputs")
    )
    (tmp_path / "glasscli" / "model" / "systems" / "my-mixture.toml").write_text(SYSTEM)
    (tmp_path / "glasscli" / "workflow" / "schedulers" / "torque.toml").write_text(SCHEDULER)
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")}
    words = ["submit", "--dry-run", "--cluster", "torque", "--", "quench", "--system", "my-mixture"]
    done = subprocess.run(
        [sys.executable, "-m", "glasscli", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "#PBS -l nodes=1:ppn=1" in directives_of(done.stdout)
    deck = [sys.executable, "-m", "glasscli", "quench", "--system", "my-mixture", "--dry-run"]
    done = subprocess.run(deck, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "of my-mixture from" in done.stdout, done.stderr


def test_the_blocks_are_whole(tmp_path):
    for name, text, load in (("s", SYSTEM, load_system), ("t", SCHEDULER, load_scheduler)):
        path = tmp_path / f"{name}.toml"
        path.write_text(text)
        assert load(str(path))
