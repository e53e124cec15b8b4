"""`glasscli report`: all measures of one or more files on one page, in the order a paper would show them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glasscli import __version__
from glasscli.analysis.choices import Choices
from glasscli.analysis.contract import Analysis
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.files import open_frames, stem_beside, stems_of
from glasscli.analysis.measures import relaxation
from glasscli.analysis.render import render
from glasscli.analysis.result import Json
from glasscli.configuration import Floats
from glasscli.errors import GlassError
from glasscli.model.system import System
from glasscli.report import spectra
from glasscli.report.canvas import with_error
from glasscli.report.page import Figure, Section, Table, write_page
from glasscli.store.kind import picture_kind
from glasscli.store.outputs import Claims
from glasscli.store.reader import is_run, open_run
from glasscli.units import UnitNames

ALWAYS = relaxation.MEASURE.name  # its figures open every page
PICTURES = {
    "laves": "Atoms by their surroundings: Laves, close-packed, none of these; last frame.",
    "icosahedra": "Icosahedral atoms and the bonds between them, last frame.",
    "disclinations": "Bonds whose order is not 5, last frame.",
}
PICTURES_OF_PLANES = {"polygons": "Atoms by the sides of their Voronoi polygons, last frame."}
SMALL = 5000  # atoms beyond which a picture of all bonds is a blur
RESAMPLES = 2000


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
    apart = not all(os.access(path.parent, os.W_OK) for path in paths)
    stem = output.with_suffix("") if apart else None
    measures = (*measures, ALWAYS)
    # Pages show PNG or SVG; other formats are written for the paper beside them.
    shown = choices if choices.format in ("png", "svg") else replace(choices, format="png")
    analyses = analyze_all(paths, system, shown, measures, stem=stem, claims=claims)
    if shown is not choices:
        analyze_all(paths, system, choices, measures, stem=stem, claims=claims)
    notes = [note for analysis in analyses for note in analysis.notes]
    sections = [_compared(analyses, output, shown)] if len(analyses) > 1 else []
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
    pictures = _pictures(analysis.file, stem, system, choices, notes, claims)
    return [
        Section(
            f"{prefix}Results", [Table(("quantity", "value"), part) for part in (rows[:half], rows[half:])]
        ),
        Section(f"{prefix}Figures", figures=[Figure(f.path, f.caption.text, f.caption.wide) for f in drawn]),
        Section(f"{prefix}Structure", figures=pictures, links=[Path(t) for t in analysis.tables]),
    ]


def _pictures(
    path: Path, stem: Path, system: System | None, choices: Choices, notes: list[str], claims: Claims
) -> list[Figure]:
    last = open_frames(path, choices.moving, system, choices.species, choices.box)[-1]
    if last.n_atoms > SMALL:
        notes.append(f"more than {SMALL} atoms: pictures of single atoms are left to `glasscli render`")
        return []
    figures = []
    for view, caption in (PICTURES if last.box.dimension == 3 else PICTURES_OF_PLANES).items():
        target = stem.with_name(f"{stem.name}-{view}.png")
        try:
            claims.file(target, picture_kind(target), own=stem == stem_beside(path))
            drawn = render(path, target, view, system=system, choices=choices, width=900, stem=stem)
        except GlassError as error:
            notes.append(f"no picture of {view}: {error}")
            continue
        notes += drawn.notes
        figures.append(Figure(target, caption))
    return figures


def _compared(analyses: Sequence[Analysis], output: Path, choices: Choices) -> Section:
    """Samples side by side, and their mean with bootstrap errors."""
    units = analyses[0].units
    rng = np.random.default_rng(0)
    inherent = all(a.course.inherent for a in analyses)
    series = {
        "inherent-energy" if inherent else "potential-energy": (
            f"{'$E_{IS}$' if inherent else 'potential energy'} per atom ({units.energy_unit})",
            [a.course.energy for a in analyses],
        ),
        "icosahedral-fraction": ("icosahedral fraction", [a.course.fraction for a in analyses]),
    }
    clocks = {a.clock for a in analyses}
    clock = analyses[0].clock if len(clocks) == 1 else None
    figures = []
    for name, (label, values) in series.items():
        found = {
            a.file.name: ((a.course.steps - a.course.steps[0]) * (clock.step if clock else 1.0), y)
            for a, y in zip(analyses, values, strict=True)
            if np.isfinite(y).all()
        }
        if not found:
            continue
        mean = _mean_of(list(found.values()), rng)
        target = output.with_name(f"{output.stem}-{name}.{choices.format}")
        caption = f"{name.replace('-', ' ').capitalize()} of all files."
        drawn = spectra.compared(target, found, mean, label, clock.label if clock else "MD steps")
        figures.append(Figure(drawn, caption))
    rows = []
    said = [a.compared(units) for a in analyses]
    for name in dict.fromkeys(name for of_file in said for name in of_file):
        numbers = np.array(
            [v for v in (of_file.get(name) for of_file in said) if v is not None], dtype=np.float64
        )
        if len(numbers) > 1:
            means = rng.choice(numbers, (RESAMPLES, len(numbers))).mean(axis=1)
            rows.append((name, with_error(float(numbers.mean()), float(means.std())), str(len(numbers))))
    table = Table(("quantity", "mean ± bootstrap error over files", "files"), rows)
    return Section(f"{len(analyses)} files compared", [table], figures)


def _mean_of(
    found: Sequence[tuple[Floats, Floats]], rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats] | None:
    """Mean over samples at common times with its 95 % bootstrap band; None when they share no range of time."""
    end = min(t[-1] for t, _ in found)
    if len(found) < 3 or end <= 0:
        return None
    time = np.linspace(0, end, 100)
    values = np.array([np.interp(time, t, y) for t, y in found])
    drawn = values[rng.integers(0, len(values), (400, len(values)))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return time, values.mean(axis=0), low, high


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
