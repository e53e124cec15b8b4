"""`glasscli theory excitations`: concentration excitations of a simulated alloy."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Numbers, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.errors import InputError
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand
from glasscli.landscape.alloy import excitations_of
from glasscli.report import theory_figure


@make_command(
    "excitations",
    epilog="Examples:\n  glasscli theory excitations anneal.h5\n"
    "  glasscli theory excitations glass.data --system kob-andersen\n"
    "  glasscli theory excitations glass.data --shell 1.5 --epsilon 1,1,1 --sigma 1,0.9167,0.8333",
)
@click.argument("file", type=click.Path(path_type=Path))
@shared.own_system_option
@shared.species_option
@shared.reinterpret_option
@click.option("--frame", type=int, default=-1, help="Frame; negative from the end.")
@click.option(
    "--shell",
    type=float,
    help="Outer radius of the first shell.  [default: 1.45; 1.58 spacings in other units]",
)
@click.option(
    "--reach", type=float, help="Reach of the force constants.  [default: 2.5; the cutoff in other units]"
)
@click.option("--sigma", type=Numbers(3), help="Of Lennard-Jones pairs A-A,A-B,B-B, instead of the system's.")
@click.option("--epsilon", type=Numbers(3), help="Of the same pairs, with --sigma.")
@click.option("--k-s", "k_s", type=float, help="Wave number of the order; default: the peak of S_cc(k).")
@click.option(
    "--k-max", "k_max", type=float, help="Largest wave number.  [default: 12; 11/spacing in other units]"
)
@outputs("excitations")
def command(
    file: Path, system_name: str | None, species: str | None, reinterpret: bool, frame: int, shell: float | None,
    reach: float | None, sigma: tuple[float, ...] | None, epsilon: tuple[float, ...] | None,
    k_s: float | None, k_max: float | None, output: Destination,
) -> Outcome:  # fmt: skip
    """Warren-Cowley order of each atom and E(k) of the concentration excitations (Egorushkin & Mel'nikova, 1-6).

    FILE is anything that holds configurations of two species. Lengths and energies in the system's units; the
    force constants are those of its own pairs, or of Lennard-Jones pairs with --sigma and --epsilon.
    """
    if (sigma is None) != (epsilon is None):
        raise InputError("--sigma and --epsilon go together: Lennard-Jones pairs have both")
    notes = reinterpreted([file], system_name, reinterpret)
    pairs = (sigma, epsilon) if sigma and epsilon else None
    found = excitations_of(
        file,
        frame,
        system_name,
        by_hand(species),
        pairs=pairs,
        shell=shell,
        reach=reach,
        k_s=k_s,
        k_max=k_max,
    )
    return finish(found, theory_figure.excitations, output, width=7.0, notes=notes, units=found.units)
