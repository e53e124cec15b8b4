"""`glasscli flow`: deform at a temperature: shear at a rate, in oscillation, under a stress; stretch and compress."""

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
    "  glasscli flow quench.h5 --T 0.3 --stress 0.5 --steps 100000 --recovery 50000\n"
    "  glasscli flow glass.h5 --T 300K --mode uniaxial --rate -0.001",
)
@many("flow", "quench.h5")
@making.begin_options
@click.option("--T", "temperature", required=True, metavar="0.95Tf|0.52|300K", help="Temperature to hold.")
@click.option(
    "--mode", type=click.Choice(["simple", "uniaxial"]), default="simple",
    help="Planes slide; stretched or compressed along one axis.",
)  # fmt: skip
@click.option("--rate", type=float, help="Rate of strain; below 0 the other way, of uniaxial compression.")
@click.option("--strain-max", type=float, help="How far --rate goes.  [default: 2, of uniaxial 0.2]")
@click.option(
    "--plane", type=click.Choice(["xy", "xz", "yz"]),
    help="Of simple: along the first axis, the second normal to what slides.  [default: xy]",
)  # fmt: skip
@click.option(
    "--amplitude", type=click.FloatRange(min=0, min_open=True),
    help="Of simple: strain amplitude of an oscillation.",
)  # fmt: skip
@click.option("--period", help="Of an oscillation: steps, or a time such as 20tau.")
@click.option(
    "--cycles",
    type=click.IntRange(2),
    help="Of an oscillation, after the half that leads to it.  [default: 10]",
)
@click.option("--stress", type=float, help="Of simple: stress of a creep; below 0 the other way.")
@click.option("--steps", help="Length of a creep: steps, or a time.  [default: 100000]")
@click.option(
    "--recovery", help="How long it is watched without its stress after: steps, or a time.  [default: not]"
)
@click.option("--axis", type=click.Choice(["x", "y", "z"]), help="Of uniaxial.  [default: z]")
@click.option(
    "--sides", type=click.Choice(["pressure", "volume"]),
    help="Of uniaxial: each kept at --pressure, or giving way at constant volume.  [default: pressure]",
)  # fmt: skip
@click.option("--pressure", type=float, help="Of uniaxial: that on the sides.  [default: START's]")
@click.option(
    "--rest", help="Of uniaxial: steps, or a time, at --pressure on all sides before.  [default: 5000]"
)
@shared.integration_options
@shared.sampled_options("for 100 of them", "0", "20, more for over 400000 steps", "for 10000 of them")
@click.option("--velocities", is_flag=True, help="Of uniaxial: store velocities too.")
@shared.run_options
def command(**options: Any) -> Outcome:
    """Deform a glass or liquid at a temperature: flow at a rate, moduli, creep, tension and compression.

    START is the sample (default: quench.h5 here). Say what drives it: --rate, --amplitude with --period, or --stress.
    --mode uniaxial stretches along an axis at a --rate of true strain, ln(L/L0): Young's modulus, Poisson's ratio,
    yield. `analyze` of several files with rates of simple shear fits the flow curve.
    """
    return making.make(making.wish_of(FlowWish, options), options)
