"""The measure `shear-band`: whether a run of strain deformed alike everywhere, or in a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.observables.plasticity import local_deformation
from glasscli.observables.shear_band import PART, Layers, layers
from glasscli.progress import progress
from glasscli.report import shear_figure
from glasscli.report.canvas import with_error
from glasscli.report.tables import write_table
from glasscli.store.run import Run
from glasscli.units import UnitNames

# Frames whose localisation is followed along the path, evenly from the first to the one of most strain.
FOLLOWED = 10


@dataclass(frozen=True)
class Band:
    """middle: along the layers' normal from the origin; width; carries: share of the strain that is in it."""

    middle: float
    width: float
    carries: float


@dataclass(frozen=True)
class ShearBand(Result):
    """Local strain since the first frame, at the frame of most strain, in the layers in which it is localised most.

    atoms_participation  (sum |e|)^2/(n sum e^2) of the atoms' strains e: 1 where all are alike
    layers, band         see `observables.shear_band.Layers`; band None, with a reason, where there is none
    course               of frames along the path: strain, participation of the layers, its null value and error
    """

    strain: float
    mean_local_strain: float
    atoms_participation: float
    layers: Layers
    band: Band | None
    band_reason: str | None
    course: dict[str, list[float]]

    def text(self, units: UnitNames) -> str:
        """One line."""
        return "; ".join(": ".join(row) for row in self.table(units))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """How localised, and where."""
        one = self.layers
        rows = [
            (
                f"layers that deform, at strain {self.strain:g}",
                f"{one.participation:.3f} of them; in no order {with_error(one.null, one.null_error)}",
            )
        ]
        if self.band:
            normal = ", ".join(f"{x:.2f}" for x in one.normal)
            thick = f"{self.band.width:.3g} {units.length_unit} thick"
            said = f"{thick}, normal ({normal}), {self.band.carries:.0%} of the strain"
            return [*rows, ("shear band", said)]
        return [*rows, ("shear band", f"none: {self.band_reason}")]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Mean over files."""
        return {"layers that deform": self.layers.participation}


def local_strain(run: Run, before: Configuration, after: Configuration) -> Floats:
    """[n] of the kind that the run imposes; of atoms without neighbours enough the mean of all others."""
    how = run.manifest.protocol.straining
    assert how is not None
    found = local_deformation(before, after)
    strain = found.strain(how.strain.generator)
    return np.where(found.known, strain, strain[found.known].mean())


def finish(subject: Subject) -> ShearBand | None:
    """Of a run of strain, from its first frame to the one of most strain."""
    run = subject.run
    how = None if run is None else run.manifest.protocol.straining
    if run is None or how is None or how.strain.mode == "bulk":
        subject.notes.append("a shear band is of runs of shear or uniaxial strain (glasscli shear)")
        return None
    frames = run.frames
    at = np.array([how.path.at(int(step)) for step in frames.steps])
    last = int(np.argmax(np.abs(at)))
    try:
        if not at[last]:
            raise InputError("only the frame of no strain is there yet")
        frames[0].box.periodic_for("a shear band", planes=True)
    except InputError as error:
        subject.notes.append(f"no shear band: {error}")
        return None
    chosen = [int(k) for k in np.unique(np.linspace(0, last, FOLLOWED + 1).astype(int))[1:]]
    found = []
    with progress(f"local strain of {run.path.name}", len(chosen), "frames") as advance:
        for done, k in enumerate(chosen, start=1):
            strain = local_strain(run, frames[0], frames[k])
            found.append(layers(frames[0], strain))
            advance(done)
    one = found[-1]
    course = {"strain": at[chosen].tolist()} | {
        name: [getattr(layer, name) for layer in found]
        for name in ("participation", "null", "null_error", "chance")
    }
    write_table(
        subject.table("shear-band"), {"distance": one.middle, "strain": one.strain, "strain_error": one.error},
        comments=[f"layers normal to {', '.join(f'{x:.6g}' for x in one.normal)}"], units=subject.units,
    )  # fmt: skip
    subject.draw(shear_figure.band, "shear-band", frames[0], strain, one, course, subject.units)
    band = Band(*one.band) if one.localised else None
    why = (
        None if band else f"{one.participation:.0%} of the layers deform; a band leaves less than {PART:.0%}"
    )
    if band is None and one.participation < PART:
        why = f"blocks put in no order are as localised with a chance of {one.chance:.2g}"
    sizes = np.abs(strain)
    part = float(sizes.sum() ** 2 / (len(sizes) * (sizes**2).sum()))
    return ShearBand(float(at[last]), float(strain.mean()), part, one, band, why, course)


MEASURE: Measure[None] = Measure(
    name="shear-band",
    explanation="local strain of a run of strain in layers: whether it is localised in a band",
    finish=finish,
    captions={
        "shear-band": Caption(
            "Local strain of atoms (seen along the band's plane), its mean in layers, and the share of layers that "
            "deform, with the one of blocks put in no order (grey: two standard deviations)."
        )
    },
    dimensions=(2, 3),
    strained=True,
)
