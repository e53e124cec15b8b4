"""P. M. Derlet and R. Maaß (2019): what the text says beside the figures, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.minimiser import Minimiser
from glasscli.report.palette import BLACK, BLUE, CYCLE, ORANGE, RED
from glasscli.reproduce.comparison import Comparison, Expected
from glasscli.reproduce.derlet import PAPER, TICKS
from glasscli.reproduce.interfaces import REGIONS, Whereabouts, whereabouts
from glasscli.reproduce.products import Course, Products, energy_and_icosahedra, late, line
from glasscli.reproduce.rest import volume_at_rest
from glasscli.reproduce.sheet import sheet


def text(products: Products, path: Path) -> list[Comparison]:
    """Volumes at rest (a), 67:33 towards Laves (b), where a nanocomposite moves (c), crystals of Cu-Zr (d)."""
    volumes, pressure = _volumes(products)
    courses, laves = products.courses("hybrid67"), energy_and_icosahedra(products.structures("laves")[0])
    # A crystal has to nucleate, which some samples do earlier than others: the one that went farthest is compared.
    course = min(courses, key=lambda c: late(c.energy))
    (run,) = products.runs("moving")
    frames = list(run.inherent)
    where = whereabouts(frames)
    energies = above_elements(products.answers("coppereos")[0]["phases"])
    rows = [
        _volume_row(volumes),
        *_laves_rows(course, laves, len(courses)),
        *_interface_rows(where, len(frames) - 1),
        *_copper_rows(energies),
    ]

    def draw(figure: Any) -> list[Comparison]:
        (a, b), (c, d) = figure.subplots(2, 2)
        for k, (name, color) in enumerate((("volume", BLACK), ("pressure", BLUE))):
            a.plot(np.full(len(volumes[name]), k), volumes[name], "o", color=color, markersize=3)
            a.plot([k - 0.2, k + 0.2], [volumes[name].mean()] * 2, color=color)
        a.set_xticks([0, 1], ["made at constant volume", "at constant pressure"])
        a.set(xlim=(-0.5, 1.5), ylabel="$V/N$ (σ³)", title=f"a: at rest under {pressure:g} ε/σ³")
        for k, one in enumerate(courses):
            label = None if k else "67:33, exchanges"
            b.plot(100 * one.icosahedra, one.energy, ".", color=CYCLE[k % len(CYCLE)], label=label, **TICKS)
        slope, level = line([course])
        x = np.array([0.0, 70.0])
        b.plot(x, slope * x / 100 + level, color=BLACK, linewidth=0.6)
        b.plot(100 * laves[1], laves[0], "^", color=RED, label="perfect C15")
        b.set(xlabel="icosahedra (%)", ylabel="$E_{IS}$ (ε/atom)", title="b: $T$ = 0.5, $V/N$ = 0.742 σ³")
        b.legend()
        rates = 100 * where.rate(len(frames) - 1)
        bars = c.bar(range(len(REGIONS)), np.nan_to_num(rates), 0.6, color=(BLUE, RED, ORANGE))
        c.bar_label(bars, [f"{n:.0f} atoms" for n in where.atoms], fontsize=6.5)
        c.set_xticks(range(len(REGIONS)), REGIONS)
        c.margins(y=0.15)
        steps = run.inherent_table["step"]
        c.set(ylabel="that move (%)", title=f"c: nanocomposite, in {steps[1] - steps[0]:.0f} steps")
        for name, (share, energy) in energies.items():
            d.plot(share, energy, "o", color=RED if name == "c15" else BLACK, markersize=3.5)
            d.annotate(
                _NAMES[name], (share, energy), textcoords="offset points", xytext=(0, 5), ha="center", fontsize=6.5
            )  # fmt: skip
        for names in (("hcp-large", "b2", "fcc-small"), ("hcp-large", "c15", "fcc-small")):
            d.plot(
                *np.transpose([energies[n] for n in names]),
                color=RED if "c15" in names else BLACK,
                linewidth=0.7,
            )
        d.margins(0.1, 0.2)
        d.set(
            xlabel="share of Cu",
            ylabel="above Zr and Cu (eV/atom)",
            title="d: Cu-Zr, embedded atoms, at rest",
        )
        return rows

    return sheet(path, "Derlet and Maaß 2019, what the text says", draw, 5.4)


_NAMES = {"hcp-large": "Zr, hcp", "b2": "B2", "c15": "C15", "fcc-small": "Cu, fcc"}


def above_elements(phases: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """{phase: (share of the small species, energy per atom above the two elements)}, all at rest.

    phases: of `glasscli eos`, with hcp-large and fcc-small for the elements.
    """
    large, small = phases["hcp-large"]["energy"], phases["fcc-small"]["energy"]
    return {
        name: (x := one["composition"], one["energy"] - (1 - x) * large - x * small)
        for name, one in phases.items()
    }


def _volumes(products: Products) -> tuple[dict[str, Floats], float]:
    """V/N at rest of the glasses of both kinds, under the pressure that the second were made at."""
    runs = {stage: products.runs(stage) for stage in ("volume", "pressure")}
    made_at = runs["pressure"][0].manifest.protocol.ensemble.pressure
    assert made_at is not None
    with Minimiser(runs["volume"][0].manifest.system) as minimiser:
        found = {
            stage: np.array([volume_at_rest(minimiser, run.inherent[-1], made_at) for run in members])
            for stage, members in runs.items()
        }
    return found, made_at


def _volume_row(volumes: dict[str, Floats]) -> Comparison:
    one, other = volumes["volume"], volumes["pressure"]
    error = 100 * np.hypot(*(v.std(ddof=1) / np.sqrt(len(v)) for v in (one, other))) / one.mean()
    return Comparison(
        Expected("volume", "difference of volumes at rest, NPT and NVT (%)", 0.2, 0.2, f"{PAPER}, Sec. II"),
        100 * abs(other.mean() / one.mean() - 1),
        f"± {error:.2g} over samples",
    )


def _laves_rows(course: Course, laves: tuple[float, float], samples: int) -> list[Comparison]:
    slope, level = line([course])
    energy, share = late(course.energy), late(course.icosahedra)
    way = (course.energy[0] - energy) / (course.energy[0] - laves[0])
    return [
        Comparison(
            Expected("67:33", "67:33 at T = 0.5: f_ico, that of C15 in the end", laves[1], 0.3, f"{PAPER}, Sec. III C"),
            share,
            f"best of {samples}, from {course.icosahedra[0]:.2f}; {100 * way:.0f} % of the energy",
        ),
        Comparison(
            Expected("C15", "C15 crystal: off the line of 67:33 (ε)", 0.0, 0.1, f"{PAPER}, Fig. 4c"),
            laves[0] - (slope * laves[1] + level),
        ),
    ]  # fmt: skip


def _interface_rows(where: Whereabouts, intervals: int) -> list[Comparison]:
    crystal, interface, boundary = where.rate(intervals)
    at, inside = REGIONS.index("interface"), REGIONS.index("boundary")
    share = where.strings[at] / max(1.0, where.strings.sum())
    return [
        Comparison(
            Expected("strings", "share of strings' atoms at interfaces (mainly)", 1.0, 0.5, f"{PAPER}, Sec. III B"),
            float(share),
            f"{where.strings.sum():.0f} of {where.left.sum():.0f} moves; "
            f"{where.atoms[at] / where.atoms.sum():.0%} of the atoms",
        ),
        Comparison(
            Expected("crystal", "moves of an atom in crystals, over interfaces'", 0.0, 0.25, f"{PAPER}, Sec. III B"),
            float(crystal / interface) if interface else None,
        ),
        Comparison(
            Expected("boundary", "moves of an atom inside boundaries, the same", 0.0, 0.25, f"{PAPER}, Sec. III B"),
            float(boundary / interface) if interface and np.isfinite(boundary) else None,
            f"{where.atoms[inside]:.0f} atoms, {where.left[inside]:.0f} moves",
        ),
    ]  # fmt: skip


def _copper_rows(energies: dict[str, tuple[float, float]]) -> list[Comparison]:
    """Which of C15 and B2, with an element beside it, is lower: 1 for the one that the phase diagram has."""
    (b2, at_b2), (c15, at_c15) = energies["b2"], energies["c15"]
    # The elements are the zero of energy: a mixture with one of them is the compound's energy by the lever rule.
    rich = at_c15 - at_b2 * (1 - c15) / (1 - b2)
    equal = at_c15 * b2 / c15 - at_b2
    source = f"{PAPER}, Sec. IV, phase diagram"
    return [
        Comparison(
            Expected("Cu2Zr", "67:33 of Cu-Zr: C15 below B2 + Cu (yes: 1)", 1.0, 0.0, source),
            float(rich < 0),
            f"{rich:+.3f} eV/atom",
        ),
        Comparison(
            Expected("CuZr", "50:50 of Cu-Zr: B2 below C15 + Zr (yes: 1)", 1.0, 0.0, source),
            float(equal > 0),
            f"C15 + Zr: {equal:+.3f} eV/atom",
        ),
    ]
