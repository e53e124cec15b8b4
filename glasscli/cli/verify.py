"""`glasscli verify`: is a file what it says it is?"""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import EXIT_DONE, EXIT_FAILED
from glasscli.store.verify import verify


@make_command("verify", epilog="Example:\n  glasscli verify anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> Outcome:
    """Check FILE: steps in order and without gaps, finite numbers, the checksum of everything stored.

    FILE may be an unfinished run. Nothing is changed; exit code 1 when something is wrong.
    """
    found = verify(file)
    return Outcome(found.data, found.text(), EXIT_FAILED if found.problems else EXIT_DONE, found.notes)
