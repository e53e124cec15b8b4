"""The measure `definitions`: f_ico of the last frame by several definitions in use."""

from __future__ import annotations

from dataclasses import dataclass

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Measure, last_frame
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.observables.icosahedra import systematic_variants
from glasscli.observables.voronoi import icosahedral_fraction


@dataclass(frozen=True)
class Row:
    """f_ico of one frame by each definition; by the radical tessellation also of small and large atoms."""

    definitions: dict[str, float]
    small: float | None = None
    large: float | None = None


@dataclass(frozen=True)
class Radical:
    """f_ico by the radical tessellation, of all, small and large atoms; {species: radius}."""

    fraction: float
    small: float | None
    large: float | None
    radii: dict[int, float]


@dataclass(frozen=True)
class Definitions(Result):
    """f_ico by each definition; half their spread is the systematic error."""

    definitions: dict[str, float]
    radical: Radical | None
    systematic_error: float


def frame(frame: Frame) -> Row:
    """One frame: by thresholds of edges and faces, and by the radical tessellation where there are radii."""
    variants = systematic_variants(frame.configuration, frame.plain)
    if frame.radii is None:
        return Row(variants)
    shares = icosahedral_fraction(frame.radical, frame.configuration.species)
    return Row(variants | {"radical": shares.all}, shares.small, shares.large)


def of_last_frame(subject: Subject) -> Definitions:
    """f_ico of the last frame by each definition."""
    (row,) = MEASURE.rows(subject)
    values, radii = list(row.definitions.values()), subject.radii_if_any
    radical = None
    if radii is not None:
        radical = Radical(row.definitions["radical"], row.small, row.large, dict(sorted(radii.items())))
    return Definitions(row.definitions, radical, (max(values) - min(values)) / 2)


MEASURE = Measure(
    name="definitions",
    explanation=(
        "f_ico of the last frame by several definitions in use: thresholds, radii; half their spread is its error"
    ),
    finish=of_last_frame,
    frame=frame,
    row=Row,
    frames=last_frame,
    needs=("plain",),
    uses=("radical",),
    place=20,
)
