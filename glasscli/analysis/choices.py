"""What to measure with: the options of `glasscli analyze` as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glasscli.errors import InputError
from glasscli.formats.foreign import edges
from glasscli.formats.species import by_hand
from glasscli.model.composition import parse_pairs
from glasscli.model.system import System


@dataclass(frozen=True)
class Choices:
    """What to measure with; None or 0 leave the plain definition.

    radii: {species: length}, of the radical tessellation; thresholds as in `tessellate`; pdf_frames: how many of the
    last frames are averaged in g(r) and S(q); bin_width, or number of bins up to the cutoff, of g(r), by default a
    width by the unit of length; origins: in time, averaged at each lag; of: names of species whose motion alone is
    measured; cutoff of g(r); lag: frames between the two of a displacement map; q_max
    and q_width of S(q); q_range: the interval of R; reference: (file, frame) that R is measured from; q: wave number of
    F_s; drop: of E_IS, and rise: of the icosahedral fraction, whose first times are wanted; crystal: share of atoms in
    crystalline surroundings that counts as crystallised; moving: measure the moving frames, not inherent structures;
    species: names of a foreign file's types 1, 2, ..., where it does not say them; box: its edges, where it has none;
    bond_cutoffs: {"Si-O": length} up to which these pairs are bonded; formers: names of species that form a network;
    minimise: make inherent structures of the moving frames and measure those; forces: by whose, see `engine.own.choice`
    """

    radii: dict[int, float] | None = None
    edge_threshold: float = 0.0
    face_threshold: float = 0.0
    bin_width: float | None = None
    bins: int | None = None
    origins: int = 20
    of: tuple[str, ...] | None = None
    cutoff: float | None = None
    pdf_frames: int = 10
    lag: int = 1
    q_max: float | None = None
    q_width: float = 0.1
    q_range: tuple[float, float] | None = None
    reference: str | None = None
    q: float | None = None
    drop: float = 0.05
    rise: float = 0.05
    crystal: float = 0.3
    moving: bool = False
    minimise: bool = False
    forces: str | None = None
    jobs: int | None = None
    format: str = "png"
    species: tuple[str, ...] | None = None
    box: tuple[float, ...] | None = None
    bond_cutoffs: dict[str, float] | None = None
    formers: tuple[str, ...] | None = None


def chosen(
    system: System | None, radii: str | None = None, q_range: str | None = None, species: str | None = None,
    box: str | None = None, of: str | None = None, bond_cutoffs: str | None = None, formers: str | None = None,
    format_: str = "png", **others: Any,
) -> Choices:  # fmt: skip
    """The choices that options name, those named here as they are typed, None for the default."""
    return Choices(
        radii=parse_radii(radii, system) if radii else None,
        q_range=parse_range(q_range, "--q-range") if q_range else None,
        species=by_hand(species),
        box=edges(box),
        of=parse_names(of, "--of") if of is not None else None,
        bond_cutoffs=parse_cutoffs(bond_cutoffs) if bond_cutoffs is not None else None,
        formers=parse_names(formers, "--formers") if formers is not None else None,
        format=format_,
        **others,
    )


def bin_width(units: str | None, spacing: float) -> float:
    """The width of bins of g(r): 0.02 in reduced units, 0.05 Å; of a file that names no unit by its spacing."""
    if units is None:
        return float(f"{0.02 * spacing:.1g}")
    return 0.02 if units == "lj" else 0.05


def parse_radii(text: str, system: System | None) -> dict[int, float]:
    """ "0.55,0.45" in the order of species, or "system" for the system's own."""
    if text == "system":
        radii = system_radii(system)
        if not radii:
            raise InputError("--radii system needs a --system whose species have radii")
        return radii
    refusal = f"--radii {text!r} is not a list of lengths such as 0.55,0.45, nor 'system'"
    try:
        found = {i: float(word) for i, word in enumerate(text.split(","), start=1)}
    except ValueError as error:
        raise InputError(refusal) from error
    if not all(0 <= radius < float("inf") for radius in found.values()):
        raise InputError(refusal)
    return found


def parse_range(text: str, option: str) -> tuple[float, float]:
    """ "5,6.15" as an interval; InputError when it is none."""
    try:
        low, high = (float(word) for word in text.split(","))
    except ValueError as error:
        raise InputError(f"{option} {text!r} is not an interval such as 5,6.15") from error
    if not 0 <= low < high < float("inf"):
        raise InputError(f"{option} {text}: the interval must ascend from at least 0")
    return low, high


def parse_cutoffs(text: str) -> dict[str, float]:
    """ "Si-O=2.2,O-O=3" by pair; InputError when it is none."""
    wanted = "pairs with lengths such as Si-O=2.2,Al-O=2.5"
    found = parse_pairs(text, "--bond-cutoffs", wanted)
    if not all(found.values()):
        raise InputError(f"--bond-cutoffs {text!r} is not {wanted}")
    return found


def parse_names(text: str, option: str) -> tuple[str, ...]:
    """ "Si,Al" as names; InputError for an empty one."""
    names = tuple(word.strip() for word in text.split(","))
    if not all(names):
        raise InputError(f"{option} {text!r} is not a list of species such as Si,Al")
    return names


def system_radii(system: System | None) -> dict[int, float]:
    """{species: radius} of a system whose species all have one, else empty."""
    if system is None or any(s.radius is None for s in system.species):
        return {}
    if system.sizes:  # each atom has its own, see `formats.ovito.radii_by_atom`
        return dict.fromkeys(system.classes, system.species[0].radius or 0.0)
    return {i: s.radius for i, s in enumerate(system.species, start=1) if s.radius}


def topology_radii(choices: Choices, system: System | None, species: list[int]) -> dict[int, float]:
    """The radii of the bond network: as chosen, else the system's; of one species all alike, of no matter.

    Raises InputError where nobody gave any: no length suits the unit of every file.
    """
    if choices.radii:
        return choices.radii
    if len(species) == 1:
        return {species[0]: 0.5}
    own = system_radii(system)
    if own:
        return own
    where = "a --system" if system is None else f"radii in the system {system.name}"
    raise InputError(f"the bond network of {len(species)} species needs --radii R1,R2,... or {where}")
