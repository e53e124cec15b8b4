"""The measure `structure-factor`: S(q) of the last frames, and R from a reference to the last frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glasscli.analysis.files import open_frames
from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Curve, Json, Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Configuration, Floats
from glasscli.errors import GlassError, InputError
from glasscli.formats.names import by_pair
from glasscli.observables import structure_factor as sf
from glasscli.observables.blocks import over_frames
from glasscli.observables.structure_factor import StructureFactor
from glasscli.report import spectra, tables
from glasscli.units import UnitNames


@dataclass(frozen=True)
class Row:
    """S(q) of one frame: q, total [n], pairs of species [pairs, 2], partials [pairs, n], wave vectors of each q [n]."""

    q: Floats
    total: Floats
    pairs: Sequence[tuple[int, int]]
    partials: Floats
    vectors: np.ndarray


@dataclass(frozen=True)
class Change(Result):
    """R from a reference to the last frame, on q1 to q2, and the peaks (before, after)."""

    value: float
    q1: float
    q2: float
    signed: float
    reference: str
    first_peak: tuple[float, float]
    second_peak: tuple[float, float]

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them."""
        return {"from" if name == "reference" else name: value for name, value in super().data.items()}


@dataclass(frozen=True)
class Waves(Result):
    """The mean S(q) with errors; R, None where there is nothing to compare with."""

    frames: int
    q: Floats
    total: Floats
    total_error: Floats | None
    partials: dict[str, Floats]
    partial_errors: dict[str, Floats]
    R: Change | None
    blocks: float | None

    def text(self, units: UnitNames) -> str:
        """One line of R."""
        r = self.R
        return f"R {r.value:.4f} (signed {r.signed:+.4f}), q = {r.q1:.2f} to {r.q2:.2f}" if r else ""

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """What the errors are over; R where there is one."""
        rows = [("S(q): errors", over_frames(self.frames, self.blocks))]
        if self.R is None:
            return rows
        r = self.R
        where = f"q = {r.q1:.2f} to {r.q2:.2f} {units.length_unit}⁻¹"
        return [*rows, ("R (signed)", f"{r.value:.3f} ({r.signed:+.3f}), {where}")]

    def curves(self, units: UnitNames) -> Sequence[Curve]:
        """Total and Faber-Ziman partials."""
        partials = self.partials if len(self.partials) > 1 else {}
        named = {"S_total": ("$S(q)$", self.total)}
        named |= {f"S_{pair}": (f"$S(q)$ {pair}", s) for pair, s in partials.items()}
        return [Curve(name, "q", self.q, s, label) for name, (label, s) in named.items()]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """R of each file."""
        return {"R": self.R.value, "R, signed": self.R.signed} if self.R else {}


def window_and_first(subject: Subject) -> Sequence[int]:
    """The last frames, and the first, which R is measured from."""
    return sorted({0, *subject.window()})


def frame(frame: Frame) -> Row:
    """S(q) of one frame."""
    found = _measured(frame.configuration, frame.choices.q_max, frame.choices.q_width)
    return Row(
        found.q, found.total, list(found.partials), np.array(list(found.partials.values())), found.vectors
    )


def mean_factor(subject: Subject) -> StructureFactor:
    """The mean over the window, or the last frame alone where the box changes too much for one."""
    window = _factors(subject)[-len(subject.window()) :]
    try:
        return sf.average(window)
    except InputError:
        return window[-1]


def _factors(subject: Subject) -> list[StructureFactor]:
    """S(q) of the first frame, and of those in the window."""
    return [
        StructureFactor(
            row.q,
            row.total,
            {(a, b): s for (a, b), s in zip(row.pairs, row.partials, strict=True)},
            row.vectors,
        )
        for row in MEASURE.rows(subject)
    ]


def finish(subject: Subject) -> Waves:
    """The mean S(q) with errors; R, its signed version and the peaks' heights."""
    mean = mean_factor(subject)
    if len(subject.window()) > mean.n_frames:
        subject.notes.append("the box changes: S(q) is that of the last frame")
    columns: dict[str, ArrayLike] = {"q": mean.q, "S_total": mean.total}
    if mean.total_error is not None:
        columns["S_total_error"] = mean.total_error
    partials = by_pair(mean.partials, subject.labels)
    columns |= {f"S_{pair}": s for pair, s in partials.items()}
    tables.write_table(
        subject.table("structure-factor"),
        columns,
        [
            f"mean over {mean.n_frames} frames",
            f"errors: {over_frames(mean.n_frames, mean.blocks)}",
        ],
        subject.units,
    )
    change = _change(subject, _factors(subject))
    subject.draw(
        spectra.structure_factor, "structure-factor", mean, (change.q1, change.q2) if change else None,
        subject.labels, subject.units,
    )  # fmt: skip
    return Waves(
        frames=mean.n_frames,
        q=mean.q,
        total=mean.total,
        total_error=mean.total_error,
        partials=partials,
        partial_errors=by_pair(mean.partial_errors, subject.labels),
        R=change,
        blocks=mean.blocks,
    )


def _change(subject: Subject, rows: list[StructureFactor]) -> Change | None:
    choices, first = subject.choices, rows[0]
    if choices.reference is None and len(subject.trajectory) < 2:
        return None
    name = f"{subject.path} frame 0"
    if choices.reference is not None:
        first = _measured(_frame_of(choices.reference, subject), choices.q_max, choices.q_width)
        name = choices.reference
    try:
        found = sf.relaxation_parameter(first, rows[-1], choices.q_range)
    except InputError:
        raise
    except GlassError as error:
        subject.notes.append(f"no R: {error}")
        return None
    return Change(found.value, found.q1, found.q2, found.signed, name, *found.peaks)


def _measured(configuration: Configuration, q_max: float | None, width: float) -> StructureFactor:
    return sf.structure_factor(configuration, q_max or sf.REACH / configuration.spacing, width)


def _frame_of(text: str, subject: Subject) -> Configuration:
    """ "FILE" or "FILE:FRAME"."""
    name, _, number = text.rpartition(":")
    if not name or not number.lstrip("-").isdigit():
        name, number = text, "-1"
    source = open_frames(Path(name), False, subject.system, subject.choices.species)
    index = int(number)
    if not -len(source) <= index < len(source):
        raise InputError(f"{name} has {len(source)} frames, not a frame {index}")
    return source[index]


def peak_wave_number(subject: Subject) -> float:
    """q of the first peak of the last frame's S(q), where F_s is measured."""
    return sf.first_peak(subject.trajectory[-1])


MEASURE = Measure(
    name="structure-factor",
    explanation=(
        "S(q), Faber-Ziman partials, the relaxation parameter R from the first (or --reference) to the last frame"
    ),
    finish=finish,
    frame=frame,
    row=Row,
    frames=window_and_first,
    needs=("volume",),
    choices=("q_max", "q_width"),
    captions={
        "structure-factor": Caption(
            "Structure factor and Faber-Ziman partials; shaded: where R is measured.", place=50
        )
    },
    lifted=("R",),
    dimensions=(2, 3),
    place=40,
)
