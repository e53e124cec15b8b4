"""`glasscli repair`: mend what a crash of the machine left."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.store.repair import repair


@make_command("repair", epilog="Example:\n  glasscli repair anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> Outcome:
    """Mend FILE: unclean HDF5 flags, torn records, damaged checkpoints, damaged results under /analysis.

    A good file is not touched. Data are never invented: what only a new run can mend is said, with exit code 1.
    """
    found = repair(file)
    return Outcome(found.data, found.text())
