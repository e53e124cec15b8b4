"""Options of commands that write several tables and figures beside a file."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.report.beside import Outputs, stem_of
from glasscli.report.canvas import FORMATS
from glasscli.store.files import writable

beside_options = shared.stack(
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="STEM", help="Write STEM-*.  [default: FILE-*]"
    ),
    click.option("--no-figure", is_flag=True, help="Write tables only."),
    click.option(
        "--format", "format_", type=click.Choice(FORMATS), default="png", show_default=True, help="Of figures."
    ),
)  # fmt: skip


def outputs_of(file: Path, output: Path | None, no_figure: bool, format_: str) -> Outputs:
    """Where tables and figures of a file go; raises FileError before hours are spent where they cannot."""
    return Outputs(writable(output or stem_of(file)), not no_figure, format_)
