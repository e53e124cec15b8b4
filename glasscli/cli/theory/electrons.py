"""`glasscli theory electrons`: self-trapped electrons in a soft configuration."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.electrons import electrons
from glasscli.units import ELECTRONVOLT

EV = Quantity("energy", bare="eV", unit=ELECTRONVOLT)
EV_OR_NONE = Quantity("energy", bare="eV", unit=ELECTRONVOLT, positive=False)


@make_command(
    "electrons",
    epilog="Examples:\n  glasscli theory electrons\n"
    "  glasscli theory electrons --Q0 3eV --A 30eV --Uc 0.3eV --gap 1.2eV",
)
@click.option("--Q0", "Q0", type=EV, default="3", help="Electron-atom coupling, eV.")
@click.option("--A", "A", type=EV, default="30", help="Quartic scale of the potential, eV.")
@click.option("--Uc", "U_c", type=EV_OR_NONE, default="0.3", help="Repulsion of two electrons, eV.")
@click.option("--gap", type=EV, default="2", help="Mobility gap, eV.")
@click.option("--eta", type=float, default=0.0, help="Harmonic parameter of the configuration.")
@click.option("--xi", type=float, default=0.0, help="Its asymmetry.")
@click.option(
    "--mixing",
    type=EV_OR_NONE,
    default="0.1",
    help="Interband matrix element of Fig. 6, eV.",
)
@click.option("--tail", type=float, default=0.1, help="Decay of the bare tails over the gap.")
@click.option(
    "--eta-soft",
    type=float,
    default=0.2,
    help="g(E): bonds alike up to the stiffness 2 A eta-soft.",
)
@outputs("electrons")
def command(
    Q0: float, A: float, U_c: float, gap: float, eta: float, xi: float, mixing: float, tail: float,
    eta_soft: float, output: Destination,
) -> Outcome:  # fmt: skip
    """States with one and two trapped electrons, their correlation energy U, and g(E) in the gap (Klinger, Sec. 5).

    W1, W2, x1, x2 are the exact minima of V(x) - n Q0 x; "limited" values stop at the far band's edge (5.10).
    """
    found = electrons(Q0, A, U_c, gap, eta, xi, mixing, tail, eta_soft)
    return finish(found, theory_figure.electrons, output, width=7.0)
