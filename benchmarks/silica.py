"""BKS silica from the command line, beside what is published: quench, anneal, analyze, modes, the bridge, report.

648 atoms are cooled at no pressure from 6000 to 300 K, held there, and measured as they move; modes and the bridge are
those of the inherent structure in `silica-smooth`. Everything is kept in the folder: interrupted, it goes on.

    python benchmarks/silica.py FOLDER [--steps 24000] [--atoms 648]
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from common import GLASSCLI, Kept, seconds
from landscape import answer

import glasscli

MEASURES = ["--measure", "network,diffraction,pdf,structure-factor"]
NPT = ["--ensemble", "npt", "--pressure", "0"]
GRAMS = 1.66053906892  # per cm3, of one atomic mass unit per cubic angstrom
FORMULA = 28.0855 + 2 * 15.9994
# What `theory glass` calls them.
SOFT = {"N_s": "N_s", "N_s a² (Å²)": "N_s_a2_A2", "ε_0 (eV)": "eps_0_eV", "ν_c (THz)": "nu_c_THz", "W (K)": "W_K",
        "T* (K)": "T_star_K"}  # fmt: skip
PUBLISHED = {
    "density (g/cm3)": "2.20 measured; 2.24 of a slower quench of BKS (PMC11041661, Table 1)",
    "Si-O (Å)": "1.608 (Grimley et al. 1990)",
    "O-O (Å)": "2.626 (Grimley et al. 1990)",
    "Si-O neighbours": "4",
    "O-Si-O (°)": "109.5",
    "Si-O-Si (°)": "144, from 120 to 180 (Mozzi & Warren 1969)",
    "Q4": "1 but for defects",
    "peaks of S(q), neutrons (1/Å)": "1.52 (A. C. Wright); 2.8 to 3.0 and 5.2 as curves are read",
    "N_s a² (Å²)": "162 (Buchenau 1992)",
    "ε_0 (eV)": "55 (Buchenau 1992)",
    "ν_c (THz)": "2.88 (Buchenau 1992)",
    "W (K)": "3.29 (Buchenau 1992)",
    "T* (K)": "2.06 (Buchenau 1992)",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=24000, help="of the quench")
    parser.add_argument("--atoms", type=int, default=648)
    given = parser.parse_args()
    folder, steps = given.folder, given.steps
    folder.mkdir(parents=True, exist_ok=True)
    cool = ["--steps", steps, "--equilibration", 3000, "--every", 1000, "--inherent-every", steps // 2]
    hold = ["--steps", 4000, "--every", 400, "--inherent-every", 2000, "--checkpoint-every", 2000]
    quench = ["quench", "--system", "silica", *NPT, "--atoms", given.atoms, *cool, "--checkpoint-every", 4000]
    anneal = ["anneal", "quench.h5", "--T", 300, *NPT, *hold]
    for words in (quench, anneal):
        seconds([*GLASSCLI, *words], folder)
    found = answer(["analyze", "anneal.h5", "--moving", *MEASURES, "--force"], folder)
    seconds([*GLASSCLI, "modes", "quench.h5", "--system", "silica-smooth", "-o", "modes", "--force"], folder)
    bridge = answer(["theory", "glass", "quench.h5", "--system", "silica-smooth", "--force"], folder)
    seconds([*GLASSCLI, "report", "anneal.h5", "--moving", *MEASURES, "--force"], folder)
    row = structure(found, folder) | {name: bridge[key] for name, key in SOFT.items()}
    Kept("silica").write(atoms=given.atoms, steps=steps, found=row)
    for name, value in row.items():
        said = f"{value:.4g}" if isinstance(value, float) else value
        print(f"{name:32} {said!s:40} {PUBLISHED.get(name, '')}")


def structure(found: dict, folder: Path) -> dict:
    """The glass at 300 K, by what `analyze` says of its moving frames."""
    network, neutron = found["network"], found["diffraction"]["neutron"]
    pdf, rings = found["pdf"], network["rings"]
    stored = glasscli.open(folder / "anneal.h5").frames
    frames = [stored[k] for k in range(1, len(stored))]
    volume = statistics.mean(frame.box.volume / frame.n_atoms for frame in frames)
    peak = {pair: pdf["r"][max(range(len(g)), key=g.__getitem__)] for pair, g in pdf["partials"].items()}
    return {
        "density (g/cm3)": GRAMS * FORMULA / 3 / volume,
        "Si-O (Å)": peak["Si-O"],
        "O-O (Å)": peak["O-O"],
        "Si-O neighbours": network["coordination"]["Si-O"]["mean"],
        "O-Si-O (°)": network["angles"]["O-Si-O"]["mean"],
        "Si-O-Si (°)": network["angles"]["Si-O-Si"]["mean"],
        "Q4": network["qn"]["4"],
        "most frequent ring": max(rings, key=rings.__getitem__),
        "peaks of S(q), neutrons (1/Å)": ", ".join(f"{p['q']:.2f}" for p in neutron["peaks"]),
    }


if __name__ == "__main__":
    main()
