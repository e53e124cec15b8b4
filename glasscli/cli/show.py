"""`glasscli show`: what is in a file, on one screen."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.formats.description import describe
from glasscli.formats.foreign import edges


@make_command("show", epilog="Example:\n  glasscli show anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
@shared.box_option
def command(file: Path, box: str | None) -> Outcome:
    """Say what is in FILE: system, protocol, progress, frames, energies, where it came from.

    FILE may be a finished file, an unfinished run, or another program's structure file.
    """
    found = describe(file, edges(box))
    return Outcome(found.data, found.text(), notes=found.notes)
