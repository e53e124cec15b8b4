"""`glasscli theory stability`: soft modes of the undercooled liquid."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Numbers, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.stability import stable_mode


@make_command(
    "stability",
    epilog="Examples:\n  glasscli theory stability --beta-eps 3\n"
    "  glasscli theory stability --beta-eps 3 --eta 0.93 --curves 2,3,5",
)
@click.option(
    "--beta-eps",
    type=float,
    default=3.0,
    help="Formation energy of a soft spot, eps_m/kT.",
)
@click.option("--eta", type=float, default=0.0, help="Harmonic fraction of the restoring force.")
@click.option("--curves", type=Numbers(), default="3,5", help="Values of eps_m/kT to draw (Fig. 8).")
@outputs("stability")
def command(beta_eps: float, eta: float, curves: tuple[float, ...], output: Destination) -> Outcome:
    """Localisation eps_k/eps_m of the stable soft mode at eta, and eta_1, eta_2 (Buchenau, Eqs. 18-24)."""
    return finish(stable_mode(beta_eps, eta, curves), theory_figure.stability, output)
