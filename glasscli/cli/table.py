"""`glasscli table`: many runs in one table."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.analysis.table import Table, read_table
from glasscli.analysis.table_plot import axes_of
from glasscli.analysis.table_plot import plotted as points_of
from glasscli.analysis.table_text import text, write
from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError
from glasscli.formats.snapshots import expanded
from glasscli.report.canvas import picture
from glasscli.store.kind import picture_kind


@make_command(
    "table",
    epilog="Examples:\n  glasscli table\n  glasscli table quench-*.h5 --plot T_f:rate --fit\n"
    '  glasscli table study --where "T_f<0.55" --sort -inherent_energy --columns file,T_f,rate\n'
    "  glasscli table study --by rate -o table.csv",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--where", multiple=True, metavar="COLUMN<VALUE",
    help="Rows that meet this alone: <, <=, >, >=, =, !=; may be repeated.",
)  # fmt: skip
@click.option(
    "--sort", metavar="COLUMN,...", help="Order of the rows; -COLUMN descends.  [default: as given]"
)
@click.option(
    "--columns", metavar="COLUMN,...",
    help="Of the rows; --json has all.  [default: settings that differ, and what was measured]",
)  # fmt: skip
@click.option(
    "--by", metavar="COLUMN,...", help="Group by these.  [default: settings in which the runs differ]"
)
@click.option("--groups", "groups_only", is_flag=True, help="Print the means of groups only.")
@click.option("--plot", "plotted", metavar="Y:X", help="Draw a column against another, such as T_f:rate.")
@click.option(
    "--fit", is_flag=True,
    help="With --plot: the line through the means, against log10 X where X spans decades; of T_f:rate the activation "
    "energy, too.",
)  # fmt: skip
@click.option(
    "--figure", type=click.Path(path_type=Path), help="Where (png, pdf, svg).  [default: table-Y-X.png]"
)
@shared.style_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write NAME.csv, .md or .json too.")
@force_option
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: all cores for many files]")
def command(
    files: tuple[Path, ...], where: tuple[str, ...], sort: str | None, columns: str | None, by: str | None,
    groups_only: bool, plotted: str | None, fit: bool, figure: Path | None, output: Path | None, force: bool,
    jobs: int | None,
) -> Outcome:  # fmt: skip
    """Tell many runs in one table: settings in which they differ, T_f, E_IS, P, f_ico; means over samples.

    FILES are runs, or folders of runs (default: this one). Runs that differ in nothing but their seeds are samples of
    one protocol, a group, whose means have errors over samples. A file that is damaged or unfinished is named with
    its reason.
    """
    if figure and not plotted:
        raise InputError("--figure says where --plot Y:X goes: give both")
    if fit and not plotted:
        raise InputError("--fit is the line through what --plot Y:X draws: give both")
    paths = expanded(files) or [Path()]
    every = read_table(paths, jobs)
    mine = claims([Path(name) for name in every.files])
    found = _chosen(every, where, sort, by)
    shown = _names(columns)
    for name in shown:
        found.require(name)
    written = write(found, output, mine, shown) if output else []
    lines, said = [text(found, shown, groups_only)], found.data
    if plotted:
        target, _ = picture(figure or Path("table-{}-{}.png".format(*axes_of(plotted))))
        points = points_of(found, plotted)
        fits = points.fits() if fit else []
        mine.file(target, picture_kind(target))
        written.append(str(points.draw(target, fits)))
        said |= {"fits": [one.data for one in fits]} if fit else {}
        lines += ["", *(one.text() for one in fits)] if fit else []
    lines += [f"wrote {path}" for path in written]
    return Outcome(said | {"written": written}, "\n".join(lines), notes=found.notes)


def _chosen(table: Table, where: tuple[str, ...], sort: str | None, by: str | None) -> Table:
    table = table.where(where)
    table = table.sorted(_names(sort)) if sort else table
    return table.grouped(_names(by)) if by else table


def _names(words: str | None) -> list[str]:
    return [word.strip() for word in (words or "").split(",") if word.strip()]
