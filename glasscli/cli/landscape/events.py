"""`glasscli landscape events`: distinct inherent structures and the transitions between them."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.beside import outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import sample_options
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand
from glasscli.landscape.visits import visits


@make_command(
    "events",
    epilog="Examples:\n  glasscli landscape events anneal.h5\n"
    "  glasscli landscape events glass.dump.gz --system wahnstrom",
)
@sample_options
@click.option(
    "--place", type=click.FloatRange(0, min_open=True), default=0.05,
    help="Atoms within this share of the spacing are at one place.",
)  # fmt: skip
@click.option(
    "--energy", type=click.FloatRange(0, min_open=True), default=1e-3,
    help="Energies of the whole sample within this are one, in the system's unit.",
)  # fmt: skip
def command(
    file: Path, system_name: str | None, species: str | None, reinterpret: bool, forces: str | None,
    first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, force: bool, dry_run: bool, place: float, energy: float,
) -> Outcome:  # fmt: skip
    """Distinct inherent structures that FILE visits, and what moves between them.

    A run's own inherent structures are taken as they are; frames of any other file are minimised first. dE is the
    energy change of the whole sample.
    """
    notes = reinterpreted([file], system_name, reinterpret)
    outputs = outputs_of((file,), output, no_figure, format_, ("events",), ("event",))
    if dry_run:
        from glasscli.landscape.cost import events_cost  # what plans runs takes its time to load

        cost = events_cost(file, system_name, first, last, place, energy, by_hand(species), forces)
        return Outcome(cost.data, cost.text(), notes=notes)
    found = visits(file, outputs, system_name, first, last, place, energy, by_hand(species), forces)
    return Outcome(found.data, found.text(), notes=[*notes, *found.notes])
