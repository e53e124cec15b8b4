"""The measure `displacements`: a map between the last frames, strings, and averages over all lags."""

from __future__ import annotations

from typing import Any

import numpy as np

from glasscli.analysis.measures import structure_factor as waves
from glasscli.analysis.subject import Study
from glasscli.errors import GlassError
from glasscli.observables.displacement import displacements, largest_movers, magnitudes
from glasscli.observables.dynamics import motion, strings
from glasscli.report import displacement_figure, spectra, tables

MOBILE = 0.35  # of the mean spacing: beyond the rattling in a cage
EXCHANGE = 0.6  # of the mean spacing: having taken another's place
OVERLAP = 0.3


def finish(study: Study) -> dict[str, Any]:
    """Displacements of the last frame against the one `lag` before; motion over all lags. Empty with one frame."""
    lag = study.choices.lag
    if len(study.trajectory) <= lag:
        study.notes.append(f"no displacements: they need more than {lag} frame{'s' * (lag > 1)}")
        return {}
    before, after = study.trajectory[-1 - lag], study.trajectory[-1]
    vectors = displacements(before, after)
    size = magnitudes(vectors)
    spacing = (after.volume / after.n_atoms) ** (1 / 3)
    mobile = np.flatnonzero(size > MOBILE * spacing)
    groups = strings(before, after, mobile, EXCHANGE * spacing)
    displacement_figure.displacement_map(study.figure("displacements"), before, vectors, units=study.units)
    tables.write_displacements(
        study.table("displacements"), before.species, before.positions, vectors, study.units
    )
    study.keep["displacements/vectors"] = vectors.astype("<f4")
    return {
        "from_step": before.step,
        "to_step": after.step,
        "lag": lag,
        "mean": float(size.mean()),
        "largest": float(size.max()),
        "largest_movers": [
            {"id": int(i) + 1, "magnitude": float(size[i]), "vector": vectors[i].tolist()}
            for i in largest_movers(vectors, 10)
        ],
        "mobile_fraction": len(mobile) / after.n_atoms,
        "mobile_beyond": MOBILE * spacing,
        "strings": groups[groups > 1].tolist(),
        "motion": _motion(study, spacing),
    }


def _motion(study: Study, spacing: float) -> dict[str, Any] | None:
    try:
        q = study.choices.q or waves.peak_wave_number(study)
    except GlassError:
        # A box of a few atoms has no wave vectors there.
        q = 2 * np.pi / spacing
    # Inherent structures stand without heat; the frames as they moved say how atoms diffuse.
    run = study.run
    frames: Any = run.frames if run is not None and len(run.frames) > 1 else study.trajectory
    steps = frames.steps if run is not None else study.steps
    found = motion(frames, steps, q, OVERLAP * spacing)
    if found is None:
        return None
    unit = study.units.length_unit
    tables.write_table(
        study.table("motion"),
        {"lag (steps)": found.lag, f"msd ({unit}²)": found.msd, "F_s": found.scattering, "alpha2": found.alpha2,
         "overlap": found.overlap, "origins": found.origins},
        [f"F_s at q = {q:.6g}; overlap within {found.reach:.6g}"],
    )  # fmt: skip
    spectra.motion(study.figure("motion"), found, study.units)
    return {
        "of": "frames" if run is not None and frames is run.frames else "trajectory",
        "q": q,
        "overlap_reach": found.reach,
        "lag": found.lag,
        "msd": found.msd,
        "scattering": found.scattering,
        "alpha2": found.alpha2,
        "overlap": found.overlap,
        "tau_alpha": found.tau_alpha,
    }
