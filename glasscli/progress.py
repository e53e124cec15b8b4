"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from glasscli.shown import shown


class Advance(Protocol):
    """Told the absolute number of units completed, and perhaps a note."""

    def __call__(self, done: int, note: str = "") -> None:
        """Move the bar."""


def silent(done: int, note: str = "") -> None:
    """Show nothing."""


@contextmanager
def progress(description: str, total: int, unit: str = "") -> Iterator[Advance]:
    """Show a bar with the time left while the block runs; yields what moves it.

    On anything but a terminal nothing is printed.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(shown(description), total=total, note="")

        def advance(done: int, note: str = "") -> None:
            bar.update(task, completed=done, note=shown(note))

        yield advance
