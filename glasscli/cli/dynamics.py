"""`glasscli dynamics`: how the atoms of a liquid move, relax and flow, at one temperature or over many."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.beside import beside_options, outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.errors import InputError
from glasscli.formats.foreign import edges
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand
from glasscli.model.system import load_system

POSITIVE = click.FloatRange(0, min_open=True)


@make_command(
    "dynamics",
    epilog="Examples:\n  glasscli dynamics anneal.h5\n  glasscli dynamics anneal-*.h5 --q 7.25,4\n"
    "  glasscli dynamics theirs.dump --T 0.8 --species A,B",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared.own_system_option
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
    show_default=True,
    help="In time, averaged at each lag.",
)
@click.option("--T", "temperatures", metavar="T,...", help="Of files that do not say theirs, in their order.")
@click.option("--no-van-hove", is_flag=True, help="Leave the distributions of distances out.")
@beside_options
def command(
    files: tuple[Path, ...], system_name: str | None, species: str | None, box: str | None, reinterpret: bool,
    q: str | None, reach: float | None, origins: int, temperatures: str | None, no_van_hove: bool, output: Path | None,
    no_figure: bool, format_: str, force: bool,
) -> Outcome:  # fmt: skip
    """Motion, relaxation and flow of the liquids in FILES, each at one temperature.

    F_s(q, t), collective F(q, t), mean-square displacement, alpha_2, overlap, chi_4, van Hove functions, diffusion
    coefficients, tau_alpha; velocity autocorrelation and viscosity where velocities (--velocities) and the stress
    (--stress-every) were kept. Three temperatures or more are fitted by Arrhenius, VFT, a power law, a parabola.
    """
    from glasscli.dynamics.answer import dynamics

    notes = reinterpreted(files, system_name, reinterpret)
    choices = DynamicsChoices(
        q=_positive(q, "--q"), reach=reach, origins=origins, temperatures=_positive(temperatures, "--T"),
        species=by_hand(species), box=edges(box), van_hove=not no_van_hove,
    )  # fmt: skip
    outputs = outputs_of(files, output, no_figure, format_)
    system = load_system(system_name) if system_name else None
    found = dynamics(files, system, choices, outputs)
    return Outcome(found.data, found.text(), notes=[*notes, *found.notes])


def _positive(text: str | None, option: str) -> tuple[float, ...] | None:
    if text is None:
        return None
    found = shared.numbers(text, option, "numbers such as 7.25,4")
    if not all(value > 0 for value in found):
        raise InputError(f"{option} {text}: all must be positive")
    return found
