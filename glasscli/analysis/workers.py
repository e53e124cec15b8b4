"""Processes beside this one that measure and draw for it: forked early, or spawned when they are wanted.

A fork has all that its parent imported, and is there at once; but OVITO and LAMMPS do not survive one. A command forks
workers before it loads them (`forked`) and keeps them to its end; whoever has none spawns some, and ends them.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from glasscli.errors import GlassError
from glasscli.family import end_with_parent

MOST_FORKED = 7  # as long as nobody knows how much there is to do; a fork takes some milliseconds
_NO_FORK = {"ovito", "lammps"}


class Worker:
    """A process that does one call after the other."""

    def __init__(self, how: str) -> None:
        """how: "fork" or "spawn"."""
        context: Any = multiprocessing.get_context(how)
        if how == "spawn":
            resource_tracker.ensure_running()  # starting it later would unblock what is blocked below
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self.waiting = 0  # calls whose answers were not fetched
        # Ctrl-C reaches the whole group; the parent alone answers it, and ends the workers, which inherit
        # this mask and so print no traceback even while they start.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def tell(self, function: Callable[..., object], *values: Any, **more: Any) -> None:
        """Have `function(*values, **more)` called there, whatever becomes of it. All must be what can be pickled."""
        self._send((False, function, values, more))

    def call(self, function: Callable[..., object], *values: Any, **more: Any) -> None:
        """The same, with an answer that `answer` fetches."""
        self._send((True, function, values, more))
        self.waiting += 1

    def answer(self) -> Any:
        """What the first call came to whose answer is waited for. Raises the call's own error, GlassError where the
        process has ended.
        """
        self.waiting -= 1
        try:
            failed, content = self.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            raise self._died() from error
        if failed:
            raise content
        return content

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join(5)
        self.pipe.close()

    def _send(self, message: Any) -> None:
        content = pickle.dumps(message)  # what cannot be pickled fails before anything is sent
        try:
            self.pipe.send_bytes(content)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._died() from error

    def _died(self) -> GlassError:
        self._process.join(5)
        return GlassError(
            f"a process that measures or draws was ended from outside (exit code {self._process.exitcode}); "
            "if memory ran out, use fewer --jobs"
        )


_idle: list[Worker] = []


def available_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def forked(jobs: int | None) -> Iterator[None]:
    """While the block runs, have workers for so many jobs beside this process; None for all cores, within limits.

    Where this process cannot be forked, those that are wanted are spawned.
    """
    count = (min(available_cores(), 1 + MOST_FORKED) if jobs is None else min(jobs, available_cores())) - 1
    able = sys.platform == "linux" and threading.active_count() == 1 and not _NO_FORK & sys.modules.keys()
    if able and count > 0:
        gc.freeze()  # their collectors leave the pages alone that all share
        _idle.extend(Worker("fork") for _ in range(count))
    try:
        yield
    finally:
        while _idle:
            worker = _idle.pop()
            while worker.waiting:  # a file that it writes is to be whole, or not there
                with suppress(Exception):
                    worker.answer()
            worker.end()


def idle() -> Sequence[Worker]:
    """Those that were forked and measure nothing; whoever calls one fetches the answer, too."""
    return _idle


@contextmanager
def workers(count: int) -> Iterator[list[Worker]]:
    """So many workers while the block runs. When it ends as it should, those that were forked wait for other work; else
    all are ended.
    """
    kept = [worker for worker in _idle if not worker.waiting][:count]
    for worker in kept:
        _idle.remove(worker)
    mine = list(kept)
    try:
        mine += [Worker("spawn") for _ in range(count - len(mine))]
        yield mine
        _idle.extend(worker for worker in kept if not worker.waiting)
    finally:
        for worker in mine:
            if worker not in _idle:
                worker.end()


def _work(pipe: Connection) -> None:
    """A worker: does what it is told until nobody is there."""
    # One frame a core: threads inside a frame would only get in the way of the other workers.
    os.environ["OVITO_THREAD_COUNT"] = "1"
    end_with_parent()
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, ConnectionResetError):
            return
        answered = True
        try:
            answered, function, values, more = pickle.loads(message)
            said = pickle.dumps((False, function(*values, **more)))
        except BaseException as error:
            said = _pickled(error)
        if answered:
            with suppress(BrokenPipeError, ConnectionResetError):
                pipe.send_bytes(said)


def _pickled(error: BaseException) -> bytes:
    """The error with its traceback as a note; as text when it cannot be pickled or would not come back."""
    error.add_note("in a worker process:\n" + traceback.format_exc())
    try:
        message = pickle.dumps((True, error))
        pickle.loads(message)
        return message
    except Exception:
        return pickle.dumps((True, GlassError(f"{type(error).__name__}: {error}")))
