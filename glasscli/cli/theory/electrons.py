"""`glasscli theory electrons`: self-trapped electrons in a soft configuration."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, table, write


@make_command(
    "electrons",
    epilog="Examples:\n  glasscli theory electrons\n"
    "  glasscli theory electrons --Q0 3eV --A 30eV --Uc 0.3eV --gap 1.2eV",
)
@click.option("--Q0", "Q0", default="3", show_default=True, help="Electron-atom coupling, eV.")
@click.option("--A", "A", default="30", show_default=True, help="Quartic scale of the potential, eV.")
@click.option("--Uc", "U_c", default="0.3", show_default=True, help="Repulsion of two electrons, eV.")
@click.option("--gap", default="2", show_default=True, help="Mobility gap, eV.")
@click.option(
    "--eta", type=float, default=0.0, show_default=True, help="Harmonic parameter of the configuration."
)
@click.option("--xi", type=float, default=0.0, show_default=True, help="Its asymmetry.")
@click.option("--mixing", default="0.1", show_default=True, help="Interband matrix element of Fig. 6, eV.")
@click.option(
    "--tail", type=float, default=0.1, show_default=True, help="Decay of the bare tails over the gap."
)
@outputs("electrons")
def command(
    Q0: str, A: str, U_c: str, gap: str, eta: float, xi: float, mixing: str, tail: float, output: Path, no_figure: bool
) -> Outcome:  # fmt: skip
    """States with one and two trapped electrons, their correlation energy U, and g(E) in the gap (Klinger, Sec. 5).

    W1, W2, x1, x2 are the exact minima of V(x) - n Q0 x; "limited" values stop at the far band's edge (5.10).
    """
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory.self_trapping import (
        adiabatic_potentials,
        anderson,
        anharmonic_limit,
        coordination_defect,
        gap_states,
        relations,
        trapped,
    )
    from glasscli.units import ELECTRONVOLT, quantity

    def in_eV(text: str, name: str, positive: bool = True) -> float:
        return quantity(text, "energy", name, bare="eV", positive=positive) / ELECTRONVOLT

    q0, a, width = in_eV(Q0, "--Q0"), in_eV(A, "--A"), in_eV(gap, "--gap")
    repulsion, mix = in_eV(U_c, "--Uc", positive=False), in_eV(mixing, "--mixing", positive=False)
    state = trapped(q0, a, repulsion, width, eta, xi)
    data = asdict(state) | {"eps_g": anharmonic_limit(q0, a)}
    data["relations"] = asdict(relations(state, width)) if state.U_limited < 0 else None
    if eta > 0:
        harmonic = anderson(q0, 2 * a * eta, repulsion)
        data["anderson"] = dict(zip(("W1", "W2", "U"), harmonic, strict=True))
    defect = coordination_defect(q0, width)
    data["coordination_defect"] = dict(zip(("k_eV_per_a02", "one", "pair"), defect, strict=True))
    x = np.linspace(-1.5, 1.5, 401) * max(abs(state.x2), 0.1)
    ground, excited = adiabatic_potentials(x, q0, a, width, eta, xi, mix)
    g = gap_states(np.linspace(0, width, 401), q0, a, repulsion, width, tail=tail)
    columns = {"x_a0": x, "ground_eV": ground, "excited_eV": excited}
    columns |= {"E_eV": g.E, "g0": g.tails, "g1": g.single, "g2": g.pairs}
    minima = [(state.x1, state.W1), (state.x2, state.W2)]
    files = write(
        output,
        columns,
        None if no_figure else lambda figure: figures.electrons(figure, x, ground, excited, minima, g),
        width=7.0,
    )
    shown = {key: data[key] for key in ("W1", "W2", "U", "x1", "x2", "eps_g", "repelled")}
    if state.repelled:
        shown |= {key: data[key] for key in ("W1_limited", "W2_limited", "U_limited")}
    if data["relations"]:
        shown |= data["relations"]
    return Outcome(plain(data | {"files": files}), table(shown))
