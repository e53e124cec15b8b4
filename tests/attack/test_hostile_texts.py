"""Hostile protocol and system files, by seeds: one line each, nothing run, nothing written elsewhere, little taken."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.attack import hostile

WHOLE, REDUCED = 100, 3
CPU_S, BYTES, WALL_S = 20, 2e9, 300
NOT_FORESEEN = ("Traceback", "unexpected ", "Segmentation", "Aborted", "please report")

RUN = ["run", "it.toml", "--jobs", "1", "--walltime", "5"]
QUENCH = [
    "quench",
    "--system",
    "it.toml",
    "--atoms",
    "300",
    "--steps",
    "40",
    "--equilibration",
    "10",
    "--walltime",
    "5",
]


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def attempt(words, content: bytes, place: Path) -> list[str]:
    """What went wrong with a command on a hostile file."""
    work, home = place / "a" / "b" / "work", place / "home"
    for folder in (work, home):
        folder.mkdir(parents=True)
    canary = place / "canary"
    canary.write_text(f"#!/bin/sh\ntouch '{place}/RAN'\n")
    canary.chmod(0o755)
    (work / "it.toml").write_bytes(content)
    outside = {p for p in tree(place) if not p.startswith("a/b/work/")}
    environment = os.environ | {
        "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config"),
        "TMPDIR": str(place / "tmp"), "MPLCONFIGDIR": str(place / "tmp"),
    }  # fmt: skip
    (place / "tmp").mkdir()
    with (place / "said").open("w+b") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "glasscli", *words], cwd=work, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        timer = threading.Timer(WALL_S, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        said.seek(0)
        err = said.read().decode(errors="replace")
    wrong = []
    if code not in (0, 1, 2, 75):
        wrong.append(f"exit code {code}")
    errors = [line for line in err.splitlines() if not line.startswith("note: ")]
    if code in (1, 2, 75) and words[0] != "run" and len(errors) != 1:
        wrong.append(f"{len(errors)} lines")
    wrong += [word for word in NOT_FORESEEN if word in err]
    if usage.ru_utime + usage.ru_stime > CPU_S:
        wrong.append(f"{usage.ru_utime + usage.ru_stime:.0f} s")
    if usage.ru_maxrss * 1024 > BYTES:
        wrong.append(f"{usage.ru_maxrss / 1e6:.1f} GB")
    if (place / "RAN").exists():
        wrong.append("the canary ran")
    new = {p for p in tree(place) if not p.startswith(("a/b/work/", "home/state", "tmp", "said"))} - outside
    if new:
        wrong.append(f"written outside: {sorted(new)}")
    logs = "".join(path.read_text(errors="replace") for path in work.rglob("*.log"))
    wrong += [f"log: {word}" for word in NOT_FORESEEN if word in logs]
    wrong += ["escape on the terminal"] if any(c in err for c in "\x1b\u202e\0") else []
    return [f"{what} ({err.strip()[:300]})" for what in wrong]


def all_of(make, words, seeds, tmp_path) -> None:
    failures = {}
    for seed in seeds:
        place = tmp_path / str(seed)
        wrong = attempt(words, make(seed, str(place / "canary")), place)
        if wrong:
            failures[seed] = wrong
    assert not failures, "\n".join(f"seed {seed}: {wrong}" for seed, wrong in failures.items())


@pytest.mark.stress
@pytest.mark.parametrize(
    ("make", "words"), [(hostile.study, RUN), (hostile.system, QUENCH)], ids=["study", "system"]
)
def test_hostile_texts(make, words, tmp_path, pytestconfig):
    """A hundred of each, or as many as take some seconds."""
    all_of(make, words, range(WHOLE if pytestconfig.getoption("--full-stress") else REDUCED), tmp_path)


@pytest.mark.parametrize("kind", [hostile.study, hostile.system])
def test_seeds_tell_texts_apart(kind):
    made = [kind(seed, "/x/canary") for seed in range(WHOLE)]
    assert made == [kind(seed, "/x/canary") for seed in range(WHOLE)] and len(set(made)) > 0.8 * WHOLE
