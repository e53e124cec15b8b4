"""`glasscli watch`: runs while they go on."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glasscli.cli.edge import Outcome, invocation
from glasscli.cli.edge import command as make_command
from glasscli.workflow.watch import HEADS, Seen, Watch, lines

if TYPE_CHECKING:
    from rich.table import Table


@make_command(
    "watch", epilog="Examples:\n  glasscli watch\n  glasscli watch anneal.h5\n  glasscli watch study --once"
)
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--every", type=click.FloatRange(0.2), default=2.0, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Look once; so it does where the output is no terminal.")
@click.option("--no-icosahedra", is_flag=True, help="Count no icosahedra: OVITO is not loaded.")
def command(path: Path, every: float, once: bool, no_icosahedra: bool) -> Outcome:
    """Watch runs while they go on: rate, time left, temperature, E_IS and f_ico, share of accepted exchanges.

    PATH is a folder (default: this one), a run, or its working folder. Journals are read; nothing is touched. It ends
    when no run goes on, or with Ctrl-C.
    """
    watch = Watch(path, not no_icosahedra)
    seen = watch.look()
    as_json = "--json" in invocation().command_line.split()
    if not once and not as_json and sys.stdout.isatty():
        seen = _live(watch, seen, every)
    return Outcome({"runs": [one.data for one in seen]}, lines(seen))


def _live(watch: Watch, seen: Sequence[Seen], every: float) -> list[Seen]:
    """Show the runs until none goes on; the last look is what is left on the screen."""
    from rich.console import Console
    from rich.live import Live

    console = Console(file=sys.stdout)
    with (
        suppress(KeyboardInterrupt),
        Live(_table(seen), console=console, transient=True, screen=False) as live,
    ):
        while any(one.row.state in ("running", "queued") for one in seen):
            time.sleep(every)
            seen = watch.look()
            live.update(_table(seen), refresh=True)
    return list(seen)


def _table(seen: Sequence[Seen]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in HEADS:
        table.add_column(head)
    for one in seen:
        style = {"running": "bold", "failed": "red", "done": "dim"}.get(one.row.state, "")
        table.add_row(*(Text(cell) for cell in one.cells), style=style)
    return table
