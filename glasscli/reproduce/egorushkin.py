"""V. E. Egorushkin and N. V. Mel'nikova (1992): Fig. 1, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glasscli.report.palette import BLACK
from glasscli.reproduce.comparison import Comparison, Expected
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.theory_numbers import BY_KEY


def fig1(products: Products, path: Path) -> list[Comparison]:
    """The order parameter in its three regimes."""
    stages = ("curve1", "curve2", "curve3")
    answers = {stage: products.answers(stage)[0] for stage in stages}
    curves = {stage: products.columns(stage)[0] for stage in stages}
    rows = [
        Comparison(
            Expected(stage, f"kind of curve {n}", float(n), 0.0, "Egorushkin & Mel'nikova 1992, Fig. 1"),
            float(answers[stage]["regime"]),
        )
        for n, stage in enumerate(stages, 1)
    ]
    rows.append(Comparison(BY_KEY["t_half 20 10"], answers["curve3"]["t_half"]))
    rows.append(Comparison(BY_KEY["t_half 1 1"], answers["curve2"]["t_half"]))

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for (stage, line), n in zip(zip(stages, (":", "--", "-"), strict=True), (1, 2, 3), strict=True):
            a, c = answers[stage], curves[stage]
            label = f"{n}: gain {a['gain']:g}, Γ {a['Gamma']:g} (1/γ)"
            axes.plot(c["t"], c["Eq. 12"], line, color=BLACK, label=label)
        axes.set(xlabel="$t$ ($1/\\gamma$)", ylabel="order parameter $\\eta$", xlim=(0, 10), ylim=(0, 1.05))
        axes.legend(loc="lower right")
        return rows

    return sheet(path, "Egorushkin and Mel'nikova 1992, Fig. 1", draw)
