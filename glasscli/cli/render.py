"""`glasscli render`: pictures of atoms and bonds."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.analysis.choices import chosen
from glasscli.analysis.render import render
from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option, place
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.formats.source import reinterpreted
from glasscli.model.system import load_system
from glasscli.report.beside import stem_of
from glasscli.report.views import VIEWS
from glasscli.store.kind import picture_kind


@make_command(
    "render",
    epilog="Examples:\n  glasscli render anneal.h5 --view network --frame -1 -o a.png\n"
    "  glasscli render anneal.h5 --view icosahedra -o anneal.gif\n"
    "  glasscli render shear.h5 --view strain --lag 100 -o band.png",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--view", type=click.Choice(list(VIEWS)), default="species", help="What to show.")
@click.option("--frame", type=int, default=-1, help="Which frame; -1 is the last.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Picture (.png .pdf .svg) or animation (.gif .mp4).",
)
@click.option("--lag", type=click.IntRange(1), default=1, help="Frames back, of displacements and strain.")
@shared.style_option
@shared.own_system_option
@shared.species_option
@shared.box_option
@shared.reinterpret_option
@click.option("--radii", metavar="R1,R2|system", help="Of the bond network, in the order of species.")
@click.option("--moving", is_flag=True, help="Frames as they moved, not inherent structures.")
@click.option("--width", type=click.IntRange(100, 8000), default=1200, help="Pixels.")
@click.option(
    "--renderer",
    type=click.Choice(["auto", "ovito", "matplotlib"]),
    default="auto",
    help="OVITO's needs Vulkan.",
)
@click.option(
    "--fps",
    type=click.IntRange(1, 60),
    default=10,
    help="Frames a second of an animation.",
)
@click.option("--every", type=click.IntRange(1), default=1, help="Animate every n-th frame.")
@shared.dry_run_option
@force_option
def command(
    file: Path, view: str, frame: int, output: Path | None, lag: int, system_name: str | None, species: str | None,
    box: str | None, reinterpret: bool, radii: str | None,
    moving: bool, width: int, renderer: str, fps: int, every: int, dry_run: bool, force: bool,
) -> Outcome:  # fmt: skip
    """Draw a frame of FILE: atoms, icosahedra, bonds, displacements, local strain; or animate all frames.

    OVITO renders where Vulkan is there; elsewhere matplotlib draws a projection.
    """
    system = load_system(system_name) if system_name else None
    notes = reinterpreted([file], system_name, reinterpret)
    target = place(output, Path(f"{stem_of(file)}-{view}.png"))
    own = output is None and file.absolute().parent.resolve() == Path.cwd().resolve()
    mine = claims((file,))
    mine.check(target, picture_kind(target), own)
    choices = chosen(system, radii, species=species, box=box, moving=moving)
    if dry_run:
        from glasscli.analysis.written_cost import render_cost  # what plans runs takes its time to load

        cost = render_cost(file, target, view, frame, lag, system, choices, width, renderer, fps, every)
        return Outcome(cost.data, cost.text(), notes=notes)
    made = render(file, target, view, frame, lag, system, choices, width, renderer, fps, every)
    mine.made(target)
    return Outcome(made.data, made.text(), notes=[*notes, *made.notes])
