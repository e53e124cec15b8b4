"""`glasscli resubmit`: submit again what is not done."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.submit import cluster_option, walltime_option


@make_command("resubmit", epilog="Example:\n  glasscli resubmit study --failed --cluster ours")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--failed", is_flag=True, help="Also what failed, not only what was stopped or never begun.")
@cluster_option
@walltime_option
def command(folder: Path, failed: bool, cluster_name: str, walltime: str | None) -> Outcome:
    """Submit again what is neither done nor queued nor running in FOLDER; each goes on from its last checkpoint."""
    from glasscli.workflow.cluster import load_cluster
    from glasscli.workflow.jobs import submit
    from glasscli.workflow.status import status
    from glasscli.workflow.task import read_plan

    again = {"stopped", "waiting", *(["failed"] if failed else [])}
    names = {row.name for row in status(folder) if row.state in again}
    tasks = [task for task in read_plan(folder) if task.name in names]
    made = submit(folder, tasks, load_cluster(cluster_name), walltime) if tasks else []
    rows = [{"batch": job.name, "job": job.job, "runs": sum(map(len, job.parts))} for job in made]
    text = "\n".join(f"  {row['batch']:14} job {row['job']}, {row['runs']} runs" for row in rows)
    return Outcome({"submitted": rows}, text or "nothing to submit again")
