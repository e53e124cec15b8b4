"""`glasscli export`: one configuration for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.formats.export import KINDS, export
from glasscli.formats.species import by_hand


@make_command("export", epilog="Example:\n  glasscli export anneal.h5 --frame -1 -o relaxed.lammps")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--frame", type=int, default=-1, show_default=True, help="Which one; negative from the end.")
@click.option(
    "--kind", type=click.Choice(KINDS), default="inherent", show_default=True,
    help="Inherent structures, moving frames, or full states with velocities.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="NAME.lammps, .xyz or .dump."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@shared.own_system_option
@shared.species_option
def command(
    file: Path, frame: int, kind: str, output: Path, force: bool, system_name: str | None,
    species: str | None,
) -> Outcome:  # fmt: skip
    """Write one configuration of FILE as a LAMMPS data file, extended XYZ or LAMMPS dump.

    Another program's file keeps the names and masses that it states; with --system its species get those of the system.
    """
    found = export(file, output, frame, kind, system_name, force, by_hand(species))
    return Outcome(found.data, found.text(), notes=list(found.notes))
