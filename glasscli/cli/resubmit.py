"""`glasscli resubmit`: submit again what is not done."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.submit import cluster_option, walltime_option
from glasscli.workflow.cluster import trusted_cluster
from glasscli.workflow.status import resubmit
from glasscli.workflow.task import require_own_plan


@make_command("resubmit", epilog="Example:\n  glasscli resubmit study --failed --cluster ours")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--failed", is_flag=True, help="Also what failed, not only what was stopped or never begun.")
@cluster_option
@walltime_option
def command(folder: Path, failed: bool, cluster_name: str, walltime: str | None) -> Outcome:
    """Submit again what is neither done nor queued nor running in FOLDER; each goes on from its last checkpoint."""
    require_own_plan(folder)
    made = resubmit(folder, failed, trusted_cluster(cluster_name), walltime)
    text = "\n".join(job.text() for job in made) or "nothing to submit again"
    return Outcome({"submitted": [job.data for job in made]}, text)
