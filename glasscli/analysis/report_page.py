"""`glasscli report`: all measures of one or more files on one page, in the order a paper would show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glasscli import __version__
from glasscli.analysis.choices import Choices
from glasscli.analysis.contract import Analysis
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.files import open_frames, stem_apart, stem_beside, stems_of
from glasscli.analysis.render import render
from glasscli.analysis.report_head import what_it_is
from glasscli.analysis.report_samples import compared
from glasscli.analysis.result import Json
from glasscli.errors import GlassError
from glasscli.model.system import System
from glasscli.report.page import Figure, Section, Table, write_page
from glasscli.store.kind import picture_kind
from glasscli.store.outputs import Claims
from glasscli.store.reader import is_run, open_run
from glasscli.units import UnitNames


@dataclass(frozen=True)
class Picture:
    """A view that belongs to what was measured; without: why it would show nothing, where `empty` says so."""

    caption: str
    measure: str
    empty: Callable[[Analysis], bool]
    without: str


PICTURES = {
    "laves": Picture(
        "Atoms by their surroundings: Laves, close-packed, none of these; last frame.", "icosahedra",
        lambda a: not a.course.crystalline[-1] > 0, "no atom has Laves or close-packed surroundings",
    ),
    "icosahedra": Picture(
        "Icosahedral atoms and the bonds between them, last frame.", "icosahedra",
        lambda a: not a.course.fraction[-1] > 0, "there are no icosahedra",
    ),
    "disclinations": Picture(
        "Bonds whose order is not 5, last frame.", "topology", lambda a: False, "",
    ),
    "polygons": Picture(
        "Atoms by the sides of their Voronoi polygons, last frame.", "hexatic", lambda a: False, "",
    ),
}  # fmt: skip
SMALL = 5000  # atoms beyond which a picture of all bonds is a blur


@dataclass(frozen=True)
class Report:
    """A page, and what it was made of; notes: what people should know beside."""

    page: Path
    analyses: tuple[Analysis, ...]
    notes: tuple[str, ...]

    @property
    def data(self) -> dict[str, Json]:
        """The contract object of --json."""
        return {
            "report": str(self.page),
            "notes": list(self.notes),
            "files": [str(a.file) for a in self.analyses],
            "figures": [str(figure.path) for a in self.analyses for figure in a.figures],
            "results": [a.data for a in self.analyses],
        }

    def text(self, units: UnitNames | None = None) -> str:
        """One line for people."""
        return f"wrote {self.page}"


def report(
    paths: Sequence[Path], output: Path, system: System | None, choices: Choices, measures: Sequence[str],
    claims: Claims | None = None,
) -> Report:  # fmt: skip
    """Analyse the files and write the page; return what it is made of. claims: what may be written.

    Tables and figures go beside each file, or beside the page where a file's folder cannot be written to.
    """
    claims = claims or Claims(paths)
    stem = stem_apart(paths, output)
    # Pages show PNG or SVG; other formats are written for the paper beside them.
    shown = choices if choices.format in ("png", "svg") else replace(choices, format="png")
    analyses = analyze_all(paths, system, shown, measures, stem=stem, claims=claims, one_q=True)
    if shown is not choices:
        analyze_all(paths, system, choices, measures, stem=stem, claims=claims)
    notes = [note for analysis in analyses for note in analysis.notes]
    sections = [*compared(analyses, output, shown.format, claims).sections] if len(analyses) > 1 else []
    stems = stems_of(paths, stem)
    for analysis in analyses:
        prefix = f"{analysis.file.name}: " if len(analyses) > 1 else ""
        mine = replace(claims, inputs=[analysis.file], reads=paths)
        sections += _of(analysis, stems[analysis.file], system, shown, notes, prefix, mine)
    sections.append(_provenance(paths, shown))
    write_page(
        output,
        f"Glass report: {', '.join(p.name for p in paths)}",
        f"{sum(len(a.course.steps) for a in analyses)} configurations measured",
        sections,
    )
    return Report(output, tuple(analyses), tuple(dict.fromkeys(notes)))


def page_of(paths: Sequence[Path]) -> Path:
    """Where the page goes: NAME-report.html beside the first file; the name says how many others there are."""
    stem, more = stem_beside(paths[0]), len(paths) - 1
    return stem.with_name(f"{stem.name}{f'-and-{more}-more' if more else ''}-report.html")


def _of(
    analysis: Analysis,
    stem: Path,
    system: System | None,
    choices: Choices,
    notes: list[str],
    prefix: str,
    claims: Claims,
) -> list[Section]:
    rows = analysis.table(analysis.units)
    half = -(-len(rows) // 2)
    drawn = sorted(analysis.figures, key=lambda figure: figure.caption.place)
    said: list[str] = []
    pictures = _pictures(analysis, stem, system, choices, said, claims)
    notes += said
    return [
        what_it_is(analysis, system, choices.box),
        Section(
            f"{prefix}Results", [Table(("quantity", "value"), part) for part in (rows[:half], rows[half:])]
        ),
        Section(f"{prefix}Figures", figures=[Figure(f.path, f.caption.text, f.caption.wide) for f in drawn]),
        Section(f"{prefix}Structure", figures=pictures, links=[Path(t) for t in analysis.tables]),
        Section(f"{prefix}Notes", notes=list(dict.fromkeys([*analysis.notes, *said]))),
    ]


def _pictures(
    analysis: Analysis, stem: Path, system: System | None, choices: Choices, notes: list[str], claims: Claims
) -> list[Figure]:
    """Pictures that belong to what was measured, and show something."""
    path = analysis.file
    measured = {found.measure.name for found in analysis.found if found.result}
    wanted = {view: picture for view, picture in PICTURES.items() if picture.measure in measured}
    if not wanted:
        return []
    if open_frames(path, choices.moving, system, choices.species, choices.box)[-1].n_atoms > SMALL:
        notes.append(f"more than {SMALL} atoms: pictures of single atoms are left to `glasscli render`")
        return []
    figures = []
    for view, picture in wanted.items():
        if picture.empty(analysis):
            notes.append(f"no picture of {view}: {picture.without}")
            continue
        target = stem.with_name(f"{stem.name}-{view}.png")
        try:
            claims.file(target, picture_kind(target), own=stem == stem_beside(path))
            drawn = render(path, target, view, system=system, choices=choices, width=900, stem=stem)
        except GlassError as error:
            notes.append(f"no picture of {view}: {error}")
            continue
        notes += drawn.notes
        figures.append(Figure(target, picture.caption))
    return figures


def _provenance(paths: Sequence[Path], choices: Choices) -> Section:
    rows = []
    for path in paths:
        if not is_run(path):
            rows.append((path.name, f"foreign file, {path.stat().st_size} bytes", "-"))
            continue
        manifest = open_run(path).manifest
        rows.append((path.name, manifest.command_line, manifest.identity[:12]))
        rows += [(f"  made from {Path(p.path).name}", "", p.identity[:12]) for p in manifest.parents]
    chosen = [(k, str(v)) for k, v in vars(choices).items() if v is not None and k not in ("jobs", "format")]
    return Section(
        "Inputs and provenance",
        [
            Table(("file", "command", "identity"), rows),
            Table(("choice", "value"), chosen, f"glasscli {__version__}"),
        ],
    )
