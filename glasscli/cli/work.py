"""`glasscli work`: what a job script calls."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option
from glasscli.model.quantities import parse_walltime
from glasscli.simulation.stopping import Stop, batch_seconds_left
from glasscli.workflow.jobs import tasks_of_part
from glasscli.workflow.together import side_by_side


@make_command(
    "work", epilog="Example (in a job script):\n  glasscli work anneal --part 3 --walltime 23:50:00"
)
@click.argument("batch")
@click.option("--part", type=int, required=True, help="Which part of the batch, from 1.")
@jobs_option
@click.option("--walltime", metavar="[D-]H:M:S", required=True, help="How long this process may take.")
def command(batch: str, part: int, jobs: int | None, walltime: str) -> Outcome:
    """Do one part of BATCH, tasks that `glasscli submit` laid down in this folder. Exit code 75: run it again."""
    left = min(parse_walltime(walltime), batch_seconds_left(os.environ, time.time()) or float("inf"))
    tasks = tasks_of_part(Path(), batch, part)
    found = side_by_side(Path(), tasks, jobs, Stop(time.monotonic() + left), plan=False)
    return Outcome(found.data, found.text(), found.exit_code)
