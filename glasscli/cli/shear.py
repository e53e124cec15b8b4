"""`glasscli shear`: deform a glass at zero temperature until it yields."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Matrices here are small: threads of a library would cost more than they bring.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click

from glasscli.cli import making
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.protocols.kinds.shear import ShearWish

_positive = click.FloatRange(min=0, min_open=True)


@make_command(
    "shear",
    epilog="Examples:\n  glasscli shear quench.h5 --strain-max 0.2\n"
    "  glasscli shear glass.data --system cuzr --mode uniaxial --axis z --strain-max 0.1 --strain-step 1e-3\n"
    "  glasscli shear quench.h5 --mode uniaxial --sides pressure --strain-max 0.2 --strain-step 1e-3\n"
    "  glasscli shear quench.h5 --cycles 10 --amplitude 0.05 --strain-step 5e-4",
)
@many("shear", "quench.h5")
@click.argument("start", nargs=-1, type=click.Path(path_type=Path))
@shared.own_system_option
@shared.species_option
@click.option("--strain-max", type=float, help="How far it goes; below 0 the other way.  [default: 0.2]")
@click.option("--strain-step", type=_positive, default=1e-4, help="Strain of a step.")
@click.option(
    "--mode", type=click.Choice(["simple", "pure", "uniaxial", "bulk"]), default="simple",
    help="Planes slide; stretched and shortened; along one axis; compressed from all sides.",
)  # fmt: skip
@click.option(
    "--plane", type=click.Choice(["xy", "xz", "yz"]),
    help="Of simple and pure: along the first axis, the second normal to what slides.  [default: xy]",
)  # fmt: skip
@click.option("--axis", type=click.Choice(["x", "y", "z"]), help="Of uniaxial.  [default: z]")
@click.option(
    "--sides", type=click.Choice(["volume", "pressure"]),
    help="Of uniaxial: giving way at constant volume, or each kept at --pressure.  [default: volume]",
)  # fmt: skip
@click.option(
    "--pressure", type=float, help="Of uniaxial: that on its sides.  [default: START's there, at rest]"
)
@click.option("--back", is_flag=True, help="Return to no strain at the end.")
@click.option(
    "--cycles",
    type=click.IntRange(1),
    help="So many times up, down, and back to no strain.  [default: one way]",
)
@click.option("--amplitude", type=_positive, help="Largest strain of a cycle.  [default: none]")
@click.option(
    "--force-tolerance", "tolerance", type=_positive, default=1e-6,
    help="Largest force component that is left, as of inherent structures.",
)  # fmt: skip
@click.option(
    "--resolution", type=_positive,
    help="Strain down to which a rearrangement is bisected; that of a step: not at all.  [default: a thousandth of it]",
)  # fmt: skip
@click.option(
    "--release", type=_positive, default=1e-5,
    help="Energy of the whole sample from which on what a step gives off is a rearrangement.",
)  # fmt: skip
@click.option("--seed", type=int, default=1, help="Tells replicas apart; nothing is drawn.")
@click.option(
    "--every", type=click.IntRange(1), help="Steps between stored frames.  [default: for 100 of them]"
)
@click.option(
    "--checkpoint-every", type=click.IntRange(1), help="Steps between checkpoints.  [default: by the atoms]"
)
@shared.run_options
def command(**options: Any) -> Outcome:
    """Deform a glass step by step at zero temperature: stress, energy and what gives way.

    START is the glass (default: quench.h5 here): the last inherent structure of a run, or the last frame of any file,
    brought to rest first. After each step of strain the atoms go to the nearest energy minimum; a rearrangement is
    bisected. In every --mode dE = V stress dstrain while nothing gives way; with --sides pressure, of the enthalpy.
    """
    return making.make(making.wish_of(ShearWish, options), options)
