"""The runs that command lines would make, laid down instead of made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import chdir, nullcontext
from dataclasses import replace
from pathlib import Path

from glasscli.cli import main
from glasscli.cli.edge import Invocation, resolve
from glasscli.errors import InputError
from glasscli.protocols.registry import protocol_class
from glasscli.simulation.job import Job
from glasscli.workflow.costs import Planner, kinds_of
from glasscli.workflow.task import Task

# Words of launches, each with one after it: of a machine that may be another.
LAUNCH = ("--lmp", "--ranks")


def planner(folder: Path, launched: bool = True) -> Planner:
    """What plans tasks of a folder: each by its own command, which says what it would say of what cannot be.

    launched: whether by the programs that they name, which must then be here.
    """

    def plan(task: Task, expected: Mapping[str, Job]) -> Job:
        found, words = resolve(main, task.words if launched else _without(task.words))
        laid_down: list[Job] = []
        called = replace(Invocation.of(task.words), planned=laid_down, expected=expected)
        with (
            chdir(folder) if folder.is_dir() else nullcontext(),
            found.make_context(task.name, [*words, "--dry-run"], obj=called) as context,
        ):
            found.invoke(context)
        return laid_down[0]

    return plan


def check(folder: Path, tasks: Sequence[Task]) -> None:
    """Refuse runs from nothing that could not begin, before any is made: boxes of less than two cutoffs and the like.

    Raises InputError with the stage of the first.
    """
    from_nothing = [t for t in tasks if t.is_run and not t.inputs and protocol_class(t.words[0]).from_nothing]
    plan = planner(folder, launched=False)
    for task in kinds_of(folder, from_nothing):
        try:
            plan(task, {})
        except InputError as error:
            raise InputError(f"{task.stage}: {error}") from error


def _without(words: Sequence[str]) -> list[str]:
    """A command line without those of its launch."""
    return [
        word for k, word in enumerate(words) if word not in LAUNCH and (k == 0 or words[k - 1] not in LAUNCH)
    ]
