"""`glasscli theory levels`: one soft potential, or the map of all."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.levels import gap_map, levels
from glasscli.theory.soft_potential import zero_point_scale


@make_command(
    "levels",
    epilog="Examples:\n  glasscli theory levels --K1 -4\n  glasscli theory levels --eta -0.05 --xi 0.02 -n 4\n"
    "  glasscli theory levels --map",
)
@click.option("--K1", "K1", type=float, help="K1 = eta/eta_L.")
@click.option("--K2", "K2", type=float, help="K2 = xi/eta_L^(1/2).")
@click.option("--eta", type=float, help="Instead of K1.")
@click.option("--xi", type=float, help="Instead of K2.")
@click.option(
    "--eps0",
    type=Quantity("energy", thermal=True),
    default="1K",
    help="Zero-point scale hbar^2/2Ma0^2, for eta and xi.",
)
@click.option(
    "--A",
    "A",
    type=Quantity("energy"),
    default="30eV",
    help="Quartic scale, for eta and xi.",
)
@click.option(
    "--mass", type=Quantity("mass"), help="Of the atom, instead of --eps0: hbar^2/2Ma0^2 with a0 = 1 Å."
)
@click.option("-n", "count", type=click.IntRange(1, 200), default=6, help="Number of levels.")
@click.option("--map", "as_map", is_flag=True, help="E1 - E0 over the (K1, K2) plane and its saddle points.")
@outputs("levels")
def command(
    K1: float | None, K2: float | None, eta: float | None, xi: float | None, eps0: float, A: float,
    mass: float | None, count: int, as_map: bool, output: Destination,
) -> Outcome:  # fmt: skip
    """Levels, wave functions and tunnel splitting of -d²/dX² + K1 X² + K2 X³ + X⁴, in units of w.

    The splitting E1 - E0 is resolved however small it is; WKB levels stand beside the exact ones.
    """
    if as_map:
        return finish(gap_map(), theory_figure.gap_map, output)
    eps0 = eps0 if mass is None else zero_point_scale(mass)
    return finish(levels(K1, K2, eta, xi, eps0, A, count), theory_figure.levels, output)
