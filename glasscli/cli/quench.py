"""`glasscli quench`: a melt to a glass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli import making
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.protocols.kinds.quench import QuenchWish


@make_command(
    "quench",
    epilog="Examples:\n  glasscli quench\n  glasscli quench --system cuzr --atoms 2000 --rate 5\n"
    "  glasscli quench --composition 0.67 --species-volumes 0.692,0.842 -o rich.h5",
)
@many("quench")
@click.argument("start", required=False, type=click.Path(path_type=Path))
@shared.system_option
@shared.species_option
@click.option("--atoms", type=int, help="Number of atoms.  [default: the system's; 500 of wahnstrom]")
@click.option(
    "--composition",
    type=shared.COMPOSITION,
    help="Share of the second species of two, or Cu=0.5,Zr=0.4,Al=0.1.  [default: the system's]",
)
@click.option("--volume-per-atom", type=float, help="V/N.  [default: the system's]")
@click.option(
    "--species-volumes",
    metavar="SMALL,LARGE",
    help="Volume of an atom of each species (where they are not of two sizes: in their order): sets V/N.",
)
@click.option("--T-start", "T_start", help="Temperature of the melt.  [default: the system's]")
@click.option("--T-end", "T_end", help="Temperature at the end.  [default: the system's]")
@click.option("--steps", help="Length of the ramp: steps, or a time such as 0.2us.  [default: the system's]")
@click.option(
    "--rate",
    type=float,
    help="Cooling rate, temperature per unit time, instead of --steps.  [default: by --steps]",
)
@click.option(
    "--equilibration",
    type=click.IntRange(0),
    help="Steps at T-start before the ramp (not counted).  [default: the system's]",
)
@shared.ensemble_options
@shared.sampling_options
@shared.run_options
def command(**options: Any) -> Outcome:
    """Quench a melt to a glass and find its fictive temperature.

    Without arguments: 500 Wahnström atoms from T = 2 to 0.01 in 200000 steps, into quench.h5. START, a structure file
    (LAMMPS data, dump, extended XYZ, GSD, a glasscli file), replaces the random start; one that does not name its
    system wants --system.
    """
    if volumes := options["species_volumes"]:
        form = "SMALL,LARGE such as 0.692,0.842"
        options["species_volumes"] = shared.numbers(volumes, "--species-volumes", form)
    return making.make(making.wish_of(QuenchWish, options), options)
