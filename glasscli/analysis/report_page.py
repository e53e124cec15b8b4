"""`glasscli report`: all measures of one or more files on one page, in the order a paper would show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.choices import Choices
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.frame import is_ours, open_frames
from glasscli.analysis.render import render
from glasscli.analysis.subject import stem_beside
from glasscli.errors import GlassError
from glasscli.model.system import System
from glasscli.report import spectra
from glasscli.report.canvas import with_error
from glasscli.report.page import Figure, Section, Table, write_page
from glasscli.store.reader import open_run
from glasscli.units import WITHOUT_SYSTEM, UnitNames

CAPTIONS = {
    "relaxation": "Inherent energy and icosahedral fraction in time.",
    "line": "Inherent energy against icosahedral fraction, with its line.",
    "displacements": "Displacements between the last inherent structures.",
    "pdf": "Pair distribution functions; the parts from icosahedral centres and their small neighbours.",
    "structure-factor": "Structure factor and Faber-Ziman partials; shaded: where R is measured.",
    "voronoi": "Census of Voronoi indices.",
    "topology": "Orders of bonds, before and after pruning, and classes of atoms.",
    "local-energy": "Energy and Voronoi volume of every atom of the last frame.",
    "motion": "Mean-square displacement, F_s and overlap, non-Gaussian parameter.",
    "ttt": "Time to an event against temperature; open arrows: not within that time.",
}
WIDE = ("topology",)  # two panels side by side
PICTURES = {
    "laves": "Atoms by their surroundings: Laves, close-packed, none of these; last frame.",
    "icosahedra": "Icosahedral atoms and the bonds between them, last frame.",
    "disclinations": "Bonds whose order is not 5, last frame.",
}
SMALL = 5000  # atoms beyond which a picture of all bonds is a blur
RESAMPLES = 2000


def report(
    paths: Sequence[Path], output: Path, system: System | None, choices: Choices, measures: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    """Analyse the files and write the page; return what it is made of, and notes."""
    # Pages show PNG or SVG; other formats are written for the paper beside them.
    shown = choices if choices.format in ("png", "svg") else replace(choices, format="png")
    results, notes = analyze_all(paths, system, shown, measures)
    if shown is not choices:
        analyze_all(paths, system, choices, measures)
    sections = [_compared(results, output, shown, _units(paths[0], system))] if len(results) > 1 else []
    for path, data in zip(paths, results, strict=True):
        sections += _of(path, data, system, shown, notes, prefix=f"{path.name}: " if len(results) > 1 else "")
    sections.append(_provenance(paths, shown))
    names = ", ".join(p.name for p in paths)
    write_page(
        output,
        f"Glass report: {names}",
        f"{sum(d['frames'] for d in results)} configurations measured",
        sections,
    )
    drawn = [f for d in results for f in d["figures"]]
    made = {"report": str(output), "files": [str(p) for p in paths], "figures": drawn, "results": results}
    return made, list(dict.fromkeys(notes))


def _of(
    path: Path, data: dict[str, Any], system: System | None, choices: Choices, notes: list[str], prefix: str
) -> list[Section]:
    rows = _summary(data, _units(path, system))
    half = -(-len(rows) // 2)
    drawn = {
        name: Path(f) for name in CAPTIONS for f in data["figures"] if f.endswith(f"-{name}.{choices.format}")
    }
    figures = [Figure(drawn[name], CAPTIONS[name], name in WIDE) for name in CAPTIONS if name in drawn]
    pictures = _pictures(path, system, choices, notes)
    return [
        Section(
            f"{prefix}Results", [Table(("quantity", "value"), part) for part in (rows[:half], rows[half:])]
        ),
        Section(f"{prefix}Figures", figures=figures),
        Section(f"{prefix}Structure", figures=pictures, links=[Path(t) for t in data["tables"]]),
    ]


def _units(path: Path, system: System | None) -> UnitNames:
    """The units of a file's system, words where none is known."""
    if system is None and is_ours(path):
        system = open_run(path).manifest.system
    return system.unit_system if system else WITHOUT_SYSTEM


def _pictures(path: Path, system: System | None, choices: Choices, notes: list[str]) -> list[Figure]:
    if open_frames(path, choices.moving)[-1].n_atoms > SMALL:
        notes.append(f"more than {SMALL} atoms: pictures of single atoms are left to `glasscli render`")
        return []
    stem, figures = stem_beside(path), []
    for view, caption in PICTURES.items():
        target = stem.with_name(f"{stem.name}-{view}.png")
        try:
            _, said = render(path, target, view, system=system, choices=choices, width=900)
        except GlassError as error:
            notes.append(f"no picture of {view}: {error}")
            continue
        notes += said
        figures.append(Figure(target, caption))
    return figures


def _summary(data: dict[str, Any], units: UnitNames) -> list[tuple[str, str]]:
    """Rows of the table of results with their units, errors beside them."""
    energy, length = units.energy_unit, units.length_unit
    f, e = data["icosahedral_fraction"], data["inherent_energy"]
    rows = [("frames", str(data["frames"]))]
    ico = data.get("icosahedra") or {}
    rows.append(
        ("icosahedral fraction, last", with_error(f["last"], ico.get("systematic_error")) + " (systematic)")
    )
    for kind in ("small", "large"):
        if f[kind] is not None:
            rows.append((f"  of the {kind} atoms", f"{f[kind]:.4f}"))
    if e["last"] is not None:
        rows.append((f"inherent energy per atom, last ({energy})", f"{e['last']:.5f}"))
    if data["pressure"] is not None:
        rows.append((f"pressure ({units.pressure_unit})", f"{data['pressure']:.4g}"))
    if data["max_force"] is not None:
        rows.append((f"largest force ({energy}/{length})", f"{data['max_force']:.1e}"))
    line = data["energy_against_icosahedra"]
    if line["slope"] is not None:
        rows.append((f"E_IS against f_ico: slope ({energy})", with_error(line["slope"], line["error"])))
    if ico:
        axes = " ".join(a for a, there in zip("xyz", ico["percolates"], strict=True) if there) or "none"
        rows += [
            ("largest cluster of icosahedra (atoms)", str(ico["largest_cluster"])),
            ("percolates along", axes),
        ]
        rows += [(f"Frank-Kasper {name}", f"{share:.4f}") for name, share in ico["frank_kasper"].items()]
        rows += [
            ("locally Laves", f"{ico['laves']['all']:.4f}"),
            ("close-packed", f"{ico['close_packed']:.4f}"),
        ]
    for pair, shell in (data.get("coordination") or {}).items():
        if shell:
            rows.append(
                (f"coordination {pair}", f"{shell['number']:.2f} within {shell['radius']:.2f} {length}")
            )
    if r := data.get("R"):
        rows.append(
            (
                "R (signed)",
                f"{r['value']:.3f} ({r['signed']:+.3f}), q = {r['q1']:.2f} to {r['q2']:.2f} {length}⁻¹",
            )
        )
    if topology := data.get("topology"):
        last = topology["frames"][-1]
        rows += [
            ("bonds, removed by each sweep", f"{last['bonds']}, {last['excluded']}"),
            ("mean order, Euler coordination", _pair(last["modified"])),
            ("irregular atoms", f"{last['irregular']:.4f}"),
        ]
    if motion := (data.get("displacements") or {}).get("motion"):
        tau = motion["tau_alpha"]
        rows.append(("tau_alpha (steps)", f"not within {motion['lag'][-1]}" if tau is None else f"{tau:.0f}"))
    if relaxation := data.get("relaxation"):
        fit = relaxation["stretched_exponential"]
        if fit:
            rows.append(("stretched exponential: time (steps)", with_error(fit["time"], fit["errors"][2])))
            rows.append(("stretched exponential: exponent", with_error(fit["exponent"], fit["errors"][3])))
        rows.append(("crystallised (steps)", relaxation["crystallisation"]["text"]))
    return rows


def _pair(network: dict[str, Any]) -> str:
    q, z = network["mean_order"], network["euler_coordination"]
    return "-" if q is None else f"{q:.4f}, {'-' if z is None else f'{z:.3f}'}"


def _compared(results: list[dict[str, Any]], output: Path, choices: Choices, units: UnitNames) -> Section:
    """Samples side by side, and their mean with bootstrap errors."""
    series = {Path(d["file"]).name: _columns(d) for d in results}
    columns = {
        "inherent_energy": f"$E_{{IS}}$ per atom ({units.energy_unit})",
        "icosahedral_fraction": "icosahedral fraction",
    }
    figures = []
    rng = np.random.default_rng(0)
    for key, label in columns.items():
        found = {
            n: (s["step"] - s["step"][0], s[key]) for n, s in series.items() if np.isfinite(s[key]).all()
        }
        if not found:
            continue
        mean = _mean_of(list(found.values()), rng)
        target = output.with_name(f"{output.stem}-{key.replace('_', '-')}.{choices.format}")
        figures.append(
            Figure(
                spectra.compared(target, found, mean, label),
                f"{key.replace('_', ' ').capitalize()} of all files.",
            )
        )
    rows = []
    quantities = {
        "icosahedral fraction, last": [d["icosahedral_fraction"]["last"] for d in results],
        f"inherent energy per atom, last ({units.energy_unit})": [
            d["inherent_energy"]["last"] for d in results
        ],
        f"slope of E_IS against f_ico ({units.energy_unit})": [
            d["energy_against_icosahedra"]["slope"] for d in results
        ],
        "R": [(d.get("R") or {}).get("value") for d in results],
        "R, signed": [(d.get("R") or {}).get("signed") for d in results],
    }
    for name, values in quantities.items():
        numbers = np.array([v for v in values if v is not None], dtype=np.float64)
        if len(numbers) > 1:
            drawn = rng.choice(numbers, (RESAMPLES, len(numbers))).mean(axis=1)
            rows.append((name, with_error(float(numbers.mean()), float(drawn.std())), str(len(numbers))))
    table = Table(("quantity", "mean ± bootstrap error", "files"), rows)
    return Section(f"{len(results)} files compared", [table], figures)


def _columns(data: dict[str, Any]) -> dict[str, np.ndarray]:
    """The series in the table of frames."""
    import csv

    path = next(t for t in data["tables"] if t.endswith("-frames.csv"))
    with Path(path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        key: np.array([float(row[key] or "nan") for row in rows])
        for key in ("step", "inherent_energy", "icosahedral_fraction")
    }


def _mean_of(
    found: list[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
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
    from glasscli import __version__

    rows = []
    for path in paths:
        if not is_ours(path):
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
