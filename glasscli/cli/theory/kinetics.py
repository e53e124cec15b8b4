"""`glasscli theory kinetics`: the order parameter of structural relaxation, and its fit to a measured one."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Numbers, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.report import theory_figure
from glasscli.theory.answers.kinetics import fits, growth


@make_command(
    "kinetics",
    epilog="Examples:\n  glasscli theory kinetics --gain 20 --Gamma 10 --at 2,4,8\n"
    "  glasscli theory kinetics --fit anneal.h5\n  glasscli theory kinetics --fit relaxation.csv -o fit\n"
    "  glasscli theory kinetics --pump 2,0.5,1.3,0.7,5 --alloy 0.4,100",
)
@click.option("--gain", type=float, default=20.0, help="D s0^(1/2)/g.")
@click.option("--Gamma", "Gamma", type=float, default=10.0, help="G/g.")
@click.option(
    "--Omega", "Omega", type=float, default=0.0, help="Deviation from resonance over g (Eqs. 13-14)."
)
@click.option("--seed", type=float, default=1e-3, help="Initial polarisation of the full Eqs. 9.")
@click.option("--at", type=Numbers(), default="1,2,5,10", help="Times in 1/g at which to print eta.")
@click.option(
    "--pump",
    type=Numbers(5),
    metavar="G,kappa,D,t_s,s0",
    help="Threshold and condensate of a maintained population (15-17), and the order it induces (18-19).",
)
@click.option(
    "--alloy", type=Numbers(2), metavar="c,N", default="0.5,1",
    help="With --pump: concentration, and the number of all states, of 18-19.",
)  # fmt: skip
@click.option(
    "--fit", "measured", type=click.Path(path_type=Path), help="Fit eta(t) to a CSV (time, value) or a run."
)
@click.option(
    "--of", "quantity", type=click.Choice(["energy", "R"]), default="energy",
    help="What of a run: E_IS, or R(T_a, t_a) from its first inherent structure.",
)  # fmt: skip
@outputs("kinetics")
def command(
    gain: float, Gamma: float, Omega: float, seed: float, at: tuple[float, ...], pump: tuple[float, ...] | None,
    alloy: tuple[float, float], measured: Path | None, quantity: str, output: Destination,
) -> Outcome:  # fmt: skip
    """Growth of the order parameter eta(t) (Egorushkin & Mel'nikova, Eqs. 9-19), times in 1/g.

    Eqs. 18 and 19 follow with --pump: the order that a maintained population induces, which relaxation raises.
    """
    if measured is not None:
        # Files of runs need HDF5 and numba, which the law alone does not.
        from glasscli.analysis.measured_relaxation import measured_relaxation

        fitted = fits(str(measured), *measured_relaxation(measured, quantity))
        return finish(fitted, theory_figure.relaxation, output, notes=fitted.notes)
    found = growth(gain, Gamma, Omega, seed, at, pump, alloy)
    return finish(found, theory_figure.kinetics, output, notes=found.notes)
