"""Options that several commands share, and how their answers become plans.

What a run needs is imported where it is used: commands that make none share these options too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from glasscli.cli import complete
from glasscli.cli.edge import invocation
from glasscli.errors import InputError

if TYPE_CHECKING:
    from glasscli.engine.start import LaunchWish
    from glasscli.protocols.wish import SamplingWish

    _Type = click.ParamType[Any]
else:
    _Type = click.ParamType

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def stack(*options: Decorator) -> Decorator:
    """Several options as one decorator, in their order."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def _system(default: str) -> Decorator:
    return click.option(
        "--system", "system_name", metavar="NAME|FILE.toml", shell_complete=complete.systems,
        help=f"A built-in system or your own file.  [default: {default}]",
    )  # fmt: skip


system_option = _system("the input file's; wahnstrom without an input")
# Of commands that always have an input.
own_system_option = _system("the run's; of other files what they name, else none and no energies")

# Of a structure file whose types have neither names nor masses, or others than the system.
species_option = click.option(
    "--species",
    metavar="Zr,Cu",
    help="Which species the file's types 1, 2, ... are.  [default: by the names or masses it states]",
)

box_option = click.option(
    "--box",
    metavar="LX,LY,LZ[,XY,XZ,YZ]",
    help="Edges, and tilts, of the periodic box of a file that has none (plain XYZ).",
)

reinterpret_option = click.option(
    "--reinterpret", is_flag=True, help="Read a run in another --system than its own, energies and all."
)


class _Composition(_Type):
    """A composition as people write it."""

    name = "X|NAME=X,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The share of the second species of two, or shares by name."""
        from glasscli.model.composition import parse_composition

        return parse_composition(value) if isinstance(value, str) else value


COMPOSITION = _Composition()

integration_options = stack(
    click.option(
        "--timestep",
        type=click.FloatRange(min=0, min_open=True),
        help="Time step.  [default: START's, else the system's]",
    ),
    click.option("--seed", type=int, default=1, help="Of positions and velocities."),
)

ensemble_options = stack(
    click.option(
        "--ensemble",
        type=click.Choice(["nvt", "npt", "langevin"]),
        help="Nose-Hoover at constant volume or pressure, or random forces.  [default: START's, else the system's]",
    ),
    click.option(
        "--pressure", type=float, help="Pressure of npt, in the system's unit.  [default: START's, else 0]"
    ),
    integration_options,
)


def sampled_options(
    frames: str = "for 1000 of them, of a quench 200", minima: str = "for 200, of a quench 50",
    thermo: str = "100, more for over 400000 steps; of trials a multiple", stress: str = "none",
) -> Decorator:  # fmt: skip
    """What is kept and how often, with these defaults; without velocities, which not all that moves has to keep."""
    return stack(
        click.option(
            "--every", type=click.IntRange(1), help=f"Steps between stored frames.  [default: {frames}]"
        ),
        click.option(
            "--log-spaced", is_flag=True, help="Also store 1, 2, 4, 8, ... steps after each of them."
        ),
        click.option(
            "--inherent-every",
            type=click.IntRange(0),
            help=f"Steps between inherent structures; 0 for none.  [default: {minima}]",
        ),
        click.option(
            "--thermo-every", type=click.IntRange(1), help=f"Steps between E, T, P.  [default: {thermo}]"
        ),
        click.option(
            "--checkpoint-every",
            type=click.IntRange(1),
            help="Steps between checkpoints.  [default: seconds of work, by the number of atoms]",
        ),
        click.option(
            "--stress-every",
            type=click.IntRange(1),
            help=f"Steps between values of the stress tensor, for viscosities.  [default: {stress}]",
        ),
        click.option(
            "--precision",
            type=click.FloatRange(min=0, min_open=True),
            help="Largest error of a coordinate of a frame: 1e-4 halves a file.  [default: float32]",
        ),
    )


sampling_options = stack(
    sampled_options(), click.option("--velocities", is_flag=True, help="Store velocities too.")
)


def _style(context: click.Context, option: click.Parameter, text: str | None) -> None:
    from glasscli.report.style import choose  # where a figure is drawn

    choose(text)


# Of commands that draw.
style_option = click.option(
    "--style", metavar="light|dark|FILE", expose_value=False, callback=_style,
    help="Of figures: ours on white or on dark, or a matplotlib style of yours on top.  [default: light]",
)  # fmt: skip

format_option = click.option(
    "--format", "format_", type=click.Choice(["png", "pdf", "svg"]), default="png", help="Of figures."
)

keep_going_option = click.option(
    "--keep-going", is_flag=True, help="Also where none, or every one, of the first exchanges is accepted."
)

forces_option = click.option(
    "--forces",
    type=click.Choice(["own", "lammps"]),
    help="Whose forces: glasscli's for pairs of atoms, or LAMMPS's.  [default: own where they can be]",
)

walltime_of_runs_option = click.option(
    "--walltime",
    metavar="[D-]H:M:S",
    help="Stop at the last checkpoints that fit (exit code 75).  [default: the batch system's]",
)

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what it will take: time, disk, memory; and do nothing."
)
dry_run_of_runs_option = click.option(
    "--dry-run", is_flag=True, help="Say what the runs will take: time, disk, memory; and do nothing."
)

forces_of_runs_option = click.option(
    "--forces",
    type=click.Choice(["own", "lammps"]),
    help="Whose forces: glasscli's for pairs of atoms, or LAMMPS's.  [default: own for exchanges and minima]",
)

launch_options = stack(
    click.option(
        "--ranks", type=click.IntRange(1), help="MPI processes that share this sample.  [default: 1]"
    ),
    click.option(
        "--lmp",
        metavar='"srun lmp"',
        help="Run in this LAMMPS program, with its launcher.  [default: in process]",
    ),
    forces_of_runs_option,
    click.option(
        "--accelerator",
        type=click.Choice(["auto", "none", "opt", "omp", "intel", "kk", "gpu"]),
        help="Accelerated styles; auto times those of this build.  [default: opt where it has them]",
    ),
)

run_options = stack(
    launch_options,
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        help="File to write; with --dry-run a folder for the input.  [default: named like the command]",
    ),
    click.option("--force", is_flag=True, help="Replace an existing output."),
    click.option(
        "--dry-run", is_flag=True, help="Print the LAMMPS input, and what it will take: time, disk, memory."
    ),
    click.option(
        "--walltime",
        metavar="[D-]H:M:S",
        help="Stop at the last checkpoint that fits (exit code 75).  [default: the batch system's]",
    ),
)


def numbers(text: str, option: str, form: str) -> tuple[float, ...]:
    """Comma-separated numbers of an option; `form` says in a refusal what they should look like."""
    try:
        found = tuple(float(word) for word in text.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{option} {text!r} is not {form}") from error
    if not all(map(math.isfinite, found)):
        raise click.BadParameter(f"{option} {text!r} is not {form}")
    return found


def positive_numbers(text: str, option: str, form: str) -> tuple[float, ...]:
    """The same of numbers above zero. Raises InputError where one is not."""
    found = numbers(text, option, form)
    if not all(value > 0 for value in found):
        raise InputError(f"{option} {text}: all must be positive")
    return found


def given_without_use(names: Iterable[str], why: str) -> None:
    """Raise InputError for options of these names on the command line, which mean nothing there: why."""
    context = click.get_current_context()
    for option in context.command.params:
        if option.name in names and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            raise InputError(f"{max(option.opts, key=len)} {why}")


def sampling_wish(options: dict[str, Any]) -> SamplingWish:
    """Take the sampling options out of a command's options."""
    from glasscli.protocols.wish import SamplingWish

    names = (
        "every", "log_spaced", "inherent_every", "thermo_every", "checkpoint_every", "velocities", "stress_every",
        "precision",
    )  # fmt: skip
    given = {name: options.pop(name) for name in names if name in options}
    return SamplingWish(**given, harvest=options.pop("harvest", False))


def ranks_of(ranks: int | None) -> int | None:
    """The ranks asked for, by --ranks or by `mpirun -n N glasscli`; None when nobody asked."""
    around = invocation().ranks
    if around > 1 and ranks not in (None, around):
        raise InputError(f"mpirun has {around} ranks and --ranks says {ranks}: leave one of them out")
    return around if around > 1 else ranks


def launch_wish(options: dict[str, Any]) -> LaunchWish:
    """Take the launch options out of a command's options."""
    from glasscli.engine.start import LaunchWish

    ranks, lmp, accelerator, forces = (
        options.pop(name) for name in ("ranks", "lmp", "accelerator", "forces")
    )
    return LaunchWish(ranks_of(ranks), lmp, accelerator, forces)


def command_line() -> str:
    """The command as typed, quoted for a shell."""
    return invocation().command_line
