"""`glasscli propensity`: which atoms of a configuration are inclined to move, and what foretells it."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.beside import beside_options, outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option


@make_command(
    "propensity",
    epilog="Examples:\n  glasscli propensity T0.6-1.h5 --steps 20000\n"
    "  glasscli propensity glass.lammps --system wahnstrom --T 0.6 --runs 50 --steps 10000",
)
@click.argument("file", type=click.Path(path_type=Path))
@shared.own_system_option
@click.option("--runs", type=click.IntRange(3), default=30, help="Each with velocities of its own.")
@click.option("--steps", type=click.IntRange(1), default=10_000, help="Of each run.")
@click.option("--T", "temperature", help="At which they run.  [default: that at which FILE ended]")
@click.option("--seed", type=click.IntRange(1), default=1, help="Of the velocities.")
@shared.forces_of_runs_option
@click.option("--folder", type=click.Path(path_type=Path), help="Where the runs go.  [default: NAME-runs]")
@jobs_option
@shared.walltime_of_runs_option
@shared.dry_run_of_runs_option
@beside_options
def command(
    file: Path, system_name: str | None, runs: int, steps: int, temperature: str | None, seed: int, forces: str | None,
    folder: Path | None, jobs: int | None, walltime: str | None, dry_run: bool, output: Path | None, no_figure: bool,
    format_: str, force: bool,
) -> Outcome:  # fmt: skip
    """Which atoms of FILE are inclined to move, by many runs, and what around them foretells it.

    The isoconfigurational ensemble: the positions of FILE's last configuration run many times with different
    velocities. Propensity is how far an atom goes on average. It is compared with local energy, volume, icosahedra,
    coordination, softness, bond order, pair entropy and tetrahedrality of the inherent structure; a ridge regression
    over all of them is judged on slabs that it did not see. The .npz and .csv files have every atom, for other
    programs.
    """
    from glasscli.dynamics.propensity import ended_well, make_runs, propensity, runs_of
    from glasscli.report.beside import stem_of
    from glasscli.simulation.stopping import stop_for

    outputs = outputs_of((file,), output, no_figure, format_, ("propensity",), ("propensity",))
    where = folder or Path(f"{stem_of(file)}-runs")
    given = str(Path(system_name).absolute()) if system_name and Path(system_name).is_file() else system_name
    tasks = runs_of(file, runs, temperature, steps, seed, given, forces)
    if dry_run:
        from glasscli.cli.planning import planner  # it has all commands, this one too
        from glasscli.workflow.costs import costs

        table = costs(where, tasks, planner(where))
        return Outcome(table.data, table.text())
    made = make_runs(where, tasks, jobs, stop_for(walltime))
    if not ended_well(made):
        return Outcome(made.data, made.text(), made.exit_code)
    found = propensity([where / task.output for task in made.tasks], outputs)
    return Outcome(found.data, found.text(), notes=found.notes)
