"""`glasscli cancel`: take a folder's jobs off the queue."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.workflow.jobs import cancel


@make_command("cancel", epilog="Example:\n  glasscli cancel study")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(folder: Path) -> Outcome:
    """Cancel all jobs that were submitted for FOLDER (default: this one); what is stored stays, and can go on."""
    ended = cancel(folder)
    return Outcome({"cancelled": ended}, f"cancelled {', '.join(ended)}" if ended else "no jobs to cancel")
