"""Sixty damaged folders of unfinished runs, by seeds: what is whole goes on to the undamaged run's bits.

Whatever is damaged, the runs beside it are shown and gone on with; nothing crashes, hangs or gives other numbers.
"""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glasscli.store.recorder import partial_folder
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

SECONDS, MEMORY = 20, 2 * 10**9  # of a processor: a busy machine has few of its own
SAMPLED = ["--every", "100", "--inherent-every", "500", "--checkpoint-every", "200"]
QUENCH = ["quench", "--atoms", "200", "--steps", "800", "--equilibration", "100", *SAMPLED]
ANNEAL = ["anneal", "quench.h5", "--T", "0.6", "--steps", "800", *SAMPLED]
VICTIM, WITNESS = "anneal.h5", "other.h5"
NUMBER_OF_FOLDERS, IN_CI = 60, 12


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    """An anneal and a quench, both stopped after two checkpoints, and in `whole` the same gone on with undamaged."""
    folder = tmp_path_factory.mktemp("originals")
    assert run_glasscli(*QUENCH, cwd=folder).code == 0
    for words in (ANNEAL, [*QUENCH, "--seed", "2", "-o", WITNESS]):
        for _ in range(2):
            assert run_glasscli(*words, "--walltime", "0", cwd=folder).code == 75
    shutil.copytree(folder, folder / "whole")
    assert run_glasscli("resume", cwd=folder / "whole").code == 0
    return folder


def flipped(path: Path, rng: random.Random) -> None:
    changed = bytearray(path.read_bytes())
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(changed))


def cut(path: Path, rng: random.Random) -> None:
    os.truncate(path, rng.randrange(path.stat().st_size))


def garbage(path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.randbytes(rng.choice([1, 100, 5000])))


def emptied(path: Path, rng: random.Random) -> None:
    path.write_bytes(b"")


def removed(path: Path, rng: random.Random) -> None:
    path.unlink()


def a_folder(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.mkdir()


def odd_json(path: Path, rng: random.Random) -> None:
    odd = ["[]", "null", "7", '"x"', "{}", "[" * 50000, '{"protocol": {"steps": [1]}}', '{"protocol": 1e999}']
    path.write_text(rng.choice(odd))


def appended(path: Path, rng: random.Random) -> None:
    with path.open("ab") as file:
        file.write(rng.choice([b"\xff\xfe\n", b"\n[]\n", b'\n{"a": 1}\n', b"\0" * 100, b"[" * 50000 + b"\n"]))


def odd_lock(path: Path, rng: random.Random) -> None:
    here = socket.gethostname()
    odd = ["", "[]", "\0", json.dumps({"host": "elsewhere", "process": 1}), "[" * 50000,
           *(json.dumps({"host": here, "process": p}) for p in ("a", 1e99, -1, 0, 2**22 + 1, None, [1]))]  # fmt: skip
    path.write_text(rng.choice(odd))


Damage = Callable[[Path, random.Random], None]
ANY: list[Damage] = [flipped, cut, garbage, emptied, removed]
DAMAGES: dict[str, list[Damage]] = {
    "run.json": [cut, garbage, emptied, odd_json, odd_json, a_folder],
    "run.copy.json": [*ANY, odd_json, a_folder],
    "history": [*ANY, appended, a_folder],
    "journal": [*ANY, appended],
    "lock": [odd_lock, odd_lock, garbage, removed, a_folder],
    "start.restart": [*ANY, a_folder],
    "checkpoint": [*ANY, appended, a_folder],
}


def harm(folder: Path, rng: random.Random) -> str:
    """Damage one piece of a working folder; say which and how."""
    name = rng.choice(list(DAMAGES))
    path = rng.choice(sorted(folder.glob("checkpoint-*"))) if name == "checkpoint" else folder / name
    how = rng.choice(DAMAGES[name])
    if how is flipped and not path.stat().st_size:
        how = garbage
    if how is cut and not path.stat().st_size:
        how = emptied
    how(path, rng)
    return f"{path.name} {how.__name__}"


def answer(*words: str, cwd: Path):
    found = run_glasscli(*words, cwd=cwd, limits=(MEMORY, SECONDS))
    assert found.code >= 0 and "Traceback" not in found.err and "unexpected" not in found.err, (words, found)
    return found


def assert_goes_on(folder: Path, originals: Path, label: str) -> bool:
    """`status` shows both runs, `resume` finishes both to the same bits; return whether it said what was damaged."""
    shutil.copy(originals / "quench.h5", folder)
    shown = {row["file"]: row["state"] for row in answer("status", "--json", cwd=folder).data["runs"]}
    assert shown[WITNESS] == "stopped" and shown["quench.h5"] == "done", (label, shown)
    assert shown[VICTIM] != "done", (label, shown)
    for command in ("show", "verify"):
        found = answer(command, VICTIM, cwd=folder)
        assert found.code == 0 or found.err.count("\n") == 1 or "problem" in found.out, (label, found)
    gone_on = answer("resume", "--json", cwd=folder)
    assert gone_on.code == 0, (label, gone_on)
    told = gone_on.data["notes"]
    for name in (VICTIM, WITNESS):
        assert_same_run(folder / name, originals / "whole" / name)
        assert not partial_folder(folder / name).exists(), label
    return any("damaged" in note for note in told)


@pytest.mark.stress
def test_damaged_folders_go_on(originals, tmp_path, capsys, pytestconfig):
    told = 0
    for seed in range(NUMBER_OF_FOLDERS if pytestconfig.getoption("--full-stress") else IN_CI):
        folder = tmp_path / str(seed)
        for name in (VICTIM, WITNESS):
            shutil.copytree(originals / f"{name}.partial", folder / f"{name}.partial")
        label = harm(folder / f"{VICTIM}.partial", random.Random(seed))
        told += assert_goes_on(folder, originals, f"{seed}: {label}")
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\n{seed + 1} damaged folders gone on with to the same bits, {told} said what was damaged")


LISTED = [
    ("run.json", cut),
    ("run.json", odd_json),
    ("history", appended),
    ("lock", a_folder),
    ("start.restart", garbage),
]


@pytest.mark.parametrize(("name", "how"), LISTED, ids=[f"{n}-{h.__name__}" for n, h in LISTED])
def test_each_kind_goes_on(name, how, originals, tmp_path):
    for run in (VICTIM, WITNESS):
        shutil.copytree(originals / f"{run}.partial", tmp_path / f"{run}.partial")
    how(tmp_path / f"{VICTIM}.partial" / name, random.Random(3))
    told = assert_goes_on(tmp_path, originals, name)
    assert told or name in ("history", "lock"), "it says what it did"


def test_the_same_command_goes_on_after_its_start_and_its_parents_are_lost(originals, tmp_path):
    """The paid steps need neither: a checkpoint is enough, and its bits are the same."""
    shutil.copytree(originals / f"{VICTIM}.partial", tmp_path / f"{VICTIM}.partial")
    (tmp_path / f"{VICTIM}.partial" / "start.restart").write_bytes(b"lost")
    gone_on = answer("resume", VICTIM, cwd=tmp_path)
    assert gone_on.code == 0 and "start is damaged" in gone_on.err, gone_on
    assert_same_run(tmp_path / VICTIM, originals / "whole" / VICTIM)


def test_both_manifests_lost_is_one_line_and_the_others_go_on(originals, tmp_path):
    for run in (VICTIM, WITNESS):
        shutil.copytree(originals / f"{run}.partial", tmp_path / f"{run}.partial")
    for name in ("run.json", "run.copy.json"):
        (tmp_path / f"{VICTIM}.partial" / name).write_text("{")
    gone_on = answer("resume", "--json", cwd=tmp_path)
    assert gone_on.code == 1 and VICTIM in gone_on.data["failed"][0]
    assert_same_run(tmp_path / WITNESS, originals / "whole" / WITNESS)
    assert (tmp_path / f"{VICTIM}.partial" / "journal").stat().st_size, "nothing of it was touched"


REFUSED = [
    ["--timestep", "1e9"],
    ["--timestep", "1e-300"],
    ["--atoms", "10000000000"],
    ["--volume-per-atom", "1e-9"],
]


@pytest.mark.parametrize("words", REFUSED, ids=[" ".join(w) for w in REFUSED])
def test_a_refused_start_is_in_nobodys_way(words, tmp_path):
    few = [word for word in QUENCH if "--atoms" not in words or word not in ("--atoms", "200")]
    refused = answer(*few, *words, cwd=tmp_path)
    assert refused.code in (1, 2) and refused.err.count("\n") == 1, refused
    assert answer(*QUENCH, "--steps", "100", cwd=tmp_path).code == 0, "the right command needs no --force"


def test_steps_that_were_paid_for_are_not_replaced(originals, tmp_path):
    """Two checkpoints are in the folder: another run must say --force."""
    shutil.copytree(originals / f"{WITNESS}.partial", tmp_path / f"{WITNESS}.partial")
    refused = answer(*QUENCH, "--seed", "3", "-o", WITNESS, cwd=tmp_path)
    assert refused.code == 1 and "--force" in refused.err


def test_a_file_system_without_locks_and_syncing(originals, tmp_path):
    """It refuses flock and fsync: the run goes on to the same bits, and a living holder's name still counts."""
    shutil.copytree(originals / f"{WITNESS}.partial", tmp_path / f"{WITNESS}.partial")
    refuse = (
        "import errno, fcntl, os, sys\n"
        "def no(number):\n"
        "    def refuse(*_): raise OSError(number, os.strerror(number))\n"
        "    return refuse\n"
        "fcntl.flock, os.fsync = no(errno.ENOLCK), no(errno.EINVAL)\n"
        "from glasscli.cli import main; main()\n"
    )
    words = [sys.executable, "-c", refuse, "resume", WITNESS]
    lock = tmp_path / f"{WITNESS}.partial" / "lock"
    for host, process in ((socket.gethostname(), os.getpid()), ("elsewhere", 1)):
        lock.write_text(json.dumps({"host": host, "process": process}))
        held = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert held.returncode == 1 and "knows no locks" in held.stderr and held.stderr.count("\n") == 1, held
    lock.write_text("")
    gone_on = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert gone_on.returncode == 0, gone_on
    assert_same_run(tmp_path / WITNESS, originals / "whole" / WITNESS)
