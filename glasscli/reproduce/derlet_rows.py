"""P. M. Derlet and R. Maaß (2019): what the paper prints, says and draws, as rows that our products are held to."""

from __future__ import annotations

from glasscli.reproduce.comparison import Expected, Kind, Relation, printed
from glasscli.reproduce.crystal_numbers import COMPARABLE, MIXTURE

PAPER = "Derlet & Maaß 2019"
BULK = -7.7  # C15 and close-packed large atoms at 50:50, Eq. 2


def said(
    key: str, what: str, where: str, relation: Relation, bound: float, fails: str, why: str = ""
) -> Expected:
    """An ordering: what the text says is above or below something."""
    return Expected(key, what, f"{PAPER}, {where}", Kind.ORDERING, bound, 0.0, relation, fails=fails, why=why)


def read_off(
    key: str, what: str, where: str, value: float, error: float, rival: float, fails: str, why: str = ""
) -> Expected:
    """A number read off a figure, with the error of reading."""
    return Expected(
        key, what, f"{PAPER}, {where}", Kind.READ, value, error, rival=rival, fails=fails, why=why
    )


ABOVE, BELOW = Relation.ABOVE, Relation.BELOW

FIG1 = (
    read_off(
        "slope",
        "slope of E_IS against f_ico (ε)",
        "Fig. 1b",
        -1.6,
        0.1,
        0.0,
        "energy and icosahedra unrelated",
        "the glass by itself, from f_ico = 0.1 to 0.3",
    ),
    printed(
        "line at half",
        "our glass's line at f_ico = 0.5 (ε)",
        "-7.7",
        f"{PAPER}, Sec. III D and Fig. 1b",
        -7.1,
        "energy that stays what it is in a fresh glass",
        "the glass by itself has too small a slope",
    ),
    read_off(
        "large on line",
        "larger glass far below T_f: off the small one's line (ε)",
        "Fig. 1b",
        0.0,
        0.02,
        0.2,
        "energies without the volume held at 0.767",
    ),
    read_off(
        "crystal on line",
        "segregated crystal: off the line (ε)",
        "Fig. 1b",
        0.0,
        0.02,
        -0.17,
        "C15 and close-packed large atoms in bulk, against our line",
        "its large atoms are close-packed: lower energy without more icosahedra",
    ),
    said(
        "ncL 4",
        "nanocomposite of 4 σ less our relaxed glass (ε)",
        "Sec. III B",
        ABOVE,
        0.0,
        "interfaces cost nothing",
        "the small study lets our glass relax less far: its energy is above that of the grains",
    ),
    said(
        "ncL 6",
        "nanocomposite of 6 σ less our relaxed glass (ε)",
        "Sec. III B",
        BELOW,
        0.0,
        "interfaces cost more than Laves grains gain",
    ),
    said(
        "ncL 6 ico",
        "f_ico: nanocomposite of 6 σ less our relaxed glass",
        "Sec. III B",
        ABOVE,
        0.0,
        "grains that fall apart",
    ),
    printed(
        "grains at half",
        "line of the nanocomposites at f_ico = 0.5 (ε)",
        "-7.7",
        f"{PAPER}, Sec. III D: close to",
        -7.1,
        "composites no lower than a fresh glass",
        "-7.7 has close-packed large atoms; with a glass of them, as boundaries are, it is -7.57",
    ),
    said(
        "grains above bulk",
        "the same less the bulk's -7.7 (ε), slightly higher",
        "Sec. III D",
        ABOVE,
        0.0,
        "interfaces that cost nothing",
    ),
    said(
        "events",
        "atoms that move in an interval: change per decade of time, over the mean",
        "Fig. 1c, Sec. III A",
        BELOW,
        0.0,
        "a glass that does not age",
    ),
    said(
        "length",
        "mean chord of icosahedral regions: in the end less in the beginning (σ)",
        "Sec. IV: internal length scales which increase",
        ABOVE,
        0.0,
        "more icosahedra without larger regions of them",
    ),
    said(
        "ico small",
        "share of small atoms among icosahedral ones, almost all",
        "Sec. III A",
        ABOVE,
        0.5,
        "icosahedra on either species alike",
    ),
)

FIG2 = (
    said(
        "ripples",
        "g(r) beyond the first peak: ripples over those of the first structure",
        "Fig. 2",
        ABOVE,
        1.0,
        "no growth of medium-range order",
    ),
    Expected(
        "second peak",
        "g(r) of icosahedral atoms: highest peak from 1.25 to 2 σ",
        "small sites of C15 at V/N = 0.687, crystallography: a sqrt(6)/4 and a/sqrt(2), twelve each",
        Kind.OWN,
        1.679,
        0.16,
        rival=1.27,
        fails="a second shell at sqrt(2) of the first, as of close packing",
    ),
)

_HALF = "of the order of 50 %"
FIG3 = (
    printed(
        "C15 start",
        "icosahedra of disordered C15 (%)",
        "5e1",
        f"{PAPER}, Sec. III B: {_HALF}",
        67.0,
        "C15 without disorder",
    ),
    printed(
        "C15 end",
        "icosahedra after segregation (%)",
        "5e1",
        f"{PAPER}, Sec. III B: {_HALF}",
        10.0,
        "a fresh glass",
    ),
    said("segregates", "energy after segregation less before (ε)", "Fig. 3a", BELOW, 0.0, "no segregation"),
    said(
        "Laves part",
        "small atoms on Laves sites (Z12, Z16): in the end less in the beginning (%), from 50 to 67",
        "Sec. III B: less chemically disordered, 67:33",
        ABOVE,
        0.0,
        "C15 as disordered as it began",
    ),
    said(
        "rest large",
        "large atoms among those off Laves sites, in the end (%), primarily",
        "Sec. III B",
        ABOVE,
        50.0,
        "a mixture beside the Laves crystal",
    ),
    said(
        "rest packed",
        "close-packed atoms among those off Laves sites, in the end (%)",
        "Sec. III B: an ordered close-packed structure",
        ABOVE,
        10.0,
        "a glass of large atoms, of which 1 to 6 % are close-packed by chance",
        "in 432 atoms they lie as two slabs between two of C15, in polyhedra Z14 and Z15",
    ),
    printed("grain", "atoms of a grain of r = 4 σ", "4e2", f"{PAPER}, Sec. III B", 1200.0, "r = 6 σ"),
)

FIG4 = (
    *(
        said(
            f"slope {n}",
            f"distance of {ratio}'s slope from 50:50's at scaled volume, less at the same volume (ε)",
            "Sec. III C",
            BELOW,
            0.0,
            "slopes that do not care for the volume",
        )
        for n, ratio in (("33", "33:67"), ("67", "67:33"))
    ),
    *(
        said(
            f"falls {n}",
            f"{ratio} at 1.2 T_f: energy in the end less in the beginning (ε)",
            "Fig. 4a",
            BELOW,
            0.0,
            "a liquid that stays what it is",
        )
        for n, ratio in (("50", "50:50"), ("67", "67:33"))
    ),
    said(
        "ico 33",
        "33:67: f_ico in the end less in the beginning (negligible in the end)",
        "Fig. 4b",
        BELOW,
        0.0,
        "a liquid that keeps its icosahedra",
        "a liquid for as long as this runs",
    ),
    said(
        "packed 33",
        "33:67: close-packed or Laves share of atoms in the end, dominant",
        "Sec. III C",
        ABOVE,
        0.5,
        "a liquid",
        "a liquid for as long as this runs",
    ),
    read_off(
        "C15 67",
        "C15 crystal: off the line of 67:33 (ε)",
        "Fig. 4c",
        0.0,
        0.02,
        0.2,
        "no line towards it",
        "extrapolated far beyond the icosahedra that the sample reached",
    ),
    read_off(
        "C15 67same",
        "C15 crystal: off the line of 67:33 at 0.767 (ε)",
        "Sec. III C",
        0.0,
        0.02,
        0.2,
        "no line towards it",
        "extrapolated far beyond the icosahedra that the sample reached",
    ),
    printed("drop 50", "drop of 50:50 (µs)", "1.2", f"{PAPER}, Sec. III C", 0.6, "the time of 67:33"),
    printed("drop 67", "drop of 67:33 (µs)", "0.6", f"{PAPER}, Sec. III C", 1.2, "the time of 50:50"),
)

FIG7 = (
    said(
        "Frank-Kasper",
        "atoms in Frank-Kasper polyhedra: segregated crystal less glass",
        "Fig. 7",
        ABOVE,
        0.0,
        "bonds of the glass as ordered as those of the crystal",
    ),
    said(
        "blue layers",
        "five-fold share of close-packed atoms' bonds less that of all others",
        "Fig. 7c: a low density of blue bonds",
        BELOW,
        0.0,
        "layers that cannot be told by their bonds",
    ),
)

# A pen's width in a figure that spans 6 ε.
_LINE = 0.02
FIG5 = (
    *MIXTURE,
    *COMPARABLE,
    *(
        read_off(
            f"fcc {s}",
            f"fcc minus hcp, {s} atoms (ε), little",
            "Fig. 5",
            0.0,
            _LINE,
            0.34,
            "bcc in place of fcc",
        )
        for s in ("large", "small")
    ),
    said(
        "local small",
        "local energy of the glass's small atoms off C15's, less the same of large ones (ε)",
        "Sec. III D: close, particularly the small",
        BELOW,
        0.0,
        "small atoms no nearer to C15 than large ones",
    ),
    *(
        said(
            f"centred {name}",
            f"mean local energy of the {which}'s small atoms off C15's, over its spread",
            "Sec. III D: centred close to those of the Laves crystal, particularly of the smaller atoms",
            BELOW,
            1.0,
            "a cloud beside those of C15",
        )
        for name, which in (("glass", "glass"), ("ncL", "nanocomposite"))
    ),
)
