"""`glasscli theory fragment`: eta and xi of a soft configuration from geometry."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, table, write
from glasscli.formats.columns import columns


@make_command(
    "fragment",
    epilog="Examples:\n  glasscli theory fragment --d1 2.95A --d2 3.0A\n"
    "  glasscli theory fragment --volumes cells.csv --critical 1.25 --slope 1 -o samples",
)
@click.option("--depth", default="2eV", show_default=True, help="Depth of the Morse bond.")
@click.option(
    "--range", "width", type=float, default=1.5, show_default=True, help="Its inverse width, per ångström."
)
@click.option("--r0", default="2.5A", show_default=True, help="Its length.")
@click.option("--d1", default="3A", show_default=True, help="Distance of the first neighbour.")
@click.option("--d2", help="Distance of the second.  [default: d1]")
@click.option("--angle", type=float, default=180.0, show_default=True, help="Bond angle, degrees.")
@click.option("--a0", default="1A", show_default=True, help="Unit of displacement.")
@click.option(
    "--volumes", type=click.Path(path_type=Path), help="CSV of atomic volumes in a0³: eta of each by Eq. 3.6."
)
@click.option("--critical", type=float, default=1.0, show_default=True, help="v_c of Eq. 3.6, in a0³.")
@click.option("--slope", type=float, default=1.0, show_default=True, help="nu of Eq. 3.6.")
@outputs("fragment")
def command(
    depth: str, width: float, r0: str, d1: str, d2: str | None, angle: float, a0: str, volumes: Path | None,
    critical: float, slope: float, output: Path, no_figure: bool,
) -> Outcome:  # fmt: skip
    """Eta and xi of an atom between two neighbours (Klinger, Fig. 3), or of atomic volumes (Eq. 3.6).

    With --volumes the CSV written has the columns eta and xi = 0 that `theory spectrum --distribution FILE` reads.
    """
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory import soft_potential
    from glasscli.theory.fragment import Morse, eta_from_volume, fragment, place, potential
    from glasscli.units import ANGSTROM, ELECTRONVOLT, quantity

    if volumes is not None:
        v = columns(volumes, (1,))[1][0]
        eta = eta_from_volume(v, critical, slope)
        files = write(output, {"eta": eta, "xi": np.zeros_like(eta)}, None)
        data = {"atoms": len(eta), "eta_mean": float(eta.mean()), "eta_std": float(eta.std())}
        data["soft_share"] = float((np.abs(eta) < 0.2).mean())
        return Outcome(plain(data | {"files": files}), table(data))

    def length(text: str, name: str) -> float:
        return quantity(text, "length", name) / ANGSTROM

    bond = Morse(quantity(depth, "energy", "--depth") / ELECTRONVOLT, width, length(r0, "--r0"))
    first, unit = length(d1, "--d1"), length(a0, "--a0")
    second = length(d2, "--d2") if d2 else first
    found = fragment(bond, first, second, angle, unit)
    kind = str(soft_potential.classify(found.eta, found.xi))
    x = np.linspace(-0.6, 0.6, 241)
    ends = place(first, second, angle)
    exact = potential((x + found.origin) * unit, bond, ends)
    exact = exact - potential(np.array([found.origin * unit]), bond, ends)
    quartic = found.A * soft_potential.value(x, found.eta, found.xi)
    files = write(
        output,
        {"x_a0": x, "V_eV": exact, "quartic_eV": quartic},
        None if no_figure else lambda figure: figures.fragment(figure, x, exact, quartic),
    )
    data = asdict(found) | {"class": kind, "inflection_A": bond.inflection}
    return Outcome(plain(data | {"files": files}), table(data))
