"""Many tasks of a folder made side by side, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.analysis.workers import available_cores
from glasscli.errors import EXIT_DONE, EXIT_FAILED, EXIT_RESUMABLE
from glasscli.progress import progress
from glasscli.shown import shown
from glasscli.simulation.stopping import Stop
from glasscli.workflow.pool import Pool
from glasscli.workflow.task import Ended, Task, at_work, make_records, write_tasks

ENDS = ("done", "stopped", "failed")


@dataclass(frozen=True)
class Together:
    """Tasks that were done side by side, and how they ended: `ended` by their names."""

    tasks: tuple[Task, ...]
    ended: Mapping[str, Ended]

    @property
    def counts(self) -> dict[str, int]:
        """How many are done, stopped (the same command goes on with them) and failed."""
        states = [self.ended[task.name].state for task in self.tasks]
        return {state: states.count(state) for state in ENDS}

    @property
    def exit_code(self) -> int:
        """Of the command that made them."""
        counts = self.counts
        return EXIT_FAILED if counts["failed"] else EXIT_RESUMABLE if counts["stopped"] else EXIT_DONE

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        rows = [
            {"name": t.name, "stage": t.stage, "file": t.output, "state": self.ended[t.name].state,
             "error": self.ended[t.name].error or None, "seconds": self.ended[t.name].seconds}
            for t in self.tasks
        ]  # fmt: skip
        return {"runs": rows} | self.counts

    def text(self) -> str:
        """A line for all, and one for each that is not done."""
        said = ", ".join(f"{n} {state}" for state, n in self.counts.items() if n)
        ends = [(task.name, self.ended[task.name]) for task in self.tasks]
        lines = [
            f"  {shown(name)} {end.state}: {shown(end.error)}" for name, end in ends if end.state != "done"
        ]
        return "\n".join([f"{len(self.tasks)} runs: {said}", *lines])


def side_by_side(
    folder: Path, tasks: Sequence[Task], jobs: int | None, stop: Stop, *, plan: bool = True,
    alone: bool = False,
) -> Together:  # fmt: skip
    """Make all that is not done in a pool of `jobs` (default: all cores), with one progress display.

    plan: write the tasks down in the folder first; alone: FileError where another such call is at work in the folder
    """
    make_records(folder)
    with at_work(folder) if alone else nullcontext(), progress("runs", len(tasks)) as advance:
        if plan:
            write_tasks(folder, tasks)
        ended = Pool(folder, tasks, jobs or available_cores(), stop).run(advance)
    return Together(tuple(tasks), ended)
