"""The measure `topology`: bond orders, the pruned network, classes of atoms, disclination lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.subject import Study
from glasscli.observables.topology import Network, disclinations, topology
from glasscli.report import networks, tables


def settings(study: Study) -> dict[str, Any]:
    """The choices that the network depends on."""
    return {"radii": {str(k): v for k, v in sorted(study.radii.items())}}


def frame(frame: Frame) -> dict[str, Any]:
    """One frame of the contract."""
    found = topology(frame.configuration, frame.radical)
    lines = disclinations(frame.configuration, found.modified)
    return {
        "step": frame.configuration.step,
        **_network(found.network),
        "excluded": found.excluded,
        "modified": _network(found.modified),
        "classes": found.classes,
        "irregular": found.irregular,
        "disclinations": {
            "bonds": lines.bonds,
            "length": lines.length,
            "components": lines.components,
            "largest": int(lines.sizes[0]) if len(lines.sizes) else 0,
            "longest": float(lines.lengths.max()) if len(lines.lengths) else 0.0,
        },
    }


def finish(study: Study) -> dict[str, Any]:
    """All frames; tables of orders and classes, a figure of both."""
    rows = list(study.rows("topology"))
    n_orders = sorted(
        {int(n) for row in rows for which in (row, row["modified"]) for n in which["bond_order"]}
    )
    tables.write_frames(
        study.table("topology"), study.steps,
        {"bonds": [r["bonds"] for r in rows], "modified_bonds": [r["modified"]["bonds"] for r in rows],
         "mean_order": [r["mean_order"] for r in rows], "euler_coordination": [r["euler_coordination"] for r in rows],
         "mean_coordination": [r["mean_coordination"] for r in rows], "irregular": [r["irregular"] for r in rows],
         "disclination_bonds": [r["disclinations"]["bonds"] for r in rows],
         "disclination_length": [r["disclinations"]["length"] for r in rows],
         **{f"order_{n}": [r["bond_order"].get(str(n), 0) for r in rows] for n in n_orders},
         **{f"modified_order_{n}": [r["modified"]["bond_order"].get(str(n), 0) for r in rows] for n in n_orders}},
    )  # fmt: skip
    classes = _mean_classes(rows)
    tables.write_table(
        study.table("classes"),
        {"class n4,n5,n6": list(classes), "fraction": list(classes.values())},
        [f"share of all atoms, mean over {len(rows)} frames; the rest is irregular"],
    )
    networks.bond_orders(study.figure("topology"), rows[-1], classes)
    return {"frames": rows, "radii": {str(k): v for k, v in study.radii.items()}}


def _network(network: Network) -> dict[str, Any]:
    return {
        "bonds": len(network.bonds),
        "bond_order": {str(n): c for n, c in network.order_counts.items()},
        "mean_order": network.mean_order,
        "euler_coordination": network.euler_coordination,
        "mean_coordination": network.mean_coordination,
    }


def _mean_classes(rows: list[dict[str, Any]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for row in rows:
        for key, share in row["classes"].items():
            total[key] = total.get(key, 0.0) + share / len(rows)
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return {key: float(np.round(share, 15)) for key, share in ranked}
