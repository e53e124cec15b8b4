"""Submitted batches of a folder: which job runs which tasks. Kept in FOLDER/glasscli-tasks/jobs.json."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from stat import S_IXUSR
from typing import Any

from glasscli.errors import EngineError, FileError, InputError, MissingFileError, MissingPackageError
from glasscli.limits import raised_words
from glasscli.store.files import replacing
from glasscli.store.manifest import now
from glasscli.workflow.cluster import Cluster, Scheduler, trusted_scheduler
from glasscli.workflow.rows import Rows, read_rows, write_rows
from glasscli.workflow.script import ArrayJob, script
from glasscli.workflow.task import (
    CANCELLED,
    JOBS,
    PLAN,
    Task,
    check_name,
    mark,
    read_tasks,
    records,
    stages_of,
    write_tasks,
)


@dataclass
class Submitted:
    """One array job; part p of it (from 1) is to do the tasks parts[p - 1]."""

    name: str
    scheduler: str
    job: str
    parts: list[list[str]]
    when: str

    @property
    def data(self) -> dict[str, Any]:
        """Its row in --json."""
        return {"batch": self.name, "job": self.job, "runs": sum(map(len, self.parts))}

    def text(self) -> str:
        """Its line for people."""
        return f"  {self.name:14} job {self.job}, {sum(map(len, self.parts))} runs"


def read_jobs(folder: Path) -> Rows[Submitted]:
    """The batches of a folder in the order of submission. Raises FileError for a record that is no file of ours."""
    return read_rows(records(folder) / JOBS, _job)


def _job(row: Any) -> Submitted:
    """The batch of a row. Raises ValueError, TypeError for one that no submission wrote: it may be somebody else's."""
    job = Submitted(**row)
    words = (job.name, job.scheduler, job.job, job.when)
    parts = job.parts if isinstance(job.parts, list) else [None]
    if not all(isinstance(word, str) for word in words) or not all(
        isinstance(part, list) and all(isinstance(name, str) for name in part) for part in parts
    ):
        raise ValueError(f"a row that is no job: {job.name!r}")
    check_name(job.name)
    if job.job.startswith("-"):
        raise ValueError(f"{job.job!r} is no job")  # to `cancel` it would be an option
    return job


def _speaker(job: Submitted) -> Scheduler:
    """The scheduler of a job, whose number is one of its numbers. Raises InputError, FileError."""
    found = trusted_scheduler(job.scheduler)
    if not re.fullmatch(found.job, job.job):
        raise FileError(
            f"{job.job!r} in {JOBS} is no job of {job.scheduler}: use the scheduler's own commands"
        )
    return found


def tasks_of_part(folder: Path, name: str, part: int) -> list[Task]:
    """The tasks that a part of an array job is to do. Raises InputError when there is none."""
    check_name(name)
    path = records(folder) / f"{name}.parts"
    if not path.exists():
        raise InputError(f"{path}: no such batch")
    known = {task.name: task for task in read_tasks(folder)}
    parts = read_rows(path, list)
    if parts.damage:
        raise FileError(f"{path}: damaged ({parts.damage}); submit it again")
    if not 1 <= part <= len(parts.whole):
        raise InputError(f"part {part} of {len(parts.whole)} in {path}")
    try:
        return [known[name] for name in parts.whole[part - 1]]
    except (KeyError, TypeError) as error:
        raise FileError(f"{path}: damaged, or {PLAN} is ({error} is no task); submit it again") from error


def array_jobs(
    folder: Path, tasks: Sequence[Task], cluster: Cluster, walltime: str | None, suffix: str = ""
) -> list[tuple[ArrayJob, list[list[str]], str]]:
    """(array job, its parts, its script) of each stage."""
    glasscli = cluster.glasscli or [sys.executable, "-P", "-m", "glasscli"]
    found = []
    for stage, members in stages_of(tasks).items():
        names, size = [task.name for task in members], cluster.tasks_a_job
        parts = [names[k : k + size] for k in range(0, len(names), size)]
        array = ArrayJob(
            f"{stage}{suffix}", len(parts), folder.absolute(), glasscli, walltime, tuple(raised_words())
        )
        found.append((array, parts, script(array, cluster)))
    return found


def submit(folder: Path, tasks: Sequence[Task], cluster: Cluster, walltime: str | None) -> list[Submitted]:
    """Write the scripts and submit them, each stage to wait for the stages that its tasks need.

    Tasks that are queued or running already are not submitted again, but waited for. The folder is to be held by
    `at_work`. Raises EngineError with the scheduler's own words when it refuses.
    """
    scheduler = trusted_scheduler(cluster.scheduler)
    cluster.check_folder(folder)
    before = read_jobs(folder)
    write_tasks(folder, tasks)
    (records(folder) / CANCELLED).unlink(missing_ok=True)
    makers, there = {task.output: task for task in tasks}, states_of(before.whole, folder)
    at_it = {name: job.job for job in before.whole for part in job.parts for name in part if name in there}
    tasks = [task for task in tasks if task.name not in there]
    made: dict[str, str] = {}
    needs = {
        stage: [makers[name] for task in members for name in task.inputs if name in makers]
        for stage, members in stages_of(tasks).items()
    }
    jobs = list(before.whole)
    suffix = _free_suffix(folder, stages_of(tasks), len(jobs)) if jobs or before.damage else ""
    for (array, parts, text), (stage, parents) in zip(
        array_jobs(folder, tasks, cluster, walltime, suffix), needs.items(), strict=True
    ):
        place = records(folder) / f"{array.name}.sh"
        with replacing(place, follow=False) as temporary:
            temporary.write_text(text)
            temporary.chmod(temporary.stat().st_mode | S_IXUSR)  # some schedulers run it as it is
        with replacing(records(folder) / f"{array.name}.parts", follow=False) as temporary:
            temporary.write_text(json.dumps(parts))
        words = list(scheduler.submit)
        parent_jobs = {at_it.get(parent.name) or made.get(parent.stage) for parent in parents}
        words += _waits(scheduler, sorted(filter(None, parent_jobs)), folder)
        answer = _call([*words, *([] if scheduler.stdin else [str(place.relative_to(folder))])], folder,
                       text if scheduler.stdin else None)  # fmt: skip
        found = re.search(scheduler.submitted, answer, re.MULTILINE)
        if not found:
            raise EngineError(f"{words[0]} answered {answer.strip()!r}: no job number in it")
        if not re.fullmatch(scheduler.job, found["job"]):
            raise EngineError(f"{words[0]} answered {answer.strip()!r}: {found['job']!r} is no job number")
        made[stage] = found["job"]
        jobs.append(Submitted(array.name, cluster.scheduler, found["job"], parts, now()))
        # After each: killed here, the submitted ones are known.
        write_rows(
            records(folder) / JOBS, [asdict(job) for job in jobs], bool(before.damage) and len(made) == 1
        )
    return jobs[len(before.whole) :]


def _free_suffix(folder: Path, stages: Collection[str], number: int) -> str:
    """What to add to the names of stages, so that no parts of earlier jobs are overwritten: they may be waiting."""
    while any((records(folder) / f"{name}-{number}.parts").exists() for name in stages):
        number += 1
    return f"-{number}"


def _waits(scheduler: Scheduler, jobs: Sequence[str], folder: Path) -> list[str]:
    """The words that make a job wait for others, or for all their parts that are not over yet."""
    if "own" in re.compile(scheduler.queued).groupindex and jobs:
        leading = {_digits(job) for job in jobs}
        jobs = [line["own"] for line in _queue(scheduler, folder) if line["job"] in leading]
    waits = [scheduler.each.format(job=job) for job in jobs]
    if scheduler.between is not None and waits:
        waits = [scheduler.between.join(waits)]
    return [word.format(jobs=text) for text in waits for word in scheduler.depend]


def _queue(scheduler: Scheduler, folder: Path) -> list[re.Match[str]]:
    """What the scheduler says of each part of the user's jobs."""
    lines = _call(scheduler.queue, folder).splitlines()
    return [match for line in lines if (match := re.match(scheduler.queued, line))]


def _digits(job: str) -> str:
    """Of a job's number, what stands before brackets and servers."""
    return re.match(r"\d*", job)[0]  # type: ignore[index]


def states_of(jobs: Sequence[Submitted], folder: Path) -> dict[str, str]:
    """{task: running or queued} of a folder's batches, as the schedulers say; empty where none answers."""
    found: dict[str, str] = {}
    for name in sorted({job.scheduler for job in jobs}):
        try:
            scheduler = trusted_scheduler(name)
            lines = _queue(scheduler, folder)
        except (EngineError, MissingPackageError, InputError, MissingFileError):
            continue
        for match in lines:
            state = "running" if match["state"] in scheduler.running else "queued"
            part = int(match["part"]) if (match["part"] or "").isdigit() else 1
            for job in jobs:
                if _digits(job.job) == match["job"] and part <= len(job.parts):
                    found |= dict.fromkeys(job.parts[part - 1], state)
    return found


def cancel(folder: Path) -> list[str]:
    """Take all of a folder's jobs off their queues; return their numbers.

    Raises FileError where their record is damaged, once those that it still names are off.
    """
    ended, found = [], read_jobs(folder)
    jobs = found.whole
    speakers = [_speaker(job) for job in jobs]
    if jobs:
        mark(records(folder) / CANCELLED)
    for job, speaker in zip(jobs, speakers, strict=True):
        try:
            _call([*speaker.cancel, job.job], folder)
        except EngineError:
            continue  # it is over
        ended.append(job.job)
    if found.damage:
        also = f"cancelled {', '.join(ended)}; " if ended else ""
        raise FileError(
            f"{records(folder) / JOBS}: damaged ({found.damage}); {also}look for others in the scheduler's own queue"
        )
    return ended


def program_of(word: str) -> str:
    """The program of a bare name on the user's path, never one of the folder that the runs are in.

    Raises MissingPackageError where there is none.
    """
    places = [place for place in os.get_exec_path() if Path(place).is_absolute()]
    found = word if "/" in word else shutil.which(word, path=os.pathsep.join(places))
    if found is None:
        raise MissingPackageError(f"{word} is not on this machine: submit where the scheduler is")
    return found


def _call(words: Sequence[str], folder: Path, text: str | None = None) -> str:
    try:
        done = subprocess.run(
            [program_of(words[0]), *words[1:]],
            cwd=folder,
            env=os.environ | {"PWD": str(folder.absolute())},  # where some take the folder from
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
        )
    except FileNotFoundError as error:
        raise MissingPackageError(
            f"{words[0]} is not on this machine: submit where the scheduler is"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"{words[0]} did not answer for two minutes") from error
    if done.returncode:
        raise EngineError(f"{words[0]}: {' '.join((done.stderr or done.stdout).split())}")
    return done.stdout
