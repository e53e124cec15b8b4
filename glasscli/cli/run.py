"""`glasscli run`: a whole study out of one protocol file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from glasscli.cli import main
from glasscli.cli.edge import Outcome, resolve
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option
from glasscli.cli.planning import check, planner
from glasscli.errors import InputError, near
from glasscli.simulation.stopping import stop_for
from glasscli.workflow.costs import costs
from glasscli.workflow.expand import expand
from glasscli.workflow.results import of_tasks
from glasscli.workflow.study import read_study, within
from glasscli.workflow.task import Task
from glasscli.workflow.together import side_by_side

# Commands that a stage may follow with names: `build c15`, `eos c15 hcp-large`.
NAMED = ("build", "eos")
folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where its files go.  [default: the file's, within this folder]",
)
scale_option = click.option("--scale", metavar="NAME", help="Of the file's [scales.NAME], such as paper.")


@make_command(
    "run",
    epilog="Examples:\n  glasscli run quickstart.toml\n  glasscli run grid.toml --dry-run\n"
    "  glasscli run inputs/derlet2019/fig1.toml --scale paper --dry-run",
)
@click.argument("study", type=click.Path(path_type=Path))
@jobs_option
@scale_option
@click.option("--dry-run", is_flag=True, help="The table of runs, core-hours, disk and memory, by pilots.")
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop at the last checkpoints that fit (exit code 75).")
@folder_option
def command(
    study: Path, jobs: int | None, scale: str | None, dry_run: bool, walltime: str | None, folder: Path | None
) -> Outcome:
    """Make all runs of STUDY, a protocol file, in the folder that it names.

    What is done is not done again; what failed or was stopped is. At the end stands the table of the
    runs, as of `glasscli table`. Examples of protocol files are in inputs/.
    """
    where, tasks = planned(study, scale, folder)
    if dry_run:
        table = costs(where, tasks, planner(where))
        return Outcome(table.data, table.text())
    check(where, tasks)
    where.mkdir(parents=True, exist_ok=True)
    found = side_by_side(where, tasks, jobs, stop_for(walltime), alone=True)
    results = of_tasks(where, found)
    return Outcome(found.data | results.data, found.text() + results.text(), found.exit_code, results.notes)


def planned(path: Path, scale: str | None = None, folder: Path | None = None) -> tuple[Path, list[Task]]:
    """The folder and the tasks of a protocol file, each checked as its command would check it.

    folder: instead of the file's, which lies within the one that we work in
    """
    study = read_study(path, scale)
    tasks = expand(study, path.absolute().parent, vocabulary)
    for task in tasks:
        try:
            found, words = resolve(main, task.words)
            found.make_context(task.name, words)
        except click.ClickException as error:
            raise InputError(f"{path}: {task.stage}: {error.format_message()}") from error
    return folder or within(study.folder, path), tasks


def vocabulary(text: str) -> Mapping[str, bool]:
    """{long option without dashes: whether it is a flag} of a command."""
    found, rest = resolve(main, text.split())
    if (rest and found.name not in NAMED) or isinstance(found, click.Group):
        names = found.list_commands(click.Context(found)) if isinstance(found, click.Group) else []
        raise InputError(f"no command {text!r}{near(rest[0] if rest else '', names)}")
    options = (p for p in found.params if isinstance(p, click.Option))
    return {max(o.opts, key=len).removeprefix("--"): o.is_flag for o in options}
