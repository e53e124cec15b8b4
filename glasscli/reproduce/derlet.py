"""P. M. Derlet and R. Maaß (2019): Figs. 1-4 and 6-7 from our products (Fig. 5 is in `derlet_eos`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats, Mask
from glasscli.observables.icosahedra import neighbours
from glasscli.observables.pair_distribution import average, pair_distribution
from glasscli.observables.voronoi import tessellate
from glasscli.report.canvas import short_numbers
from glasscli.report.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from glasscli.reproduce.comparison import Comparison, Expected
from glasscli.reproduce.products import Course, Products, energy_and_icosahedra, late, line, read_columns
from glasscli.reproduce.sheet import picture, sheet

PAPER = "Derlet & Maaß 2019"
SLOPE = Expected("slope", "slope of E_IS against f_ico (ε)", -1.6, 0.4, f"{PAPER}, Fig. 1b, read off")
BULK = -7.7  # C15 and close-packed large atoms at 50:50, the paper's Eq. 2
# Small atoms to large ones of the stages of Fig. 4.
RATIOS = {"33": "33:67", "50": "50:50", "67": "67:33", "33same": "33:67", "67same": "67:33"}
TICKS: dict[str, Any] = {"markersize": 2.5, "markeredgewidth": 0, "alpha": 0.6}


def fig1(products: Products, path: Path) -> list[Comparison]:
    """Relaxation in time (a), on the line (b), displacement maps (c)."""
    (md,), (hybrid,), (large,), (crystal,) = (
        products.courses(stage) for stage in ("anneal", "hybrid", "largeanneal", "segregation")
    )
    composites = products.courses("composite")
    grains = [(late(c.energy), late(c.icosahedra)) for c in composites]
    slope, level = line([md, hybrid])
    at_half = float(np.interp(0.5, *_through(grains)))
    glassy, packed = (
        energy_and_icosahedra(products.structures(s)[0])[0] for s in ("largeglass", "closepacked")
    )
    in_bulk = BULK + (glassy - packed) / 4  # a quarter of the atoms are in the boundary
    rows = [
        Comparison(SLOPE, slope, "small glass, dynamics and exchanges"),
        Comparison(
            Expected("segregated", "f_ico after segregation of C15", 0.5, 0.1, f"{PAPER}, Sec. III B"),
            late(crystal.icosahedra),
        ),
        Comparison(
            Expected("grains", "line of nanocomposites at f_ico = 0.5 (ε)", BULK, 0.1, f"{PAPER}, Sec. III D"),
            at_half,
            f"{in_bulk:.2f} in bulk with glassy large atoms",
        ),
        Comparison(
            Expected("grains on line", "nanocomposites: off the line (ε)", 0.0, 0.08, f"{PAPER}, Fig. 1b"),
            float(np.mean([energy - (slope * share + level) for energy, share in grains])),
        ),
        Comparison(
            Expected("on line", "larger glass far below T_f: off the line (ε)", 0.0, 0.04, f"{PAPER}, Fig. 1b"),
            float(np.mean(large.energy - (slope * large.icosahedra + level))),
        ),
        Comparison(
            Expected("crystal on line", "segregated crystal: off the line (ε)", 0.0, 0.08, f"{PAPER}, Fig. 1b"),
            late(crystal.energy - (slope * crystal.icosahedra + level)),
        ),
    ]  # fmt: skip
    maps = products.paths("maps")

    def draw(figure: Any) -> list[Comparison]:
        upper, lower = figure.subfigures(2, 1, height_ratios=(2.6, 1.4))
        left, right = upper.subplots(1, 2)
        _energy_and_share(left, md, "MD steps")
        left.set_title("a", fontsize=8)
        for course, color, label in (
            (md, BLACK, "500 atoms, MD at 0.95 $T_f$"), (hybrid, BLUE, "the same, with exchanges"),
            (large, GREEN, "larger glass far below $T_f$"), (crystal, RED, "disordered C15, with exchanges"),
        ):  # fmt: skip
            right.plot(100 * course.icosahedra, course.energy, ".", color=color, label=label, **TICKS)
        for course, (energy, share), marker, label in zip(
            composites, grains, "sD", ("ncL, $r$ = 4σ", "ncL, $r$ = 6σ"), strict=False
        ):
            right.plot(100 * course.icosahedra, course.energy, ".", color=ORANGE, **TICKS)
            right.plot(100 * share, energy, marker, color=ORANGE, markersize=4, label=label)
        right.plot(*_percent(_through(grains)), color=ORANGE, linewidth=0.6, linestyle="--")
        x = np.array([0.0, 0.55])
        right.plot(100 * x, slope * x + level, color=BLACK, linewidth=0.6)
        right.plot(50, -7.7, "*", color=PURPLE, label="paper: −7.7 at 50 %")
        right.set(
            xlabel="icosahedra (%)", ylabel="$E_{IS}$ (ε/atom)", title="b", xlim=(0, 60), ylim=(-7.9, -6.9)
        )
        right.legend(fontsize=5.5, markerscale=1.5)
        _row_of_pictures(lower, maps, [f"c: map {k}" for k in range(1, len(maps) + 1)])
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 1", draw, 4.4)


def fig2(products: Products, path: Path) -> list[Comparison]:
    """Pair distributions before and after, and the network of icosahedra."""
    (run,) = products.runs("relaxed")
    last = [run.inherent[k] for k in range(max(0, len(run.inherent) - 10), len(run.inherent))]
    before = pair_distribution(run.inherent[0], 0.04)
    after = average([pair_distribution(c, 0.04, parts=_icosahedral_groups(c)) for c in last])
    beyond = after.r > 1.6
    growth = float(after.total[beyond].std() / before.total[beyond].std())

    def draw(figure: Any) -> list[Comparison]:
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        left.plot(before.r, before.total, color=BLUE, label="first")
        left.plot(after.r, after.total, color=RED, label="last ten")
        names = ("icosahedral atoms", "and their small neighbours")
        for (_, part), color, name in zip(after.parts.items(), (GREEN, ORANGE), names, strict=True):
            left.plot(after.r, part, color=color, label=name)
        left.set(
            xlabel="$r$ (σ)", ylabel="$g(r)$", title=f"ripples beyond 1.6 σ: {growth:.2f} times the first's"
        )
        left.legend()
        picture(right, products.path("network"), "icosahedral atoms, last")
        return []

    return sheet(path, "Derlet and Maaß 2019, Fig. 2", draw)


def fig3(products: Products, path: Path) -> list[Comparison]:
    """Segregation of disordered C15 (a), a nanocomposite (b)."""
    (course,), (run,) = products.courses("segregation"), products.runs("segregation")
    first, last = products.paths("pictures")
    sizes = _grain_sizes(products.path("nanocomposite"))
    rows = [
        Comparison(
            Expected("start", "f_ico of disordered C15", 0.5, 0.15, f"{PAPER}, Sec. III B"),
            float(course.icosahedra[:3].mean()),
        ),
        Comparison(
            Expected("end", "f_ico after segregation", 0.5, 0.1, f"{PAPER}, Sec. III B"), late(course.icosahedra)
        ),
        Comparison(
            Expected("grain", "atoms of a grain of r = 4 σ", 400.0, 60.0, f"{PAPER}, Sec. III B"), float(np.mean(sizes))
        ),
    ]  # fmt: skip
    exchanges = _exchanges(run)

    def draw(figure: Any) -> list[Comparison]:
        panels = figure.subplot_mosaic([["a", "first", "last", "b"]], width_ratios=(1.2, 0.8, 0.8, 1.2))
        panels["a"].plot(course.step, course.energy, color=BLACK)
        panels["a"].set(xlabel=exchanges, ylabel="$E_{IS}$ (ε/atom)", title="a")
        panels["a"].locator_params(axis="x", nbins=4)
        for name, image in (("first", first), ("last", last), ("b", products.path("surface"))):
            picture(panels[name], image, name)
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 3", draw, 3.2)


def fig4(products: Products, path: Path) -> list[Comparison]:
    """Three compositions at 1.2 T_f: energies, icosahedra, trajectories; two of them at the volume of 50:50 too."""
    names = ("33", "50", "67")
    colors = dict(zip(names, (GREEN, BLACK, RED), strict=True))
    courses = {n: products.courses(f"hot{n}")[0] for n in RATIOS}
    laves, same, grains = (
        energy_and_icosahedra(products.structures(s)[0]) for s in ("laves", "lavessame", "nanocomposite")
    )
    lines = {n: line([course]) for n, course in courses.items()}
    has_time = products.runs("hot50")[0].manifest.protocol.moves is None

    def slope_row(n: str, where: str) -> Comparison:
        expected = Expected(
            f"slope {n}", f"slope of {RATIOS[n]} less 50:50's (ε){where}", 0.0, 0.5, f"{PAPER}, Fig. 4c"
        )
        return Comparison(expected, lines[n][0] - lines["50"][0])

    def laves_row(n: str, where: str, crystal: tuple[float, float]) -> Comparison:
        slope, level = lines[n]
        expected = Expected(
            f"C15 {n}", f"C15 crystal: off the line of {RATIOS[n]} (ε){where}", 0.0, 0.1, f"{PAPER}, Fig. 4c"
        )
        return Comparison(expected, crystal[0] - (slope * crystal[1] + level))

    def drop_row(n: str, microseconds: float) -> Comparison:
        expected = Expected(
            f"drop {n}", f"drop of {RATIOS[n]} (µs)", microseconds, 1.0, f"{PAPER}, Sec. III C"
        )
        return Comparison(
            expected,
            _drop_time(courses[n]) if has_time else None,
            "" if has_time else "exchanges have no time",
        )

    packed = f"{100 * late(courses['33'].crystalline):.0f} % close-packed or Laves"
    rows = [
        slope_row("33", ""),
        slope_row("67", ""),
        Comparison(
            Expected("ico 33", "33:67: f_ico in the end (negligible)", 0.0, 0.05, f"{PAPER}, Sec. III C"),
            late(courses["33"].icosahedra),
            packed,
        ),
        laves_row("67", "", laves),
        laves_row("67same", " at 0.767", same),
        Comparison(
            Expected("laves", "f_ico of the perfect C15 crystal", 2 / 3, 1e-9, f"{PAPER}, Fig. 4c"), laves[1]
        ),
        drop_row("50", 1.2),
        drop_row("67", 0.6),
    ]

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


def fig6(products: Products, path: Path) -> list[Comparison]:
    """Times to events against temperature."""
    (answer,) = products.answers("times")
    one = answer["files"][0] if "files" in answer else answer
    found = one["ttt"]["diagram"]
    events = {
        "drop": (BLACK, "fall of $E_{IS}$"),
        "rise": (BLUE, "rise of $f_{ico}$"),
        "crystal": (RED, "crystal"),
    }

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for name, (color, label) in events.items():
            happened = [row for row in found[name] if row["mean"]]
            waited = [row for row in found[name] if not row["mean"] and row["least"]]
            for rows, key, marker, said in (
                (happened, "mean", "o", label),
                (waited, "least", ">", f"no {label} yet"),
            ):
                if rows:
                    axes.plot(
                        [row[key] for row in rows], [row["temperature"] for row in rows], marker, color=color,
                        markerfacecolor=color if key == "mean" else "none", markersize=4, linestyle="", label=said,
                    )  # fmt: skip
        axes.set(xscale="log", xlabel="MD steps", ylabel="$T$ (ε/k)")
        axes.legend()
        return []

    return sheet(path, "Derlet and Maaß 2019, Fig. 6: schematic there, times to events here", draw)


def fig7(products: Products, path: Path) -> list[Comparison]:
    """Bonds by their order, of a glass and of the segregated crystal."""
    (glass,), (crystal,) = products.answers("orders"), products.answers("crystalorders")
    rows = [
        Comparison(
            Expected(key, f"most frequent bond order: {what}", 5.0, 0.0, f"{PAPER}, Fig. 7"), _most_frequent(answer)
        )
        for key, what, answer in (("glass", "glass", glass), ("crystal", "segregated crystal", crystal))
    ]  # fmt: skip
    pictures = [*products.paths("glassbonds"), *products.paths("crystalbonds")]

    def draw(figure: Any) -> list[Comparison]:
        for axes, image, name in zip(figure.subplots(2, 2).flat, pictures, "abcd", strict=True):
            picture(axes, image, name)
        return rows

    return sheet(
        path, "Derlet and Maaß 2019, Fig. 7: purple 3, red 4, blue 5, yellow 6, green 7, orange 8", draw, 5.6
    )


def _through(points: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    """f_ico and energies of a line through two structures, as far as f_ico = 0 and 1."""
    (e1, f1), (e2, f2) = points[0], points[-1]
    slope = (e2 - e1) / (f2 - f1)
    ends = np.array([0.0, 1.0])
    return ends, e1 + slope * (ends - f1)


def _percent(points: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Icosahedra in per cent, energies as they are."""
    return 100 * points[0], points[1]


def _drop_time(course: Course) -> float:
    """Microseconds (1e9 steps) at which the energy is half-way between its first and last tenth."""
    tenth = max(1, len(course.energy) // 10)
    half = (course.energy[:tenth].mean() + course.energy[-tenth:].mean()) / 2
    below = np.flatnonzero(course.energy < half)
    return float(course.step[below[0]] - course.step[0]) / 1e9 if len(below) else float("nan")


def _energy_and_share(axes: Any, course: Course, label: str) -> None:
    axes.plot(course.step - course.step[0], course.energy, color=BLACK, linewidth=0.7)
    axes.set(xlabel=label, ylabel="$E_{IS}$ (ε/atom)")
    other = axes.twinx()
    other.plot(course.step - course.step[0], 100 * course.icosahedra, color=RED, linewidth=0.7)
    other.set_ylabel("icosahedra (%)", color=RED)
    short_numbers(axes.xaxis)


def _row_of_pictures(figure: Any, paths: Sequence[Path], titles: Sequence[str]) -> None:
    for axes, path, title in zip(np.atleast_1d(figure.subplots(1, len(paths))), paths, titles, strict=True):
        picture(axes, path, title)


def _icosahedral_groups(c: Configuration) -> dict[int, Mask]:
    """{1: icosahedral atoms, 2: these and their small neighbours}."""
    cells = tessellate(c, bonds=True)
    centres = cells.icosahedra
    return {1: centres, 2: centres | (neighbours(cells, centres) & (c.species == 2))}


def _grain_sizes(path: Path) -> Floats:
    columns = read_columns(path.with_name(f"{path.stem}.grains.csv"))
    grain = columns["grain"].astype(int)
    return np.bincount(grain)[1:].astype(np.float64)


def _exchanges(run: Any) -> str:
    tried = int(run.exchange_table["exchange_tried"].sum())
    return f"MD steps; {tried:.2g} exchange attempts in all"


def _most_frequent(answer: dict[str, Any]) -> float:
    counts = answer["topology"]["frames"][-1]["modified"]["bond_order"]
    return float(max(counts, key=counts.get))
