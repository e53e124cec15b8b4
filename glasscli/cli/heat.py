"""`glasscli heat`: calorimetry of a glass."""

from __future__ import annotations

from typing import Any

import click

from glasscli.cli import making
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.protocols.kinds.heat import HeatWish


@make_command(
    "heat",
    epilog="Examples:\n  glasscli heat\n  glasscli heat quench.h5 --age 20000 --T-age 0.9Tf\n"
    "  glasscli heat anneal.h5 --T-low 0.05 --age 1e5 --cycles 3 --T-age 0.35\n"
    "  glasscli heat slow.h5 --rate 0.001 --replicas 10",
)
@many("heat", "quench.h5")
@making.start_options
@click.option("--T-end", "T_end", help="Temperature at the top.  [default: the quench's melt]")
@click.option(
    "--T-low",
    "T_low",
    help="Temperature from which it is heated.  [default: START's; of a liquid the system's T_end]",
)
@click.option("--T-start", "T_start", help="Temperature of START.  [default: that of its end]")
@click.option(
    "--rate", type=float, help="Heating rate, temperature over time.  [default: the quench's cooling rate]"
)
@click.option("--steps", help="Length of one heating, in place of --rate: steps, or a time such as 0.2us.")
@click.option(
    "--cool-rate", type=float, help="Of what is cooled between heatings.  [default: the heating rate]"
)
@click.option("--age", help="Hold it so long before each heating: steps, or a time.  [default: not]")
@click.option("--T-age", "T_age", help="Where it is held.  [default: 0.9Tf]")
@click.option("--cycles", type=click.IntRange(1), default=1, help="Cool, age and heat so often.")
@shared.run_options
def command(**options: Any) -> Outcome:
    """Heat a glass as a calorimeter does: heat capacity, T_f by areas, overshoot, what ageing took.

    START is the glass (default: quench.h5 here), which goes on from its last state; a liquid is cooled first. With
    --age it is held before it is heated; with --cycles it is cooled again from the top, aged and heated, in one file.
    """
    return making.make(making.wish_of(HeatWish, options), options)
