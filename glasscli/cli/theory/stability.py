"""`glasscli theory stability`: soft modes of the undercooled liquid."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import numbers, outputs, plain, table, write


@make_command(
    "stability",
    epilog="Examples:\n  glasscli theory stability --beta-eps 3\n"
    "  glasscli theory stability --beta-eps 3 --eta 0.93 --curves 2,3,5",
)
@click.option(
    "--beta-eps",
    type=float,
    default=3.0,
    show_default=True,
    help="Formation energy of a soft spot, eps_m/kT.",
)
@click.option(
    "--eta", type=float, default=0.0, show_default=True, help="Harmonic fraction of the restoring force."
)
@click.option("--curves", default="3,5", show_default=True, help="Values of eps_m/kT to draw (Fig. 8).")
@outputs("stability")
def command(beta_eps: float, eta: float, curves: str, output: Path, no_figure: bool) -> Outcome:
    """Localisation eps_k/eps_m of the stable soft mode at eta, and eta_1, eta_2 (Buchenau, Eqs. 18-24)."""
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory.stability import curve, harmonic_limits, mode, quartic_energy

    limits = harmonic_limits(beta_eps)
    found = mode(beta_eps, eta)
    grid = np.linspace(-0.3, 1.0, 131)
    drawn = {value: curve(value, grid) for value in dict.fromkeys([beta_eps, *numbers(curves, "--curves")])}
    files = write(
        output,
        {"eta": grid} | {f"eps_k/eps_m at eps_m/kT = {value:g}": ratio for value, ratio in drawn.items()},
        None
        if no_figure
        else lambda figure: figures.stability(
            figure, {f"$\\epsilon_m/k_BT$ = {value:g}": (grid, ratio) for value, ratio in drawn.items()}
        ),
    )
    data = {
        "eta1": limits[0] if limits else None,
        "eta2": limits[1] if limits else None,
        "eta": eta,
        "ratio": found.ratio,
        "branch": found.branch,
        "beta_eps0": quartic_energy(beta_eps),
    }
    return Outcome(plain(data | {"files": files}), table(data))
