"""What several files of a report have in common: their table, means over samples, figures with bands of error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.analysis.average import Averages, of_analyses
from glasscli.analysis.contract import Analysis
from glasscli.analysis.rows import Row, row_of
from glasscli.analysis.table import Table as Runs
from glasscli.analysis.table_text import group_lines, row_lines
from glasscli.observables.samples import mean_of_samples
from glasscli.report.canvas import with_error
from glasscli.report.page import Figure, Section, Table
from glasscli.store.outputs import Claims
from glasscli.store.reader import is_run

CAPTIONS = {
    "course": "Energy and icosahedral fraction in time",
    "pdf": "Pair distribution functions",
    "structure-factor": "Structure factors",
    "displacements": "Motion over lags",
    "diffraction": "Diffraction",
}


@dataclass(frozen=True)
class Compared:
    """Sections of the page, and what was averaged."""

    sections: tuple[Section, ...]
    averages: Averages


def compared(analyses: Sequence[Analysis], output: Path, format_: str, claims: Claims) -> Compared:
    """What several files say together: means of samples of one protocol, several protocols side by side."""
    found = of_analyses(analyses, claims, output.with_suffix(""), format_)
    runs = Runs(tuple(row for a in analyses if is_run(a.file) and isinstance(row := row_of(a.file), Row)))
    tables = []
    for kind in runs.kinds:
        rows, groups = row_lines(kind), group_lines(kind)
        tables.append(Table(rows[0], rows[1:]))
        if any(group.n > 1 for group in kind.groups):
            tables.append(Table(groups[0], groups[1:], "mean ± error over samples of one protocol"))
    names = [group.name or "mean ± error" for group in found.groups]
    measured = Table(
        ("quantity", *(f"{name} ({len(g.files)})" for name, g in zip(names, found.groups, strict=True))),
        _quantities(analyses, found),
        "errors over samples (one standard error; in brackets how many samples)",
    )
    figures = [
        Figure(path, f"{CAPTIONS.get(name, name)}: {_said(found)}.", wide=True)
        for name, path in found.figures.items()
    ]
    title = f"{len(analyses)} files compared"
    return Compared((Section(title, tables), Section("Means over samples", [measured], figures)), found)


def _said(found: Averages) -> str:
    if len(found.groups) == 1:
        return "mean over samples with the band of its error, each sample behind it"
    return "protocols side by side, each the mean over its samples with the band of its error"


def _quantities(analyses: Sequence[Analysis], found: Averages) -> list[list[str]]:
    """A row a number: its mean over the samples of each group."""
    by_file = {a.file: a.compared(a.units) for a in analyses}
    rows = []
    for name in dict.fromkeys(name for said in by_file.values() for name in said):
        row = [name]
        for group in found.groups:
            values = [v for file in group.files if (v := by_file[file].get(name)) is not None]
            mean, error = mean_of_samples(values) if values else (None, None)
            row.append(
                "-" if mean is None else with_error(float(mean), None if error is None else float(error))
            )
        rows.append(row)
    return rows
