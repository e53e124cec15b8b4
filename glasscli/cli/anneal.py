"""`glasscli anneal`: hold a glass at a temperature."""

from __future__ import annotations

from typing import Any

import click

from glasscli.cli import isotherm, making
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.protocols.kinds.anneal import AnnealWish


@make_command(
    "anneal",
    epilog="Examples:\n  glasscli anneal --T 0.95Tf\n  glasscli anneal quench.h5 --T 1.2Tf --time 1us -o hot.h5\n"
    "  glasscli anneal crystal.lammps --system wahnstrom --T 0.5 --steps 50000\n"
    "  glasscli anneal --T 0.95Tf --inherent-every 1000 --harvest",
)
@many("anneal", "quench.h5")
@isotherm.options
@click.option(
    "--time", "duration", metavar="0.1us|30ns|250tau", help="How long to hold it.  [default: by --steps]"
)
@click.option(
    "--harvest", is_flag=True,
    help="Between inherent structures that differ, bisect the time until one transition lies between.",
)  # fmt: skip
@shared.run_options
def command(**options: Any) -> Outcome:
    """Hold a glass at a constant temperature.

    START is the quench (default: quench.h5 here), halted at T as it was there: its nearest stored state above, the
    ramp repeated to exactly T. Any other glasscli file goes on from its last state, a structure file from its
    positions.
    """
    if options["temperature"] is None:
        raise click.UsageError("Missing option '--T'.")
    return making.make(making.wish_of(AnnealWish, options), options)
