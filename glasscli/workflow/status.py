"""What became of every run of a folder; one damaged file does not hide the others."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from glasscli.errors import FileError, GlassError
from glasscli.limits import parse_json
from glasscli.shown import shown
from glasscli.store.files import read_end, read_own
from glasscli.store.hdf5 import open_hdf5, text_of
from glasscli.store.lock import alive, named_in
from glasscli.store.reader import ENDINGS
from glasscli.store.recorder import MANIFEST, partial_folder, read_history, read_manifest, renamed_run
from glasscli.workflow.jobs import queued
from glasscli.workflow.task import Task, log_of, read_ended, read_tasks

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
    """Every planned task and every run file of a folder."""

    folder: Path
    rows: tuple[Row, ...]

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
    tasks = read_tasks(folder)
    waiting = queued(folder)
    rows = [_of_task(folder, task, waiting.get(task.name)) for task in tasks]
    known = {task.output for task in tasks}
    found = {
        p.name.removesuffix(".partial")
        for p in folder.iterdir()
        if p.name.endswith(ENDINGS) or renamed_run(p)
    }
    rows += [_of_file(folder / name, name) for name in sorted(found - known)]
    return Status(folder, tuple(rows))


def left_over(folder: Path, failed: bool) -> list[Task]:
    """Planned tasks that are neither done nor queued nor running; those that failed only if asked for."""
    again = {"stopped", "waiting", *(["failed"] if failed else [])}
    names = {row.name for row in status(folder).rows if row.state in again}
    return [task for task in read_tasks(folder) if task.name in names]


def _of_task(folder: Path, task: Task, in_queue: str | None) -> Row:
    ended = read_ended(folder, task)
    output = folder / task.output
    if task.is_run:
        row = _of_file(output, task.output)
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
    if ended and ended.state == "failed":
        # Each attempt repeats the reason, which stands there already.
        log = [line for line in _tail(log_of(folder, task)) if not ended.error or ended.error not in line]
        return replace(row, state="failed", reason=ended.error, log=log)
    if ended and ended.state == "stopped" and row.state == "waiting":
        return replace(row, state="stopped", reason=ended.error)
    return row


def _of_file(output: Path, name: str) -> Row:
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
            return int(parse_json(text_of(file, "glasscli/manifest"))["protocol"]["steps"])
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
    if not _alive(working):
        reason = history[-1].reason if history else "running"
        reason = "killed" if reason == "running" else reason
        failed = reason != "killed" and not reason.startswith("stopped")
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


def _alive(working: Path) -> bool:
    """Whether the process that the lock names lives here; of another machine its scheduler knows."""
    named = named_in(working)
    return named is not None and named[0] == socket.gethostname() and alive(named[1])


def _tail(path: Path) -> list[str]:
    try:
        return read_end(path, LAST_BYTES).splitlines()[-LAST_LINES:]
    except FileNotFoundError:
        return []
    except OSError as error:
        return [str(error)]
