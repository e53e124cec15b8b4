"""Runs tasks side by side, each in a process of its own: a failed one is recorded, and the others go on."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import EXIT_FAILED, EXIT_RESUMABLE, FileError
from glasscli.progress import Advance
from glasscli.simulation.stopping import Stop, listening
from glasscli.store.files import replacing
from glasscli.store.lock import holder_of
from glasscli.store.manifest import now
from glasscli.store.recorder import partial_folder
from glasscli.workflow.task import (
    Ended,
    Task,
    error_of,
    input_identities,
    is_done,
    log_of,
    mark,
    read_ended,
    read_tasks,
    records,
    write_ended,
)
from glasscli.workflow.warm import Starter

# Of the time that is left, what a task may use: the rest is for the end of its file and for this process.
SHARE_OF_TIME = 0.9
# How often it is looked whether another process has ended that is at a run of these.
LOOK_SECONDS = 0.5
# How often a task is begun again because the process that begins them was killed.
LOSSES = 3
LOST = "the process that began it was killed several times: the same command goes on with it"


@dataclass
class _Child:
    task: Task
    key: int
    answer: Path
    began: float
    inputs: dict[str, str]
    new: bool


class Pool:
    """One list of tasks at work in a folder."""

    def __init__(self, folder: Path, tasks: Sequence[Task], jobs: int, stop: Stop) -> None:
        self._folder, self._jobs, self._stop = folder, jobs, stop
        self._waiting = list(tasks)
        self._running: list[_Child] = []
        self._starter: Starter | None = None
        self._looked = 0.0
        self._elsewhere: dict[str, str] = {}
        self._losses: Counter[str] = Counter()
        self.ended: dict[str, Ended] = {}
        self._makers = {task.output: task for task in [*read_tasks(folder), *tasks]}

    def run(self, advance: Advance) -> dict[str, Ended]:
        """Run all that is not done; return how each ended. On a signal the running ones stop at their checkpoints."""
        told = False
        self._stop.ahead = lambda: f"{len(self._running)} runs at their next checkpoints"
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
                    at_work = [c.task.name for c in self._running]
                    advance(
                        len(self.ended), ", ".join([*at_work, *(f"{w} elsewhere" for w in self._elsewhere)])
                    )
                    if not self._running and self._waiting and self._stop.fits(0.0):
                        time.sleep(LOOK_SECONDS / 5)
        finally:
            if self._starter:
                self._starter.close()
        for task in self._waiting:
            self.ended[task.name] = Ended([*task.words], EXIT_RESUMABLE, f"not begun ({self._stop.reason})")
        return self.ended

    def _start_what_can(self) -> None:
        if len(self._running) >= self._jobs:
            return
        self._look()
        pending = {task.output for task in self._waiting} | {child.task.output for child in self._running}
        for task in list(self._waiting):
            if len(self._running) >= self._jobs:
                return
            if not pending.isdisjoint(task.inputs) or task.name in self._elsewhere:
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

    def _look(self) -> None:
        """See which of the waiting runs other processes are at: those that a killed pool began go on without it."""
        if time.monotonic() < self._looked + LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self._elsewhere = {
            task.name: holder
            for task in self._waiting
            if task.is_run and (holder := self._holder(task)) is not None
        }

    def _holder(self, task: Task) -> str | None:
        """Who is at a task's run, where it is none that this pool began."""
        return holder_of(partial_folder(self._folder / task.output))

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
        before = read_ended(folder, task)
        ours = self._begun(task).exists() or (before is not None and before.state == "done")
        if not task.is_run and ours:
            words.append("--force")  # what this study made, it makes anew
        elif task.output.endswith(".json") and (folder / task.output).exists():
            error = f"{task.output} is there already and no work of this task: move it away"
            self._record(task, Ended([*task.words], EXIT_FAILED, error, 0.0, now()))
            return
        if (folder / task.output).is_symlink() and "--force" not in task.words:
            error = f"{task.output} is a link, and what it leads to is left alone: move it away"
            self._record(task, Ended([*task.words], EXIT_FAILED, error, 0.0, now()))
            return
        answer = records(folder) / f".{task.name}.answer"
        answer.unlink(missing_ok=True)  # one that a killed pool began may still write into it
        try:
            for path in (log_of(folder, task), answer, self._begun(task)):
                mark(path)
        except FileError as found:  # a link of that name: the other tasks go on
            self._record(task, Ended([*task.words], EXIT_FAILED, str(found), 0.0, now()))
            return
        key = self._warm().begin(words, folder, answer, log_of(folder, task))
        inputs = input_identities(folder, task)
        self._running.append(_Child(task, key, answer, time.monotonic(), inputs, not ours))

    def _begun(self, task: Task) -> Path:
        """Its presence says that what lies under the names of the task's products is the task's."""
        return records(self._folder) / f".{task.name}.begun"

    def _warm(self) -> Starter:
        """The process that begins runs."""
        if self._starter is None:
            self._starter = Starter()
        return self._starter

    def _reap(self) -> None:
        """Wait a moment for runs to end, and record those that have."""
        if not self._running:
            return
        codes = self._warm().ended()
        lost = self._warm().lost
        for child in list(self._running):
            code = codes.get(child.key, EXIT_RESUMABLE if lost else None)
            if code is None:
                continue
            self._running.remove(child)
            if child.key not in codes and self._losses[child.task.name] < LOSSES:
                # It goes on without the process that began it: it is waited for, and then gone on with.
                self._losses[child.task.name] += 1
                self._waiting.append(child.task)
                self._looked = 0.0
                continue
            if code == EXIT_FAILED and child.task.is_run and self._holder(child.task):
                self._waiting.append(child.task)  # another process was quicker
                self._looked = 0.0
                continue
            if code == -signal.SIGTERM and self._stop.reason:
                code = EXIT_RESUMABLE  # asked to stop before it could listen
            text = child.answer.read_text(errors="replace")
            error = "" if code == 0 else LOST if child.key not in codes else error_of(text, code)
            if code == 0 and not child.task.is_run and child.task.output.endswith(".json"):
                with replacing(self._folder / child.task.output, follow=False) as temporary:
                    temporary.write_text(text)
            if code != 0 and child.new:
                self._begun(child.task).unlink(missing_ok=True)
            child.answer.unlink(missing_ok=True)
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
