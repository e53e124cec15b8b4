"""What every theory command writes: one CSV, one figure, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from glasscli.cli.claims import claims
from glasscli.cli.edge import Outcome
from glasscli.errors import FileError
from glasscli.formats.csv import write_columns
from glasscli.report.canvas import drawing
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import writable
from glasscli.theory.answers.answer import Answer
from glasscli.units import WITHOUT_SYSTEM, UnitNames

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
    units: UnitNames = WITHOUT_SYSTEM,
) -> Outcome:
    """Write the answer's files and return it with their names.

    draw None: no figure; width: of the figure in inches; units: of the system that the answer is about, if any
    """
    files = write(found, None if no_figure else draw, output, width, units)
    return Outcome(found.data | {"files": files}, found.text(), notes=list(notes))


def write(
    found: Found, draw: Callable[[Figure, Found], None] | None, output: Path, width: float,
    units: UnitNames = WITHOUT_SYSTEM,
) -> list[str]:  # fmt: skip
    """Write STEM.csv and STEM.png and return their names. Raises FileError for a folder that is not there."""
    table, picture = _places(output)
    mine = claims(_about())
    place = mine.file(table, TABLE, _own(output))
    files = [str(write_columns(place, found.columns, digits=DIGITS, units=units))]
    if draw is not None:
        with drawing(mine.file(picture, picture_kind(picture), _own(output)), None, width, 2.8) as (
            figure,
            path,
        ):
            draw(figure, found)
        files.append(str(path))
    return files


def check(output: Path, no_figure: bool) -> None:
    """Make sure, before anything is computed, that STEM.csv and STEM.png may be written; raises FileError."""
    table, picture = _places(writable(output))
    mine = claims(_about())
    mine.check(table, TABLE, _own(output))
    if not no_figure:
        mine.check(picture, picture_kind(picture), _own(output))


def _places(output: Path) -> tuple[Path, Path]:
    stem = output.with_suffix("") if output.suffix in (".csv", ".png") else output
    if not stem.name:
        raise FileError(f"{output} is a folder: name what the files' names begin with")
    return stem.with_name(stem.name + ".csv"), stem.with_name(stem.name + ".png")


def _own(output: Path) -> bool:
    """Whether the name is the command's, which nobody else gives a file."""
    return str(output) == f"theory-{click.get_current_context().info_name}"


def _about() -> list[Path]:
    """The structures or the table that a command is about; the others compute from numbers alone."""
    given = click.get_current_context().params
    words = [given.get(name) for name in ("files", "file", "fit", "distribution", "volumes")]
    named = [Path(w) for word in words if word for w in (word if isinstance(word, tuple) else (word,))]
    return [path for path in named if path.exists()]
