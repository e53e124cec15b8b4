"""`glasscli status`: what became of every run."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.workflow.status import status


@make_command("status", epilog="Examples:\n  glasscli status\n  glasscli status study --all")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--all", "everything", is_flag=True, help="List the finished ones too.")
def command(folder: Path, everything: bool) -> Outcome:
    """Say what became of every run of FOLDER (default: this one), here and on the batch system."""
    found = status(folder)
    return Outcome(found.data, found.text(everything), notes=found.notes)
