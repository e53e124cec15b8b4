"""`glasscli theory glass`: from simulated glasses to T* and C/T^3, beside measured glasses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import outputs
from glasscli.cli.theory.output import Destination, write
from glasscli.formats.species import by_hand
from glasscli.landscape.bridge import Bridge, bridge
from glasscli.report import theory_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@make_command(
    "glass",
    epilog="Examples:\n  glasscli theory glass quench-*.h5\n  glasscli theory glass glass-*.h5 --units cuzr -o bridge",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared.own_system_option
@shared.species_option
@click.option("--units", metavar="argon|cuzr", help="What the reduced units stand for.  [default: argon]")
@click.option("--frame", type=int, default=-1, help="Frame; negative from the end.")
@click.option(
    "--as-is", is_flag=True, help="Keep the system as it is; without, wahnstrom becomes wahnstrom-smooth."
)
@outputs("glass")
def command(
    files: tuple[Path, ...], system_name: str | None, species: str | None,
    units: str | None, frame: int, as_is: bool, output: Destination,
) -> Outcome:  # fmt: skip
    """The whole bridge for an ensemble of glasses: soft modes measured, W, T* and C/T³ predicted.

    Modes of every file give F(eta, xi), N_s and w_c (as `glasscli modes`); two-level systems come from the catalogues
    of `glasscli landscape barriers` where there are some. Beside them what Buchenau (1992) found for real glasses.
    Errors, and the band round C/T³, are those over glasses.
    """

    found = bridge(files, system_name, units, frame, as_is, by_hand(species))
    written = write(found, _draw, output, width=7.0)
    text = "\n".join([found.text(), *(f"  wrote {path}" for path in written)])
    return Outcome(found.data | {"written": written}, text, notes=found.notes)


def _draw(figure: Figure, found: Bridge) -> None:
    theory_figure.bridge(
        figure, found.soft.eta, found.soft.xi, found.T_K, found.parts, found.C_error, found.table
    )
