"""`glasscli theory levels`: one soft potential, or the map of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, table, write
from glasscli.errors import InputError

if TYPE_CHECKING:
    from glasscli.theory.soft_potential import Scales


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
    "--eps0", default="1K", show_default=True, help="Zero-point scale hbar^2/2Ma0^2, for eta and xi."
)
@click.option("--A", "A", default="30eV", show_default=True, help="Quartic scale, for eta and xi.")
@click.option(
    "-n", "count", type=click.IntRange(1, 200), default=6, show_default=True, help="Number of levels."
)
@click.option("--map", "as_map", is_flag=True, help="E1 - E0 over the (K1, K2) plane and its saddle points.")
@outputs("levels")
def command(
    K1: float | None, K2: float | None, eta: float | None, xi: float | None, eps0: str, A: str, count: int,
    as_map: bool, output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """Levels, wave functions and tunnel splitting of -d²/dX² + K1 X² + K2 X³ + X⁴, in units of w.

    The splitting E1 - E0 is resolved however small it is; WKB levels stand beside the exact ones.
    """
    from glasscli.theory import soft_potential
    from glasscli.units import BOLTZMANN, quantity

    if as_map:
        return _map(output, no_figure)
    scale = soft_potential.scales(
        quantity(eps0, "energy", "--eps0", thermal=True), quantity(A, "energy", "--A")
    )
    if (K1 is not None and eta is not None) or (K2 is not None and xi is not None):
        raise InputError("give K1 or eta, and K2 or xi, not both")
    by_eta, by_xi = scale.reduced(eta or 0.0, xi or 0.0)
    k1 = float(by_eta) if K1 is None else K1
    k2 = float(by_xi) if K2 is None else K2
    data = {"K1": k1, "K2": k2} | _one(k1, k2, count, scale, output, no_figure)
    data |= {"eta_L": scale.eta_L, "w_K": scale.w / BOLTZMANN}
    pairs = enumerate(zip(data["energies"], data["wkb"], strict=True))
    rows: dict[str, Any] = {f"E{i}": f"{exact:.10f}    WKB {near:.6f}" for i, (exact, near) in pairs}
    rows |= {
        "E1 - E0": f"{data['splitting']:.10g} ({data['splitting_method']}), WKB {data['wkb_splitting']:.6g}"
    }
    rows |= {key: data[key] for key in ("J", "Delta", "class", "barrier")}
    if rows["class"] == "single":
        rows.pop("barrier")
    return Outcome(plain(data), table(rows))


def _one(k1: float, k2: float, count: int, scale: Scales, output: Path, no_figure: bool) -> dict[str, Any]:
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory import soft_potential, wkb
    from glasscli.theory.quartic_levels import states
    from glasscli.theory.tunnel_splitting import splitting

    found = states(k1, k2, count)
    pair = splitting(k1, k2)
    semiclassical = wkb.levels(k1, k2, max(count, 2))
    well = soft_potential.wells(k1, k2)
    V = soft_potential.value(found.x, k1, k2)
    minima = [float(x) for x in (well.deep, well.shallow) if np.isfinite(x)]
    files = write(
        output,
        {"X": found.x, "V": V} | {f"psi_{n}": found.psi[:, n] for n in range(count)},
        None if no_figure else lambda figure: figures.levels(figure, found, V),
    )
    return {
        "energies": found.energies,
        "error": found.error,
        "splitting": pair.value,
        "splitting_log10": pair.log10,
        "splitting_method": pair.method,
        "J": pair.pair.J,
        "Delta": pair.pair.Delta,
        "wkb": semiclassical.energies[:count],
        "wkb_splitting": semiclassical.splitting,
        "class": str(well.kind),
        "minima": minima,
        "top": float(well.top),
        "barrier": float(well.barrier),
        "asymmetry": float(well.asymmetry),
        "force_constants_k_over_k0": [
            scale.eta_L * float(k) for k in (well.k_deep, well.k_shallow) if np.isfinite(k)
        ],
        "files": files,
    }


def _map(output: Path, no_figure: bool) -> Outcome:
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory.quartic_levels import gap, saddle

    K1, K2 = np.linspace(-8, 8, 49), np.linspace(0, 6, 19)
    half = gap(K1[None, :], K2[:, None])  # even in K2
    K2, values = np.concatenate([-K2[:0:-1], K2]), np.concatenate([half[:0:-1], half])
    saddles = [saddle((0.0, sign * 1.9)) for sign in (-1, 1)]
    grid1, grid2 = np.meshgrid(K1, K2)
    files = write(
        output,
        {"K1": grid1.ravel(), "K2": grid2.ravel(), "gap": values.ravel()},
        None if no_figure else lambda figure: figures.gap_map(figure, K1, K2, values, saddles),
    )
    points = [{"K1": s.K1, "K2": s.K2, "gap": s.gap, "kind": s.kind} for s in saddles]
    data = {"K1": K1, "K2": K2, "gap": values, "saddles": points, "files": files}
    text = "\n".join(
        f"{s.kind} at K1 = {s.K1:+.4f}, K2 = {s.K2:+.4f}: E1 - E0 = {s.gap:.5f} w" for s in saddles
    )
    return Outcome(plain(data), text)
