"""P. M. Derlet and R. Maaß (2019): Figs. 1, 2 and 6, how glasses relax, from our products."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats, Mask
from glasscli.observables.domains import Lines
from glasscli.observables.icosahedra import neighbours
from glasscli.observables.pair_distribution import average, pair_distribution
from glasscli.observables.voronoi import tessellate
from glasscli.report.canvas import short_numbers
from glasscli.report.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED
from glasscli.reproduce import derlet_rows as rows_of
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.interfaces import moves
from glasscli.reproduce.products import Course, Products, last_quarter
from glasscli.reproduce.sheet import picture, sheet
from glasscli.reproduce.trajectory import Trajectory, difference, late, mean, off_line, per_decade
from glasscli.store.run import Run

TICKS: dict[str, Any] = {"markersize": 2.5, "markeredgewidth": 0, "alpha": 0.6}


def fig1(products: Products, path: Path) -> list[Comparison]:
    """Relaxation in time (a), on the line (b), displacement maps (c)."""
    (md,), (hybrid,), (large,), (crystal,) = (
        products.courses(stage) for stage in ("anneal", "hybrid", "largeanneal", "segregation")
    )
    composites = products.courses("composite")
    along = Trajectory.of([md, hybrid])
    slope, level = along.slope, along.at(0.0).value
    grains = [(late(c.energy), late(c.icosahedra)) for c in composites]
    (run,) = products.runs("anneal")
    (exchanged,) = products.runs("hybrid")
    found = _relaxation(along, large, crystal, run) | _composites(grains, hybrid)
    rows = compare(rows_of.FIG1, found | {"length": _growth(exchanged)})
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
            right.plot(
                100 * (share.value or 0), energy.value, marker, color=ORANGE, markersize=4, label=label
            )
        points = [(energy.value or 0.0, share.value or 0.0) for energy, share in grains]
        right.plot(*_percent(_through(points)), color=ORANGE, linewidth=0.6, linestyle="--")
        if slope.value is not None and level is not None:
            x = np.array([0.0, 0.55])
            right.plot(100 * x, slope.value * x + level, color=BLACK, linewidth=0.6)
        right.plot(50, -7.7, "*", color=PURPLE, label="paper: −7.7 at 50 %")
        right.set(
            xlabel="icosahedra (%)", ylabel="$E_{IS}$ (ε/atom)", title="b", xlim=(0, 60), ylim=(-7.9, -6.9)
        )
        right.legend(fontsize=5.5, markerscale=1.5)
        _row_of_pictures(lower, maps, [f"c: map {k}" for k in range(1, len(maps) + 1)])
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 1", draw, 4.4)


def _relaxation(along: Trajectory, large: Course, crystal: Course, run: Run) -> dict[str, Found]:
    """What the small glass, a larger one and the segregated crystal say of one line."""
    frames = list(run.inherent)
    steps = run.inherent_table["step"] - run.inherent_table["step"][0]
    moved = np.array([moves(a, b)[0].sum() for a, b in itertools.pairwise(frames)], dtype=np.float64)
    return {
        "slope": along.slope,
        "line at half": along.at(0.5),
        "large on line": off_line(mean(large.energy), mean(large.icosahedra), along),
        "crystal on line": off_line(late(crystal.energy), late(crystal.icosahedra), along),
        "events": per_decade(steps[1:], moved),
        "ico small": share_of_small(frames),
    }


def _composites(grains: Sequence[tuple[Found, Found]], relaxed: Course) -> dict[str, Found]:
    """Nanocomposites of 4 and 6 σ [(energy, f_ico)] against the relaxed glass, and their line at half icosahedra."""
    glass_energy, glass_share = late(relaxed.energy), late(relaxed.icosahedra)
    (small, small_share), (big, big_share) = grains[0], grains[-1]
    at_half = _extended(small, small_share, big, big_share, 0.5)
    return {
        "ncL 4": difference(small, glass_energy),
        "ncL 6": difference(big, glass_energy),
        "ncL 6 ico": difference(big_share, glass_share),
        "grains at half": at_half,
        "grains above bulk": difference(at_half, Found(rows_of.BULK)),
    }


def _extended(e1: Found, f1: Found, e2: Found, f2: Found, share: float) -> Found:
    """Energy at `share` of the line through two states, the errors of all four numbers carried to first order."""
    values = np.array([one.value if one.value is not None else np.nan for one in (e1, f1, e2, f2)])
    errors = np.array([one.error for one in (e1, f1, e2, f2)])

    def at(v: Floats) -> float:
        return float(v[0] + (v[2] - v[0]) / (v[3] - v[1]) * (share - v[1]))

    shifts = [at(values + step) - at(values) for step in np.diag(errors)]
    return Found(at(values), float(np.linalg.norm(shifts)))


def _growth(run: Run) -> Found:
    """Mean chord of icosahedral regions in the last quarter of a run less that in the first."""
    chords = np.array([Lines(c).chords(tessellate(c).icosahedra).inside for c in run.inherent])
    first, last = last_quarter(chords[::-1]), last_quarter(chords)
    if not np.isfinite(np.concatenate([first, last])).all():
        return Found(None, note="no region of icosahedra")
    return difference(mean(last), mean(first), f"from {first.mean():.2f} to {last.mean():.2f}")


def share_of_small(frames: Sequence[Configuration]) -> Found:
    """Share of small atoms among the icosahedral ones of some inherent structures."""
    shares = [c.species[cells.icosahedra] == 2 for c in frames if (cells := tessellate(c)).icosahedra.any()]
    return mean(np.array([one.mean() for one in shares])) if shares else Found(None, note="no icosahedra")


def fig2(products: Products, path: Path) -> list[Comparison]:
    """Pair distributions before and after, and the network of icosahedra."""
    (run,) = products.runs("relaxed")
    last = [run.inherent[k] for k in range(max(0, len(run.inherent) - 10), len(run.inherent))]
    before = pair_distribution(run.inherent[0], 0.04)
    after = average([pair_distribution(c, 0.04, parts=_icosahedral_groups(c)) for c in last])
    found = {"ripples": _ripples(run.inherent[0], last), "second peak": _second_peak(last)}
    rows = compare(rows_of.FIG2, found)

    def draw(figure: Any) -> list[Comparison]:
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        left.plot(before.r, before.total, color=BLUE, label="first")
        left.plot(after.r, after.total, color=RED, label="last ten")
        names = ("icosahedral atoms", "and their small neighbours")
        for (_, part), color, name in zip(after.parts.items(), (GREEN, ORANGE), names, strict=True):
            left.plot(after.r, part, color=color, label=name)
        left.set(
            xlabel="$r$ (σ)",
            ylabel="$g(r)$",
        )
        left.legend()
        picture(right, products.path("network"), "icosahedral atoms, last")
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 2", draw)


def _second_peak(frames: Sequence[Configuration]) -> Found:
    """Where g(r) of icosahedral atoms is highest between its first shell and 2 σ."""
    places = []
    for c in frames:
        one = pair_distribution(c, 0.08, parts=_icosahedral_groups(c))
        between = (one.r > 1.25) & (one.r < 2.0)
        if (part := one.parts[1][between]).any():
            places.append(float(one.r[between][np.argmax(part)]))
    return mean(np.array(places)) if places else Found(None, note="no icosahedra")


def _ripples(first: Configuration, last: Sequence[Configuration]) -> Found:
    """How strongly g(r) varies beyond its first peak, over what it did in the first structure.

    The first is one structure, which is off as any one of the last is off their mean.
    """

    def strength(c: Configuration) -> float:
        one = pair_distribution(c, 0.04)
        return float(one.total[one.r > 1.6].std())

    strengths, before = np.array([strength(c) for c in last]), strength(first)
    growth = mean(strengths / before)
    assert growth.value is not None
    return Found(growth.value, float(np.hypot(growth.error, growth.value * strengths.std(ddof=1) / before)))


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


def _through(points: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    """f_ico and energies of a line through two structures, as far as f_ico = 0 and 1."""
    (e1, f1), (e2, f2) = points[0], points[-1]
    slope = (e2 - e1) / (f2 - f1)
    ends = np.array([0.0, 1.0])
    return ends, e1 + slope * (ends - f1)


def _percent(points: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Icosahedra in per cent, energies as they are."""
    return 100 * points[0], points[1]


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
