"""Damaged files: a clear line, never a traceback, never wrong numbers silently, never a hang."""

import json
import random
import shutil
from pathlib import Path

import pytest

from tests.conftest import run_glasscli

pytestmark = pytest.mark.stress


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    """A finished anneal, and the working folder of a stopped quench."""
    folder = tmp_path_factory.mktemp("originals")
    quench = [
        "quench",
        "--atoms",
        "200",
        "--steps",
        "3000",
        "--equilibration",
        "300",
        "--checkpoint-every",
        "500",
    ]
    assert run_glasscli(*quench, "--every", "200", "--inherent-every", "1000", cwd=folder).code == 0
    assert run_glasscli("anneal", "--T", "0.6", "--steps", "2000", "--every", "200", cwd=folder).code == 0
    stopped = [*quench, "--every", "200", "--inherent-every", "1000", "--seed", "2", "-o", "stopped.h5"]
    for _ in range(4):
        assert run_glasscli(*stopped, "--walltime", "0", cwd=folder).code == 75
    return folder


Said = dict[str, tuple[int, str, str]]  # exit code, stdout, stderr
COMMANDS = {"show": [], "verify": [], "analyze": ["--jobs", "1"], "repair": [], "verify again": []}


def examine(path: Path) -> Said:
    """What each command says of a file; a hang or a crash fails here."""
    said = {}
    for name, more in COMMANDS.items():
        words = [name.split()[0], *more, path.name, "--json"]
        answer = run_glasscli(*words, cwd=path.parent, timeout=120)
        assert answer.code >= 0, f"{words} died with {answer.code}: {answer.err[-500:]}"
        said[name] = (answer.code, answer.out, answer.err)
    return said


def damage(content: bytes, rng: random.Random) -> bytes:
    """Truncate, flip a byte, or overwrite a stretch with zeros."""
    kind = rng.choice(["truncate", "flip", "flip", "zeros"])
    at = rng.randrange(len(content))
    if kind == "truncate":
        return content[:at]
    changed = bytearray(content)
    if kind == "flip":
        changed[at] ^= 1 << rng.randrange(8)
    else:
        changed[at : at + 512] = bytes(len(changed[at : at + 512]))
    return bytes(changed)


def numbers(said: str) -> dict:
    """The numbers of an answer, without names of files and what a rerun may change."""
    data = json.loads(said)
    return {
        key: value
        for key, value in data.items()
        if key not in ("file", "figures", "tables", "history", "done", "changed")
    }


def assert_clear_or_right(said: Said, right: Said, label: str) -> bool:
    """Each command either says in one line what is wrong, or gives the right numbers. Returns whether all was well."""
    for name, (code, out, err) in said.items():
        assert "Traceback" not in err and "unexpected" not in err, (label, name, err)
        if code == 0:
            if name in ("show", "analyze"):
                assert numbers(out) == numbers(right[name][1]), (label, name)
        elif name.startswith("verify") and out and "problems" in json.loads(out):
            assert json.loads(out)["problems"], label
        else:
            assert err.count("\n") == 1 and len(err) > 20, (label, name, err)
    return said["verify"][0] == 0


def count(pytestconfig) -> int:
    """Damages of finished files; a quarter as many of unfinished runs come on top."""
    return 240 if pytestconfig.getoption("--full-stress") else 24


def test_damaged_finished_files(originals, tmp_path, pytestconfig, capsys):
    rng = random.Random(1)
    content = (originals / "anneal.h5").read_bytes()
    path = tmp_path / "anneal.h5"
    path.write_bytes(content)
    right = examine(path)
    assert all(code == 0 for code, *_ in right.values())
    content, caught = path.read_bytes(), 0  # with the results of analyze in it
    for number in range(count(pytestconfig)):
        path.write_bytes(damage(content, rng))
        caught += not assert_clear_or_right(examine(path), right, f"damage {number}")
    with capsys.disabled():
        print(
            f"\n{caught} of {count(pytestconfig)} damages of a finished file found; the rest changed no number"
        )


def test_damaged_unfinished_runs(originals, tmp_path, pytestconfig, capsys):
    """Damage to the journal, a checkpoint or the manifest: shown as less, never as other numbers; resuming is right."""
    rng = random.Random(2)
    partial = originals / "stopped.h5.partial"
    words = ["resume", "stopped.h5"]
    whole = tmp_path / "whole"
    shutil.copytree(partial, whole / "stopped.h5.partial")
    assert run_glasscli(*words, cwd=whole).code == 0
    from tests.stress.same import assert_same_run

    resumed = 0
    for number in range(count(pytestconfig) // 4):
        folder = tmp_path / str(number)
        shutil.copytree(partial, folder / "stopped.h5.partial")
        victim = rng.choice(sorted(p for p in (folder / "stopped.h5.partial").iterdir() if p.name != "lock"))
        victim.write_bytes(damage(victim.read_bytes(), rng))
        said = examine(folder / "stopped.h5.partial")
        for name, (code, _, err) in said.items():
            assert "Traceback" not in err and "unexpected" not in err, (victim.name, name, err)
            assert code == 0 or name.startswith("verify") or err.count("\n") == 1, (victim.name, name, err)
        answer = run_glasscli(*words, cwd=folder)
        if answer.code == 0:
            assert_same_run(folder / "stopped.h5", whole / "stopped.h5")
            resumed += 1
        else:
            assert answer.err.count("\n") == 1 and "Traceback" not in answer.err, (victim.name, answer.err)
    with capsys.disabled():
        print(
            f"\n{resumed} of {count(pytestconfig) // 4} damaged unfinished runs resumed to the bit-identical end"
        )
