"""P. M. Derlet and R. Maaß (2019): what the text says beside the figures, from our products."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.minimiser import Minimiser
from glasscli.observables.icosahedra import close_packed
from glasscli.report.palette import BLACK, BLUE, CYCLE, ORANGE, RED
from glasscli.reproduce import derlet_text_rows as rows_of
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.derlet import TICKS
from glasscli.reproduce.interfaces import REGIONS, Whereabouts, whereabouts
from glasscli.reproduce.products import Course, Products, energy_and_icosahedra, last_quarter
from glasscli.reproduce.rest import volume_at_rest
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.trajectory import Trajectory, difference, off_line


def text(products: Products, path: Path) -> list[Comparison]:
    """Volumes at rest (a), 67:33 towards Laves (b), where a nanocomposite moves (c), crystals of Cu-Zr (d)."""
    volumes, pressure = _volumes(products)
    courses, laves = products.courses("hybrid67"), energy_and_icosahedra(products.structures("laves")[0])
    # A crystal has to nucleate, which some samples do earlier than others: the one that went farthest is compared.
    course = min(courses, key=lambda c: float(last_quarter(c.energy).mean()))
    (run,) = products.runs("moving")
    frames = list(run.inherent)
    where = whereabouts(frames)
    energies = above_elements(products.answers("coppereos")[0]["phases"])
    found = _laves(courses, course, laves) | _interfaces(where, len(frames) - 1) | copper(energies)
    rows = compare(rows_of.TEXT, {"volume": _volume_change(volumes), "large alone": _alone(products)} | found)

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
        along = Trajectory.of([course])
        x = np.array([0.0, 0.7])
        b.plot(100 * x, [along.at(share).value for share in x], color=BLACK, linewidth=0.6)
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


def _alone(products: Products) -> Found:
    """Close-packed share of samples of large atoms alone, in the end of being held."""
    ends = [run.inherent[-1] for run in products.runs("largeheld")]
    return Found.of_samples([float(close_packed(c).mean()) for c in ends])


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


def _volume_change(volumes: dict[str, Floats]) -> Found:
    """Per cent by which glasses made at constant volume and pressure differ, the error that of samples."""
    one, other = (Found.of_samples(volumes[stage]) for stage in ("volume", "pressure"))
    change = difference(other, one)
    assert change.value is not None and one.value is not None
    return Found(
        100 * abs(change.value) / one.value, 100 * change.error / one.value, f"{len(volumes['volume'])} each"
    )


def _laves(courses: Sequence[Course], farthest: Course, crystal: tuple[float, float]) -> dict[str, Found]:
    """67:33: how far all samples went, and whether the crystal lies on the line of the one that went farthest."""
    rises = [float(last_quarter(c.icosahedra).mean() - c.icosahedra[0]) for c in courses]
    return {
        "67:33": Found.of_samples(rises),
        "67:33 C15": off_line(Found(crystal[0]), Found(crystal[1]), Trajectory.of([farthest])),
    }


def _interfaces(where: Whereabouts, intervals: int) -> dict[str, Found]:
    """Moves by region; their errors are those of counts that are independent of each other."""
    at = REGIONS.index("interface")
    there, strings = where.atoms[at] / where.atoms.sum(), float(where.strings.sum())
    share = where.strings[at] / strings if strings else float("nan")
    found = {
        "strings": Found(
            share - there,
            float(np.sqrt(there * (1 - there) / strings)),
            f"{strings:.0f} atoms; {there:.0%} of all are there",
        )
        if strings
        else Found(None, note="no string")
    }
    for region in ("crystal", "boundary"):
        found[f"{region} moves"] = _ratio(where, REGIONS.index(region), at, intervals)
    return found


def _ratio(where: Whereabouts, one: int, other: int, intervals: int) -> Found:
    """Moves of an atom of one region over another's, with Poisson errors."""
    rates, n, m = where.rate(intervals), where.left[one], where.left[other]
    if not m or not np.isfinite(rates[one]):
        return Found(None, note="nothing moved there")
    ratio, error = float(rates[one] / rates[other]), float(np.sqrt(1 / max(n, 1.0) + 1 / m))
    # Of no move at all the error is that of one.
    scale = ratio if n else 1 / (where.atoms[one] * intervals) / float(rates[other])
    return Found(ratio, scale * error, f"{n:.0f} moves of {where.atoms[one]:.0f} atoms")


def copper(energies: dict[str, tuple[float, float]]) -> dict[str, Found]:
    """C15 and B2 against each other with an element beside them, eV/atom: below 0 is what the phase diagram has."""
    (b2, at_b2), (c15, at_c15) = energies["b2"], energies["c15"]
    # The elements are the zero of energy: a mixture with one of them is the compound's energy by the lever rule.
    return {
        "Cu2Zr": Found(at_c15 - at_b2 * (1 - c15) / (1 - b2)),
        "CuZr": Found(at_b2 - at_c15 * b2 / c15),
    }
