"""P. M. Derlet and R. Maaß (2019): Fig. 4, three compositions above T_f, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glasscli.report.canvas import short_numbers
from glasscli.report.palette import BLACK, GREEN, ORANGE, RED, SKY
from glasscli.reproduce import derlet_rows as rows_of
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.derlet import TICKS
from glasscli.reproduce.products import Course, Products, energy_and_icosahedra
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.trajectory import Trajectory, difference, late, mean, off_line, size

# Small atoms to large ones of the stages of Fig. 4; "same" at the volume of 50:50.
RATIOS = {"33": "33:67", "50": "50:50", "67": "67:33", "33same": "33:67", "67same": "67:33"}


def fig4(products: Products, path: Path) -> list[Comparison]:
    """Three compositions at 1.2 T_f: energies, icosahedra, trajectories; two of them at the volume of 50:50 too."""
    names = ("33", "50", "67")
    colors = dict(zip(names, (GREEN, BLACK, RED), strict=True))
    courses = {n: products.courses(f"hot{n}")[0] for n in RATIOS}
    laves, same, grains = (
        energy_and_icosahedra(products.structures(s)[0]) for s in ("laves", "lavessame", "nanocomposite")
    )
    lines = {n: Trajectory.of([course]) for n, course in courses.items()}
    has_time = products.runs("hot50")[0].manifest.protocol.moves is None
    first = courses["33"]
    falls = {n: difference(late(course.energy), mean(course.energy[:5])) for n, course in courses.items()}
    found = {
        **{
            f"slope {n}": _closer(lines[n].slope, lines[f"{n}same"].slope, lines["50"].slope)
            for n in ("33", "67")
        },
        **{f"falls {n}": falls[n] for n in ("50", "67")},
        "ico 33": difference(late(first.icosahedra), mean(first.icosahedra[:5])),
        "packed 33": late(first.crystalline),
        "C15 67": off_line(Found(laves[0]), Found(laves[1]), lines["67"]),
        "C15 67same": off_line(Found(same[0]), Found(same[1]), lines["67same"]),
        **{
            f"drop {n}": _drop_time(courses[n]) if has_time else Found(None, note="exchanges have no time")
            for n in ("50", "67")
        },
    }
    rows = compare(rows_of.FIG4, found)

    def draw(figure: Any) -> list[Comparison]:
        a, b, c = figure.subplots(1, 3)
        for n in names:
            course = courses[n]
            a.plot(course.step, course.energy, color=colors[n], label=RATIOS[n])
            b.plot(course.step, 100 * course.icosahedra, color=colors[n])
            c.plot(100 * course.icosahedra, course.energy, ".", color=colors[n], label=RATIOS[n], **TICKS)
        for n, color in (("33same", SKY), ("67same", ORANGE)):
            course, label = courses[n], f"{RATIOS[n]} at 0.767"
            c.plot(100 * course.icosahedra, course.energy, ".", color=color, label=label, **TICKS)
        for crystal, color, volume in ((laves, RED, 0.742), (same, ORANGE, 0.767)):
            c.plot(100 * crystal[1], crystal[0], "^", color=color, label=f"C15, V/N = {volume}")
        c.plot(100 * grains[1], grains[0], "s", color=BLACK, label="ncL")
        a.set(xlabel="steps", ylabel="$E_{IS}$ (ε/atom)", title="a")
        b.set(xlabel="steps", ylabel="icosahedra (%)", title="b")
        c.set(xlabel="icosahedra (%)", ylabel="$E_{IS}$ (ε/atom)", title="c")
        a.legend(fontsize=6)
        c.legend(fontsize=5, markerscale=1.2)
        short_numbers(a.xaxis)
        short_numbers(b.xaxis)
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 4: 1.2 $T_f$, small:large", draw, 3.0)


def _closer(scaled: Found, same: Found, equal: Found) -> Found:
    """How much nearer to the slope of 50:50 another composition's is at scaled volume than at the same: below 0."""
    return difference(size(difference(scaled, equal)), size(difference(same, equal)))


def _drop_time(course: Course) -> Found:
    """Microseconds (1e9 steps) at which the energy is half-way between its first and last tenth; one sample's."""
    tenth = max(1, len(course.energy) // 10)
    half = (course.energy[:tenth].mean() + course.energy[-tenth:].mean()) / 2
    below = np.flatnonzero(course.energy < half)
    time = float(course.step[below[0]] - course.step[0]) / 1e9 if len(below) else None
    return Found(time, float("nan"), "one sample")
