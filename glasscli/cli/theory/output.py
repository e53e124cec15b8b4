"""What every theory command writes: one CSV, one figure, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from glasscli.cli.claims import claims
from glasscli.cli.edge import Outcome
from glasscli.errors import FileError
from glasscli.formats.csv import write_columns
from glasscli.report.canvas import FORMATS, drawing
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import writable
from glasscli.theory.answers.answer import Answer
from glasscli.units import WITHOUT_SYSTEM, UnitNames

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Found = TypeVar("Found", bound=Answer)

DIGITS = 12


@dataclass(frozen=True)
class Destination:
    """Where an answer goes: `table`, and `figure` where one is wanted; own: whether the names are the command's own."""

    table: Path
    figure: Path | None
    own: bool


def destination(output: Path, format: str | None) -> Destination:
    """STEM.csv and STEM.FORMAT, which may be written; format None: no figure. -o may end as one of the two does.

    Raises FileError, before anything is computed.
    """
    writable(output)
    kind = output.suffix[1:].lower()
    stem = output.with_suffix("") if kind in ("csv", *FORMATS) else output
    if not stem.name:
        raise FileError(f"{output} is a folder: name what the files' names begin with")
    if format and kind in FORMATS:
        format = kind
    names = [stem.with_name(f"{stem.name}.{ending}") for ending in ("csv", format) if ending]
    found = Destination(names[0], names[1] if format else None, _own(output))
    mine = claims(_about())
    mine.check(found.table, TABLE, found.own)
    if found.figure:
        mine.check(found.figure, picture_kind(found.figure), found.own)
    return found


def finish(
    found: Found,
    draw: Callable[[Figure, Found], None] | None,
    output: Destination,
    width: float = 3.6,
    notes: Sequence[str] = (),
    units: UnitNames = WITHOUT_SYSTEM,
) -> Outcome:
    """Write the answer's files and return it with their names.

    draw None: no figure; width: of the figure in inches; units: of the system that the answer is about, if any
    """
    files = write(found, draw, output, width, units)
    return Outcome(found.data | {"files": files}, found.text(), notes=list(notes))


def write(
    found: Found, draw: Callable[[Figure, Found], None] | None, output: Destination, width: float,
    units: UnitNames = WITHOUT_SYSTEM,
) -> list[str]:  # fmt: skip
    """Write the table and the figure and return their names. Raises FileError for a folder that is not there."""
    mine = claims(_about())
    place = mine.file(output.table, TABLE, output.own)
    files = [str(write_columns(place, found.columns, digits=DIGITS, units=units))]
    if draw is not None and output.figure is not None:
        picture = mine.file(output.figure, picture_kind(output.figure), output.own)
        with drawing(picture, None, width, 2.8) as (figure, path):
            draw(figure, found)
        files.append(str(path))
    return files


def _own(output: Path) -> bool:
    """Whether the name is the command's, which nobody else gives a file."""
    return str(output) == f"theory-{click.get_current_context().info_name}"


def _about() -> list[Path]:
    """The structures or the table that a command is about; the others compute from numbers alone."""
    given = click.get_current_context().params
    words = [given.get(name) for name in ("files", "file", "fit", "distribution", "volumes")]
    named = [Path(w) for word in words if word for w in (word if isinstance(word, tuple) else (word,))]
    return [path for path in named if path.exists()]
