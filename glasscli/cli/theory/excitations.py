"""`glasscli theory excitations`: concentration excitations of a simulated alloy."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import numbers, outputs, plain, table, write
from glasscli.formats.columns import configuration


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
    "--sigma", default="1,0.9166666666666666,0.8333333333333334", show_default=True, help="s11,s12,s22 of LJ."
)
@click.option("--epsilon", default="1,1,1", show_default=True, help="e11,e12,e22 of Lennard-Jones.")
@click.option("--k-s", "k_s", type=float, help="Wave number of the order; default: the peak of S_cc(k).")
@click.option("--k-max", "k_max", type=float, default=12.0, show_default=True, help="Largest wave number.")
@outputs("excitations")
def command(
    file: Path, frame: int, shell: float, reach: float, sigma: str, epsilon: str, k_s: float | None, k_max: float,
    output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """Warren-Cowley order of each atom and E(k) of the concentration excitations (Egorushkin & Mel'nikova, 1-6).

    FILE is anything that holds configurations of two species. Lengths and energies in the system's units; the
    force constants are those of Lennard-Jones pairs.
    """
    import numpy as np

    from glasscli.errors import InputError
    from glasscli.report import theory_figure as figures
    from glasscli.theory.excitations import (
        concentration_peak,
        dispersion,
        lennard_jones_second_derivative,
        pairs_within,
        short_range_order,
    )

    def symmetric(text: str, name: str) -> np.ndarray:
        one, mixed, two = numbers(text, name, 3)
        return np.array([[one, mixed], [mixed, two]])

    if not 0 < k_max < np.inf:
        raise InputError(f"--k-max must be finite and greater than zero, not {k_max:g}")
    atoms = configuration(file, frame)
    order = short_range_order(atoms.species, pairs_within(atoms.positions, atoms.box, shell))
    wave = concentration_peak(atoms.positions, atoms.species, atoms.box, k_max) if k_s is None else k_s
    # Species as 1 and 2, whatever the file calls them.
    species = np.searchsorted(np.unique(atoms.species), atoms.species) + 1
    second = lennard_jones_second_derivative(symmetric(epsilon, "--epsilon"), symmetric(sigma, "--sigma"))
    k = np.linspace(0, k_max, 121)[1:]
    found = dispersion(k, species, pairs_within(atoms.positions, atoms.box, reach), order, second, wave)
    files = write(
        output,
        {"k": found.k, "E": found.E, "damping": found.damping, "damped": found.damped},
        None if no_figure else lambda figure: figures.excitations(figure, order, found),
        width=7.0,
    )
    data = {"atoms": atoms.n_atoms, "c": order.c, "alpha_mean": order.mean, "k_s": wave}
    data |= {
        "neighbours_mean": float(order.neighbours.mean()),
        "E_at_k_s": float(np.interp(wave, k, found.E)),
    }
    full = {
        "alpha": order.alpha,
        "k": found.k,
        "E": found.E,
        "damping": found.damping,
        "damped": found.damped,
    }
    return Outcome(plain(data | full | {"files": files}), table(data))
