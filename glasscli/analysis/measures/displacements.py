"""The measure `displacements`: a map between the last frames, strings, and averages over all lags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures.structure_factor import peak_wave_number
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats, Trajectory
from glasscli.errors import GlassError, InputError
from glasscli.formats.names import named
from glasscli.observables.displacement import Followed, displacements, largest_movers, magnitudes
from glasscli.observables.dynamics import motion, strings
from glasscli.report import displacement_figure, spectra, tables
from glasscli.report.beside import number
from glasscli.units import UnitNames

MOBILE = 0.35  # of the mean spacing: beyond the rattling in a cage
EXCHANGE = 0.6  # of the mean spacing: having taken another's place
OVERLAP = 0.3


@dataclass(frozen=True)
class Mover:
    """An atom that moved far."""

    id: int
    magnitude: float
    vector: Floats


@dataclass(frozen=True)
class Averages:
    """Motion over all lags (see `observables.dynamics.Motion`), of the moving frames where there are any."""

    of: str
    q: float
    overlap_reach: float
    lag: np.ndarray
    msd: Floats
    scattering: Floats
    alpha2: Floats
    overlap: Floats
    tau_alpha: float | None


@dataclass(frozen=True)
class Displacements(Result):
    """The last frame against the one `lag` before; lengths of strings [n]; motion over all lags."""

    from_step: int
    to_step: int
    lag: int
    mean: float
    largest: float
    largest_movers: Sequence[Mover]
    mobile_fraction: float
    mobile_beyond: float
    strings: np.ndarray
    motion: Averages | None

    def text(self, units: UnitNames) -> str:
        """One line of the motion."""
        m = self.motion
        if m is None:
            return ""
        return f"motion: msd {m.msd[-1]:.4g} after {m.lag[-1]} steps, tau_alpha {number(m.tau_alpha, '.3g')} steps"

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The relaxation time."""
        if self.motion is None:
            return []
        tau = self.motion.tau_alpha
        return [
            ("tau_alpha (steps)", f"not within {self.motion.lag[-1]}" if tau is None else f"{tau:.0f}"),
        ]


def finish(subject: Subject) -> Displacements | None:
    """Displacements of the last frame against the one `lag` before; motion over all lags. None with one frame."""
    lag = subject.choices.lag
    if len(subject.trajectory) <= lag:
        subject.notes.append(f"no displacements: they need more than {lag} frame{'s' * (lag > 1)}")
        return None
    frames = followed(subject, subject.trajectory)
    try:
        before, after = frames[len(frames) - 1 - lag], frames[len(frames) - 1]
        vectors = displacements(before, after)
    except InputError as error:
        subject.notes.append(f"{subject.path}: {error}")
        return None
    size = magnitudes(vectors)
    spacing = after.spacing
    mobile = np.flatnonzero(size > MOBILE * spacing)
    groups = strings(before, after, mobile, EXCHANGE * spacing)
    displacement_figure.displacement_map(
        subject.figure("displacements"), before, vectors, units=subject.units
    )
    tables.write_displacements(
        subject.table("displacements"), named(before.species, subject.labels), before.positions, vectors, subject.units,
        before.identifiers,
    )  # fmt: skip
    subject.keep["displacements/vectors"] = vectors.astype("<f4")
    return Displacements(
        from_step=before.step,
        to_step=after.step,
        lag=lag,
        mean=float(size.mean()),
        largest=float(size.max()),
        largest_movers=[
            Mover(int(after.identifiers[i]), float(size[i]), vectors[i]) for i in largest_movers(vectors, 10)
        ],
        mobile_fraction=len(mobile) / after.n_atoms,
        mobile_beyond=MOBILE * spacing,
        strings=groups[groups > 1],
        motion=_motion(subject, frames, spacing),
    )


def followed(subject: Subject, frames: Trajectory) -> Trajectory:
    """The frames with images, said or most likely; a note where the file does not say what happened to an atom."""
    last = frames[-1]
    if last.images is not None or len(frames) < 2:
        return frames
    subject.notes.append(
        f"{subject.path} states neither image flags nor unwrapped positions: atoms are followed by the shortest steps "
        "from frame to frame, right while none moves more than half an edge in between"
    )
    return Followed(frames)


def _motion(subject: Subject, frames: Trajectory, spacing: float) -> Averages | None:
    if subject.ramp is not None:
        subject.notes.append(
            "no motion over lags, tau_alpha, F_s, alpha2: the temperature changes, and averages over a ramp are those "
            "of no temperature; hold one with `glasscli anneal`"
        )
        return None
    try:
        q = subject.choices.q or peak_wave_number(subject)
    except GlassError:
        # A box of a few atoms has no wave vectors there.
        q = 2 * np.pi / spacing
    # Inherent structures stand without heat; the frames as they moved say how atoms diffuse.
    steps = subject.steps
    if subject.run is not None and len(subject.run.frames) > 1:
        frames, steps = subject.run.frames, subject.run.frames.steps
    elif subject.moved is not None:
        frames = followed(subject, subject.moved)
    try:
        found = motion(frames, steps, q, OVERLAP * spacing)
    except InputError as error:
        subject.notes.append(f"{subject.path}: no motion: {error}")
        return None
    if found is None:
        return None
    unit = subject.units.length_unit
    time = {}
    if subject.run is not None and subject.run.manifest.protocol.moves is None:
        time = {f"time ({subject.units.time_unit})": found.lag * subject.run.manifest.protocol.timestep}
    tables.write_table(
        subject.table("motion"),
        {"lag (steps)": found.lag, **time, f"msd ({unit}²)": found.msd, "F_s": found.scattering, "alpha2": found.alpha2,
         "overlap": found.overlap, "origins": found.origins},
        [f"F_s at q = {q:.6g}; overlap within {found.reach:.6g}"],
    )  # fmt: skip
    spectra.motion(subject.figure("motion"), found, subject.units)
    return Averages(
        of="trajectory",
        q=q,
        overlap_reach=found.reach,
        lag=found.lag,
        msd=found.msd,
        scattering=found.scattering,
        alpha2=found.alpha2,
        overlap=found.overlap,
        tau_alpha=found.tau_alpha,
    )


MEASURE: Measure[None] = Measure(
    name="displacements",
    explanation="vectors between frames --lag apart, largest movers, strings; MSD, F_s, alpha2, overlap, tau_alpha",
    finish=finish,
    captions={
        "displacements": Caption("Displacements between the last frames.", place=30),
        "motion": Caption("Mean-square displacement, F_s and overlap, non-Gaussian parameter.", place=90),
    },
    default=True,
    place=50,
)
