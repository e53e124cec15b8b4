"""Options that `anneal` and `hybrid` share: where to start, which temperature, how long."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared

options = shared.stack(
    click.argument("start", nargs=-1, type=click.Path(path_type=Path)),
    click.option("--T", "temperature", metavar="0.95Tf|0.52|300K", help="Temperature to hold."),
    click.option("--steps", help="How long, in MD steps.  [default: 100000]"),
    click.option(
        "--Tf", "fictive", type=click.FloatRange(min=0, min_open=True), help="T_f, instead of the file's."
    ),
    click.option(
        "--from", "origin", type=click.Choice(["ramp", "final"]), default="ramp", show_default=True,
        help="Halt the quench's ramp at T, or reheat its cold glass.",
    ),
    click.option("--new-velocities", is_flag=True, help="Maxwellian ones of --seed at the start."),
    shared.system_option,
    shared.ensemble_options,
    shared.sampling_options,
)  # fmt: skip
