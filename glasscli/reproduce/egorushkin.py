"""V. E. Egorushkin and N. V. Mel'nikova (1992): Fig. 1 and what Sec. 2 says of structures, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system
from glasscli.observables.displacement import displacements, drift
from glasscli.observables.pair_distribution import pair_distribution
from glasscli.observables.structure_factor import (
    REACH,
    RelaxationParameter,
    StructureFactor,
    relaxation_parameter,
    structure_factor,
)
from glasscli.observables.structure_factor import average as mean_factor
from glasscli.report.palette import BLACK, RED
from glasscli.reproduce.comparison import Comparison, Expected, Found, Kind, Relation, compare
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.theory_numbers import BY_KEY

PAPER = "Egorushkin & Mel'nikova 1992"
STAGES = ("curve1", "curve2", "curve3")
# Where the first and the second maximum of g(r) of the Wahnström glass are looked for, and what smooths it (σ).
FIRST, SECOND, SMOOTHED = (0.8, 1.4), (1.5, 2.3), 0.1
# Of the mean spacing: atoms that go less far have not moved (minima are sharper by five orders).
MOVED = 0.02
FIG1 = (
    *(
        Expected(
            f"kind {stage}",
            f"kind of curve {n}",
            f"{PAPER}, Fig. 1: gain and Γ chosen for it",
            Kind.INPUT,
            float(n),
        )
        for n, stage in enumerate(STAGES, 1)
    ),
    BY_KEY["t_half 20 10"],
    BY_KEY["t_half 1 1"],
)
_HEIGHTS = f"{PAPER}, Sec. 2: 2 to 3 %"
_ONE_MOVES = "single atoms that hop"
TEXT = (
    Expected(
        "g first", "relaxation: rise of the first maximum of g(r) (%)", _HEIGHTS, Kind.PRINTED, 2.5, 0.5, rival=0.0,
        fails="a structure that does not relax",
        why="the glass was quenched in 20000 steps and annealed for 50000; heights go with both",
    ),
    Expected(
        "g second", "relaxation: rise of the second maximum of g(r) (%)", _HEIGHTS, Kind.PRINTED, 2.5, 0.5, rival=0.0,
        fails="a structure that does not relax",
        why="the glass was quenched in 20000 steps and annealed for 50000; heights go with both",
    ),
    Expected(
        "S second", "relaxation: rise of the second peak of S(q) (%)", f"{PAPER}, Sec. 2", Kind.ORDERING, 0.0,
        relation=Relation.ABOVE, fails="no relaxation, or its opposite",
    ),
    Expected(
        "displacement", "relaxation: displacement of an atom (mean spacings)", f"{PAPER}, Sec. 2: 1/10",
        Kind.PRINTED, 0.1, 0.05, rival=1.0, fails=_ONE_MOVES,
        why="atoms of a glass quenched this fast rearrange at 0.8 T_f; colder they move less",
    ),
    Expected(
        "displacement cold", "the same at half of T_f", f"{PAPER}, Sec. 2: 1/10", Kind.PRINTED, 0.1, 0.05,
        rival=0.0, fails="a structure that does not relax",
        why="atoms of a glass quenched this fast rearrange at half of T_f too",
    ),
    Expected(
        "moving", "relaxation: share of atoms that move", f"{PAPER}, Sec. 2: almost all", Kind.PRINTED, 0.95, 0.05,
        rival=0.5, fails=_ONE_MOVES,
    ),
    Expected(
        "R crystal", "R on crystallisation over R of relaxation", f"{PAPER}, Sec. 2: it falls", Kind.ORDERING, 1.0,
        relation=Relation.BELOW, fails="an integral of |Δi|, which any change makes larger",
        why="with the printed |Δi(q)| every change counts as a rise",
    ),
    Expected(
        "S crystal", "crystallisation: rise of the first peak of S(q) (%)", f"{PAPER}, Sec. 2: it falls",
        Kind.ORDERING, 0.0, relation=Relation.BELOW, fails="Bragg peaks where the first peak was",
        why="C15 has strong reflections there; the paper's alloys are others",
    ),
)  # fmt: skip


def fig1(products: Products, path: Path) -> list[Comparison]:
    """The order parameter in its three regimes."""
    answers = {stage: products.answers(stage)[0] for stage in STAGES}
    curves = {stage: products.columns(stage)[0] for stage in STAGES}
    ours = {f"kind {stage}": float(answers[stage]["regime"]) for stage in STAGES}
    times = {"t_half 20 10": answers["curve3"]["t_half"], "t_half 1 1": answers["curve2"]["t_half"]}
    rows = compare(FIG1, ours | times)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for (stage, line), n in zip(zip(STAGES, (":", "--", "-"), strict=True), (1, 2, 3), strict=True):
            a, c = answers[stage], curves[stage]
            label = f"{n}: gain {a['gain']:g}, Γ {a['Gamma']:g} (1/γ)"
            axes.plot(c["t"], c["Eq. 12"], line, color=BLACK, label=label)
        axes.set(xlabel="$t$ ($1/\\gamma$)", ylabel="order parameter $\\eta$", xlim=(0, 10), ylim=(0, 1.05))
        axes.legend(loc="lower right")
        return rows

    return sheet(path, "Egorushkin and Mel'nikova 1992, Fig. 1", draw)


def text(products: Products, path: Path) -> list[Comparison]:
    """S(q) before and after relaxation, and of the crystal."""
    pairs = [(run.inherent[0], run.inherent[-1]) for run in products.runs("relaxed")]
    cold = [(run.inherent[0], run.inherent[-1]) for run in products.runs("cold")]
    with Minimiser(load_system("wahnstrom")) as minimiser:
        crystals = [minimiser.minimise(c).configuration for c in products.structures("crystal")]
    waves = [(_waves(a), _waves(b)) for a, b in pairs]
    ideal = _waves(crystals[0])
    relaxed = [relaxation_parameter(a, b) for a, b in waves]
    crystallised = [relaxation_parameter(a, ideal) for a, _ in waves]
    moved = [_moved(a, b) for a, b in pairs]
    heights = np.array([[_heights(one) for one in pair] for pair in pairs])
    rises = 100 * (heights[:, 1] / heights[:, 0] - 1)
    ours = {
        "g first": Found.of_samples(rises[:, 0]),
        "g second": Found.of_samples(rises[:, 1]),
        "S second": Found.of_samples([_rise(one, 1) for one in relaxed]),
        "displacement": Found.of_samples([float(np.median(d)) for d in moved], "median; T = 0.45"),
        "displacement cold": Found.of_samples([float(np.median(_moved(a, b))) for a, b in cold], "T = 0.3"),
        "moving": Found.of_samples([float(np.mean(d > MOVED)) for d in moved], "further than 0.02 spacings"),
        "R crystal": Found.of_samples(
            [c.value / r.value for c, r in zip(crystallised, relaxed, strict=True)]
        ),
        "S crystal": Found.of_samples([_rise(one, 0) for one in crystallised]),
    }
    rows = compare(TEXT, ours)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        before, after = (mean_factor([pair[k] for pair in waves]) for k in (0, 1))
        for one, color, line, label in (
            (before, BLACK, "--", "quenched"), (after, BLACK, "-", "relaxed"), (ideal, RED, ":", "C15, 50:50"),
        ):  # fmt: skip
            axes.plot(one.q, one.total, line, color=color, linewidth=0.8, label=label)
        axes.axvspan(relaxed[0].q1, relaxed[0].q2, color="0.9")
        axes.set(xlabel="$q$ ($1/\\sigma$)", ylabel="$S(q)$", ylim=(0, 6))
        axes.legend()
        return rows

    return sheet(path, "Egorushkin and Mel'nikova 1992, Sec. 2: relaxation and crystallisation", draw)


def _waves(c: Configuration) -> StructureFactor:
    return structure_factor(c, REACH / c.spacing)


def _rise(found: RelaxationParameter, peak: int) -> float:
    """By how many per cent the first (0) or second (1) peak of S(q) grew."""
    before, after = found.peaks[peak]
    return 100 * (after / before - 1)


def _moved(a: Configuration, b: Configuration) -> Floats:
    """[n_atoms] how far each atom went, in mean spacings."""
    vectors = displacements(a, b)
    return np.asarray(np.linalg.norm(vectors - drift(vectors), axis=1) / a.spacing)


def _heights(c: Configuration) -> tuple[float, float]:
    """First and second maximum of the smoothed g(r)."""
    found = pair_distribution(c)
    wide = max(1, round(SMOOTHED / float(found.r[1] - found.r[0])))
    smooth = np.convolve(found.total, np.full(wide, 1 / wide), "same")
    first, second = (float(smooth[(low < found.r) & (found.r < high)].max()) for low, high in (FIRST, SECOND))
    return first, second
