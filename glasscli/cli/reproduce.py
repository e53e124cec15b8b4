"""`glasscli reproduce`: the papers' figures from our own runs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option
from glasscli.errors import InputError
from glasscli.simulation.stopping import stop_for


@make_command(
    "reproduce",
    epilog="Examples:\n  glasscli reproduce --list\n  glasscli reproduce buchenau1992/fig8\n"
    "  glasscli reproduce derlet2019/fig5 --jobs 2\n"
    "  glasscli reproduce derlet2019/fig1 --scale paper --dry-run",
)
@click.argument("name", required=False, metavar="[PAPER/FIGURE]")
@click.option(
    "--list", "listing", is_flag=True, help="Every figure and table, and what came of those that were run."
)
@click.option(
    "--scale", type=click.Choice(["small", "paper"]), default="small",
    help="Minutes on two cores, or the paper's size.",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path), default="reproduced",
    help="Where the studies' folders are.",
)  # fmt: skip
@jobs_option
@shared.dry_run_of_runs_option
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop at the last checkpoints that fit (exit code 75).")
def command(
    name: str | None, listing: bool, scale: str, folder: Path, jobs: int | None, dry_run: bool, walltime: str | None
) -> Outcome:  # fmt: skip
    """Run the study of a paper's figure or table and draw ours in its layout, the quoted numbers beside.

    The studies are the protocol files in inputs/; `glasscli submit` takes them too, and what a cluster has made is
    found here with the same --folder. What is done is not done again.
    """
    # The library of this command takes a second to load, which its help and a shell's completion need not wait for.
    from glasscli.cli.run import planned
    from glasscli.reproduce import catalogue
    from glasscli.workflow.together import side_by_side

    if listing:
        items = catalogue.listing(folder)
        return Outcome(items.data, items.text())
    if name is None:
        raise InputError("say what to reproduce, such as buchenau1992/fig8; --list names all")
    study, tasks = planned(catalogue.study_of(name), None if scale == "small" else scale)
    where = Path(os.path.normpath(folder / study))
    if dry_run:
        from glasscli.cli.planning import planner
        from glasscli.workflow.costs import costs

        if where.is_dir():
            catalogue.figure_of(name, where)
        cost = costs(where, tasks, planner(where))
        return Outcome({"name": name, "scale": scale} | cost.data, cost.text())
    where.mkdir(parents=True, exist_ok=True)
    catalogue.figure_of(name, where)
    ran = side_by_side(where, tasks, jobs, stop_for(walltime), alone=True)
    if ran.exit_code:
        return Outcome({"name": name, "scale": scale} | ran.data, ran.text(), ran.exit_code)
    found = catalogue.draw(name, scale, where, tasks)
    return Outcome(found.data, found.text())
