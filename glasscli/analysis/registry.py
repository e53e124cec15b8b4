"""The measures by name: what each is, what it does with a frame, what it says of a whole file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasscli.analysis.measures import displacements as motions
from glasscli.analysis.measures import icosahedra as cells
from glasscli.analysis.measures import local_energy as energies
from glasscli.analysis.measures import pdf as correlations
from glasscli.analysis.measures import relaxation as isotherms
from glasscli.analysis.measures import structure_factor as waves
from glasscli.analysis.measures import topology as bonds
from glasscli.errors import InputError, near

if TYPE_CHECKING:
    from glasscli.analysis.frame import Frame
    from glasscli.analysis.subject import Study


@dataclass(frozen=True)
class Measure:
    """One measure.

    explanation  one line for `--list`
    finish       what it says of a file, under its name in --json; writes its tables and figures
    frame        what it keeps of one frame: a flat mapping of JSON values and arrays; None when it needs none
    frames       which frames it needs, by default all
    settings     the choices its frames depend on
    reads        other measures whose frames `finish` reads
    """

    name: str
    explanation: str
    finish: Callable[[Study], dict[str, Any]]
    frame: Callable[[Frame], dict[str, Any]] | None = None
    frames: Callable[[Study], Sequence[int]] = lambda study: range(len(study.trajectory))
    settings: Callable[[Study], dict[str, Any]] = lambda study: {}
    reads: tuple[str, ...] = ()


_ALL = (
    Measure(
        "icosahedra",
        "Voronoi census, f_ico by species and its systematic error, clusters, percolation, Frank-Kasper, Laves",
        cells.finish, cells.frame, settings=cells.settings, reads=("definitions",),
    ),
    Measure(
        "definitions",
        "f_ico of the last frame by several definitions in use: thresholds, radii; half their spread is its error",
        cells.definitions, cells.definition_frame, cells.definition_frames, cells.definition_settings,
    ),
    Measure(
        "pdf",
        "g(r): total, partials, the part of icosahedra and their small neighbours; coordination numbers",
        correlations.finish, correlations.frame, correlations.frames, correlations.settings,
    ),
    Measure(
        "structure-factor",
        "S(q), Faber-Ziman partials, the relaxation parameter R from the first (or --reference) to the last frame",
        waves.finish, waves.frame, waves.frames, waves.settings,
    ),
    Measure(
        "displacements",
        "vectors between frames --lag apart, largest movers, strings; MSD, F_s, alpha2, overlap, tau_alpha",
        motions.finish,
    ),
    Measure(
        "topology",
        "orders of bonds in the radical network, the pruned network, classes of atoms, disclination lines",
        bonds.finish, bonds.frame, settings=bonds.settings,
    ),
    Measure("local-energy", "energy and Voronoi volume of every atom of the last frame, by species", energies.finish),
    Measure(
        "relaxation",
        "E_IS(t), f_ico(t), P(t): line of E_IS on f_ico, fits, first times; equilibrated, ageing or crystallising",
        isotherms.finish,
    ),
    Measure("ttt", "time to a drop of E_IS and to crystallisation against temperature, of all files", isotherms.one),
)  # fmt: skip
MEASURES = {measure.name: measure for measure in _ALL}
DEFAULT = ("icosahedra", "pdf", "displacements", "relaxation")


def resolve(text: str | None) -> tuple[str, ...]:
    """Names in "a,b", "all" or None for the default set; InputError with the nearest name for an unknown one."""
    if text is None:
        return DEFAULT
    words = [word.strip() for word in text.split(",") if word.strip()]
    if "all" in words:
        return tuple(MEASURES)
    for word in words:
        if word not in MEASURES:
            raise InputError(f"there is no measure {word!r}{near(word, MEASURES)}; see --list")
    if not words:
        raise InputError("--measure names no measure; see --list")
    return tuple(name for name in MEASURES if name in words)
