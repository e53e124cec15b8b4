"""`glasscli theory fragment`: eta and xi of a soft configuration from geometry."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.options import Quantity, outputs
from glasscli.cli.theory.output import Destination, finish
from glasscli.formats.columns import columns
from glasscli.report import theory_figure
from glasscli.theory.answers.fragment import by_volume, three_atoms
from glasscli.theory.fragment import Morse
from glasscli.units import ANGSTROM, ELECTRONVOLT

LENGTH = Quantity("length", unit=ANGSTROM)


@make_command(
    "fragment",
    epilog="Examples:\n  glasscli theory fragment --d1 2.95A --d2 3.0A\n"
    "  glasscli theory fragment --volumes cells.csv --critical 1.25 --slope 1 -o samples",
)
@click.option(
    "--depth",
    type=Quantity("energy", unit=ELECTRONVOLT),
    default="2eV",
    help="Depth of the Morse bond.",
)
@click.option("--range", "width", type=float, default=1.5, help="Its inverse width, per ångström.")
@click.option("--r0", type=LENGTH, default="2.5A", help="Its length.")
@click.option("--d1", type=LENGTH, default="3A", help="Distance of the first neighbour.")
@click.option("--d2", type=LENGTH, help="Distance of the second.  [default: d1]")
@click.option("--angle", type=float, default=180.0, help="Bond angle, degrees.")
@click.option("--a0", type=LENGTH, default="1A", help="Unit of displacement.")
@click.option(
    "--volumes", type=click.Path(path_type=Path), help="CSV of atomic volumes in a0³: eta of each by Eq. 3.6."
)
@click.option("--critical", type=float, default=1.0, help="v_c of Eq. 3.6, in a0³.")
@click.option("--slope", type=float, default=1.0, help="nu of Eq. 3.6.")
@outputs("fragment")
def command(
    depth: float, width: float, r0: float, d1: float, d2: float | None, angle: float, a0: float, volumes: Path | None,
    critical: float, slope: float, output: Destination,
) -> Outcome:  # fmt: skip
    """Eta and xi of an atom between two neighbours (Klinger, Fig. 3), or of atomic volumes (Eq. 3.6).

    With --volumes the CSV written has the columns eta and xi = 0 that `theory spectrum --distribution FILE` reads.
    """
    if volumes is not None:
        return finish(by_volume(columns(volumes, (1,))[1][0], critical, slope), None, output)
    found = three_atoms(Morse(depth, width, r0), d1, d2 or d1, angle, a0)
    return finish(found, theory_figure.fragment, output)
