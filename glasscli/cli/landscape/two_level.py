"""`glasscli landscape two-level`: tunnelling between the wells that were found."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.beside import outputs_of
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import sample_options, smooth_option
from glasscli.formats.source import reinterpreted
from glasscli.formats.species import by_hand


@make_command(
    "two-level",
    epilog="Examples:\n  glasscli landscape two-level anneal.h5\n"
    "  glasscli landscape two-level anneal.h5 --units cuzr --below 0.005",
)
@sample_options
@smooth_option
@click.option("--units", metavar="argon|cuzr", help="What the reduced units stand for.  [default: argon]")
@click.option(
    "--below", type=click.FloatRange(0, min_open=True),
    help="Count splittings up to this energy.  [default: 1 % of T_f, or of the run's temperature]",
)  # fmt: skip
def command(
    file: Path, system_name: str | None, species: str | None, reinterpret: bool, forces: str | None,
    first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, force: bool, dry_run: bool, as_is: bool, units: str | None, below: float | None,
) -> Outcome:  # fmt: skip
    """Two-level systems along the barriers of FILE, their density, and the heat capacity they make.

    Takes what `glasscli landscape barriers` found. Energies are in the system's unit: splitting = 2 (asymmetry² +
    tunnelling²)^½, tunnelling = ħω exp(-lambda). Heat capacities are in k_B per atom.
    """
    # The library of this command takes a second to load, which its help and a shell's completion need not wait for.
    from glasscli.landscape.tunnelling import tunnelling

    notes = reinterpreted([file], system_name, reinterpret)
    outputs = outputs_of((file,), output, no_figure, format_, ("two-level", "two-level-heat"), ("two-level",))
    if dry_run:
        from glasscli.landscape.cost import two_level_cost  # what plans runs takes its time to load

        cost = two_level_cost(
            file, system_name, first, last, as_is=as_is, units=units, species=by_hand(species), forces=forces
        )
        return Outcome(cost.data, cost.text(), notes=notes)
    found = tunnelling(
        file,
        outputs,
        system_name,
        first,
        last,
        as_is=as_is,
        units=units,
        below=below,
        species=by_hand(species),
        forces=forces,
    )
    return Outcome(found.data, found.text(), notes=[*notes, *found.notes])
