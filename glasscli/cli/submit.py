"""`glasscli submit`: a study or a command as array jobs of a batch system."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from glasscli.cli import main
from glasscli.cli.edge import Outcome, resolve
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import words_of
from glasscli.cli.planning import check, planner
from glasscli.cli.run import folder_option, planned, scale_option
from glasscli.errors import InputError, near
from glasscli.formats.snapshots import expanded
from glasscli.model.quantities import parse_walltime
from glasscli.protocols.registry import protocol_class
from glasscli.workflow.cluster import load_cluster, trusted_cluster
from glasscli.workflow.costs import costs
from glasscli.workflow.jobs import array_jobs, submit
from glasscli.workflow.members import ANALYSIS, analysis_tasks, members
from glasscli.workflow.task import RUNS, Task, at_work

cluster_option = click.option(
    "--cluster", "cluster_name", default="slurm", metavar="NAME|FILE.toml",
    help="A file, one of ~/.config/glasscli/clusters, or slurm, pbs, sge, lsf, oar as they come.",
)  # fmt: skip
walltime_option = click.option(
    "--walltime", metavar="[D-]H:M:S", help="Of one job, instead of the cluster's; longer runs are requeued."
)


@make_command(
    "submit",
    epilog="Examples:\n  glasscli submit study.toml --cluster ours\n  glasscli submit study.toml --dry-run\n"
    "  glasscli submit -- anneal 'quench-*.h5' --T 0.95Tf --time 1us --replicas 64\n"
    "  glasscli submit --parts 16 -- analyze theirs.dump --system kob-andersen",
)
@click.argument("what", nargs=-1, required=True)
@cluster_option
@walltime_option
@scale_option
@folder_option
@click.option(
    "--parts",
    type=click.IntRange(1),
    help="Of the frames that `analyze` measures, each a task.  [default: 1]",
)
@click.option(
    "--dry-run", is_flag=True, help="Print the scripts, and what they will take, instead of submitting them."
)
def command(
    what: tuple[str, ...], cluster_name: str, walltime: str | None, scale: str | None, folder: Path | None,
    parts: int | None, dry_run: bool,
) -> Outcome:  # fmt: skip
    """Submit WHAT, a protocol file or (after --) a command line, as array jobs: one a stage.

    Stages wait for those they need. A job stops at its last checkpoint before the walltime and is queued again until it
    is done. `glasscli status` shows every run, `glasscli resubmit --failed` tries again.
    """
    cluster = (load_cluster if dry_run else trusted_cluster)(cluster_name)
    if walltime:
        parse_walltime(walltime)
    where, tasks = _tasks(what, scale, folder, parts)
    cluster.check_folder(where)
    if dry_run:
        scripts = {job.name: text for job, _, text in array_jobs(where, tasks, cluster, walltime)}
        cost = costs(where, tasks, planner(where, launched=False)).all
        said = [f"# {line}" for line in cost.text().splitlines()]
        return Outcome({"scripts": scripts} | cost.data, "\n".join([*scripts.values(), *said]).rstrip())
    check(where, tasks)
    where.mkdir(parents=True, exist_ok=True)
    with at_work(where):
        made = submit(where, tasks, cluster, walltime)
    ask = shlex.join(["glasscli", "status", str(where)])
    lines = [f"submitted to {cluster.scheduler}; see `{ask}`", *(job.text() for job in made)]
    left = len(tasks) - sum(len(part) for job in made for part in job.parts)
    notes = [f"{left} of these are queued or running already, and are not submitted again"] if left else []
    return Outcome(
        {"folder": str(where), "submitted": [job.data for job in made]}, "\n".join(lines), notes=notes
    )


def _tasks(
    what: tuple[str, ...], scale: str | None, folder: Path | None, parts: int | None
) -> tuple[Path, list[Task]]:
    """Folder and tasks of a protocol file or of a command line, whose patterns are expanded here."""
    if parts and what[0] != ANALYSIS:
        raise InputError(f"--parts are of the frames that `{ANALYSIS}` measures, not of {what[0]!r}")
    if what[0] == ANALYSIS:
        found, words = resolve(main, what)
        context = found.make_context(what[0], words)
        files = expanded(context.params["files"])
        if not files:
            raise InputError("name the files to analyze")
        if context.params["part"]:
            raise InputError("--part is one of them: say with --parts before -- how many there are")
        whole = context.params["trajectory"]
        return Path(), analysis_tasks(files, words_of(context, {"files", "jobs", "part"}), parts or 1, whole)
    if len(what) == 1 and what[0].endswith(".toml"):
        return planned(Path(what[0]), scale, folder)
    if what[0] not in RUNS:
        known = (*RUNS, ANALYSIS)
        raise InputError(f"{what[0]!r} is neither a protocol file (.toml) nor a run{near(what[0], known)}")
    found, words = resolve(main, what)
    context = found.make_context(what[0], words)
    given = context.params["start"]
    starts = given if isinstance(given, tuple) else [given] if given else []
    files = [path for start in starts for path in (sorted(Path().glob(str(start))) or [start])]
    if not protocol_class(what[0]).from_nothing:
        files = files or [Path("quench.h5")]
    output = context.params["output"] or Path(f"{what[0]}.h5")
    options = words_of(context)
    return Path(), members(
        what[0], options, context.params["seed"], output, files, context.params["replicas"]
    )
