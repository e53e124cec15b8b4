"""The measure `pdf`: pair distributions of the last frames, with the part that icosahedra make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.subject import Study
from glasscli.observables.icosahedra import small_neighbours
from glasscli.observables.pair_distribution import (
    PairDistribution,
    average,
    coordination_numbers,
    pair_distribution,
)
from glasscli.report import figures, tables

SPACINGS = 10


def frames(study: Study) -> Sequence[int]:
    """The last frames."""
    return study.window()


def settings(study: Study) -> dict[str, Any]:
    """The choices that g(r) depends on."""
    from glasscli.analysis.measures import icosahedra as cells

    return {"bin": study.choices.bin_width, "cutoff": study.choices.cutoff, **cells.settings(study)}


def frame(frame: Frame) -> dict[str, Any]:
    """g(r) of one frame: total, partials, and the parts from icosahedral centres and their small neighbours."""
    configuration, choices = frame.configuration, frame.choices
    centres = frame.cells.icosahedra
    groups = centres.astype(np.int64)
    groups[small_neighbours(frame.cells, configuration.species, centres)] = 2
    # Beyond ten mean spacings a glass is featureless, and the number of pairs grows as the cube.
    spacing = (configuration.volume / configuration.n_atoms) ** (1 / 3)
    cutoff = choices.cutoff or min(0.5 * float(configuration.box.min()), SPACINGS * spacing)
    found = pair_distribution(configuration, min(choices.bin_width, cutoff / 2), cutoff, groups)
    row: dict[str, Any] = {
        "edges": found.edges,
        "total": found.total,
        "volume": found.volume,
        "densities": [[s, d] for s, d in found.densities.items()],
    }
    row |= {f"g_{pair}": g for pair, g in found.partials.items()}
    return row | {f"part_{c}": g for c, g in found.parts.items()}


def distribution(study: Study) -> PairDistribution:
    """The mean over the window. In a box that changes the bins do too, by parts in a thousand: they are made alike."""
    found = []
    edges = None
    for row in study.rows("pdf"):
        edges = row["edges"] if edges is None or len(row["edges"]) < len(edges) else edges
        found.append(row)
    assert edges is not None
    r = (edges[1:] + edges[:-1]) / 2
    distributions = []
    for row in found:
        own = (row["edges"][1:] + row["edges"][:-1]) / 2
        alike = len(own) == len(r) and np.allclose(own, r)

        def on(g: np.ndarray, own: np.ndarray = own, alike: bool = alike) -> np.ndarray:
            return np.array(g) if alike else np.interp(r, own, g)

        distributions.append(
            PairDistribution(
                edges,
                on(row["total"]),
                {k[2:]: on(v) for k, v in row.items() if k.startswith("g_")},
                {int(s): d for s, d in row["densities"]},
                row["volume"],
                parts={int(k[5:]): on(v) for k, v in row.items() if k.startswith("part_")},
            )
        )
    return average(distributions)


def finish(study: Study) -> dict[str, Any]:
    """The mean g(r) with errors, and coordination numbers to its first minima."""
    pdf = distribution(study)
    tables.write_pair_distribution(study.table("pdf"), pdf, study.units)
    figures.pair_distributions(study.figure("pdf"), pdf, study.names, study.units)
    study.keep |= {"pair_distribution/r": pdf.r, "pair_distribution/total": pdf.total}
    study.keep |= {f"pair_distribution/{pair}": g for pair, g in pdf.partials.items()}
    return {
        "frames": pdf.n_frames,
        "r": pdf.r,
        "total": pdf.total,
        "total_error": pdf.total_error,
        "partials": pdf.partials,
        "partial_errors": pdf.partial_errors,
        "icosahedral": {_PARTS[c]: g for c, g in pdf.parts.items()},
        "icosahedral_errors": {_PARTS[c]: g for c, g in pdf.part_errors.items()},
        "coordination": {
            pair: {"radius": shell.radius, "number": shell.number} if shell else None
            for pair, shell in coordination_numbers(pdf).items()
        },
    }


_PARTS = {1: "centres", 2: "centres_and_small_neighbours"}
