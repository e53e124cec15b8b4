"""`glasscli status`: what became of every run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.workflow.status import Row


@make_command("status", epilog="Examples:\n  glasscli status\n  glasscli status study --all")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--all", "everything", is_flag=True, help="List the finished ones too.")
def command(folder: Path, everything: bool) -> Outcome:
    """Say what became of every run of FOLDER (default: this one), here and on the batch system."""
    from glasscli.workflow.status import STATES, status

    rows = status(folder)
    counts: dict[str, Any] = {state: sum(row.state == state for row in rows) for state in STATES}
    said = ", ".join(f"{n} {state}" for state, n in counts.items() if n) or "nothing"
    lines = [_line(row) for row in rows if everything or row.state != "done"]
    return Outcome({"runs": [vars(row) for row in rows]} | counts, "\n".join([f"{folder}: {said}", *lines]))


def _line(row: Row) -> str:
    text = f"  {row.name:24} {row.state:8}"
    if row.step is not None and row.state != "done":
        text += f" step {row.step} of {row.steps}"
    if row.rate:
        text += f", {row.rate:.0f} steps/s, {row.left or 0:.0f} s left"
    if row.reason:
        text += f"  {row.reason}"
    return "\n".join([text, *(f"      {line}" for line in row.log or [])])
