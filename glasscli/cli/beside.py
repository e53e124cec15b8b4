"""Options of commands that write several tables and figures beside a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option
from glasscli.report.beside import Outputs, stem_of

beside_options = shared.stack(
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="STEM", help="Write STEM-*.  [default: FILE-*]"
    ),
    click.option("--no-figure", is_flag=True, help="Write tables only."),
    shared.format_option,
    shared.style_option,
    force_option,
)  # fmt: skip


def outputs_of(
    files: Sequence[Path], output: Path | None, no_figure: bool, format_: str, tables: Sequence[str] = (),
    figures: Sequence[str] = (),
) -> Outputs:  # fmt: skip
    """Where tables and figures about files go, named after the first; raises FileError before hours are spent.

    tables, figures: names of those that may come
    """
    own = output is None and files[0].absolute().parent.resolve() == Path.cwd().resolve()
    found = Outputs(output or stem_of(files[0]), not no_figure, format_, claims(files), own)
    return found.claim(tables, figures)
