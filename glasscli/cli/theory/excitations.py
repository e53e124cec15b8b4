"""`glasscli theory excitations`: concentration excitations of a simulated alloy."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Numbers, outputs
from glasscli.cli.theory.output import finish
from glasscli.formats.columns import configuration
from glasscli.report import theory_figure
from glasscli.theory.answers.excitations import alloy_excitations


@make_command(
    "excitations",
    epilog="Examples:\n  glasscli theory excitations anneal.h5\n"
    "  glasscli theory excitations glass.data --shell 1.5 --epsilon 1,1,1 --sigma 1,0.9167,0.8333",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--frame", type=int, default=-1, show_default=True, help="Frame; negative from the end.")
@click.option("--shell", type=float, default=1.45, show_default=True, help="Outer radius of the first shell.")
@click.option("--reach", type=float, default=2.5, show_default=True, help="Reach of the force constants.")
@click.option(
    "--sigma",
    type=Numbers(3),
    default="1,0.9166666666666666,0.8333333333333334",
    show_default=True,
    help="s11,s12,s22 of LJ.",
)
@click.option(
    "--epsilon", type=Numbers(3), default="1,1,1", show_default=True, help="e11,e12,e22 of Lennard-Jones."
)
@click.option("--k-s", "k_s", type=float, help="Wave number of the order; default: the peak of S_cc(k).")
@click.option("--k-max", "k_max", type=float, default=12.0, show_default=True, help="Largest wave number.")
@outputs("excitations")
def command(
    file: Path, frame: int, shell: float, reach: float, sigma: tuple[float, ...],
    epsilon: tuple[float, ...], k_s: float | None, k_max: float, output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """Warren-Cowley order of each atom and E(k) of the concentration excitations (Egorushkin & Mel'nikova, 1-6).

    FILE is anything that holds configurations of two species. Lengths and energies in the system's units; the
    force constants are those of Lennard-Jones pairs.
    """
    atoms = configuration(file, frame)
    found = alloy_excitations(
        atoms.positions, atoms.species, atoms.box,
        shell=shell, reach=reach, sigma=sigma, epsilon=epsilon, k_s=k_s, k_max=k_max,
    )  # fmt: skip
    return finish(found, theory_figure.excitations, output, no_figure, width=7.0)
