"""What makes one command many: --replicas and several STARTs, side by side in processes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.errors import InputError
from glasscli.simulation.stopping import stop_for
from glasscli.store.outputs import check_run, check_unnamed
from glasscli.workflow.seeds import derived_seed

jobs_option = click.option("--jobs", type=click.IntRange(1), help="Runs side by side.  [default: all cores]")
_options = shared.stack(
    click.option("--replicas", type=click.IntRange(1), help="Independent samples, into NAME-0001.h5 ..."),
    click.option("--replica", type=click.IntRange(1), help="The seed of this one of them only."),
    jobs_option,
)
# What a member's command line has in another form, or not at all.
OWN = {"start", "replicas", "replica", "jobs", "seed", "output", "walltime", "dry_run", "force"}


def many(
    name: str, default_start: str | None = None
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Give a run's command --replicas, --replica and --jobs; several go to the pool, one to the function."""

    def wrap(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
        @_options
        @functools.wraps(function)
        def command(replicas: int | None, replica: int | None, jobs: int | None, **wishes: Any) -> Outcome:
            given = wishes["start"]
            starts = list(given) if isinstance(given, tuple) else [given] if given else []
            starts = starts or ([Path(default_start)] if default_start else [])
            if replicas and replica:
                raise InputError("give --replicas for all samples or --replica for one, not both")
            if replicas or len(starts) > 1:
                if replica:
                    raise InputError("--replica makes one sample of one START")
                return _side_by_side(name, starts, replicas, jobs, wishes)
            if replica:
                wishes["seed"] = derived_seed(wishes["seed"], replica)
            return function(**wishes | {"start": starts[0] if starts else None})

        return command

    return wrap


def _side_by_side(
    name: str, starts: Sequence[Path], replicas: int | None, jobs: int | None, wishes: dict[str, Any]
) -> Outcome:
    # A pool of processes takes its time to load, and one run has no need of it.
    from glasscli.analysis.workers import available_cores
    from glasscli.workflow.members import members
    from glasscli.workflow.results import of_tasks
    from glasscli.workflow.together import side_by_side

    output = wishes["output"] or Path(f"{name}.h5")
    options = words_of(click.get_current_context()) + (["--force"] if wishes["force"] else [])
    ranks = shared.ranks_of(wishes["ranks"]) or 1
    if ranks > 1:
        options += ["--ranks", str(ranks)] if wishes["ranks"] is None else []
        jobs = jobs or max(1, available_cores() // ranks)
    tasks = members(name, options, wishes["seed"], output, starts, replicas)
    if wishes["dry_run"]:
        from glasscli.cli.planning import planner  # it has all commands, this one too
        from glasscli.workflow.costs import costs

        table = costs(Path(), tasks, planner(Path()))
        return Outcome(table.data, table.text())
    for task in tasks:
        check_unnamed(Path(task.output), wishes["force"])
        check_run(Path(task.output), starts)
    found = side_by_side(Path(), tasks, jobs, stop_for(wishes["walltime"]))
    results = of_tasks(Path(), found)
    return Outcome(found.data | results.data, found.text() + results.text(), found.exit_code, results.notes)


def words_of(context: click.Context, drop: set[str] = OWN) -> list[str]:
    """The options given on a command line, as words again."""
    words: list[str] = []
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not isinstance(option, click.Option) or name in drop or name not in context.params or not given:
            continue
        long = max(option.opts, key=len)
        words += [long] if option.is_flag else [long, str(context.params[name])]
    return words
