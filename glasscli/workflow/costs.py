"""What many runs will take: one of each stage timed, the others by its speed, each by its own length and size."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glasscli.errors import FileError
from glasscli.progress import progress
from glasscli.simulation.cost import Estimate, bytes_said, estimate, scaled, total
from glasscli.simulation.job import Job
from glasscli.simulation.pilot import Speeds, measure
from glasscli.simulation.run import Standing, standing
from glasscli.store.recorder import partial_folder
from glasscli.workflow.task import Task, is_done, stages_of

# The job of a task, given the jobs whose files it may start from though they are not there yet.
Planner = Callable[[Task, Mapping[str, Job]], Job]
# Words that tell runs apart which cost the same, each with one word after it.
_ALIKE = ("--seed", "--replica", "-o")
# So many different runs of a stage are planned; of more as many, evenly, stand for all.
PLANNED = 100


@dataclass(frozen=True)
class Costs:
    """Estimates of the stages of a study.

    tasks   all of them; they say the command lines
    known   {stage: its estimate}, of those that make runs
    """

    folder: Path
    tasks: tuple[Task, ...]
    known: Mapping[str, Estimate]

    @property
    def all(self) -> Estimate:
        """Of all stages that are known."""
        found = total((one, 1) for one in self.known.values())
        others = [stage for stage in stages_of(self.tasks) if stage not in self.known]
        said = f"without {', '.join(others)}: of runs alone it is known what they take"
        return replace(found, notes=(*found.notes, said)) if others else found

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        stages = {"folder": str(self.folder), "stages": self._rows, "commands": self._commands}
        return self.all.data | stages

    def text(self) -> str:
        """A table of the stages, the sum, and the command lines."""
        lines = [f"{'stage':12} {'runs':>5} {'steps':>12} {'core-hours':>11} {'disk':>9} {'memory':>9}"]
        for row in self._rows:
            cost = self.known.get(row["stage"])
            said = ["-", "-", "-"]
            if cost:
                said = [f"{cost.core_hours:.3f}", bytes_said(cost.bytes), bytes_said(cost.memory_bytes)]
            hours, disk, memory = said
            steps = row["steps"] if cost else "-"
            lines.append(f"{row['stage']:12} {row['runs']:5} {steps:>12} {hours:>11} {disk:>9} {memory:>9}")
        return "\n".join([*lines, "", self.all.text(), "", *self._commands])

    @property
    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for stage, members in stages_of(self.tasks).items():
            cost = self.known.get(stage)
            numbers = {
                key: cost and cost.data[key] for key in ("steps", "core_hours", "bytes", "memory_bytes")
            }
            rows.append({"stage": stage, "runs": len(members)} | numbers)
        return rows

    @property
    def _commands(self) -> list[str]:
        return [shlex.join(["glasscli", *task.words]) for task in self.tasks]


def costs(folder: Path, tasks: Sequence[Task], plan: Planner) -> Costs:
    """What tasks of a folder will take: those that make runs, and are not done.

    plan: may raise what the task's own command would say of it
    """
    estimator, known = _Estimator(folder, plan), dict[str, Estimate]()
    stages = {stage: members for stage, members in stages_of(tasks).items() if members[0].is_run}
    with progress("pilots", len(stages)) as advance:
        for stage, members in stages.items():
            known[stage] = estimator.stage(members)
            advance(len(known))
    return Costs(folder, tuple(tasks), known)


def kinds_of(folder: Path, tasks: Sequence[Task]) -> list[Task]:
    """Of tasks that cost the same the first; of many kinds some, evenly."""
    found = {_like(folder, task, {}): task for task in reversed(tasks)}
    kinds = list(reversed(found.values()))
    return kinds[:: max(1, -(-len(kinds) // PLANNED))]


class _Estimator:
    """Estimates of a folder's tasks.

    jobs    of outputs, as far as they are planned;  kinds: what the run of an output is like
    speeds  of work that is alike
    """

    def __init__(self, folder: Path, plan: Planner) -> None:
        self._folder, self._plan = folder, plan
        self._jobs: dict[str, Job] = {}
        self._kinds: dict[str, str] = {}
        self._speeds: dict[object, Speeds] = {}
        self._last = ""  # the output that was planned last: it stands for those that are not

    def stage(self, members: Sequence[Task]) -> Estimate:
        """Of all tasks of a stage; one stands for those that are like it."""
        groups: dict[str, list[Task]] = {}
        for task in members:
            self._kinds[task.output] = _like(self._folder, task, self._kinds)
            path = self._folder / task.output
            there = path.exists() or partial_folder(path).exists()
            groups.setdefault(task.name if there else self._kinds[task.output], []).append(task)
        every = -(-len(groups) // PLANNED)
        found: list[tuple[Estimate, int]] = []
        for number, alike in enumerate(groups.values()):
            if number % every == 0:
                found.append((self._one(alike[0]), len(alike)))
            if (job := self._jobs.get(alike[0].output) or self._jobs.get(self._last)) is not None:
                self._jobs |= {task.output: job for task in alike}
        known = total(found)
        return known if every == 1 else scaled(known, len(members) / sum(times for _, times in found))

    def _one(self, task: Task) -> Estimate:
        """Of one task, by the speeds of work like its own, which are measured when first needed."""
        if is_done(self._folder, task):
            path = self._folder / task.output
            return Estimate(0.0, path.stat().st_size, 0.0, notes=(f"{path} is finished",))
        job = replace(self._plan(task, self._jobs), output=self._folder / task.output)
        self._jobs[task.output], self._last = job, task.output
        there = Standing.NONE
        with suppress(FileError):  # another run in the way: the task itself will say so
            there = standing(job)
        if there is Standing.DONE:
            return estimate(job, there)
        protocol, sampling = job.protocol, job.protocol.sampling
        alike = (
            job.system.name, job.launch, protocol.kind, protocol.moves, protocol.sampled_by, sampling.precision,
            sampling.velocities, sampling.inherent is None, sampling.stress_every is None,
        )  # fmt: skip
        if alike not in self._speeds:
            self._speeds[alike] = measure(job)
        return estimate(job, there, self._speeds[alike])


def _like(folder: Path, task: Task, kinds: Mapping[str, str]) -> str:
    """What tasks have in common that cost the same."""
    words, skipped = [], False
    for word in task.words:
        if skipped or word in _ALIKE:
            skipped = not skipped
            continue
        there = folder / word
        if word in kinds:
            word = f"({kinds[word]})"
        elif word in task.inputs and there.is_file():
            word = f"({there.stat().st_size} bytes)"
        words.append(word)
    return " ".join(words)
