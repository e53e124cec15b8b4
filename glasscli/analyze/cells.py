"""The measure `icosahedra`: Voronoi cells, the icosahedra among them, and what those build."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from glasscli.analysis import icosahedra
from glasscli.analysis.laves import laves_test
from glasscli.analysis.voronoi import census, icosahedral_fraction, tessellate
from glasscli.analyze.frame import Frame
from glasscli.analyze.study import Study
from glasscli.errors import GlassError
from glasscli.report import figures, tables


def settings(study: Study) -> dict[str, Any]:
    """The choices that cells depend on."""
    c = study.choices
    return {"radii": _named(c.radii), "edge": c.edge_threshold, "face": c.face_threshold}


def frame(frame: Frame) -> dict[str, Any]:
    """One frame: fractions, index counts, clusters, Frank-Kasper and Laves shares."""
    configuration, cells = frame.configuration, frame.cells
    species = configuration.species
    shares = icosahedral_fraction(cells, species)
    rows, counts = np.unique(np.column_stack([species, cells.indices[:, 2:]]), axis=0, return_counts=True)
    found = icosahedra.clusters(cells, cells.icosahedra)
    laves = laves_test(cells, species)
    cubic, other = icosahedra.stacking(configuration, cells, laves.z12)
    packed = icosahedra.close_packed(configuration)
    return {
        "step": configuration.step,
        "fraction": shares.all,
        "small": shares.small,
        "large": shares.large,
        "indices": rows.astype(np.int32),
        "counts": counts.astype(np.int64),
        "clusters": found.sizes.astype(np.int64),
        "percolates": list(found.percolates),
        "frank_kasper": icosahedra.frank_kasper(cells),
        "laves": laves.fraction,
        "c15": float(cubic.mean()),
        "c14": float(other.mean()),
        "close_packed": float(packed.mean()),
        # An icosahedron can be part of a Laves fragment and no close-packed atom: the two never overlap.
        "crystalline": float((laves.laves | packed).mean()),
    }


def finish(study: Study) -> dict[str, Any]:
    """The last frame's numbers with the systematic error of its f_ico; series and census as tables and figures."""
    series: dict[str, list[Any]] = {key: [] for key in _SERIES}
    total: Counter[tuple[int, ...]] = Counter()
    sizes: Counter[int] = Counter()
    row: dict[str, Any] = {}
    for row in study.rows("icosahedra"):
        for key in series:
            series[key].append(row[key])
        keys = zip(map(_trim, row["indices"].tolist()), row["counts"].tolist(), strict=True)
        total.update(dict(keys))
        sizes.update(row["clusters"].tolist())
    shares = census([total])
    tables.write_census(study.table("voronoi"), shares)
    tables.write_frames(
        study.table("icosahedra"), study.steps,
        {"percolates_x": [p[0] for p in series["percolates"]], "percolates_y": [p[1] for p in series["percolates"]],
         "percolates_z": [p[2] for p in series["percolates"]],
         "largest_cluster": [int(c[0]) if len(c) else 0 for c in series["clusters"]],
         **{key: series[key] for key in ("laves", "c15", "c14", "close_packed")},
         **{name: [f[name] for f in series["frank_kasper"]] for name in icosahedra.FRANK_KASPER}},
    )  # fmt: skip
    ordered = sorted(sizes)
    tables.write_table(
        study.table("clusters"),
        {"atoms in cluster": ordered, "clusters per frame": [sizes[s] / len(study.steps) for s in ordered]},
    )
    figures.voronoi_census(study.figure("voronoi"), shares, names=study.names)
    variants, radical = _systematic(study)
    values = list(variants.values())
    return {
        "fraction": row["fraction"],
        "small": row["small"],
        "large": row["large"],
        "radical": radical,
        "definitions": variants,
        "systematic_error": (max(values) - min(values)) / 2 if values else None,
        "clusters": len(row["clusters"]),
        "largest_cluster": int(row["clusters"][0]) if len(row["clusters"]) else 0,
        "cluster_sizes": dict(sorted(Counter(row["clusters"].tolist()).items())),
        "percolates": row["percolates"],
        "frank_kasper": row["frank_kasper"],
        "laves": {"all": row["laves"], "c15": row["c15"], "c14": row["c14"]},
        "close_packed": row["close_packed"],
        "census": [
            {"index": s.name, "fraction": s.fraction, "by_species": s.by_species} for s in shares[:15]
        ],
    }


_SERIES = ("percolates", "clusters", "laves", "c15", "c14", "close_packed", "frank_kasper")


def _systematic(study: Study) -> tuple[dict[str, float], dict[str, Any] | None]:
    """f_ico of the last frame by several definitions, and by the radical tessellation with species."""
    last = study.trajectory[-1]
    try:
        radii = study.radii
    except GlassError as error:
        study.notes.append(f"no radical tessellation: {error}")
        return icosahedra.systematic_variants(last, tessellate(last), None), None
    variants = icosahedra.systematic_variants(last, tessellate(last), radii)
    shares = icosahedral_fraction(tessellate(last, radii), last.species)
    return variants, {
        "fraction": shares.all, "small": shares.small, "large": shares.large, "radii": _named(radii)
    }  # fmt: skip


def _named(radii: dict[int, float] | None) -> dict[str, float]:
    return {str(k): v for k, v in sorted((radii or {}).items())}


def _trim(row: list[int]) -> tuple[int, ...]:
    """Species, n3 to n6, and what follows up to the last face that occurs."""
    end = len(row)
    while end > 5 and row[end - 1] == 0:
        end -= 1
    return tuple(row[:end])
