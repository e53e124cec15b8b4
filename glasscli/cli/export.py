"""`glasscli export`: configurations for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.formats.export import KINDS, export
from glasscli.formats.foreign import edges
from glasscli.formats.species import by_hand


@make_command(
    "export",
    epilog="Examples:\n  glasscli export anneal.h5 --frame -1 -o relaxed.lammps\n"
    "  glasscli export anneal.h5 --kind frames --frame all -o anneal.gsd\n"
    "  glasscli export anneal.h5 --frame 0:100:10 -o minima.xyz",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--frame", metavar="N|all|A:B:C", default="-1",
    help="Which one (negative from the end), all, or from A to before B every C.",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(KINDS),
    help="Of a run: inherent structures, frames (of a shear at rest), or full states with velocities.  [default: the "
    "first of these that it has]",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="NAME.lammps (or .data), .dump (.lammpstrj), .xyz (.extxyz), .gsd, .nc, .h5md or .xtc.",
)
@click.option(
    "--precision", type=click.FloatRange(min=0, min_open=True),
    help="Largest error of a coordinate in .h5md and .xtc.  [default: float32; 0.005 A of .xtc]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an existing file.")
@shared.own_system_option
@shared.species_option
@shared.box_option
@shared.dry_run_option
def command(
    file: Path, frame: str, kind: str | None, output: Path, force: bool, system_name: str | None,
    species: str | None, box: str | None, precision: float | None, dry_run: bool,
) -> Outcome:  # fmt: skip
    """Write configurations of FILE as LAMMPS data (one), LAMMPS dump, extended XYZ, GSD, NetCDF, H5MD or XTC.

    Step, time, names, masses, ids, images and velocities go with them, each where it is known and the format has a
    place for it. Another program's file keeps the names and masses that it states; with --system its species get
    those of the system.
    """
    if dry_run:
        from glasscli.analysis.written_cost import export_cost  # what plans runs takes its time to load

        cost = export_cost(
            file, output, frame, kind, system_name, force, species=by_hand(species), box=edges(box),
            precision=precision,
        )  # fmt: skip
        return Outcome(cost.data, cost.text())
    found = export(file, output, frame, kind, system_name, force, by_hand(species), edges(box), precision)
    return Outcome(found.data, found.text(), notes=list(found.notes))
