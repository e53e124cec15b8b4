"""The measure `diffraction`: total S(q) and T(r) as neutrons and X-rays see them, and their first sharp peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures import pdf, structure_factor
from glasscli.analysis.result import Curve, Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.names import by_pair
from glasscli.observables import scattering
from glasscli.observables.scattering import FERMI2_PER_BARN, Peak, Radiation
from glasscli.report import bonding, tables
from glasscli.units import WITHOUT_SYSTEM, UnitNames


@dataclass(frozen=True)
class Seen:
    """What one radiation sees.

    S           [n] total structure factor, Faber and Ziman's: 1 at large q
    weights     {pair: its weight in S at the lowest q}: they add up to 1
    peaks       the first maxima of S; first_sharp_peak: the first of them, None where there is none
    T           [m] total correlation function
    T_unit      its unit
    """

    S: Floats
    weights: dict[str, float]
    peaks: list[Peak]
    first_sharp_peak: Peak | None
    T: Floats
    T_unit: str


@dataclass(frozen=True)
class Diffraction(Result):
    """Of the last frames; neutron or xray is None where an element's amplitudes are not known."""

    frames: int
    q: Floats
    r: Floats
    neutron: Seen | None
    xray: Seen | None

    @property
    def seen(self) -> dict[str, Seen]:
        """{radiation: what it sees}."""
        both = {"neutrons": self.neutron, "X-rays": self.xray}
        return {name: seen for name, seen in both.items() if seen is not None}

    def text(self, units: UnitNames) -> str:
        """A line for each radiation."""
        return "\n".join(
            f"{name}: peaks of S(q) at {', '.join(f'{p.q:.2f}' for p in seen.peaks) or '-'} {units.length_unit}⁻¹"
            for name, seen in self.seen.items()
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """First sharp peaks and those that follow."""
        return [
            (
                f"peaks of S(q), {name} ({units.length_unit}⁻¹)",
                ", ".join(f"{p.q:.2f}" for p in seen.peaks) or "-",
            )
            for name, seen in self.seen.items()
        ]

    def curves(self, units: UnitNames) -> Sequence[Curve]:
        """S(q) and T(r) of each radiation."""
        named = {"neutron": self.neutron, "xray": self.xray}
        return [
            curve
            for name, seen in named.items()
            if seen is not None
            for curve in (
                Curve(f"S_{name}", "q", self.q, seen.S, f"$S(q)$ {name}"),
                Curve(f"T_{name}", "r", self.r, seen.T, f"$T(r)$ {name} ({seen.T_unit})"),
            )
        ]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Where the first sharp peak of each file is."""
        return {
            f"first peak of S(q), {name} ({units.length_unit}⁻¹)": seen.first_sharp_peak.q
            for name, seen in self.seen.items()
            if seen.first_sharp_peak
        }


def finish(subject: Subject) -> Diffraction | None:
    """Totals of the mean partials: two tables, a figure."""
    factor = structure_factor.mean_factor(subject)
    distances = pdf.distribution(subject)
    elements, units = subject.elements, subject.units
    counts = subject.trajectory[-1].counts
    shares = {s: n / sum(counts.values()) for s, n in counts.items()}
    width = max(subject.choices.q_width, np.pi / subject.trajectory[-1].box.width)
    density = sum(distances.densities.values())

    def seen(of_q: Radiation, of_r: Radiation, scale: float, unit: str) -> Seen:
        weights = of_q.weights(shares)
        total = scattering.weighted(factor.partials, weights)
        peaks = scattering.maxima(factor.q, total, factor.vectors, width)
        correlation = scattering.weighted(distances.partials, of_r.weights(shares))
        square = float(of_r.mean_square(shares)[0])
        return Seen(
            total, {pair: float(w[0]) for pair, w in by_pair(weights, subject.labels).items()},
            peaks, peaks[0] if peaks else None,
            scattering.total_correlation(distances.r, correlation, density, square) / scale, unit,
        )  # fmt: skip

    found: dict[str, Seen] = {}
    try:
        lengths = scattering.neutrons(elements)
        found["neutron"] = seen(lengths, lengths, FERMI2_PER_BARN, f"barn/{units.length_unit}²")
    except InputError as error:
        subject.notes.append(f"no diffraction of neutrons: {error}")
    try:
        factors, charge = scattering.x_rays(elements, factor.q), scattering.electrons(elements)
        found["xray"] = seen(factors, charge, 1.0, f"1/{units.length_unit}²")
        if units is WITHOUT_SYSTEM:
            subject.notes.append(
                "diffraction of X-rays: the file names no unit, lengths are taken as angstroms"
            )
    except InputError as error:
        subject.notes.append(f"no diffraction of X-rays: {error}")
    if not found:
        return None
    comment = f"mean over {factor.n_frames} frames, weights after Faber and Ziman"
    tables.write_table(
        subject.table("diffraction"),
        {"q": factor.q, **{f"S_{name}": one.S for name, one in found.items()}},
        [comment], units,
    )  # fmt: skip
    tables.write_table(
        subject.table("diffraction-distances"),
        {"r": distances.r, **{f"T_{name} ({one.T_unit})": one.T for name, one in found.items()}},
        [
            f"mean over {distances.n_frames} frames; T(r) = 4 pi r rho <b>^2 g(r), per atom",
            "of X-rays b is the atomic number",
        ],
        units,
    )  # fmt: skip
    result = Diffraction(factor.n_frames, factor.q, distances.r, found.get("neutron"), found.get("xray"))
    subject.draw(
        bonding.diffraction, "diffraction",
        factor.q, {name: one.S for name, one in result.seen.items()},
        distances.r, {name: one.T for name, one in result.seen.items()}, units,
    )  # fmt: skip
    return result


MEASURE: Measure[None] = Measure(
    name="diffraction",
    explanation="total S(q) and T(r) weighted for neutrons and X-rays by element, the first sharp diffraction peak",
    finish=finish,
    needs=("elements",),
    reads=(pdf.MEASURE, structure_factor.MEASURE),
    captions={
        "diffraction": Caption(
            "Total structure factors and correlation functions as neutrons and X-rays see them.", place=51
        )
    },
    place=42,
)  # fmt: skip
