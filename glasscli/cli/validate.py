"""`glasscli validate`: published and exact numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import EXIT_DONE, EXIT_FAILED


@make_command(
    "validate",
    epilog="Examples:\n  glasscli validate\n  glasscli validate --only theory\n"
    "  glasscli validate --glass from-the-melt_LJWahnstrom.lammps.gz",
)
@click.option(
    "--only", metavar="GROUP,...", help="Of theory, crystals, elastic and laws these only.  [default: all]"
)
@click.option(
    "--glass",
    type=click.Path(path_type=Path),
    help="Also a glass of the Wahnström mixture at rest that another program made.",
)
def command(only: str | None, glass: Path | None) -> Outcome:
    """Compare numbers of the papers, lattice sums, conservation laws and detailed balance with ours.

    Takes well under five minutes. The exit code is 1 when a calculation differs, or a print without an explanation.
    """
    # The library of this command takes a second to load, which its help and a shell's completion need not wait for.
    from glasscli.reproduce.validate import validate

    found = validate(tuple(word.strip() for word in only.split(",")) if only else (), glass)
    return Outcome(found.data, found.text(), EXIT_FAILED if found.failed else EXIT_DONE)
