"""Means of the vibrations of several glasses: D(ω), D(ω)/ω², participation, heat capacity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.analysis.average import Averages, Measured, averages
from glasscli.analysis.result import Curve
from glasscli.configuration import Floats
from glasscli.modes.density import common_edges, density
from glasscli.modes.samples import Sample
from glasscli.modes.tables import temperature_column, temperatures_of, unit_of
from glasscli.modes.vibrations import Vibrations
from glasscli.store.outputs import Claims


def of_modes(
    found: Vibrations, claims: Claims, stem: Path | None = None, format_: str | None = "png"
) -> Averages:
    """Average what `glasscli modes` found of several files, see `averages`.

    All glasses are counted in the same bins, which reach as far as the modes of each are known.
    """
    samples = [one.sample for one in found.files]
    edges = common_edges([sample.modes for sample in samples])
    quantum = (found.hbar or 1.0) / found.system.unit_system.boltzmann
    T, column = temperatures_of(samples, quantum), temperature_column(found.system, found.hbar)
    measured = []
    for one in found.files:
        curves = [] if edges is None else _spectrum(one.sample, edges, unit_of(found.system))
        heat = one.sample.heat(T, quantum)
        if heat is not None:
            curves.append(Curve("heat_capacity", column, T, heat, "$C$ per atom ($k_B$)", log=True))
        measured.append(Measured(one.file, {"modes": curves}))
    return averages(measured, found.system.unit_system, claims, stem, format_)


def _spectrum(sample: Sample, edges: Floats, unit: str) -> list[Curve]:
    """Functions of the frequency in bins [n + 1]."""
    spectrum = density(sample.modes, edges)
    assert spectrum is not None
    plane = spectrum.dimension == 2
    functions: Sequence[tuple[str, Floats, str]] = (
        ("D", spectrum.value, "$D(\\omega)$"),
        ("D_over_w" if plane else "D_over_w2", spectrum.over_square,
         "$D(\\omega)/\\omega$" if plane else "$D(\\omega)/\\omega^2$"),
        ("participation_ratio", _participation(sample, edges), "$N_k/N$"),
    )  # fmt: skip
    return [Curve(name, "frequency", spectrum.middle, y, label) for name, y, label in functions]


def _participation(sample: Sample, edges: Floats) -> Floats:
    """[bins] mean participation ratio of the modes of each bin; NaN where there is none."""
    found = sample.modes
    ratio, seen = sample.participation / found.n_atoms, ~found.zero & ~found.unstable
    counts, _ = np.histogram(found.frequencies[seen], edges)
    sums, _ = np.histogram(found.frequencies[seen], edges, weights=ratio[seen])
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / counts)
