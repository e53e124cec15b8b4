"""`glasscli report`: the page one shows to a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.analysis.choices import chosen
from glasscli.analysis.registry import resolve
from glasscli.analysis.report_page import page_of, report
from glasscli.analysis.workers import forked
from glasscli.cli import complete
from glasscli.cli import options as shared
from glasscli.cli.analyze import measuring_options
from glasscli.cli.claims import claims, place
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.formats.snapshots import expanded
from glasscli.formats.source import reinterpreted
from glasscli.model.system import load_system
from glasscli.store.kind import PAGE


@make_command(
    "report",
    epilog="Examples:\n  glasscli report anneal.h5\n  glasscli report anneal-*.h5 -o page.html\n"
    "  glasscli report big.h5 --dry-run",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The page.  [default: NAME-report.html beside the first file]",
)
@click.option("--force", is_flag=True, help="Replace an existing page.")
@click.option(
    "--measure",
    "measures",
    metavar="NAME,...|all",
    shell_complete=complete.measures,
    default="all",
    help="What to show.",
)
@shared.dry_run_option
@measuring_options
def command(
    files: tuple[Path, ...], output: Path | None, force: bool, measures: str, dry_run: bool, system_name: str | None,
    reinterpret: bool, **choices: Any,
) -> Outcome:  # fmt: skip
    """Write one self-contained page about FILES: figures, tables with errors, provenance, links to the data.

    Several files are compared, and averaged with bootstrap errors. With --format pdf or svg the figures are also
    written in that format beside the files.
    """
    system = load_system(system_name) if system_name else None
    files = tuple(expanded(files))
    notes = reinterpreted(files, system_name, reinterpret)
    page, mine, wish = place(output, page_of(files)), claims(files), chosen(system, **choices)
    mine.check(page, PAGE, anew=False)
    if dry_run:
        from glasscli.analysis.cost import page_cost  # what plans runs takes its time to load

        cost = page_cost(files, page, system, wish, resolve(measures), mine)
        return Outcome(cost.data, cost.text(), notes=notes)
    with forked(wish.jobs):
        made = report(files, page, system, wish, resolve(measures), mine)
    return Outcome(made.data, made.text(), notes=[*notes, *made.notes])
