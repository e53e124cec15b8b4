"""Runs begin as forks of one process that has imported what they need: half of a short run's cost is imports.

The process reads a JSON object a line, {"key", "words", "folder", "answer", "log"} to begin a run or {"key", "signal"}
to send it one, and answers {"key", "code"} when it has ended. It has no thread, no instance of LAMMPS and nothing of
OVITO, which do not survive a fork. Each run is in a session of its own, so that Ctrl-C comes to the pool alone. When
the pool is gone, its runs are asked to stop at their next checkpoints, and ended where those are far.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from glasscli.engine.installed import load_lammps
from glasscli.errors import MissingPackageError
from glasscli.family import GRACE_S, stop_with_parent
from glasscli.protocols.registry import kinds, protocol_class
from glasscli.simulation.stopping import SIGNALS
from glasscli.store.files import own

WARMED = (
    "glasscli.cli.many", "glasscli.simulation.plan", "glasscli.model.quantities", "glasscli.formats.foreign",
    "glasscli.analysis.outcome", "glasscli.compiling", "glasscli.workflow.seeds",
)  # fmt: skip
POLL_SECONDS = 0.05


class Starter:
    """The pool's side. Keys number the runs that were begun."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True, env={"OMP_NUM_THREADS": "1"} | os.environ,
        )  # fmt: skip
        self._count, self._text = 0, b""
        self.lost = False  # it was ended from outside: what runs still does, but nobody hears how it ends

    def begin(self, words: Sequence[str], folder: Path, answer: Path, log: Path) -> int:
        """Begin `glasscli words` in a folder, its output in `answer`, its errors after what is in `log`."""
        self._count += 1
        files = {"answer": str(answer.absolute()), "log": str(log.absolute())}
        self._tell(files | {"key": self._count, "words": list(words), "folder": str(folder.absolute())})
        return self._count

    def send(self, key: int, number: int) -> None:
        """Send a signal to a run, unless it has ended."""
        self._tell({"key": key, "signal": number})

    def ended(self) -> dict[int, int]:
        """Wait a moment; exit codes, as of subprocess, of the runs that have ended since the last call."""
        assert self._process.stdout
        found: dict[int, int] = {}
        pipe = self._process.stdout.fileno()
        if select.select([pipe], [], [], POLL_SECONDS)[0]:
            said = os.read(pipe, 65536)
            self.lost = not said
            *lines, self._text = (self._text + said).split(b"\n")
            for row in map(json.loads, lines):
                found[row["key"]] = row["code"]
        return found

    def close(self) -> None:
        """Begin no more."""
        self._process.communicate()

    def _tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.lost = True


def serve() -> None:
    """Begin runs as told until told no more; return only in a fork, which is to be `glasscli` with sys.argv."""
    # Of a whole job's signals the runs hear by the pool; held, not ignored, so that none is lost around a fork.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    for name in WARMED:
        importlib.import_module(name)
    for kind in kinds():
        protocol_class(kind)
    with suppress(MissingPackageError):  # each run says so
        load_lammps()
    gc.freeze()  # a fork's collector leaves the pages alone that all share
    keys: dict[int, int] = {}
    itself = os.getpid()
    text = b""
    while True:
        if select.select([0], [], [], POLL_SECONDS if keys else None)[0]:
            said = os.read(0, 65536)
            if not said:
                _end(list(keys))
                sys.exit()
            *lines, text = (text + said).split(b"\n")
            for wish in map(json.loads, lines):
                if "signal" in wish:
                    for process in [process for process, key in keys.items() if key == wish["key"]]:
                        os.kill(process, wish["signal"])
                elif process := os.fork():
                    keys[process] = wish["key"]
                else:
                    stop_with_parent(itself)
                    return _become(wish)
        for process in list(keys):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                row = {"key": keys.pop(process), "code": os.waitstatus_to_exitcode(status)}
                os.write(1, json.dumps(row).encode() + b"\n")


def _end(runs: list[int]) -> None:
    """End runs that nobody waits for."""
    for number, until in ((signal.SIGTERM, time.monotonic() + GRACE_S), (signal.SIGKILL, float("inf"))):
        for run in runs:
            os.kill(run, number)
        while runs and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            runs = [run for run in runs if not os.waitpid(run, os.WNOHANG)[0]]


def _become(wish: dict[str, Any]) -> None:
    """Take a session, a folder, streams and words of its own."""
    os.setsid()
    os.chdir(wish["folder"])
    for stream, path, mode in (
        (0, os.devnull, os.O_RDONLY),
        (1, wish["answer"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        file = os.open(path, mode) if stream == 0 else own(path, mode)
        os.dup2(file, stream)
        os.close(file)
    sys.argv = ["glasscli", *wish["words"]]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


if __name__ == "__main__":
    serve()
    runpy.run_module("glasscli", run_name="__main__", alter_sys=True)
