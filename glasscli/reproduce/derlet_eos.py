"""P. M. Derlet and R. Maaß (2019): Fig. 5 and Eqs. 2-3, from our products."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system
from glasscli.observables.voronoi import tessellate
from glasscli.report.palette import BLACK, CYCLE, RED
from glasscli.reproduce import derlet_rows as rows_of
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.reproduce.trajectory import difference

DRAWN = ("c15", "c14", "b2", "c11b", "hcp-large", "fcc-large", "hcp-small", "fcc-small")


def fig5(products: Products, path: Path) -> list[Comparison]:
    """Equations of state with the atoms of a glass and of a nanocomposite; the mixture of Eqs. 2-3."""
    (answer,) = products.answers("eos")
    phases, mix = answer["phases"], answer["mix"]
    at = {name: phases[name]["at"]["0.767"] for name in ("c15", "b2", "c11b")}
    little = {s: phases[f"fcc-{s}"]["energy"] - phases[f"hcp-{s}"]["energy"] for s in ("large", "small")}
    found = {
        "mix E": mix["energy"],
        "mix V c15": mix["volumes"]["c15"],
        "mix V hcp": mix["volumes"]["hcp-large"],
        **{f"{name} at": abs(at[name] - at["c15"]) for name in ("b2", "c11b")},
        **{f"fcc {s}": value for s, value in little.items()},
    }
    glass, grains = products.structures("relaxed")[0], products.structures("nanocomposite")[0]
    clouds = {"glass": _atoms(glass), "ncL, $r$ = 6σ": _atoms(grains)}
    local = phases["c15"]["local"]
    found["local small"] = _nearer(glass, clouds["glass"][1], local)
    for (_, energies), name, structure in zip(
        clouds.values(), ("glass", "ncL"), (glass, grains), strict=True
    ):
        found[f"centred {name}"] = _centred(structure, energies, local)
    (course,) = products.courses("relaxed")
    rows = compare(rows_of.FIG5, found)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for (label, (volumes, energies)), color in zip(clouds.items(), ("#8d99a6", "#d8b26e"), strict=True):
            axes.plot(
                volumes, energies, ".", color=color, markersize=2, alpha=0.4, markeredgewidth=0, label=label
            )
        for k, name in enumerate(n for n in DRAWN if n in phases):
            volumes, energies = np.array(phases[name]["curve"]).T
            style = ("-", "--")[k // len(CYCLE)]
            axes.plot(volumes, energies, style, color=CYCLE[k % len(CYCLE)], label=name)
        for means in (phases["c15"]["local"] or {}).values():
            axes.plot(means["volume"], means["energy"], "v", color=BLACK, markersize=5)
        axes.axvline(0.767, color=BLACK, linewidth=0.8)
        axes.plot(
            [0.767] * 2,
            [course.energy.min(), course.energy.max()],
            color=RED,
            linewidth=2.5,
            label="our glass",
        )
        axes.plot(
            list(mix["volumes"].values()), list(mix["energies"].values()), "D-", color=RED, markersize=3, linewidth=0.8,
            label="C15 + hcp",
        )  # fmt: skip
        axes.set(
            xlabel="volume per atom (σ³)", ylabel="energy per atom (ε)", ylim=(-10.4, -4.4), xlim=(0.5, 1.15)
        )
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=2)
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 5", draw, 3.8)


def _nearer(glass: Configuration, energies: Floats, local: dict[str, dict[str, float]]) -> Found:
    """How much nearer the mean local energy of small atoms is to C15's than that of large ones: below 0."""
    off = {}
    for number, name in load_system("wahnstrom").names.items():
        own = energies[glass.species == number]
        off[number] = Found(
            abs(float(own.mean()) - local[name]["energy"]),
            float(own.std(ddof=1) / np.sqrt(len(own))),
            "one structure",
        )
    return difference(off[2], off[1])


def _centred(structure: Configuration, energies: Floats, local: dict[str, dict[str, float]]) -> Found:
    """How far the mean local energy of small atoms is from C15's, over how widely it spreads."""
    number, name = list(load_system("wahnstrom").names.items())[-1]
    own = energies[structure.species == number]
    distance = abs(float(own.mean()) - local[name]["energy"]) / float(own.std(ddof=1))
    return Found(distance, float(len(own) ** -0.5), "one structure")


def _atoms(c: Configuration) -> tuple[Floats, Floats]:
    """Voronoi volume and energy of each atom."""
    with Minimiser(load_system("wahnstrom")) as minimiser:
        energies = minimiser.energies(c)
    return tessellate(c).volumes, energies
