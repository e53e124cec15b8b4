"""`glasscli dynamics`: how the atoms of a liquid move, relax and flow, at one temperature or over many."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.beside import beside_options, outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import jobs_option
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.errors import InputError
from glasscli.formats.foreign import edges
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand
from glasscli.model.system import load_system

POSITIVE = click.FloatRange(0, min_open=True)
DEFAULT_SYSTEM = "wahnstrom"
# Options that only a ladder has, and those that only files have.
OF_LADDER = (
    "ladder",
    "atoms",
    "samples",
    "steps",
    "exchange_steps",
    "most_steps",
    "lengths",
    "stress_every",
    "forces",
    "seed",
    "jobs",
    "walltime",
)
OF_FILES = ("species", "box", "reinterpret", "no_van_hove")


@make_command(
    "dynamics",
    epilog="Examples:\n  glasscli dynamics anneal.h5\n  glasscli dynamics anneal-*.h5 --q 7.25,4\n"
    "  glasscli dynamics theirs.dump --T 0.8 --species A,B\n"
    "  glasscli dynamics --system kob-andersen --T 2.0,1.0,0.8 -o ka\n"
    "  glasscli dynamics --T-ladder 2.0:0.6:10 --samples 4 --stress-every 10",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@shared.system_option
@shared.species_option
@shared.box_option
@shared.reinterpret_option
@click.option(
    "--q", metavar="Q,...", help="Wave numbers; the first says tau_alpha.  [default: the first peak of S(q)]"
)
@click.option("--reach", type=POSITIVE, help="Of the overlap Q(t).  [default: 0.3 of the mean spacing]")
@click.option(
    "--origins",
    type=click.IntRange(2),
    default=1000,
    help="In time, averaged at each lag.",
)
@click.option(
    "--T",
    "listed",
    metavar="T,...",
    help="To make, without FILES; else of files that do not say theirs.  [default: by --T-ladder, or the files]",
)
@click.option(
    "--T-ladder",
    "ladder",
    metavar="HIGH:LOW:COUNT",
    help="Temperatures to make, evenly in 1/T.  [default: by --T]",
)
@click.option("--atoms", type=click.IntRange(2), help="Of each sample.  [default: the system's]")
@click.option("--samples", type=click.IntRange(1), default=1, help="Independent ones of each T.")
@click.option(
    "--steps",
    type=click.IntRange(1000),
    default=50_000,
    help="Of the first run at each T.",
)
@click.option(
    "--exchange-steps", type=click.IntRange(0), default=5000,
    help="Of the hybrid before it, where atoms can exchange; 0 for none.",
)  # fmt: skip
@click.option(
    "--max-steps", "most_steps", type=click.IntRange(1000), default=10_000_000,
    help="Of one run; the ladder ends above a temperature that needs more.",
)  # fmt: skip
@click.option(
    "--lengths", type=click.FloatRange(10), default=10,
    help="Of the run that is measured, in tau_alpha; D deep down takes 100.",
)  # fmt: skip
@click.option(
    "--stress-every",
    type=click.IntRange(1),
    help="Steps between values of the stress.  [default: no viscosity]",
)
@shared.forces_of_runs_option
@click.option("--seed", type=click.IntRange(1), default=1, help="Of all that is drawn by lot.")
@jobs_option
@shared.walltime_of_runs_option
@shared.dry_run_option
@click.option("--no-van-hove", is_flag=True, help="Leave the distributions of distances out.")
@beside_options
def command(
    files: tuple[Path, ...], system_name: str | None, species: str | None, box: str | None, reinterpret: bool,
    q: str | None, reach: float | None, origins: int, listed: str | None, ladder: str | None, atoms: int | None,
    samples: int, steps: int, exchange_steps: int, most_steps: int, lengths: float, stress_every: int | None,
    forces: str | None, seed: int, jobs: int | None, walltime: str | None, dry_run: bool, no_van_hove: bool,
    output: Path | None, no_figure: bool, format_: str, force: bool,
) -> Outcome:  # fmt: skip
    """Motion, relaxation and flow of the liquids in FILES, each at one temperature.

    F_s(q, t), collective F(q, t), mean-square displacement, alpha_2, overlap, chi_4, van Hove functions, diffusion
    coefficients, tau_alpha; velocity and current correlations where velocities (--velocities), viscosity where the
    stress (--stress-every) were kept. Three temperatures or more are fitted by Arrhenius, VFT, a power law, a parabola.

    Without FILES the temperatures of --T or --T-ladder are made in the folder -o, each from the one above: exchanges
    first where the system allows them, then dynamics alone, until it is ten tau_alpha long and its halves agree. The
    same command goes on where it was stopped.
    """
    from glasscli.dynamics.answer import dynamics

    choices = DynamicsChoices(
        q=_positive(q, "--q"), reach=reach, origins=origins, temperatures=_positive(listed, "--T"),
        species=by_hand(species), box=edges(box), van_hove=not no_van_hove,
    )  # fmt: skip
    shared.given_without_use(
        OF_LADDER if files else OF_FILES,
        "is of temperatures that are made: leave FILES or it out" if files else "is of FILES: name some",
    )
    if files:
        notes = reinterpreted(files, system_name, reinterpret)
        system = load_system(system_name) if system_name else None
        if dry_run:
            from glasscli.dynamics.cost import dynamics_cost

            cost = dynamics_cost(files, system, choices)
            return Outcome(cost.data, cost.text(), notes=notes)
        outputs = outputs_of(files, output, no_figure, format_)
        found = dynamics(files, system, choices, outputs, output)
        return Outcome(found.data, found.text(), notes=[*notes, *found.notes])
    from glasscli.dynamics.study import LadderWish, climb, temperatures
    from glasscli.simulation.stopping import stop_for

    name = system_name or DEFAULT_SYSTEM
    where = str(Path(name).absolute()) if Path(name).is_file() else name
    wish = LadderWish(
        load_system(name), where, temperatures(choices.temperatures, ladder), atoms, samples, steps, exchange_steps,
        most_steps, lengths, stress_every, choices.q, seed, forces,
    )  # fmt: skip
    folder = output or Path("dynamics")
    if dry_run:
        from glasscli.cli.planning import planner  # it has all commands, this one too
        from glasscli.dynamics.study import first_runs
        from glasscli.workflow.costs import costs

        table = costs(folder, first_runs(wish), planner(folder))
        note = f"runs that are too short for tau_alpha are followed by longer ones, of up to {most_steps} steps each"
        return Outcome(table.data, table.text(), notes=[note])
    climbed = climb(wish, folder, jobs, stop_for(walltime))
    said = {"folder": str(folder), "notes_of_ladder": list(climbed.notes)}
    if climbed.last is not None:
        return Outcome(said | climbed.last.data, climbed.last.text(), climbed.exit_code, climbed.notes)
    if not climbed.files:
        raise InputError(f"{folder}: {climbed.notes[0]}")
    outputs = outputs_of(climbed.files, folder / "liquid", no_figure, format_)
    found = dynamics(climbed.files, None, choices, outputs, folder / "liquid")
    return Outcome(found.data | said, found.text(), notes=[*climbed.notes, *found.notes])


def _positive(text: str | None, option: str) -> tuple[float, ...] | None:
    return None if text is None else shared.positive_numbers(text, option, "numbers such as 7.25,4")
