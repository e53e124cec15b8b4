"""What every theory command writes: one CSV, one figure, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from glasscli.cli.edge import Outcome
from glasscli.formats.csv import write_columns
from glasscli.report.canvas import drawing
from glasscli.theory.answers.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Found = TypeVar("Found", bound=Answer)

DIGITS = 12


def finish(
    found: Found,
    draw: Callable[[Figure, Found], None] | None,
    output: Path,
    no_figure: bool,
    width: float = 3.6,
    notes: Sequence[str] = (),
) -> Outcome:
    """Write the answer's files and return it with their names; width of the figure in inches, draw None: none."""
    files = write(found, None if no_figure else draw, output, width)
    return Outcome(found.data | {"files": files}, found.text(), notes=list(notes))


def write(
    found: Found, draw: Callable[[Figure, Found], None] | None, output: Path, width: float
) -> list[str]:
    """Write STEM.csv and STEM.png and return their names. Raises FileError for a folder that is not there."""
    stem = output.with_suffix("") if output.suffix in (".csv", ".png") else output
    files = [str(write_columns(stem.with_name(stem.name + ".csv"), found.columns, digits=DIGITS))]
    if draw is not None:
        with drawing(stem.with_name(stem.name + ".png"), None, width, 2.8) as (figure, path):
            draw(figure, found)
        files.append(str(path))
    return files
