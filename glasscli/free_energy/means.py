"""Energy, pressure and how far atoms are from their sites, averaged over a walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.free_energy.walk import Walk
from glasscli.observables.blocks import mean_of_frames
from glasscli.observables.equilibration import decorrelation_time


@dataclass(frozen=True)
class Means:
    """Potential energy of the sample and the pressure (energy per volume), with errors; squares [n]: mean squares of
    distances from the sites, the centre of mass at rest; drift: by how much the energy of the second half is higher;
    independent: how often the walk forgot its energy."""

    energy: float
    energy_error: float
    pressure: float
    pressure_error: float
    squares: Floats
    drift: float
    independent: float


def sampled(walk: Walk, rounds: int, sites: Floats | None = None) -> Means:
    """Average over so many rounds of a walk under the first sample alone."""
    blend = walk.blend
    volume, n = float(blend.edges.prod()), len(blend.positions)
    energies, pressures, squares = np.empty(rounds), np.empty(rounds), np.zeros(n)
    for k in range(rounds):
        walk.go()
        energy, _, virial = blend.samples[0].evaluate(blend.positions, blend.edges)
        energies[k], pressures[k] = energy, (n * walk.kT + float(virial[:3].sum()) / 3) / volume
        if sites is not None:
            away = blend.positions - sites
            squares += ((away - away.mean(axis=0)) ** 2).sum(axis=1)
    half = rounds // 2
    drift = float(energies[half:].mean() - energies[:half].mean())
    independent = rounds / decorrelation_time(energies)
    return Means(*of_walk(energies), *of_walk(pressures), squares / rounds, drift, independent)


def of_walk(values: Floats) -> tuple[float, float]:
    """Mean of a series along a walk and its error, by how long it remembers, however long that is."""
    found = mean_of_frames(list(values[:, None]))
    return float(found.mean[0]), 0.0 if found.error is None else float(found.error[0])
