"""`glasscli flow`: shear at a temperature and a rate, in oscillation, or under a stress."""

from __future__ import annotations

from typing import Any

import click

from glasscli.cli import making
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.protocols.kinds.flow import FlowWish


@make_command(
    "flow",
    epilog="Examples:\n  glasscli flow quench.h5 --T 0.3 --rate 1e-3\n"
    "  glasscli flow quench.h5 --T 0.3 --amplitude 0.01 --period 20tau --cycles 20\n"
    "  glasscli flow quench.h5 --T 0.3 --stress 0.5 --steps 100000 --recovery 50000",
)
@many("flow", "quench.h5")
@making.start_options
@click.option("--T", "temperature", required=True, metavar="0.95Tf|0.52|300K", help="Temperature to hold.")
@click.option("--rate", type=float, help="Rate of strain of a steady flow; below 0 the other way.")
@click.option("--strain-max", type=float, help="How far --rate goes.  [default: 2]")
@click.option(
    "--amplitude", type=click.FloatRange(min=0, min_open=True), help="Strain amplitude of an oscillation."
)
@click.option("--period", help="Of an oscillation: steps, or a time such as 20tau.")
@click.option(
    "--cycles", type=click.IntRange(2), default=10, help="Of an oscillation, after the half that leads to it."
)
@click.option("--stress", type=float, help="Stress of a creep; below 0 the other way.")
@click.option("--steps", help="Length of a creep: steps, or a time.  [default: 100000]")
@click.option(
    "--recovery", help="How long it is watched without its stress after: steps, or a time.  [default: not]"
)
@click.option(
    "--plane", type=click.Choice(["xy", "xz", "yz"]), default="xy",
    help="Along the first axis, the second normal to what slides.",
)  # fmt: skip
@shared.run_options
def command(**options: Any) -> Outcome:
    """Shear a glass or liquid at a temperature: its flow at a rate, its moduli in oscillation, its creep.

    START is the sample (default: quench.h5 here). Say what drives it: --rate, --amplitude with --period, or --stress.
    `analyze` of several files with rates fits the flow curve.
    """
    return making.make(making.wish_of(FlowWish, options), options)
