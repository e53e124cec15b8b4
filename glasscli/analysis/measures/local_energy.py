"""The measure `local-energy`: energy and Voronoi volume of every atom of the last frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from glasscli.analysis.subject import Study
from glasscli.observables.voronoi import tessellate
from glasscli.report import networks, tables

BINS = 60


def finish(study: Study) -> dict[str, Any]:
    """Means, spreads and the joint histogram by species (Derlet & Maass 2019, Fig. 5). Empty without a system."""
    if study.system is None:
        study.notes.append("no local energies: give --system NAME")
        return {}
    from glasscli.engine.minimiser import Minimiser

    last = study.trajectory[-1]
    with Minimiser(study.system) as minimiser:
        energy = minimiser.energies(last)
    c = study.choices
    volume = tessellate(last, c.radii, c.edge_threshold, c.face_threshold).volumes
    ids = np.arange(1, last.n_atoms + 1)
    tables.write_table(
        study.table("local-energy"), {"id": ids, "species": last.species, "energy": energy, "volume": volume}
    )
    networks.energies_and_volumes(
        study.figure("local-energy"), energy, volume, last.species, study.names, study.units
    )
    edges = [np.linspace(np.quantile(x, 0.001), np.quantile(x, 0.999), BINS + 1) for x in (volume, energy)]
    # A crystal's atoms all have one energy: a histogram needs some width.
    edges = [e if e[-1] > e[0] else np.linspace(e[0] - 0.5, e[0] + 0.5, BINS + 1) for e in edges]
    by_species = {}
    for s in study.species:
        mine = last.species == s
        counts = np.histogram2d(volume[mine], energy[mine], bins=edges)[0]
        study.keep[f"local_energy/histogram_{s}"] = counts
        by_species[str(s)] = {
            "energy": float(energy[mine].mean()),
            "energy_deviation": float(energy[mine].std()),
            "volume": float(volume[mine].mean()),
            "volume_deviation": float(volume[mine].std()),
            "correlation": _correlation(volume[mine], energy[mine]),
        }
    study.keep |= {"local_energy/volume_edges": edges[0], "local_energy/energy_edges": edges[1]}
    return {"energy": float(energy.mean()), "volume": float(volume.mean()), "by_species": by_species}


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    if len(x) < 3 or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])
