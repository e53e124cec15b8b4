"""What became of every run of a folder; one damaged file does not hide the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from glasscli.errors import FileError, GlassError
from glasscli.limits import parse_json
from glasscli.shown import shown
from glasscli.store.files import read_end, read_own
from glasscli.store.hdf5 import open_hdf5, text_of
from glasscli.store.lock import holder_of, stale
from glasscli.store.reader import ENDINGS
from glasscli.store.recorder import MANIFEST, partial_folder, read_history, read_manifest, renamed_run
from glasscli.store.schema import SO_FAR
from glasscli.workflow.cluster import Cluster
from glasscli.workflow.jobs import Submitted, read_jobs, states_of, submit
from glasscli.workflow.rows import Rows
from glasscli.workflow.task import (
    JOBS,
    PLAN,
    Task,
    at_work,
    log_of,
    read_ended,
    read_plan,
    read_tasks,
    records,
)

R = TypeVar("R")

STATES = ("done", "running", "queued", "stopped", "waiting", "failed")
LAST_LINES, LAST_BYTES = 3, 2**16


@dataclass(frozen=True)
class Row:
    """One run. rate in steps a second; left in seconds."""

    name: str
    file: str
    state: str
    step: int | None = None
    steps: int | None = None
    rate: float | None = None
    left: float | None = None
    reason: str | None = None
    log: list[str] | None = None

    @property
    def line(self) -> str:
        """For people."""
        text = f"  {shown(self.name):24} {self.state:8}"
        if self.step is not None and self.state != "done":
            text += f" step {self.step} of {self.steps}"
        if self.rate:
            text += f", {self.rate:.0f} steps/s, {self.left or 0:.0f} s left"
        if self.reason:
            text += f"  {shown(self.reason)}"
        return "\n".join([text, *(f"      {shown(line)}" for line in self.log or [])])


@dataclass(frozen=True)
class Status:
    """Every planned task and every run file of a folder; notes: which of its records are damaged."""

    folder: Path
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each state."""
        states = [row.state for row in self.rows]
        return {state: states.count(state) for state in STATES}

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"runs": [asdict(row) for row in self.rows], **self.counts}

    def text(self, everything: bool = False) -> str:
        """A line for all, and one for each that is not done; with `everything` for each."""
        said = ", ".join(f"{n} {state}" for state, n in self.counts.items() if n) or "nothing"
        lines = [row.line for row in self.rows if everything or row.state != "done"]
        return "\n".join([f"{shown(str(self.folder))}: {said}", *lines])


def status(folder: Path) -> Status:
    """What became of every run of a folder, here and on the batch system."""
    notes: list[str] = []
    tasks = _whole(read_plan, folder, notes, f"{PLAN}: damaged ({{}}): tasks are missing below, the command that "
                   "laid them down adds them again")  # fmt: skip
    jobs = _whole(
        read_jobs, folder, notes, f"{JOBS}: damaged ({{}}): of jobs that it named the scheduler alone knows"
    )
    waiting = states_of(jobs, folder)
    rows = [_of_task(folder, task, waiting.get(task.name)) for task in tasks]
    known = {task.output for task in tasks}
    found = {
        p.name.removesuffix(".partial")
        for p in folder.iterdir()
        if p.name.endswith(ENDINGS) or renamed_run(p)
    }
    rows += [of_file(folder / name, name) for name in sorted(found - known)]
    return Status(folder, tuple(rows), tuple(notes))


def _whole(read: Callable[[Path], Rows[R]], folder: Path, notes: list[str], words: str) -> tuple[R, ...]:
    """What is whole in a record of a folder; a damaged one is noted, in these words."""
    try:
        found = read(folder)
    except OSError as error:
        found = Rows((), " ".join(str(error).split()))
    if found.damage:
        notes.append(f"{records(folder)}/{words.format(found.damage)}")
    return found.whole


def resubmit(folder: Path, failed: bool, cluster: Cluster, walltime: str | None) -> list[Submitted]:
    """Submit planned tasks that are neither done nor queued nor running; those that failed only if asked for."""
    if not records(folder).is_dir():
        return []
    again = {"stopped", "waiting", *(["failed"] if failed else [])}
    with at_work(folder):
        names = {row.name for row in status(folder).rows if row.state in again}
        tasks = [task for task in read_tasks(folder) if task.name in names]
        return submit(folder, tasks, cluster, walltime) if tasks else []


def _of_task(folder: Path, task: Task, in_queue: str | None) -> Row:
    output = folder / task.output
    if task.is_run:
        row = of_file(output, task.output)
    else:
        row = Row(task.name, task.output, "done" if output.exists() else "waiting")
    row = replace(row, name=task.name)
    if in_queue == "running" and row.state == "stopped":
        return replace(row, state="running", reason=None)  # on another machine
    if row.state in ("done", "running"):
        return row
    if in_queue:
        # Its node has it, but it has not begun to write.
        return replace(row, state=in_queue)
    ended = read_ended(folder, task)
    if ended and ended.state == "failed":
        # Each attempt repeats the reason, which stands there already.
        log = [line for line in _tail(log_of(folder, task)) if not ended.error or ended.error not in line]
        return replace(row, state="failed", reason=ended.error, log=log)
    if ended and ended.state == "stopped" and row.state == "waiting":
        return replace(row, state="stopped", reason=ended.error)
    return row


def of_file(output: Path, name: str) -> Row:
    """A run as its file or its working folder shows it."""
    row = Row(name.removesuffix(".h5"), name, "waiting")
    working = partial_folder(output)
    if said := renamed_run(output):
        return replace(row, state="stopped", reason=said)
    try:
        if working.exists():
            return _unfinished(row, working)
        if output.exists():
            steps = _steps_of(output)
            return replace(row, state="done", step=steps, steps=steps)
    except (GlassError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return replace(row, state="failed", reason=" ".join(str(error).split()))
    return row


def _steps_of(output: Path) -> int:
    """Steps of a finished run: its manifest alone, unchecked, because a folder may hold thousands (`verify` checks)."""
    try:
        with open_hdf5(output) as file:
            if SO_FAR in file["glasscli"].attrs:
                raise FileError(f"{output}: a copy of a run that had not ended")
            return int(parse_json(text_of(file, "glasscli/manifest"))["protocol"]["steps"])
    except FileError:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise FileError(f"damaged, or not one of glasscli's: {error}") from error


def _unfinished(row: Row, working: Path) -> Row:
    try:
        steps = int(parse_json(read_own(working / MANIFEST))["protocol"]["steps"])
    except (OSError, ValueError, KeyError, TypeError):
        steps = read_manifest(working).protocol.steps
    newest = max(_checkpoints(working), default=None)
    step = newest[1] if newest else 0
    row = replace(row, step=step, steps=steps)
    history = read_history(working)
    if not holder_of(working):
        reason = history[-1].reason if history else "running"
        reason = ", ".join(filter(None, ("killed", stale(working)))) if reason == "running" else reason
        failed = not reason.startswith(("killed", "stopped"))
        return replace(row, state="failed" if failed else "stopped", reason=reason)
    row = replace(row, state="running")
    if not history or not newest:
        return row
    passed = newest[2] - datetime.fromisoformat(history[-1].began).timestamp()
    rate = (step - history[-1].start_step) / passed if passed > 0 else None
    if not rate or rate < 0:
        return replace(row, rate=rate)
    return replace(row, rate=rate, left=max(0.0, (steps - step) / rate - (time.time() - newest[2])))


def _checkpoints(working: Path) -> Iterator[tuple[int, int, float]]:
    """(stage, step, time) of the checkpoints there are."""
    for path in working.glob("checkpoint-*-*"):
        _, stage, step = path.name.split("-", 2)
        if stage.isdigit() and step.isdigit():
            yield int(stage), int(step), path.stat().st_mtime


def _tail(path: Path) -> list[str]:
    try:
        return read_end(path, LAST_BYTES).splitlines()[-LAST_LINES:]
    except FileNotFoundError:
        return []
    except OSError as error:
        return [str(error)]
