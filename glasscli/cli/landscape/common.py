"""Options that the landscape's commands share."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.beside import beside_options

sample_options = shared.stack(
    click.argument("file", type=click.Path(path_type=Path)),
    shared.own_system_option,
    shared.species_option,
    shared.reinterpret_option,
    shared.forces_option,
    click.option("--first", type=int, default=0, help="First frame."),
    click.option("--last", type=int, help="Frame after the last; negative from the end."),
    beside_options,
    shared.dry_run_option,
)
smooth_option = click.option(
    "--as-is", is_flag=True, help="Keep the system as it is; without, wahnstrom becomes wahnstrom-smooth."
)
