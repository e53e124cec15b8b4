"""`glasscli build`: crystals, disordered crystals, random liquids and nanocomposites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli import complete
from glasscli.cli import options as shared
from glasscli.cli.claims import place
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.structures.built import Wish, build
from glasscli.structures.settle import Settling

LONGEST = 1e9  # of any edge, in the unit of length


@make_command(
    "build",
    epilog="Examples:\n  glasscli build c15 --atoms 500 --volume-per-atom 0.767 -o c15.lammps\n"
    "  glasscli build c15 --composition 0.5 --cells 2,2,8 --box 5.09,5.09,22.74\n"
    "  glasscli build hcp-small --two-cutoffs -o hcp.xyz\n"
    "  glasscli build nanocomposite --grain-radius 4 --grains 8",
)
@click.argument("phase", shell_complete=complete.phases)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: PHASE.lammps]"
)
@click.option("--force", is_flag=True, help="Replace an existing output.")
@shared.system_option
@click.option("--atoms", type=int, help="Wanted number; the nearest cell that fits is built.")
@click.option("--cells", metavar="NX,NY,NZ", help="Unit cells along each edge, instead of --atoms.")
@click.option(
    "--box", metavar="LX,LY,LZ", help="Edges of the box of these --cells: the crystal is stretched to fit."
)
@click.option("--volume-per-atom", "volume", type=float, help="V/N.  [default: where the energy is lowest]")
@click.option(
    "--composition",
    type=shared.COMPOSITION,
    help="Share of species 2, or A=0.5,B=0.5: by substitution at random.",
)
@click.option(
    "--large", metavar="SPECIES", help="Name or number on the large sites.  [default: the larger, else 1]"
)
@click.option(
    "--small", metavar="SPECIES", help="Name or number on the small sites.  [default: the smaller, else 2]"
)
@click.option("--lattice", metavar="A[,C]", help="Lattice constants, instead of a volume.")
@click.option("--ideal", is_flag=True, help="Ideal c/a and coordinates instead of relaxed ones.")
@click.option("--two-cutoffs", is_flag=True, help="Edges of at least two cutoffs, as `anneal` needs.")
@click.option("--stacked", is_flag=True, help="fcc, C15: [111] along z, layers on each other.")
@click.option("--seed", type=click.IntRange(1), default=1, help="Of all that is random.")
@click.option("--grain-radius", type=float, help="Nanocomposite: radius of a grain's crystal.")
@click.option("--grains", type=int, help="Nanocomposite: how many, instead of --atoms.  [default: 8]")
@click.option(
    "--c15-volume", type=float, help="Nanocomposite: V/N of the crystals.  [default: 0.687 at 0.767]"
)
@click.option("--thickness", type=float, help="Nanocomposite: of the boundary; the C15 volume follows.")
@click.option(
    "--md-steps", type=click.IntRange(0), default=0, help="Nanocomposite, random: dynamics to settle."
)
@click.option("--temperature", type=float, help="Of these dynamics.")
@click.option("--swap-every", type=click.IntRange(0), default=100, help="Steps between exchanges.")
@click.option("--unrelaxed", is_flag=True, help="Nanocomposite, random: as packed, not minimised.")
@shared.dry_run_option
def command(
    phase: str, system_name: str | None, output: Path | None, force: bool, cells: str | None, box: str | None,
    lattice: str | None, md_steps: int, temperature: float | None, swap_every: int, seed: int, dry_run: bool,
    **wishes: Any,
) -> Outcome:  # fmt: skip
    """Build PHASE: fcc, hcp, bcc, b2, c11b, a15, c14, c15, c36, cristobalite, quartz, random or nanocomposite.

    fcc-Cu is made of Cu, in a mixture of two sizes fcc-small of the small species; fcc of what is on large sites.
    Hexagonal crystals come in orthogonal boxes. The file can be given to quench, anneal and analyze.
    """
    system = load_system(system_name or "wahnstrom")
    wish = Wish(
        phase, cells=_cells(cells), box=_lengths(box, "box", "LX,LY,LZ, such as 5.1,5.1,17.2"),
        lattice=_lengths(lattice, "lattice", "A or A,C, such as 2.51 or 1.1,1.8"), seed=seed,
        settling=Settling(md_steps, temperature, swap_every, seed), **wishes,
    )  # fmt: skip
    target = place(output, Path(f"{phase.lower()}.lammps"))
    if dry_run:
        from glasscli.simulation.build_cost import build_cost  # what plans runs takes its time to load

        cost = build_cost(system, wish, target, force)
        return Outcome(cost.data, cost.text())
    built = build(system, wish, target, force)
    return Outcome(built.data, built.text(), notes=built.notes)


def _lengths(text: str | None, option: str, form: str) -> tuple[float, ...] | None:
    if not text:
        return None
    found = shared.numbers(text, f"--{option}", form)
    if max(map(abs, found)) > LONGEST:
        raise InputError(f"--{option} {text}: no sample is longer than {LONGEST:g}")
    return found


def _cells(text: str | None) -> tuple[int, ...] | None:
    if not text:
        return None
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise InputError(f"--cells {text!r} is not NX,NY,NZ, such as 2,2,6") from error
