"""`glasscli resume`: go on where a run stopped, or lengthen a finished one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.simulation.stopping import stop_for
from glasscli.workflow.resume import resume_all


@make_command(
    "resume",
    epilog="Examples:\n  glasscli resume\n  glasscli resume anneal.h5\n"
    "  glasscli resume anneal.h5 --steps 100000 more\n  glasscli resume anneal.h5 --timestep 0.001\n"
    "  glasscli resume anneal.h5 --ranks 4",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--steps", metavar="N", help="Lengthen a finished anneal by N more steps (or a time such as 1ns)."
)
@click.option(
    "--timestep", type=click.FloatRange(min=0, min_open=True), help="A smaller one, after lost atoms."
)
@shared.launch_options
@shared.keep_going_option
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop at the last checkpoint that fits (exit code 75).")
def command(
    files: tuple[Path, ...], steps: str | None, timestep: float | None, walltime: str | None, keep_going: bool,
    **launched: Any,
) -> Outcome:  # fmt: skip
    """Go on with unfinished runs: FILES, or all in a folder (default: this one).

    A finished run says so and is left alone, unless --steps lengthens it. Each goes on with its own --ranks, --lmp and
    --accelerator where they are not given; --lmp "" is in process again.
    """
    # "--steps 100000 more" reads well; the last word is not a file.
    named = [f for f in files if str(f) != "more"] or [Path()]
    found = resume_all(named, steps, timestep, shared.launch_wish(launched), stop_for(walltime), keep_going)
    return Outcome(found.data, found.text(), found.exit_code, found.notes)
