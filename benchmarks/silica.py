"""BKS silica from the command line, beside what is published: quench, anneal, analyze, modes, the bridge, report.

648 and 3000 atoms are cooled at no pressure from 6000 to 300 K, held there, and measured as they move. Modes and T* are
those of the inherent structure in `silica-smooth`: of 648 atoms all modes and the bridge, of 3000 the lowest hundred,
with the frequency of unsoftened modes found in 648. A row is kept after each part, and all files in the folder:
interrupted, it goes on.

    python benchmarks/silica.py FOLDER [--atoms 648,3000]
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept, seconds
from landscape import answer

import glasscli
from glasscli.units import KELVIN_PER_EV

MEASURES = ["--measure", "network,diffraction,pdf,structure-factor"]
SMOOTH = ["--system", "silica-smooth", "--force"]
NPT = ["--ensemble", "npt", "--pressure", "0"]
GRAMS = 1.66053906892  # per cm3, of one atomic mass unit per cubic angstrom
FORMULA = 28.0855 + 2 * 15.9994
TURN = 6.283185307179586
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


@dataclass(frozen=True)
class Plan:
    """Steps of the melt, of the quench and at 300 K; whether minima are made on the way, and all modes found."""

    melt: int
    quench: int
    hold: int
    minima: bool
    all_modes: bool


PLANS = {648: Plan(3000, 24000, 4000, True, True), 3000: Plan(1000, 4000, 800, False, False)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--atoms", default="648,3000", help="sizes")
    given = parser.parse_args()
    kept = Kept("silica")
    for atoms in map(int, given.atoms.split(",")):
        folder, plan = given.folder / str(atoms), PLANS[atoms]
        folder.mkdir(parents=True, exist_ok=True)
        for part in (structure, vibrations, *((bridge,) if plan.all_modes else ())):
            row = next((r for r in kept.rows if (r["atoms"], r["part"]) == (atoms, part.__name__)), None)
            if row is None:
                found = part(folder, atoms, plan)
                row = {"atoms": atoms, "part": part.__name__, **vars(plan), "found": found}
                kept.add(row)
            for name, value in row["found"].items():
                said = f"{value:.4g}" if isinstance(value, float) else value
                print(f"{atoms:5} {name:32} {said!s:40} {PUBLISHED.get(name, '')}", flush=True)


def structure(folder: Path, atoms: int, plan: Plan) -> dict[str, Any]:
    """The glass at 300 K, by what `analyze` says of its moving frames."""
    minima = {
        steps: ["--inherent-every", steps // 2 if plan.minima else 0] for steps in (plan.quench, plan.hold)
    }
    cool = ["--steps", plan.quench, "--equilibration", plan.melt, "--every", 1000, *minima[plan.quench]]
    hold = ["--steps", plan.hold, "--every", plan.hold // 10, *minima[plan.hold]]
    often = ["--checkpoint-every", plan.hold // 2]
    seconds([*GLASSCLI, "quench", "--system", "silica", *NPT, "--atoms", atoms, *cool, *often], folder)
    seconds([*GLASSCLI, "anneal", "quench.h5", "--T", 300, *NPT, *hold, *often], folder)
    found = answer(["analyze", "anneal.h5", "--moving", *MEASURES, "--force"], folder)
    seconds([*GLASSCLI, "report", "anneal.h5", "--moving", *MEASURES, "--force"], folder)
    network, neutron = found["network"], found["diffraction"]["neutron"]
    pdf, rings = found["pdf"], network["rings"]
    stored = glasscli.open(folder / "anneal.h5").frames
    frames = [stored[k] for k in range(1, len(stored))]
    volume = statistics.mean(frame.box.volume / frame.n_atoms for frame in frames)
    peak = {pair: top(np.array(pdf["r"]), np.array(g)) for pair, g in pdf["partials"].items()}
    often_rings = sorted(rings, key=rings.__getitem__, reverse=True)[:3]
    return {
        "density (g/cm3)": GRAMS * FORMULA / 3 / volume,
        **{f"{pair} (Å)": peak[pair] for pair in ("Si-O", "O-O", "Si-Si")},
        "Si-O neighbours": network["coordination"]["Si-O"]["mean"],
        **{f"{angle} (°)": network["angles"][angle]["mean"] for angle in ("O-Si-O", "Si-O-Si")},
        **{f"{angle} spread (°)": network["angles"][angle]["deviation"] for angle in ("O-Si-O", "Si-O-Si")},
        **{f"Q{n}": network["qn"].get(n, 0.0) for n in ("3", "4", "5")},
        "most frequent rings": ", ".join(f"{n}: {rings[n]:.2f}" for n in often_rings),
        "peaks of S(q), neutrons (1/Å)": ", ".join(f"{p['q']:.2f}" for p in neutron["peaks"]),
    }  # fmt: skip


def top(r: np.ndarray, g: np.ndarray) -> float:
    """Where a parabola through the upper third of the highest peak is highest."""
    at = int(np.argmax(g))
    near = (np.abs(r - r[at]) < 0.3) & (g > g[at] * 2 / 3)
    square, slope, _ = np.polyfit(r[near] - r[at], g[near], 2)
    return float(r[at] - slope / (2 * square))


def vibrations(folder: Path, atoms: int, plan: Plan) -> dict[str, Any]:
    """Modes of the inherent structure that ends the quench."""
    w_c = next((r["found"]["ν_c (THz)"] * TURN for r in Kept("silica").rows if r["part"] == "bridge"), None)
    given = [] if plan.all_modes or w_c is None else ["--w-c", f"{w_c:.6g}"]
    found = answer(["modes", "quench.h5", *SMOOTH, *given, "-o", "modes"], folder)
    soft = found["ensemble"]
    return {
        "softest mode (THz)": found["frequency_min"] / TURN,
        "its participation": found["participation"]["N"][0],
        "median participation of ten": found["participation"]["median"],
        "plane waves in the softest": found["participation"]["plane_waves"][0],
        "unstable modes": found["unstable"],
        "localised soft modes": soft["soft_modes"],
        "W (K)": None if soft["W"] is None else soft["W"] * KELVIN_PER_EV,
        "T* (K)": None if soft["W"] is None else soft["W"] * KELVIN_PER_EV / 1.6,  # Buchenau 1992, Eq. 8
    }


def bridge(folder: Path, atoms: int, plan: Plan) -> dict[str, Any]:
    """W and T* of the soft modes."""
    found = answer(["theory", "glass", "quench.h5", *SMOOTH], folder)
    return {name: found[key] for name, key in SOFT.items()}


if __name__ == "__main__":
    main()
