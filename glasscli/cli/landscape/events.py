"""`glasscli landscape events`: distinct inherent structures and the transitions between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.landscape.common import finite, keep, sample_options, stem_of, write


@make_command(
    "events",
    epilog="Examples:\n  glasscli landscape events anneal.h5\n"
    "  glasscli landscape events glass.dump.gz --system wahnstrom",
)
@sample_options
@click.option(
    "--place", type=click.FloatRange(0, min_open=True), default=0.05, show_default=True,
    help="Atoms within this share of the spacing are at one place.",
)  # fmt: skip
@click.option(
    "--energy", type=click.FloatRange(0, min_open=True), default=1e-3, show_default=True,
    help="Energies of the whole sample within this are one, in the system's unit.",
)  # fmt: skip
def command(
    file: Path, system_name: str | None, first: int, last: int | None, output: Path | None, no_figure: bool,
    format_: str, place: float, energy: float,
) -> Outcome:  # fmt: skip
    """Distinct inherent structures that FILE visits, and what moves between them.

    A run's own inherent structures are taken as they are; frames of any other file are minimised first. dE is the
    energy change of the whole sample.
    """
    import numpy as np

    from glasscli.errors import MissingPackageError
    from glasscli.landscape.events import find
    from glasscli.landscape.sample import open_sample
    from glasscli.landscape.surroundings import icosahedral_movers

    stem = stem_of(file, output)
    sample = open_sample(file, system_name, first, last)
    found = find(sample.inherent(), place, energy)
    rows = [
        {
            "i": e.i, "j": e.j, "dE": e.dE, "atoms": e.atoms, "distance": e.distance, "kind": e.kind,
            "length": e.length, "string": e.string, "frames": list(e.frames), "waiting": e.waiting,
            "same_as": e.same_as, "movers": e.movers.tolist(),
        }
        for e in found.transitions
    ]  # fmt: skip
    notes = []
    try:
        shares, everywhere = icosahedral_movers(found, sample.minima(found))
    except MissingPackageError as error:
        shares, everywhere = [float("nan")] * len(rows), float("nan")
        notes.append(f"where atoms move was left out: {error}")
    for row, share in zip(rows, shares, strict=True):
        row["icosahedral_movers"] = finite(share)
    distinct = [found.transitions[k] for k in found.distinct]
    data: dict[str, Any] = {
        "file": str(file),
        "system": sample.system.name,
        "frames": len(found.visited),
        "minima": len(found.minima),
        "transitions": rows,
        "distinct": len(distinct),
        "string_share": finite(found.string_share),
        "mean_atoms": finite(float(np.mean([e.atoms for e in distinct]))) if distinct else None,
        "icosahedral_movers": finite(float(np.mean([shares[k] for k in found.distinct])))
        if distinct
        else None,
        "icosahedral_fraction": finite(everywhere),
        "mean_waiting": _mean([w for e in found.transitions for w in e.waiting]),
        "seen_once": sum(m.visits == 1 for m in found.minima),
        "energies": [m.energy for m in found.minima],
        "first_frames": [m.frame for m in found.minima],
    }
    notes += keep(sample, "events", data)
    columns = ("i", "j", "dE", "atoms", "distance", "kind", "length", "string", "same_as",
               "icosahedral_movers")  # fmt: skip
    written = [
        write(stem.with_name(stem.name + "-events.csv"), (*columns, "met"),
              [[*("" if row[c] is None else row[c] for c in columns), len(row["waiting"])] for row in rows])
    ]  # fmt: skip
    if not no_figure and distinct:
        written.append(_arrows(stem, sample, found, format_))
    changes = len(rows) and np.count_nonzero(np.diff(found.visited)) / max(1, len(found.visited) - 1)
    harvested = sample.run is not None and sample.run.manifest.protocol.sampling.harvest
    if changes > 0.3 and not harvested:
        notes.append(
            f"{100 * changes:.0f} % of the frames are another minimum than the one before: transitions are likely "
            "to be several in one; store inherent structures more often, or anneal with --harvest"
        )
    data["written"] = written
    text = [
        f"{file}: {data['frames']} frames, {data['minima']} minima, {len(rows)} transitions, {len(distinct)} distinct"
    ]
    if distinct:
        text.append(
            f"  {data['mean_atoms']:.1f} atoms take part, {100 * found.string_share:.0f} % string-like; largest "
            f"displacement {max(e.distance for e in distinct):.3g} {sample.system.length_unit}; "
            f"mean wait {data['mean_waiting']:.4g} steps"
        )
    if distinct and data["icosahedral_movers"] is not None:
        text.append(
            f"  {100 * data['icosahedral_movers']:.1f} % of the movers sit in icosahedra, "
            f"{100 * data['icosahedral_fraction']:.1f} % of all atoms"
        )
    return Outcome(data, "\n".join(text + [f"  wrote {path}" for path in written]), notes=notes)


def _mean(values: list[int]) -> float | None:
    return sum(values) / len(values) if values else None


def _arrows(stem: Path, sample: Any, found: Any, format_: str) -> str:
    """The largest event as arrows."""
    from glasscli.landscape.events import way
    from glasscli.report.modes_figure import mode_as_arrows

    event = max((found.transitions[k] for k in found.distinct), key=lambda e: float(e.distance))
    minima = sample.minima(found)
    a, b = minima[event.i], minima[event.j]
    target = stem.with_name(f"{stem.name}-event.{format_}")
    change = f"{event.dE:.3g} {sample.system.energy_unit}"
    title = f"{event.i} to {event.j}: ΔE {change}, {event.atoms:.0f} atoms, {event.kind}"
    mode_as_arrows(target, a, way(a.positions, b.positions, a.box), title)
    return str(target)
