"""Fixtures shared by all tests: the command line, small runs made once, the third-party glass."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.zygote import Zygote

ROOT = Path(__file__).resolve().parents[1]
THIRD_PARTY_GLASS = ROOT / "tests" / "data" / "derlet-su2" / "from-the-melt_LJWahnstrom.lammps.gz"

# What the user has confirmed (glasscli trust) is not what a test has.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="glasscli-state-")

_zygotes: list[Zygote] = []  # at most one, made when it is first needed

# A quench short enough for every test that needs a file, with all that a file can hold.
QUICK_QUENCH = ["quench", "--steps", "20000", "--equilibration", "1000", "--inherent-every", "4000"]


def pytest_sessionfinish() -> None:
    while _zygotes:
        _zygotes.pop().close()
    shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-stress", action="store_true", help="stress tests at full count, not the reduced one"
    )
    parser.addoption("--renew-goldens", action="store_true", help="write tests/workflow/golden anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of job arrays wait most of their time and share one SLURM: they come first, so that one worker has them.

    Workers begin with equal shares of what is collected, in order, and take from the ends of one another's.
    """
    items.sort(key=lambda item: item.get_closest_marker("cluster") is None)


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Glasscli = Callable[..., Answer]


def zygote() -> Zygote:
    """The one of this run of the tests."""
    if not _zygotes:
        _zygotes.append(Zygote())
    return _zygotes[0]


def run_glasscli(
    *words: object, cwd: Path, timeout: float = 300, fault: tuple[Path, int] | None = None,
    limits: tuple[int, int] = (0, 0), **environment: str,
) -> Answer:  # fmt: skip
    """Run the command line in a process of its own, as a user does; killed at a write boundary with a fault.

    limits: bytes of memory, and seconds of a processor; 0 for none
    """
    if not environment:
        return Answer(*zygote().run([str(word) for word in words], cwd, timeout, fault, *limits))
    done = subprocess.run(
        [sys.executable, "-m", "glasscli", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, timeout=timeout, env=os.environ | environment,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def in_process(name: str, command: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`glasscli NAME ...` in this process and in `folder`: exit code, stdout, stderr."""
    from glasscli.cli.edge import Cli

    monkeypatch.chdir(folder)
    group = Cli("glasscli", {name: command})

    def run(*words: object) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        said = [name, *map(str, words)]
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stopped:
            group.main(said)
        return stopped.value.code, out.getvalue(), err.getvalue()  # type: ignore[return-value]

    return run


@pytest.fixture
def glasscli(tmp_path: Path) -> Glasscli:
    """The command line in an empty folder."""
    return lambda *words, cwd=tmp_path, **more: run_glasscli(*words, cwd=cwd, **more)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short quench.h5 and anneal.h5, made once for all worker processes. Do not write into it."""
    shared = (
        tmp_path_factory.getbasetemp().parent
        if "PYTEST_XDIST_WORKER" in os.environ
        else tmp_path_factory.getbasetemp()
    )
    folder = shared / "runs"
    with (shared / "runs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            for words in (QUICK_QUENCH, ["anneal", "--T", "0.95Tf", "--steps", "6000"]):
                answer = run_glasscli(*words, cwd=folder)
                assert answer.code == 0, answer.err
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def third_party_glass() -> Path:
    """A glass that someone else made; its absence is a failure that names it, never a silent skip."""
    assert THIRD_PARTY_GLASS.exists(), (
        f"the third-party glass {THIRD_PARTY_GLASS.name} is not in {THIRD_PARTY_GLASS.parent}"
    )
    return THIRD_PARTY_GLASS


@pytest.fixture(scope="session")
def derlet_glass(third_party_glass: Path) -> Any:
    """Its configuration."""
    from glasscli.formats.foreign import open_source

    return open_source(third_party_glass)[0]


@pytest.fixture(scope="session")
def wahnstrom() -> Any:
    """The main system."""
    from glasscli.model.system import load_system

    return load_system("wahnstrom")


@pytest.fixture
def forces(wahnstrom: Any) -> Iterator[Any]:
    """Its energies, forces and virials."""
    from glasscli.engine.forces import Forces

    with Forces(wahnstrom) as instance:
        yield instance
