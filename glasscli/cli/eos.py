"""`glasscli eos`: equations of state of all crystals of a system, their mixtures, and a glass among them."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli import complete
from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option, place
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.eos.equations import Question
from glasscli.eos.states import states
from glasscli.errors import InputError
from glasscli.formats.source import reinterpreted, wanted_system
from glasscli.formats.species import by_hand
from glasscli.model.composition import Composition
from glasscli.model.quantities import parse_temperature
from glasscli.model.system import load_system
from glasscli.report.canvas import picture
from glasscli.store.kind import TABLE, picture_kind
from glasscli.structures.phases import species_number


@make_command(
    "eos",
    epilog="Examples:\n  glasscli eos\n  glasscli eos c15 hcp-large --at 0.767\n"
    "  glasscli eos --mix c15,hcp-large --composition 0.5 --volume 0.767 --figure eos.png\n"
    "  glasscli eos --with anneal.h5\n  glasscli eos c15 c14 hcp-large --temperature 0.5",
)
@click.argument("phases", nargs=-1, shell_complete=complete.phases)
@shared.system_option
@shared.species_option
@shared.reinterpret_option
@click.option("--at", type=float, multiple=True, help="Also give energies at this V/N; may be repeated.")
@click.option("--mix", metavar="A,B", help="Two phases that share a volume (fractions from --composition).")
@click.option(
    "--composition", type=shared.COMPOSITION, help="Of the mixture: share of species 2, or A=0.5,B=0.5."
)
@click.option("--volume", type=float, help="Of the mixture, per atom.  [default: both at rest]")
@click.option("--temperature", metavar="0.5|300K", help="Also quasi-harmonic free energies F(V, T).")
@click.option(
    "--with", "glass", type=click.Path(path_type=Path), help="Draw this structure's atoms over the curves."
)
@click.option("--figure", type=click.Path(path_type=Path), help="Draw the curves (png, pdf, svg).")
@click.option("--table", type=click.Path(path_type=Path), help="Write the curves as CSV.")
@shared.style_option
@shared.dry_run_option
@force_option
@click.option(
    "--large", metavar="SPECIES", help="Name or number on the large sites.  [default: the larger, else 1]"
)
@click.option(
    "--small", metavar="SPECIES", help="Name or number on the small sites.  [default: the smaller, else 2]"
)
@click.option("--points", type=click.IntRange(9), default=41, help="Volumes of each curve.")
def command(
    phases: tuple[str, ...], system_name: str | None, species: str | None, reinterpret: bool, at: tuple[float, ...],
    mix: str | None, composition: Composition | None, volume: float | None, temperature: str | None,
    glass: Path | None, figure: Path | None, table: Path | None, dry_run: bool, force: bool, large: str | None,
    small: str | None, points: int,
) -> Outcome:  # fmt: skip
    """Energy, pressure and bulk modulus of PHASES against volume (default: all phases of the system).

    Phases: c15, c14, c36, b2, c11b, a15 and fcc, hcp, bcc of each species by name (hcp-Zr), in mixtures of two sizes
    also hcp-large, hcp-small. Shape and internal coordinates are relaxed at every volume.
    """
    notes = reinterpreted([glass] if glass else [], system_name, reinterpret)
    system = wanted_system(glass, system_name) if glass else load_system(system_name or "wahnstrom")
    question = Question(
        phases, at, pair_of(mix), None if composition is None else system.second_share(composition), volume,
        parse_temperature(temperature, system) if temperature else None,
        species_number(large, system) if large else None, species_number(small, system) if small else None, points,
    )  # fmt: skip
    target = place(figure, Path("eos.png")) if glass else figure
    target = picture(target)[0] if target else None
    mine = claims((glass,) if glass else ())
    for path, kind in ((target, picture_kind(target or Path())), (table, TABLE)):
        if path:
            mine.check(path, kind)
    if dry_run:
        from glasscli.eos.cost import eos_cost

        cost = eos_cost(system, question, glass, target is not None, table is not None, by_hand(species))
        return Outcome(cost.data, cost.text(), notes=notes)
    found = states(system, question, glass, target, table, by_hand(species), mine)
    return Outcome(found.data, found.text(), notes=[*notes, *found.notes])


def pair_of(text: str | None) -> tuple[str, str] | None:
    """The two phases of --mix. Raises InputError for anything else."""
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if len(words) != 2 or not all(words):
        raise InputError(f"--mix {text!r} is not two phases such as c15,hcp-large")
    return words[0], words[1]
