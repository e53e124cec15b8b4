"""P. M. Derlet and R. Maaß (2019): Figs. 3 and 7, segregation of a crystal and the bonds of both, from our products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats, Mask
from glasscli.observables.icosahedra import close_packed, frank_kasper
from glasscli.observables.topology import FREE, topology
from glasscli.observables.voronoi import tessellate
from glasscli.report.canvas import short_numbers
from glasscli.report.palette import BLACK, BLUE, RED
from glasscli.reproduce import derlet_rows as rows_of
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.products import Products, last_quarter, read_columns
from glasscli.reproduce.sheet import picture, sheet
from glasscli.reproduce.trajectory import difference, late, mean
from glasscli.store.run import Run

# Of the radical tessellation, by which bonds are found (`system.radii` of the Wahnström mixture).
RADII = {1: 0.55, 2: 0.45}
# Boxes of Fig. 3 with their colours; the first cannot hold layers of both phases.
BOXES = {"cube": BLACK, "stack": RED, "hexagonal": BLUE}


def fig3(products: Products, path: Path) -> list[Comparison]:
    """Segregation of disordered C15 in three boxes (a), a nanocomposite (b)."""
    courses = {box: products.courses(f"{box}segregation")[0] for box in BOXES}
    runs = {box: products.runs(f"{box}segregation")[0] for box in BOXES}
    ends = {box: late(course.energy) for box, course in courses.items()}
    # Of one composition, volume and temperature: the box whose state is lowest is the one that shows where it goes.
    best = min(BOXES, key=lambda box: ends[box].value or 0.0)
    course, frames = courses[best], end_frames(runs[best])
    sizes = _grain_sizes(products.path("nanocomposite"))
    said = f"lowest of three boxes: {best}"
    begun = [run.inherent[0] for run in runs.values()]
    # One structure is off as any one in the end is off their mean.
    before = Found(float(course.energy[0]), float(last_quarter(course.energy).std(ddof=1)))
    found = {
        # What is disordered and has been at this temperature; before, its sites are those of a perfect crystal.
        "C15 start": Found.of_samples([100 * c.icosahedra[1] for c in courses.values()], "three boxes"),
        "C15 end": late(100 * course.icosahedra, said),
        "segregates": difference(ends[best], before, said),
        "Laves part": _ordered(frames, begun),
        "rest large": _share(frames, lambda c: ~laves_sites(c), small=False),
        "rest packed": _packed_rest(frames),
        "grain": Found.of_samples(sizes, f"{len(sizes)} grains"),
    }
    rows = compare(rows_of.FIG3, found)
    first, last = products.paths("pictures")

    def draw(figure: Any) -> list[Comparison]:
        panels = figure.subplot_mosaic([["a", "first", "last", "b"]], width_ratios=(1.2, 0.8, 0.8, 1.2))
        for box, color in BOXES.items():
            panels["a"].plot(courses[box].step, courses[box].energy, color=color, label=box)
        panels["a"].set(xlabel="MD steps", ylabel="$E_{IS}$ (ε/atom)", title=f"a: {_exchanges(runs[best])}")
        panels["a"].locator_params(axis="x", nbins=4)
        panels["a"].legend(fontsize=6)
        short_numbers(panels["a"].xaxis)
        for name, image in (("first", first), ("last", last), ("b", products.path("surface"))):
            picture(panels[name], image, name if name == "b" else f"stack, {name}")
        return rows

    return sheet(path, "Derlet and Maaß 2019, Fig. 3", draw, 3.2)


def fig7(products: Products, path: Path) -> list[Comparison]:
    """Bonds by their order, of a glass and of the segregated crystal."""
    glass, crystal = (end_frames(products.runs(stage)[0]) for stage in ("glass", "crystal"))
    glasslike, ordered = (mean(np.array([_frank_kasper(c) for c in one])) for one in (glass, crystal))
    found = {"Frank-Kasper": difference(ordered, glasslike), "blue layers": _fewer_fives(crystal)}
    rows = compare(rows_of.FIG7, found)
    pictures = [*products.paths("glassbonds"), *products.paths("crystalbonds")]

    def draw(figure: Any) -> list[Comparison]:
        for axes, image, name in zip(figure.subplots(2, 2).flat, pictures, "abcd", strict=True):
            picture(axes, image, name)
        return rows

    title = "Derlet and Maaß 2019, Fig. 7: purple 3, red 4, blue 5, yellow 6, green 7, orange 8"
    return sheet(path, title, draw, 5.6)


def end_frames(run: Run) -> list[Configuration]:
    """Inherent structures of the last quarter of a run."""
    return [run.inherent[int(k)] for k in last_quarter(np.arange(len(run.inherent), dtype=np.float64))]


def laves_sites(c: Configuration) -> Mask:
    """[n_atoms] in a polyhedron of a Laves phase, Z12 or Z16, whatever the species: its composition is not put in."""
    indices = tessellate(c).indices
    faces = indices.sum(axis=1)
    sites = [(indices[:, 4] == 12) & (indices[:, 5] == six) & (faces == 12 + six) for six in (0, 4)]
    return np.asarray(sites[0] | sites[1])


def _share(frames: Sequence[Configuration], part: Callable[[Configuration], Mask], small: bool) -> Found:
    """Per cent of small (or of large) atoms in a part of the frames, those without it left out."""
    members = [(c, part(c)) for c in frames]
    shares = [
        100 * float((c.species[there] == (2 if small else 1)).mean()) for c, there in members if there.any()
    ]
    atoms = float(np.mean([there.sum() for _, there in members]))
    return (
        mean(np.array(shares), f"{atoms:.0f} of {frames[0].n_atoms} atoms")
        if shares
        else Found(None, note="no such part")
    )


def _packed_rest(frames: Sequence[Configuration]) -> Found:
    """Per cent of close-packed atoms among those that are not on Laves sites."""
    rest = [~laves_sites(c) for c in frames]
    shares = [100 * float(close_packed(c)[r].mean()) for c, r in zip(frames, rest, strict=True) if r.any()]
    return mean(np.array(shares)) if shares else Found(None, note="all on Laves sites")


def _ordered(last: Sequence[Configuration], first: Sequence[Configuration]) -> Found:
    """Per cent of small atoms on Laves sites in the last frames less that in the first."""
    end, begin = (_share(frames, laves_sites, small=True) for frames in (last, first))
    note = "" if end.value is None or begin.value is None else f"{begin.value:.0f} to {end.value:.0f} %"
    return difference(end, begin, note)


def _frank_kasper(c: Configuration) -> float:
    """Share of atoms all of whose bonds are of order 5 or 6: in Frank-Kasper polyhedra."""
    return sum(frank_kasper(tessellate(c)).values())


def _fewer_fives(frames: Sequence[Configuration]) -> Found:
    """Share of five-fold bonds among those of close-packed atoms, less that among all other bonds."""
    found = []
    for c in frames:
        network = topology(c, tessellate(c, RADII, bonds=True)).modified
        packed = close_packed(c)[network.bonds].any(axis=1)
        if packed.any() and not packed.all():
            five = network.orders == FREE
            found.append(float(five[packed].mean() - five[~packed].mean()))
    return mean(np.array(found)) if found else Found(None, note="no close-packed atoms")


def _grain_sizes(path: Path) -> Floats:
    columns = read_columns(path.with_name(f"{path.stem}.grains.csv"))
    grain = columns["grain"].astype(int)
    return np.bincount(grain)[1:].astype(np.float64)


def _exchanges(run: Run) -> str:
    tried = int(run.exchange_table["exchange_tried"].sum())
    return f"{tried:.2g} attempts in each"
