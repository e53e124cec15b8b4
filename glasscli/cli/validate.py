"""`glasscli validate`: published and exact numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command


@make_command(
    "validate",
    epilog="Examples:\n  glasscli validate\n  glasscli validate --only theory\n"
    "  glasscli validate --glass from-the-melt_LJWahnstrom.lammps.gz",
)
@click.option("--only", metavar="GROUP,...", help="Of theory, crystals and laws these only.  [default: all]")
@click.option(
    "--glass",
    type=click.Path(path_type=Path),
    help="Also a glass of the Wahnström mixture at rest that another program made.",
)
def command(only: str | None, glass: Path | None) -> Outcome:
    """Compare numbers of the papers, lattice sums, conservation laws and detailed balance with ours.

    Takes well under five minutes; the exit code is 1 when one differs by more than its digits or error allow.
    """
    from glasscli.errors import EXIT_DONE, EXIT_FAILED, MissingFileError
    from glasscli.reproduce.comparison import table
    from glasscli.reproduce.validate import validate

    if glass is not None and not glass.exists():
        raise MissingFileError(f"{glass}: no such file")
    data = validate(tuple(word.strip() for word in only.split(",")) if only else (), glass)
    said = f"{data['failed']} differ" if data["failed"] else "all agree"
    text = [*table(data["rows"]), f"{data['compared']} comparisons in {data['seconds']:.0f} s: {said}"]
    return Outcome(data, "\n".join(text), EXIT_FAILED if data["failed"] else EXIT_DONE)
