"""What the landscape's commands share: options, tables, and results kept in the run's own file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared

if TYPE_CHECKING:
    from glasscli.landscape.sample import Sample

sample_options = shared.stack(
    click.argument("file", type=click.Path(path_type=Path)),
    shared.system_option,
    click.option("--first", type=int, default=0, show_default=True, help="First frame."),
    click.option("--last", type=int, help="Frame after the last; negative from the end."),
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="STEM", help="Write STEM-*.  [default: FILE-*]"
    ),
    click.option("--no-figure", is_flag=True, help="Write tables only."),
    click.option(
        "--format", "format_", type=click.Choice(["png", "pdf", "svg"]), default="png", show_default=True,
        help="Of figures.",
    ),
)  # fmt: skip

smooth_option = click.option(
    "--as-is", is_flag=True, help="Keep the system as it is; without, wahnstrom becomes wahnstrom-smooth."
)


def stem_of(file: Path, output: Path | None) -> Path:
    """Where tables and figures go."""
    name = file.name.removesuffix(".partial").removesuffix(".gz")
    return shared.writable(output or Path(name.rsplit(".", 1)[0] or name))


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write a table and return its name."""
    from glasscli.formats.csv import write_rows

    return str(write_rows(path, columns, rows, digits=12))


def keep(sample: Sample, name: str, data: dict[str, Any]) -> list[str]:
    """Store a result in a finished run's own file; a note where there is none."""
    from glasscli.store.results import add_results

    if sample.run is None:
        return []
    if not sample.run.finished:
        return [f"{sample.path} is unfinished: nothing written into it"]
    add_results(sample.path, {f"landscape_{name}": data})
    return []


def finite(value: float | None) -> float | None:
    """A number that JSON knows."""
    return None if value is None or not math.isfinite(value) else float(value)
