"""One self-contained HTML page from figures, tables and provenance: nothing in it asks the network."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import FileError
from glasscli.shown import shown
from glasscli.store.files import replacing

MIME = {".png": "image/png", ".svg": "image/svg+xml"}

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; margin: 0 auto; max-width: 1120px;
  padding: 2rem 1.5rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ccc; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 1.2rem;
  align-items: start; }
figure { margin: 0; break-inside: avoid; }
figure.wide { grid-column: 1 / -1; }
figure.wide img { max-width: min(100%, 980px); }
.tables { display: flex; flex-wrap: wrap; column-gap: 2rem; align-items: flex-start; }
.tables > div { flex: 1 1 19rem; min-width: 0; max-width: 100%; overflow-x: auto; }
figure img { max-width: 100%; max-height: 620px; display: block; margin: 0 auto; }
figure.wide img { max-height: none; }
figcaption { font-size: .85rem; color: #444; margin-top: .3rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .18rem .9rem .18rem 0; border-bottom: 1px solid #e4e4e4; vertical-align: top;
  overflow-wrap: anywhere; }
th { font-weight: 600; } .note { color: #555; font-size: .85rem; } a { color: #0b5394; }
h1 { overflow-wrap: anywhere; }
th, td:first-child { overflow-wrap: break-word; max-width: 45vw; }
@media (max-width: 600px) { body { padding: 1rem .9rem; } td, th { padding-right: .5rem; }
  figure.wide { overflow-x: auto; } figure.wide img { max-width: none; width: 680px; } }
@page { size: A4; margin: 15mm; }
@media print { html { font-size: 9pt; } body { max-width: none; padding: 0; font-size: 9pt; }
  .figures { grid-template-columns: 1fr 1fr; gap: .4cm; } .tables { column-gap: .5cm; }
  td, th { padding-right: .5rem; } .tables > div { flex-basis: 8cm; min-width: auto; overflow-x: visible; }
  figure img { max-height: 10cm; } figure.wide img { max-height: 23cm; }
  h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Figure:
    """An image file with its caption; `wide`: over both columns of the page."""

    path: Path
    caption: str
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of text under a header, with a caption."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with a sentence, tables, figures, and links to data files."""

    title: str
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    links: Sequence[Path] = ()
    notes: Sequence[str] = ()
    lead: str = ""


def escape(text: str) -> str:
    """Text of anywhere as text of a page: no markup, and nothing that is not seen."""
    return html.escape(shown(text))


def rows_html(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Names and values as a notebook shows them."""
    cells = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<p><b>{escape(title)}</b></p><table>{cells}</table>"


def write_page(path: Path, title: str, subtitle: str, sections: Sequence[Section]) -> Path:
    """Write the page whole or not at all. Images are inside it; links to data are relative to it."""
    body = "\n".join(_section(section, path) for section in sections if _has_content(section))
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f'<body><h1>{escape(title)}</h1><p class="note">{escape(subtitle)}</p>\n{body}\n</body></html>\n'
    )
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def _has_content(section: Section) -> bool:
    return bool(section.lead or section.tables or section.figures or section.links or section.notes)


def _section(section: Section, page: Path) -> str:
    parts = [f"<section><h2>{escape(section.title)}</h2>"]
    if section.lead:
        parts.append(f"<p>{escape(section.lead)}</p>")
    if section.tables:
        parts.append('<div class="tables">' + "\n".join(map(_table, section.tables)) + "</div>")
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    if section.figures:
        parts.append('<div class="figures">' + "\n".join(map(_figure, section.figures)) + "</div>")
    if section.links:
        links = ", ".join(
            f'<a href="{escape(_relative(p, page))}">{escape(p.name)}</a>' for p in section.links
        )
        parts.append(f'<p class="note">Data: {links}</p>')
    return "\n".join([*parts, "</section>"])


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>\n" for row in table.rows)
    caption = f'<p class="note">{escape(table.caption)}</p>' if table.caption else ""
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>{caption}</div>"


def _figure(figure: Figure) -> str:
    data = base64.b64encode(figure.path.read_bytes()).decode()
    kind = MIME[figure.path.suffix.lower()]
    caption = escape(figure.caption)
    wide = ' class="wide"' if figure.wide else ""
    image = f'<img alt="{caption}" src="data:{kind};base64,{data}">'
    return f"<figure{wide}>{image}<figcaption>{caption}</figcaption></figure>"


def _relative(target: Path, page: Path) -> str:
    import os
    from urllib.parse import quote

    return quote(os.fsencode(os.path.relpath(target.absolute(), page.absolute().parent)))
