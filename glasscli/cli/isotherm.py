"""Options that `anneal` and `hybrid` share: which temperature, how long, where to start."""

from __future__ import annotations

import click

from glasscli.cli import making
from glasscli.cli import options as shared

options = shared.stack(
    click.option("--T", "temperature", metavar="0.95Tf|0.52|300K", help="Temperature to hold."),
    click.option("--steps", help="How long, in MD steps.  [default: 100000]"),
    making.start_options,
)
