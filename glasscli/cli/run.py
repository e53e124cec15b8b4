"""`glasscli run`: a whole study out of one protocol file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import main
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome, resolve
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option, side_by_side

if TYPE_CHECKING:
    from glasscli.workflow.task import Task


# Commands that a stage may follow with names: `build c15`, `eos c15 hcp-large`.
NAMED = ("build", "eos")
scale_option = click.option("--scale", metavar="NAME", help="Of the file's [scales.NAME], such as paper.")


@make_command(
    "run",
    epilog="Examples:\n  glasscli run quickstart.toml\n  glasscli run grid.toml --dry-run\n"
    "  glasscli run inputs/derlet2019/fig1.toml --scale paper --dry-run",
)
@click.argument("study", type=click.Path(path_type=Path))
@jobs_option
@scale_option
@click.option("--dry-run", is_flag=True, help="The table of runs, core-hours and disk, from a short pilot.")
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop at the last checkpoints that fit (exit code 75).")
def command(study: Path, jobs: int | None, scale: str | None, dry_run: bool, walltime: str | None) -> Outcome:
    """Make all runs of STUDY, a protocol file, in the folder that it names.

    What is done is not done again; what failed or was stopped is. Examples of protocol files are in inputs/.
    """
    folder, tasks = planned(study, scale)
    if dry_run:
        return _costs(folder, tasks)
    folder.mkdir(parents=True, exist_ok=True)
    return side_by_side(folder, tasks, jobs, shared.stop_for(walltime))


def planned(path: Path, scale: str | None = None) -> tuple[Path, list[Task]]:
    """The folder and the tasks of a protocol file, each checked as its command would check it."""
    from glasscli.errors import InputError
    from glasscli.workflow.expand import expand
    from glasscli.workflow.study import read_study

    study = read_study(path, scale)
    tasks = expand(study, path.absolute().parent, vocabulary)
    for task in tasks:
        try:
            found, words = resolve(main, task.words)
            found.make_context(task.name, words)
        except click.ClickException as error:
            raise InputError(f"{path}: {task.stage}: {error.format_message()}") from error
    return Path(study.folder), tasks


def vocabulary(text: str) -> Mapping[str, bool]:
    """{long option without dashes: whether it is a flag} of a command."""
    found, rest = resolve(main, text.split())
    if (rest and found.name not in NAMED) or isinstance(found, click.Group):
        from glasscli.errors import InputError, near

        names = found.list_commands(click.Context(found)) if isinstance(found, click.Group) else []
        raise InputError(f"no command {text!r}{near(rest[0] if rest else '', names)}")
    options = (p for p in found.params if isinstance(p, click.Option))
    return {max(o.opts, key=len).removeprefix("--"): o.is_flag for o in options}


def _costs(folder: Path, tasks: list[Task]) -> Outcome:
    from glasscli.protocols.registry import protocol_class
    from glasscli.workflow.pilot import cost, measure

    stages: dict[str, list[Task]] = {}
    for task in tasks:
        stages.setdefault(task.stage, []).append(task)
    speeds: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for stage, members in stages.items():
        row: dict[str, Any] = {
            "stage": stage,
            "runs": len(members),
            "steps": None,
            "core_hours": None,
            "disk": None,
        }
        parent = next((t.stage for t in tasks if t.output in members[0].inputs), None)
        if members[0].is_run and protocol_class(members[0].words[0]).from_nothing and not members[0].inputs:
            speeds[stage] = measure(members[0], Path())
        elif parent in speeds and members[0].is_run:
            speeds[stage] = speeds[parent]
        if stage in speeds:
            found = cost(stage, members, speeds[stage])
            row |= {"steps": found.steps, "core_hours": found.core_hours, "disk": found.disk_bytes}
        rows.append(row)
    number = shared.number
    lines = [f"{'stage':12} {'runs':>5} {'steps':>12} {'core-hours':>11} {'disk/MB':>9}"]
    lines += [
        f"{r['stage']:12} {r['runs']:5} {r['steps'] or '-':>12} {number(r['core_hours'], '.3f'):>11} "
        f"{number(r['disk'] and r['disk'] / 1e6, '.1f'):>9}"
        for r in rows
    ]
    commands = [shlex.join(["glasscli", *task.words]) for task in tasks]
    data = {"folder": str(folder), "stages": rows, "commands": commands}
    return Outcome(data, "\n".join([*lines, "", *commands]))
