"""A table of runs as people read it: lines, Markdown, CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from glasscli.analysis.rows import MEASURED, WHO, Row, Value
from glasscli.analysis.table import Average, Group, Table
from glasscli.errors import InputError
from glasscli.formats.csv import headed, write_rows
from glasscli.report.canvas import with_error
from glasscli.report.page import escape
from glasscli.shown import shown
from glasscli.store.files import replacing
from glasscli.store.kind import JSON, TABLE, TEXT
from glasscli.store.outputs import Claims
from glasscli.units import UnitNames

# Left out of lines for people, where they are not asked for: the error stands beside its number, reasons below.
ASIDE = ("protocol", "T_f_error", "T_f_fit_error", "T_f_reason", "volume_per_atom", "parents")
KINDS = {".csv": TABLE, ".md": TEXT, ".json": JSON}
Lines = list[list[str]]


def text(table: Table, columns: Sequence[str] = (), groups_only: bool = False) -> str:
    """For people: the rows and the groups of each protocol, and the files that are none.

    columns: which of the rows, by default who, in which settings they differ, and what was measured
    """
    parts = []
    for kind in table.kinds:
        said = [_heading(kind)]
        if not groups_only:
            said.append(_aligned(row_lines(kind, columns)))
        if groups_only or _grouped(kind):
            said += [*[""] * (not groups_only), "mean ± error over samples:", _aligned(group_lines(kind))]
        parts.append("\n".join(said))
    if table.failed:
        parts.append("\n".join(f"{shown(one.file)}: {shown(one.reason)}" for one in table.failed))
    return "\n\n".join(parts)


def markdown(table: Table, columns: Sequence[str] = ()) -> str:
    """The same as Markdown."""
    parts = []
    for kind in table.kinds:
        parts += [
            _marked(row_lines(kind, columns)),
            *([_marked(group_lines(kind))] if _grouped(kind) else []),
        ]
    if table.failed:
        parts.append(_marked([["file", "reason"], *([one.file, one.reason] for one in table.failed)]))
    return "\n".join(parts)


def html(table: Table) -> str:
    """The same for a notebook."""
    parts = []
    for kind in table.kinds:
        parts += [_tagged(row_lines(kind)), *([_tagged(group_lines(kind))] if _grouped(kind) else [])]
    if table.failed:
        parts.append(_tagged([["file", "reason"], *([one.file, one.reason] for one in table.failed)]))
    return "\n".join(parts)


def write(table: Table, path: Path, claims: Claims, columns: Sequence[str] = ()) -> list[str]:
    """Write a table as its name says (.csv, .md, .json) and return the files; groups of a CSV go to NAME-groups.csv.

    Raises InputError for another ending, FileError where it cannot be written.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path}: a table is written as {', '.join(KINDS)}")
    claims.file(path, kind)
    if kind == TABLE:
        return _write_csv(table, path, claims, columns)
    content = markdown(table, columns) if kind == TEXT else json.dumps(table.data, indent=1) + "\n"
    with replacing(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
    return [str(path)]


def _write_csv(table: Table, path: Path, claims: Claims, columns: Sequence[str]) -> list[str]:
    units, names = table.units, columns or table.columns
    rows: list[list[object]] = [[_cell(row.values.get(name)) for name in names] for row in table.rows]
    reasons = [f"{one.file}: {one.reason}" for one in table.failed]
    written = [str(write_rows(path, names, rows, reasons, units=units))]
    if any(group.n > 1 for group in table.groups):
        beside = claims.file(path.with_name(f"{path.stem}-groups.csv"), TABLE)
        by = list(dict.fromkeys(name for group in table.groups for name in group.by))
        means = list(dict.fromkeys(name for group in table.groups for name in group.means))
        header = headed([*by, "n", *means], units) if units else [*by, "n", *means]
        errors = [f"{name}_error" for name in (headed(means, units) if units else means)]
        cells = [
            [*(_cell(group.by.get(name)) for name in by), group.n, *_numbers(group, means)]
            for group in table.groups
        ]
        write_rows(
            beside, [*header, *errors], cells, ["means over samples of one protocol, and their errors"]
        )
        written.append(str(beside))
    return written


def _numbers(group: Group, means: Sequence[str]) -> Iterator[object]:
    """Means, then their errors."""
    found = [group.means.get(name) for name in means]
    yield from (one.mean if one else None for one in found)
    yield from (one.error if one else None for one in found)


def _heading(table: Table) -> str:
    """What the runs of one protocol have in common: "quench: 24 runs, wahnstrom, 500 atoms"."""
    same = {
        name: table.rows[0].values.get(name) for name in ("system", "atoms") if name not in table.differing
    }
    words = [f"{value} {name}" if name == "atoms" else str(value) for name, value in same.items()]
    n = len(table.rows)
    return f"{table.rows[0].values['protocol']}: {', '.join([_runs(n), *map(shown, words)])}"


def _runs(n: int) -> str:
    return "1 run" if n == 1 else f"{n} runs"


def _cell(value: Value) -> object:
    return " ".join(value) if isinstance(value, list) else value


def row_lines(table: Table, columns: Sequence[str] = ()) -> Lines:
    """A header and a line a run."""
    names = list(columns) or [
        name for name in _usual(table) if any(r.values.get(name) is not None for r in table.rows)
    ]
    return [_heads(names, table.units), *([_said(row, name) for name in names] for row in table.rows)]


def _usual(table: Table) -> list[str]:
    """Who, in which settings the runs differ beside their seeds, what was measured."""
    chosen = [name for name in table.differing if name in table.keys or name in ("T_over_Tf", "temperature")]
    measured = [name for name in MEASURED if name not in ASIDE and name not in chosen]
    return ["file", *[name for name in WHO if name in table.differing], "seed",
            *[name for name in chosen if name not in WHO], *measured]  # fmt: skip


def _said(row: Row, name: str) -> str:
    value, error = row.values.get(name), row.values.get("T_f_error")
    if name == "T_f" and value is not None:
        return with_error(_float(value), _float(error) if error is not None else None)
    if name == "T_f" and row.values.get("T_f_reason"):
        return "none"
    return _plain(name, value)


def _plain(name: str, value: Value | Average) -> str:
    """A number with the digits that mean something."""
    if value is None:
        return "-"
    if name == "file":
        return shown(str(value))
    if isinstance(value, float):
        forms = {"inherent_energy": ".4f", "icosahedral_fraction": ".3f", "wall_seconds": ".1f"}
        return format(value, forms.get(name, ".5g" if name in MEASURED else ".4g"))
    return shown(" ".join(value)) if isinstance(value, list) else shown(str(value))


def _float(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


def group_lines(table: Table) -> Lines:
    """A header and a line a group."""
    by = list(table.keys)
    means = [name for name in dict.fromkeys(n for g in table.groups for n in g.means) if name not in ASIDE]
    rows = [
        [*(_plain(name, group.by.get(name)) for name in by), str(group.n), *(_mean(group, n) for n in means)]
        for group in table.groups
    ]
    return [_heads([*by, "n", *means], table.units), *rows]


def _mean(group: Group, name: str) -> str:
    found = group.means.get(name)
    if found is None:
        return "-"
    few = f" ({found.n})" if found.n < group.n else ""
    return (with_error(found.mean, found.error) if found.error else _plain(name, found.mean)) + few


def _grouped(table: Table) -> bool:
    return any(group.n > 1 for group in table.groups)


def _heads(names: Sequence[str], units: UnitNames | None) -> list[str]:
    return headed(names, units) if units else list(names)


def _aligned(lines: Lines) -> str:
    """Columns as wide as what stands in them."""
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _tagged(lines: Lines) -> str:
    """A table of HTML."""
    head, *rows = ["".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in line)
                   for line, tag in zip(lines, ["th", *["td"] * (len(lines) - 1)], strict=True)]  # fmt: skip
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _marked(lines: Lines) -> str:
    """A table of Markdown."""
    safe = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    rows = ["| " + " | ".join(line) + " |" for line in safe]
    return "\n".join([rows[0], "|" + "---|" * len(lines[0]), *rows[1:]]) + "\n"
