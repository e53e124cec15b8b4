"""What the finished runs of a folder say, behind what became of them: their table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.analysis.table import Table, read_table
from glasscli.analysis.table_text import text
from glasscli.workflow.status import Status
from glasscli.workflow.together import Together

ROWS = 24  # of runs beyond which groups alone are printed: `glasscli table` has the rows


@dataclass(frozen=True)
class Results:
    """The table of the runs that are done; None where no run is."""

    table: Table | None

    @property
    def data(self) -> dict[str, Any]:
        """Its key of the JSON object."""
        return {"table": self.table.data if self.table else None}

    def text(self) -> str:
        """Its lines, an empty one above them."""
        if not self.table:
            return ""
        many = len(self.table.rows) > ROWS and len(self.table.groups) < len(self.table.rows)
        return f"\n\n{text(self.table, groups_only=many)}"

    @property
    def notes(self) -> list[str]:
        """Of the table."""
        return self.table.notes if self.table else []


def of_tasks(folder: Path, found: Together) -> Results:
    """Of tasks that were made side by side."""
    done = [task for task in found.tasks if task.is_run and found.ended[task.name].state == "done"]
    return Results(_table([folder / task.output for task in done]))


def of_status(found: Status) -> Results:
    """Of the runs of a folder."""
    done = [row.file for row in found.rows if row.state == "done" and row.file.endswith(".h5")]
    return Results(_table([found.folder / file for file in done]))


def _table(files: Sequence[Path]) -> Table | None:
    return read_table(files) if files else None
