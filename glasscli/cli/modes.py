"""`glasscli modes`: vibrations of inherent structures, and how soft they are."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import options as shared
from glasscli.cli.beside import beside_options, outputs_of
from glasscli.cli.claims import claims
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand


@make_command(
    "modes",
    epilog="Examples:\n  glasscli modes quench.h5\n"
    "  glasscli modes glass.lammps.gz --system wahnstrom-smooth --count 50\n"
    "  glasscli modes glass-*.h5 --count 60 -o ensemble\n  glasscli modes quench-*.h5 --average\n"
    "  glasscli modes quench.h5 --instantaneous --frames 20",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared.own_system_option
@shared.species_option
@shared.reinterpret_option
@shared.forces_option
@click.option("--frame", type=int, default=-1, help="Frame; negative from the end.")
@click.option(
    "--count", type=click.IntRange(4), help="Only the lowest.  [default: all; 100 of more than 1500 atoms]"
)
@click.option(
    "--soft",
    type=click.IntRange(1),
    default=20,
    help="Lowest modes followed beyond the harmonic.",
)
@click.option(
    "--w-c", "w_c", type=click.FloatRange(0, min_open=True), help="Frequency of an unsoftened mode."
)
@click.option(
    "--hbar", type=click.FloatRange(0, min_open=True), help="Quantum of action, in Lennard-Jones units."
)
@click.option(
    "--memory", type=click.FloatRange(0, min_open=True), help="GiB to use at most.  [default: what is free]"
)
@click.option(
    "--elastic",
    is_flag=True,
    help="Elastic constants too: Born and non-affine parts, moduli, also of places.",
)
@click.option("--instantaneous", is_flag=True, help="Unstable modes of the moving atoms, frame by frame.")
@click.option("--frames", type=click.IntRange(1), default=20, help="Of --instantaneous.")
@click.option(
    "--average", is_flag=True,
    help="Means of D(ω), participation and C(T) over samples of one protocol, with errors.",
)  # fmt: skip
@shared.dry_run_option
@beside_options
def command(
    files: tuple[Path, ...], system_name: str | None, species: str | None, reinterpret: bool, forces: str | None,
    frame: int, count: int | None, soft: int, w_c: float | None,
    hbar: float | None, memory: float | None, elastic: bool, instantaneous: bool, frames: int, average: bool,
    dry_run: bool, output: Path | None, no_figure: bool, format_: str, force: bool,
) -> Outcome:  # fmt: skip
    """Frequencies, localisation and soft potentials of the inherent structures in FILES.

    A configuration that is not at rest is minimised first. Frequencies are angular, per time unit of the system
    (rad/ps in metal units, rad/fs in real); unstable ones are negative. Several files make one ensemble.
    """
    if dry_run:
        from glasscli.modes.cost import modes_cost, moving_cost

        said, named = reinterpreted(files, system_name, reinterpret), by_hand(species)
        if instantaneous:
            _one(files)
        cost = (
            moving_cost(files[0], system_name, frames=frames, species=named)
            if instantaneous
            else modes_cost(
                files, system_name, frame=frame, count=count, soft=soft, species=named, whose=forces
            )
        )
        return Outcome(cost.data, cost.text(), notes=said)
    # The library of this command takes a second to load, which its help and a shell's completion need not wait for.
    from glasscli.analysis import average_modes
    from glasscli.analysis.average import check
    from glasscli.modes.instantaneous import moving
    from glasscli.modes.spectrum import GIB
    from glasscli.modes.vibrations import vibrations

    notes = reinterpreted(files, system_name, reinterpret)
    names = (
        (("instantaneous",), ("instantaneous",))
        if instantaneous
        else (("modes", "spots", "heat", "soft", "moduli"), ("modes", "softest", "soft", "moduli"))
    )
    outputs = outputs_of(files, output, no_figure, format_, *names)
    room, named = memory * GIB if memory else None, by_hand(species)
    if not instantaneous:
        drawn, mine = None if no_figure else format_, claims(files)
        if average:
            check(files, "modes", mine, output, drawn)
        found = vibrations(
            files, outputs, system_name, frame=frame, count=count, soft=soft, w_c=w_c, hbar=hbar, memory=room,
            species=named, whose=forces, elastic=elastic,
        )  # fmt: skip
        notes += found.notes
        if not average:
            return Outcome(found.data, found.text(), notes=notes)
        means = average_modes.of_modes(found, mine, output, drawn)
        return Outcome(found.data | means.data, f"{found.text()}\n{means.text()}", notes=notes)
    if average:
        raise InputError("--average is of the modes of minima; --instantaneous follows one file")
    _one(files)
    seen = moving(files[0], outputs, system_name, frames=frames, memory=room, species=named)
    return Outcome(seen.data, seen.text(), notes=[*notes, *seen.notes])


def _one(files: tuple[Path, ...]) -> None:
    if len(files) > 1:
        raise InputError("--instantaneous takes one file: its frames are followed")
