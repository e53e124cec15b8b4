"""`glasscli theory participation`: how many atoms a soft mode has."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.participation import soft_modes
from glasscli.theory.participation import GLASSES


@make_command(
    "participation",
    epilog="Examples:\n  glasscli theory participation --glass silica\n"
    "  glasscli theory participation --nu-c 2.879THz --T-star 2.057K --mass 20.03u --a 1.6A",
)
@click.option("--glass", type=click.Choice(list(GLASSES)), help="Take its values.")
@click.option(
    "--nu-c",
    "nu_c",
    type=Quantity("frequency"),
    help="Frequency of an unsoftened mode, the first maximum of the density of states.",
)
@click.option("--T-star", "T_star", type=Quantity("temperature"), help="Temperature of the minimum of C/T³.")
@click.option("--mass", type=Quantity("mass"), help="Mean atomic mass, e.g. 20.03u.")
@click.option(
    "--T-g", "T_g", type=Quantity("temperature"), help="Glass transition: adds eps_m/kT_g by Eq. 23."
)
@click.option("--a", type=Quantity("length"), help="Length of the quartic term, about 1A: adds N_s.")
@click.option("--ratio", type=float, default=1.6, help="W/kT*; the theory spectrum command finds it.")
@outputs("participation")
def command(
    glass: str | None, nu_c: float | None, T_star: float | None, mass: float | None, T_g: float | None,
    a: float | None, ratio: float, output: Destination,
) -> Outcome:  # fmt: skip
    """N_s a², eps_0 and W of the soft modes from nu_c, T* and the mean mass (Buchenau, Eqs. 6-8)."""
    found = soft_modes(glass, nu_c, T_star, mass, T_g, a, ratio)
    return finish(found, theory_figure.participation, output)
