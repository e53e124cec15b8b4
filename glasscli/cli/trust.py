"""`glasscli trust`: confirm what a file would run."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.workflow.confirming import confirm


@make_command(
    "trust",
    epilog="Examples:\n  glasscli trust study.toml\n  glasscli trust anneal.h5\n  glasscli trust --revoke ours.toml",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--revoke", is_flag=True, help="Take it back.")
def command(files: tuple[Path, ...], revoke: bool) -> Outcome:
    """Let the programs run that FILES name: confirmed once, and again after each change.

    A protocol's, cluster's or scheduler's file, a run that names its LAMMPS, a folder's plan. Look at it first: what it
    names runs with all your rights. Files in ~/.config/glasscli need no confirmation.
    """
    found = confirm(files, revoke)
    return Outcome(found.data, found.text())
