"""The measure `icosahedra`: Voronoi cells, the icosahedra among them, and what those build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.subject import Study
from glasscli.observables import icosahedra
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import census, icosahedral_fraction
from glasscli.report import figures, tables

BATCH = 100  # frames whose indices are held before they are summed up


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
    counted: list[tuple[np.ndarray, np.ndarray]] = []
    sizes: Counter[int] = Counter()
    row: dict[str, Any] = {}
    for row in study.rows("icosahedra"):
        for key in series:
            series[key].append(row[key])
        counted.append((row["indices"], row["counts"]))
        if len(counted) == BATCH:
            counted = [summed(counted)]
        sizes.update(row["clusters"].tolist())
    indices, counts = summed(counted)
    shares = census([Counter(dict(zip(map(_trim, indices.tolist()), counts.tolist(), strict=True)))])
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
    return {
        "fraction": row["fraction"],
        "small": row["small"],
        "large": row["large"],
        **definitions(study),
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


def definition_frames(study: Study) -> list[int]:
    """The last frame."""
    return [len(study.trajectory) - 1]


def definition_settings(study: Study) -> dict[str, Any]:
    """The radii of the radical tessellation."""
    return {"radii": _named(study.radii_if_any)}


def definition_frame(frame: Frame) -> dict[str, Any]:
    """f_ico of one frame by several definitions, and by the radical tessellation with species."""
    species = frame.configuration.species
    variants = icosahedra.systematic_variants(frame.configuration, frame.plain)
    radical = None
    if frame.radii is not None:
        shares = icosahedral_fraction(frame.radical, species)
        variants["radical"] = shares.all
        radical = {"fraction": shares.all, "small": shares.small, "large": shares.large,
                   "radii": _named(frame.radii)}  # fmt: skip
    return {"definitions": variants, "radical": radical}


def definitions(study: Study) -> dict[str, Any]:
    """f_ico of the last frame by each definition; half their spread is the systematic error."""
    (row,) = study.rows("definitions")
    values = list(row["definitions"].values())
    return row | {"systematic_error": (max(values) - min(values)) / 2}


def summed(counted: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Several ([n, columns] indices, [n] counts) as one, each index once; columns that are not there count nothing."""
    width = max(indices.shape[1] for indices, _ in counted)
    padded = [np.pad(indices, ((0, 0), (0, width - indices.shape[1]))) for indices, _ in counted]
    rows, where = np.unique(np.concatenate(padded), axis=0, return_inverse=True)
    counts = np.bincount(where.ravel(), np.concatenate([c for _, c in counted]), len(rows))
    return rows, counts.astype(np.int64)


def _named(radii: dict[int, float] | None) -> dict[str, float]:
    return {str(k): v for k, v in sorted((radii or {}).items())}


def _trim(row: list[int]) -> tuple[int, ...]:
    """Species, n3 to n6, and what follows up to the last face that occurs."""
    end = len(row)
    while end > 5 and row[end - 1] == 0:
        end -= 1
    return tuple(row[:end])
