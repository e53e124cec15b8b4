"""The figures and tables that are reproduced, where their studies are, and what came of each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.errors import InputError, near
from glasscli.limits import parse_json
from glasscli.reproduce import (
    buchenau,
    derlet,
    derlet_crystals,
    derlet_eos,
    derlet_hot,
    derlet_rows,
    derlet_text,
    derlet_text_rows,
    egorushkin,
    klinger,
    klinger_rows,
)
from glasscli.reproduce.comparison import Comparison, Expected, counted, counts_text, table
from glasscli.reproduce.products import Products
from glasscli.store.files import replacing
from glasscli.store.kind import JSON, picture_kind
from glasscli.store.outputs import Claims
from glasscli.workflow.study import read_study
from glasscli.workflow.task import Task

RESULT = "reproduced.json"
SCALES = ("small", "paper")


# What of Derlet & Maaß is not printed.
QUENCH = "quenches of our own rate, since the paper's is not printed"
GRAINS = "16 grains, a number not said"


@dataclass(frozen=True)
class Item:
    """A figure or table of a paper.

    name      PAPER/FIGURE, the study's place under inputs/
    compared  what of ours stands beside what of theirs
    draw      makes the figure of a study's products and compares
    expected  what it compares with, in the order of its rows
    seconds   about how long the small scale takes on two cores
    unlike    what is otherwise than in the paper at its own scale too, because it is not said or not ours to have
    """

    name: str
    compared: str
    draw: Callable[[Products, Path], list[Comparison]]
    expected: tuple[Expected, ...]
    seconds: int
    unlike: str = ""


ITEMS = {
    item.name: item
    for item in (
        Item(
            "derlet2019/fig1",
            "E_IS and f_ico in time, the line of one against the other, crystals and composites beside it; maps",
            derlet.fig1,
            derlet_rows.FIG1,
            200,
            f"{QUENCH}; exchanges beside the dynamics; the larger glass is held at one temperature; {GRAINS}",
        ),
        Item(
            "derlet2019/fig2",
            "g(r) before and after, parts of icosahedra",
            derlet.fig2,
            derlet_rows.FIG2,
            60,
            QUENCH,
        ),
        Item(
            "derlet2019/fig3",
            "segregation of C15 in three boxes; a nanocomposite",
            derlet_crystals.fig3,
            derlet_rows.FIG3,
            80,
            f"432 atoms in three boxes, since the paper's is not said; T = 0.52, 0.95 T_f of our quenches; {GRAINS}",
        ),
        Item(
            "derlet2019/fig4",
            "33:67, 50:50, 67:33 at 1.2 T_f: courses and trajectories",
            derlet_hot.fig4,
            derlet_rows.FIG4,
            150,
            f"{QUENCH}; volumes of 33:67 and 67:33, which are not printed, from plain Voronoi cells of 50:50",
        ),
        Item(
            "derlet2019/fig5",
            "equations of state, C15 + hcp, local energies",
            derlet_eos.fig5,
            derlet_rows.FIG5,
            80,
            f"{QUENCH}; {GRAINS}",
        ),
        Item("derlet2019/fig6", "times to events; schematic there, nothing compared", derlet.fig6, (), 130),
        Item(
            "derlet2019/fig7",
            "bonds of the glass and of the segregated crystal",
            derlet_crystals.fig7,
            derlet_rows.FIG7,
            90,
            f"{QUENCH}; the crystal has 432 atoms in one of the boxes of Fig. 3, at T = 0.52",
        ),
        Item(
            "derlet2019/text",
            "volumes at rest, 67:33 at T = 0.5, moves at interfaces, C15 against B2 in Cu-Zr",
            derlet_text.text,
            derlet_text_rows.TEXT,
            180,
            "67:33 by exchanges at T = 0.5; large atoms at the V/N = 1.00 of Eq. 3; one potential of Cu-Zr",
        ),
        Item("buchenau1992/table3", "N_s a², eps_0 of three glasses", buchenau.table3, buchenau.TABLE3, 5),
        Item(
            "buchenau1992/fig3",
            "D(ν) of soft spheres, on the scale of silica",
            buchenau.fig3,
            buchenau.FIG3,
            50,
        ),
        Item(
            "buchenau1992/fig4",
            "D(ν) of soft spheres, on the scale of selenium",
            buchenau.fig4,
            buchenau.FIG4,
            50,
        ),
        Item(
            "buchenau1992/fig5",
            "D(ω) of soft spheres: all and extended modes",
            buchenau.fig5,
            buchenau.FIG5,
            50,
        ),
        Item("buchenau1992/fig6", "participation ratio of soft spheres", buchenau.fig6, buchenau.FIG6, 50),
        Item(
            "buchenau1992/fig7",
            "what softens a mode: distorted bonds; Eqs. 13-14",
            buchenau.fig7,
            buchenau.FIG7,
            50,
        ),
        Item("buchenau1992/fig8", "localisation of stable soft modes", buchenau.fig8, buchenau.FIG8, 5),
        Item("buchenau1992/text", "unstable modes against temperature", buchenau.text, buchenau.TEXT, 40),
        Item(
            "klinger1987/fig1",
            "C/T³ and κ of 3.8: exponents, plateau, hump, scales",
            klinger.fig1,
            klinger_rows.FIG1,
            30,
        ),
        Item("klinger1987/fig2", "F(η, ξ): concentrations", klinger.fig2, klinger_rows.FIG2, 5),
        Item(
            "klinger1987/fig4",
            "g(E) in the gap of a semiconductor; thresholds 5.16",
            klinger.fig4,
            klinger_rows.FIG4,
            5,
        ),
        Item("klinger1987/fig5", "P(ω, T): a sketch, nothing compared", klinger.fig5, (), 5),
        Item("klinger1987/fig6", "adiabatic potentials: number of wells", klinger.fig6, klinger_rows.FIG6, 5),
        Item("klinger1987/text", "coupling to strain", klinger.text, klinger_rows.TEXT, 10),
        Item("egorushkin1992/fig1", "η(t): three regimes, half times", egorushkin.fig1, egorushkin.FIG1, 5),
        Item(
            "egorushkin1992/text",
            "relaxation and crystallisation: peaks, displacements, R",
            egorushkin.text,
            egorushkin.TEXT,
            110,
            "a Lennard-Jones mixture in place of metallic alloys that were measured",
        ),
    )
}


def item(name: str) -> Item:
    """The item of that name. Raises InputError with the near one."""
    if name not in ITEMS:
        raise InputError(f"nothing to reproduce is called {name!r}{near(name, ITEMS)}")
    return ITEMS[name]


def inputs() -> Path:
    """The folder of the studies: in a checkout and in an installed glasscli alike."""
    return Path(__file__).resolve().parents[1] / "inputs"


def study_of(name: str) -> Path:
    """The protocol file of an item."""
    return inputs() / f"{item(name).name}.toml"


@dataclass(frozen=True)
class Reproduction:
    """What came of an item at a scale: figure, study, wall seconds of all its runs, when, and the comparisons."""

    name: str
    scale: str
    figure: str
    study: str
    seconds: float
    when: str
    rows: list[Comparison]

    @property
    def data(self) -> dict[str, Any]:
        """The contract object, as it is kept beside the figure."""
        return vars(self) | {"rows": [row.data for row in self.rows]}

    @staticmethod
    def of(data: Mapping[str, Any]) -> Reproduction:
        """The reproduction that `data` was made of."""
        return Reproduction(**{**data, "rows": [Comparison.of(row) for row in data["rows"]]})

    def text(self) -> str:
        """Lines for people."""
        counts = counts_text(counted(self.rows))
        return "\n".join([*table(self.rows), *(["", *counts] if counts else []), f"wrote {self.figure}"])


def draw(name: str, scale: str, folder: Path, tasks: Sequence[Task]) -> Reproduction:
    """Draw an item of what its study made and keep what was compared in FOLDER/reproduced.json.

    Raises FileError for a product that is not there.
    """
    products = Products(folder, tasks)
    figure = figure_of(name, folder)
    rows = item(name).draw(products, figure)
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    found = Reproduction(name, scale, str(figure), str(study_of(name)), products.seconds, when, rows)
    kept = _kept(folder) | {name: found.data}
    with replacing(folder / RESULT, follow=False) as temporary:
        temporary.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    return found


def figure_of(name: str, folder: Path) -> Path:
    """Where an item's figure goes. Raises FileError where something else is."""
    figure = folder / f"{name.replace('/', '-')}.png"
    claims = Claims(named=False)
    claims.check(folder / RESULT, JSON, own=True)
    return claims.file(figure, picture_kind(figure), own=name in _kept(folder))


def _kept(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = parse_json((folder / RESULT).read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        return {}


@dataclass(frozen=True)
class Listing:
    """Every item, and what came of it at each scale that was run.

    old    {scale: item's names} whose comparisons an older glasscli kept, by rules that are no longer these
    """

    items: list[tuple[Item, dict[str, Reproduction]]]
    old: dict[str, list[str]]

    def counts(self, scale: str) -> dict[str, dict[str, int]]:
        """Verdicts by kind of all that was run at a scale, each number once."""
        return counted(row for _, results in self.items if scale in results for row in results[scale].rows)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return {
            "items": [
                {
                    "name": one.name,
                    "compared": one.compared,
                    "about_seconds": one.seconds,
                    "unlike": one.unlike,
                    "expected": [e.key for e in one.expected],
                    "results": {scale: found.data for scale, found in results.items()},
                }
                for one, results in self.items
            ],
            "by_kind": {scale: self.counts(scale) for scale in SCALES},
            "old": self.old,
        }

    def text(self) -> str:
        """Lines for people."""
        width = max(len(one.name) for one, _ in self.items)
        lines: list[str] = []
        for one, results in self.items:
            scales = ", ".join(results) or f"not run (about {_time(one.seconds)} at small scale)"
            lines.append(f"{one.name:{width}}  {one.compared}: {scales}")
            lines += (
                [f"{'':{width}}  unlike the paper at --scale paper too: {one.unlike}"] if one.unlike else []
            )
            for scale, found in results.items():
                lines += [f"    {line}" for line in table(found.rows)]
                lines.append(f"    {scale} scale, {found.seconds:.0f} s of runs: {found.figure}")
        for scale in SCALES:
            if counts := counts_text(self.counts(scale)):
                lines += ["", f"{scale} scale:", *counts]
        for scale, names in self.old.items():
            lines.append(
                f"{', '.join(names)} ({scale} scale): kept by an older glasscli, whose verdicts are not these; "
                "reproduce again, which draws anew and runs nothing twice"
            )
        return "\n".join(lines)


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else f"{round(seconds / 60)} min"


def listing(where: Path) -> Listing:
    """Every item with what was compared, and of each scale that was run the comparisons kept under `where`."""
    items: list[tuple[Item, dict[str, Reproduction]]] = []
    old: dict[str, list[str]] = {}
    for name, one in ITEMS.items():
        results = {}
        for scale in SCALES:
            study = read_study(study_of(name), None if scale == "small" else scale)
            if found := _kept(where / study.folder).get(name):
                try:
                    results[scale] = Reproduction.of(found)
                except (KeyError, TypeError, ValueError):
                    old.setdefault(scale, []).append(name)
        items.append((one, results))
    return Listing(items, old)
