"""The measure `local-energy`: energy and Voronoi volume of every atom of the last frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.formats.names import named
from glasscli.observables.voronoi import tessellate
from glasscli.report import networks, tables

BINS = 60


@dataclass(frozen=True)
class OfSpecies:
    """Means and deviations of the atoms of one species, and how energy and volume correlate."""

    energy: float
    energy_deviation: float
    volume: float
    volume_deviation: float
    correlation: float | None


@dataclass(frozen=True)
class LocalEnergy(Result):
    """Means over all atoms, and by species."""

    energy: float
    volume: float
    by_species: dict[str, OfSpecies]


def finish(subject: Subject) -> LocalEnergy | None:
    """Means, spreads and the joint histogram by species (Derlet & Maass 2019, Fig. 5). None without a system."""
    if subject.system is None:
        subject.notes.append("no local energies: give --system NAME")
        return None
    from glasscli.engine.minimiser import Minimiser  # LAMMPS: no other measure needs it

    last = subject.trajectory[-1]
    if last.box.free:
        subject.notes.append(f"no local volumes: the box is {last.box.words}")
        return None
    with Minimiser(subject.system) as minimiser:
        energy = minimiser.energies(last)
    c = subject.choices
    volume = tessellate(last, c.radii, c.edge_threshold, c.face_threshold).volumes
    tables.write_table(
        subject.table("local-energy"),
        {
            "id": last.identifiers,
            "species": named(last.species, subject.labels),
            "energy": energy,
            "volume": volume,
        },
        units=subject.units,
    )
    subject.draw(
        networks.energies_and_volumes,
        "local-energy",
        energy,
        volume,
        last.species,
        subject.labels,
        subject.units,
    )
    edges = [np.linspace(np.quantile(x, 0.001), np.quantile(x, 0.999), BINS + 1) for x in (volume, energy)]
    # A crystal's atoms all have one energy but for its rounding: a histogram needs some width.
    edges = [
        e if e[-1] - e[0] > 1e-9 * abs(e[0]) else np.linspace(e[0] - 0.5, e[0] + 0.5, BINS + 1) for e in edges
    ]
    by_species = {}
    for s, name in subject.labels.items():
        mine = last.species == s
        counts = np.histogram2d(volume[mine], energy[mine], bins=edges)[0]
        subject.keep[f"local_energy/histogram_{name}"] = counts
        by_species[name] = OfSpecies(
            energy=float(energy[mine].mean()),
            energy_deviation=float(energy[mine].std()),
            volume=float(volume[mine].mean()),
            volume_deviation=float(volume[mine].std()),
            correlation=_correlation(volume[mine], energy[mine]),
        )
    subject.keep |= {"local_energy/volume_edges": edges[0], "local_energy/energy_edges": edges[1]}
    return LocalEnergy(float(energy.mean()), float(volume.mean()), by_species)


def _correlation(x: Floats, y: Floats) -> float | None:
    if len(x) < 3 or np.ptp(x) < 1e-9 or np.ptp(y) < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])


MEASURE: Measure[None] = Measure(
    name="local-energy",
    explanation="energy and Voronoi volume of every atom of the last frame, by species",
    finish=finish,
    captions={
        "local-energy": Caption("Energy and Voronoi volume of every atom of the last frame.", place=80)
    },
    place=70,
)
