"""The measure `definitions`: f_ico of the last frame by several definitions in use."""

from __future__ import annotations

from dataclasses import dataclass

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Measure, last_frame
from glasscli.analysis.result import Json, Result, plain
from glasscli.analysis.subject import Subject
from glasscli.formats.names import by_name
from glasscli.observables.icosahedra import systematic_variants
from glasscli.observables.voronoi import icosahedral_fraction


@dataclass(frozen=True)
class Row:
    """f_ico of one frame by each definition; by the radical tessellation also {species: of its atoms}."""

    definitions: dict[str, float]
    by_species: dict[str, float]


@dataclass(frozen=True)
class Radical(Result):
    """f_ico by the radical tessellation, of all atoms, by size of a mixture of two, by species; radii by species."""

    fraction: float
    by_size: dict[str, float | None]
    by_species: dict[str, float]
    radii: dict[str, float]

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them, small and large beside the fraction of all."""
        return {
            "fraction": self.fraction,
            **self.by_size,
            "by_species": plain(self.by_species),
            "radii": plain(self.radii),
        }


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
        return Row(variants, {})
    shares = icosahedral_fraction(frame.radical, frame.configuration.species)
    return Row(variants | {"radical": shares.all}, {str(s): share for s, share in shares.by_species.items()})


def of_last_frame(subject: Subject) -> Definitions:
    """f_ico of the last frame by each definition."""
    (row,) = MEASURE.rows(subject)
    values = list(row.definitions.values())
    radical = None
    if subject.radii_if_any is not None:
        by_species = {int(s): share for s, share in row.by_species.items()}
        radical = Radical(
            row.definitions["radical"],
            {size: by_species.get(s) for size, s in subject.sizes.items()},
            by_name(by_species, subject.labels),
            subject.stated_radii,
        )
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
