"""The measure `structure-factor`: S(q) of the last frames, and R from a reference to the last frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.frame import Frame, open_frames
from glasscli.analysis.subject import Study
from glasscli.configuration import Configuration
from glasscli.errors import GlassError, InputError
from glasscli.observables import structure_factor as sf
from glasscli.observables.structure_factor import StructureFactor
from glasscli.report import spectra, tables

REACH = 26.0  # of q in units of one over the mean spacing: the second peak is near 13


def frames(study: Study) -> Sequence[int]:
    """The last frames, and the first, which R is measured from."""
    return sorted({0, *study.window()})


def settings(study: Study) -> dict[str, Any]:
    """The choices that S(q) depends on."""
    return {"q_max": study.choices.q_max, "width": study.choices.q_width}


def frame(frame: Frame) -> dict[str, Any]:
    """S(q) of one frame."""
    found = _measured(frame.configuration, frame.choices.q_max, frame.choices.q_width)
    return {"q": found.q, "total": found.total, "vectors": found.vectors} | {
        f"s_{pair}": s for pair, s in found.partials.items()
    }


def finish(study: Study) -> dict[str, Any]:
    """The mean S(q) with errors; R, its signed version and the peaks' heights."""
    rows = [
        StructureFactor(
            row["q"], row["total"], {k[2:]: v for k, v in row.items() if k.startswith("s_")}, row["vectors"]
        )
        for row in study.rows("structure-factor")
    ]
    window = rows[-len(study.window()) :]
    try:
        mean = sf.average(window)
    except InputError:
        study.notes.append("the box changes: S(q) is that of the last frame")
        mean = window[-1]
    columns: dict[str, Any] = {f"q ({study.units.table_wave_number})": mean.q, "S_total": mean.total}
    if mean.total_error is not None:
        columns["S_total_error"] = mean.total_error
    columns |= {f"S_{pair}": s for pair, s in mean.partials.items()}
    tables.write_table(study.table("structure-factor"), columns, [f"mean over {mean.n_frames} frames"])
    relaxation = _relaxation(study, rows)
    spectra.structure_factor(
        study.figure("structure-factor"), mean, (relaxation["q1"], relaxation["q2"]) if relaxation else None,
        study.names, study.units,
    )  # fmt: skip
    return {
        "frames": mean.n_frames,
        "q": mean.q,
        "total": mean.total,
        "total_error": mean.total_error,
        "partials": mean.partials,
        "partial_errors": mean.partial_errors,
        "R": relaxation,
    }


def _relaxation(study: Study, rows: list[StructureFactor]) -> dict[str, Any] | None:
    choices, first = study.choices, rows[0]
    if choices.reference is None and len(study.trajectory) < 2:
        return None
    name = f"{study.path} frame 0"
    if choices.reference is not None:
        first = _measured(_frame_of(choices.reference), choices.q_max, choices.q_width)
        name = choices.reference
    try:
        found = sf.relaxation_parameter(first, rows[-1], choices.q_range)
    except InputError:
        raise
    except GlassError as error:
        study.notes.append(f"no R: {error}")
        return None
    return {
        "value": found.value, "q1": found.q1, "q2": found.q2, "signed": found.signed, "from": name,
        "first_peak": list(found.peaks[0]), "second_peak": list(found.peaks[1]),
    }  # fmt: skip


def _measured(configuration: Configuration, q_max: float | None, width: float) -> StructureFactor:
    spacing = (configuration.volume / configuration.n_atoms) ** (1 / 3)
    return sf.structure_factor(configuration, q_max or REACH / spacing, width)


def _frame_of(text: str) -> Configuration:
    """ "FILE" or "FILE:FRAME"."""
    name, _, number = text.rpartition(":")
    if not name or not number.lstrip("-").isdigit():
        name, number = text, "-1"
    source = open_frames(Path(name))
    index = int(number)
    if not -len(source) <= index < len(source):
        raise InputError(f"{name} has {len(source)} frames, not a frame {index}")
    return source[index]


def peak_wave_number(study: Study) -> float:
    """q of the first peak of the last frame's S(q), where F_s is measured."""
    last = study.trajectory[-1]
    found = _measured(last, None, 0.1)
    smooth = sf.smooth(found, 0.25)
    return float(found.q[int(np.argmax(np.where(found.vectors >= 6, smooth, 0)))])
