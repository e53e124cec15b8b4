"""V. E. Egorushkin and N. V. Mel'nikova (1992): Fig. 1, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glasscli.report.palette import BLACK
from glasscli.reproduce.comparison import Comparison, Expected, Kind, compare
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.theory_numbers import BY_KEY

STAGES = ("curve1", "curve2", "curve3")
FIG1 = (
    *(
        Expected(
            f"kind {stage}",
            f"kind of curve {n}",
            "Egorushkin & Mel'nikova 1992, Fig. 1: gain and Γ chosen for it",
            Kind.INPUT,
            float(n),
        )
        for n, stage in enumerate(STAGES, 1)
    ),
    BY_KEY["t_half 20 10"],
    BY_KEY["t_half 1 1"],
)


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
