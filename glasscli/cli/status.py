"""`glasscli status`: what became of every run."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.workflow.status import status


@make_command(
    "status",
    epilog="Examples:\n  glasscli status\n  glasscli status study --all\n  glasscli status --results",
)
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--all", "everything", is_flag=True, help="List the finished ones too.")
@click.option("--results", is_flag=True, help="The table of the finished ones too, as of `glasscli table`.")
def command(folder: Path, everything: bool, results: bool) -> Outcome:
    """Say what became of every run of FOLDER (default: this one), here and on the batch system."""
    found = status(folder)
    if not results:
        return Outcome(found.data, found.text(everything), notes=found.notes)
    from glasscli.workflow.results import of_status  # what is measured takes its time to load

    said = of_status(found)
    return Outcome(
        found.data | said.data, found.text(everything) + said.text(), notes=[*found.notes, *said.notes]
    )
