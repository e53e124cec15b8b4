"""A task is one command line with its product; what became of it is recorded in FOLDER/glasscli-tasks.

plan.json    every task of the folder
NAME.json    how NAME ended last (NAME~.json of a task that is called like one of the folder's own files)
NAME.log     what it said on stderr
lock         held by the `glasscli run` or `submit` that is at work here
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

from glasscli import trust
from glasscli.errors import EXIT_DONE, EXIT_RESUMABLE, FileError, GlassError, InputError
from glasscli.limits import parse_json
from glasscli.protocols.registry import kinds
from glasscli.store.content import digest_of_file
from glasscli.store.files import own, read_own, replacing
from glasscli.store.lock import locked
from glasscli.store.reader import is_run, open_run
from glasscli.workflow.rows import Rows, read_rows, write_rows

FOLDER = "glasscli-tasks"
PLAN, JOBS = "plan.json", "jobs.json"
# Its presence says that stopped tasks are not to be queued again.
CANCELLED = "cancelled"
# The protocols: these make an HDF5 file with checkpoints, and can be told how long they may take.
RUNS = kinds()


@dataclass(frozen=True)
class Task:
    """One command line; paths are relative to the folder that it runs in.

    words: after `glasscli`; output: the file that exists once it is done; inputs: files it starts from
    """

    name: str
    stage: str
    words: tuple[str, ...]
    output: str
    inputs: tuple[str, ...] = ()

    @property
    def is_run(self) -> bool:
        """Whether it makes a run file."""
        return self.words[0] in RUNS


@dataclass
class Ended:
    """How a task ended; `inputs` holds the identity of each input."""

    words: list[str]
    exit_code: int
    error: str = ""
    seconds: float = 0.0
    ended: str = ""
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """done, stopped (goes on when run again) or failed."""
        return {EXIT_DONE: "done", EXIT_RESUMABLE: "stopped"}.get(self.exit_code, "failed")


def stages_of(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """Tasks by stage, in order."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.stage, []).append(task)
    return found


def records(folder: Path) -> Path:
    """Where the records of a folder's tasks are."""
    return folder / FOLDER


def make_records(folder: Path) -> Path:
    """The same, there. Raises FileError where it is a link or a file: nothing is written elsewhere."""
    place = records(folder)
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise FileError(f"{place}: a link or a file where the records of tasks are kept: move it away")
    place.mkdir(exist_ok=True)
    return place


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """While the block runs no other call plans, submits or runs a folder's tasks. Raises FileError where one does."""
    with locked(make_records(folder)):
        yield


def mark(path: Path) -> None:
    """Make a file whose presence says something."""
    os.close(own(path, os.O_RDONLY | os.O_CREAT))


def write_tasks(folder: Path, tasks: Iterable[Task]) -> None:
    """Store the tasks beside those that the folder already has."""
    make_records(folder)
    tasks = list(tasks)
    for task in tasks:
        check_name(task.name)
    with open(records(folder) / "plan.lock", "a", opener=own) as lock:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)  # for an instant: several commands may plan in one folder
        before, path = read_plan(folder), records(folder) / PLAN
        known = {task.name: task for task in before.whole} | {task.name: task for task in tasks}
        ours = not before.whole or trust.confirmed(path, read_own(path))
        content = write_rows(path, [asdict(task) for task in known.values()], bool(before.damage))
        if ours:  # `resubmit` need not ask whose command lines these are
            trust.remember(path, content)


def require_own_plan(folder: Path) -> None:
    """Raise UntrustedError unless this user laid down all command lines of a folder's plan, or confirmed them."""
    path = records(folder) / PLAN
    if path.exists():
        trust.require(path, read_own(path), "command lines that would be run")


def read_plan(folder: Path) -> Rows[Task]:
    """The tasks of a folder, none where nothing was planned. Raises FileError for a plan that is no file of ours."""
    return read_rows(records(folder) / PLAN, _task)


def read_tasks(folder: Path) -> list[Task]:
    """Those of them that are whole."""
    return list(read_plan(folder).whole)


def _task(row: Any) -> Task:
    """The task of a row. Raises ValueError, TypeError, KeyError for what is none: the plan may be somebody else's."""
    task = Task(row["name"], row["stage"], tuple(row["words"]), row["output"], tuple(row["inputs"]))
    words = (task.name, task.stage, task.output, *task.words, *task.inputs)
    lists = isinstance(row["words"], list) and isinstance(row["inputs"], list)
    if not lists or not task.words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"a row that is no task: {task.name!r}")
    check_name(task.name)
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", task.stage):
        raise ValueError(f"{task.stage!r} is no stage")
    return task


def check_name(name: str) -> None:
    """Raise InputError for a name that cannot be a file of its own in the records."""
    if not name or "/" in name or not name.isprintable():
        raise InputError(f"{name!r} is no name of a task or batch")


def write_ended(folder: Path, task: Task, ended: Ended) -> None:
    """Record how a task ended."""
    with replacing(_record_of(folder, task), follow=False) as temporary:
        temporary.write_text(json.dumps(asdict(ended), indent=1))


def read_ended(folder: Path, task: Task) -> Ended | None:
    """How a task ended last, None when it did not yet (or its record is torn)."""
    try:
        data: dict[str, Any] = parse_json(read_own(_record_of(folder, task)))
        found = Ended(**data)
    except (OSError, ValueError, TypeError):
        return None
    kinds = (list, int, str, int | float, str, dict)
    return found if all(map(isinstance, astuple(found), kinds)) else None


def _record_of(folder: Path, task: Task) -> Path:
    own = f"{task.name}.json".lower() in (PLAN, JOBS)
    return records(folder) / f"{task.name}{'~' if own else ''}.json"


def log_of(folder: Path, task: Task) -> Path:
    """Where a task's stderr goes."""
    return records(folder) / f"{task.name}.log"


def input_identities(folder: Path, task: Task) -> dict[str, str]:
    """What each input is: a run's identity and when it was made, a digest of another program's file; else 'missing'
    or 'damaged'.
    """
    found = {}
    for name in task.inputs:
        path = folder / name
        try:
            if is_run(path):
                manifest = open_run(path).manifest
                found[name] = f"{manifest.identity} {manifest.created}"
            else:
                found[name] = digest_of_file(path)
        except FileNotFoundError:
            found[name] = "missing"
        except GlassError:
            found[name] = "damaged"
    return found


def is_done(folder: Path, task: Task) -> bool:
    """Whether the product is there, made by these words from these inputs."""
    ended = read_ended(folder, task)
    return (
        ended is not None
        and ended.state == "done"
        and ended.words == list(task.words)
        and (folder / task.output).exists()
        and ended.inputs == input_identities(folder, task)
    )


def error_of(answer: str, code: int) -> str:
    """The one line a failed command printed, or the signal that ended it."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError):
        return f"ended with exit code {code} and no message"
