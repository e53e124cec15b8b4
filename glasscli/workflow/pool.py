"""Runs tasks side by side, each in a process of its own: a failed one is recorded, and the others go on."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import EXIT_FAILED, EXIT_RESUMABLE
from glasscli.progress import Advance
from glasscli.simulation.stopping import Stop, listening
from glasscli.store.files import replacing
from glasscli.store.manifest import now
from glasscli.workflow.task import (
    Ended,
    Task,
    error_of,
    input_identities,
    is_done,
    log_of,
    read_ended,
    read_tasks,
    records,
    write_ended,
)
from glasscli.workflow.warm import Starter

# Of the time that is left, what a task may use: the rest is for the end of its file and for this process.
SHARE_OF_TIME = 0.9
LOST = "the process that began it was killed: it stops at a checkpoint; afterwards the same command goes on with it"


@dataclass
class _Child:
    task: Task
    key: int
    answer: Path
    began: float
    inputs: dict[str, str]


class Pool:
    """One list of tasks at work in a folder."""

    def __init__(self, folder: Path, tasks: Sequence[Task], jobs: int, stop: Stop) -> None:
        self._folder, self._jobs, self._stop = folder, jobs, stop
        self._waiting = list(tasks)
        self._running: list[_Child] = []
        self._starter: Starter | None = None
        self.ended: dict[str, Ended] = {}
        self._makers = {task.output: task for task in [*read_tasks(folder), *tasks]}

    def run(self, advance: Advance) -> dict[str, Ended]:
        """Run all that is not done; return how each ended. On a signal the running ones stop at their checkpoints."""
        told = False
        try:
            with listening(self._stop):
                while self._running or (self._waiting and not self._stop.reason):
                    if not self._stop.reason:
                        self._start_what_can()
                    elif not told:
                        told = True
                        for child in self._running:
                            self._warm().send(child.key, signal.SIGTERM)
                    self._reap()
                    advance(len(self.ended), ", ".join(c.task.name for c in self._running))
        finally:
            if self._starter:
                self._starter.close()
        for task in self._waiting:
            self.ended[task.name] = Ended([*task.words], EXIT_RESUMABLE, f"not begun ({self._stop.reason})")
        return self.ended

    def _start_what_can(self) -> None:
        if len(self._running) >= self._jobs:
            return
        pending = {task.output for task in self._waiting} | {child.task.output for child in self._running}
        for task in list(self._waiting):
            if len(self._running) >= self._jobs:
                return
            if not pending.isdisjoint(task.inputs):
                continue
            self._waiting.remove(task)
            if is_done(self._folder, task):
                self.ended[task.name] = Ended([*task.words], 0)
                pending.discard(task.output)
            elif (missing := self._missing(task)) is not None:
                self._record(task, missing)
                pending.discard(task.output)
            else:
                self._start(task)

    def _missing(self, task: Task) -> Ended | None:
        """The end of a task whose inputs another task has not made: failed as that one, or to be tried again."""
        for name in task.inputs:
            maker = self._makers.get(name)
            if maker is None or (self._folder / name).exists():
                continue
            before = read_ended(self._folder, maker)
            code = EXIT_FAILED if before and before.state == "failed" else EXIT_RESUMABLE
            word = "failed" if code == EXIT_FAILED else "is not finished"
            return Ended([*task.words], code, f"{maker.name}, which makes {name}, {word}", 0.0, now())
        return None

    def _start(self, task: Task) -> None:
        folder = self._folder
        words = [*task.words, "--json"]
        if task.is_run and self._stop.deadline is not None:
            left = SHARE_OF_TIME * (self._stop.deadline - time.monotonic())
            words += ["--walltime", str(max(1, int(left)))]
        answer = records(folder) / f".{task.name}.answer"
        answer.touch()
        key = self._warm().begin(words, folder, answer, log_of(folder, task))
        inputs = input_identities(folder, task)
        self._running.append(_Child(task, key, answer, time.monotonic(), inputs))

    def _warm(self) -> Starter:
        """The process that begins runs."""
        if self._starter is None:
            self._starter = Starter()
        return self._starter

    def _reap(self) -> None:
        """Wait a moment for runs to end, and record those that have."""
        if not self._running:
            return
        codes, lost = self._warm().ended(), self._warm().lost
        for child in list(self._running):
            code = codes.get(child.key, EXIT_RESUMABLE if lost else None)
            if code is None:
                continue
            self._running.remove(child)
            if code == -signal.SIGTERM and self._stop.reason:
                code = EXIT_RESUMABLE  # asked to stop before it could listen
            text = child.answer.read_text(errors="replace")
            error = "" if code == 0 else LOST if lost else error_of(text, code)
            if code == 0 and not child.task.is_run and child.task.output.endswith(".json"):
                with replacing(self._folder / child.task.output) as temporary:
                    temporary.write_text(text)
            child.answer.unlink()
            seconds = round(time.monotonic() - child.began, 3)
            ended = Ended([*child.task.words], abs(code), error, seconds, now(), child.inputs)
            self._record(child.task, ended)
        if lost:
            self._warm().close()
            self._starter = None

    def _record(self, task: Task, ended: Ended) -> None:
        self.ended[task.name] = ended
        try:
            write_ended(self._folder, task, ended)
        except OSError as error:  # a full disk: the others may still free or need none
            ended.error = ended.error or f"its end could not be recorded: {error.strerror}"
