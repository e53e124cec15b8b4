"""`glasscli theory coupling`: how a strain moves the levels of soft configurations."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.coupling import DISTRIBUTIONS, strained


@make_command(
    "coupling",
    epilog="Examples:\n  glasscli theory coupling --K1 -4 --K2 0.1\n"
    "  glasscli theory coupling --distribution gaussian --kappa-1 1 --kappa-2 0.5",
)
@click.option("--K1", "K1", type=click.FloatRange(-400, 1e5), default=-4.0, help="K1 = eta/eta_L.")
@click.option("--K2", "K2", type=click.FloatRange(-40, 40), default=0.0, help="K2 = xi/eta_L^(1/2).")
@click.option(
    "--eps0",
    type=Quantity("energy", thermal=True),
    default="1K",
    help="Zero-point scale hbar^2/2Ma0^2.",
)
@click.option("--A", "A", type=Quantity("energy"), default="30eV", help="Quartic scale.")
@click.option("--kappa-1", "kappa_1", type=float, default=1.0, help="d eta/d strain, of order one.")
@click.option("--kappa-2", "kappa_2", type=float, default=0.0, help="d xi/d strain.")
@click.option(
    "--distribution",
    type=click.Choice(DISTRIBUTIONS),
    default="gaussian",
    help="F(eta, xi) of all.",
)
@click.option("--eta-star", type=float, default=0.2, help="Soft means |eta| < eta-star.")
@outputs("coupling")
def command(
    K1: float, K2: float, eps0: float, A: float, kappa_1: float, kappa_2: float, distribution: str, eta_star: float,
    output: Destination,
) -> Outcome:  # fmt: skip
    """Coupling b = dE/de of soft configurations to a strain e: one, and all of a distribution.

    Klinger 3.27-3.30: b = kappa_1 dE/d eta + kappa_2 dE/d xi, exact for the lowest excitation E = E1 - E0.
    """
    found = strained(K1, K2, eps0, A, kappa_1, kappa_2, distribution, eta_star)
    return finish(found, theory_figure.coupling, output)
