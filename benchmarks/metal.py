"""A metallic glass stretched and compressed: Cu64Zr36 of 2000 atoms at 300 K, beside what simulations have published.

    python benchmarks/metal.py [--home FOLDER] [--atoms 2000] [--rates 0.01]

The melt is cooled from 1500 K to 300 K at no pressure in 20 ps, 6e13 K/s; then stretched and compressed along z up to
a strain ln(L/L0) of 0.2 at 1e10 /s (--rates: others, per ps), its sides at no pressure, in time steps of 4 fs; the
first part once more, slower and from other velocities. Rows are kept in results/metal.json, runs in the folder:
interrupt it when you like. The figure goes to docs/metal.png.
"""

from __future__ import annotations

import argparse
import resource
from pathlib import Path
from typing import Any

from common import DOCS, Kept, glasscli

from glasscli.model.system import load_system
from glasscli.report.canvas import SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLUE, RED

COOLED = ("--T-start", 1500, "--T-end", 300, "--steps", 5000, "--equilibration", 1000, "--timestep", 0.004)
SLOWLY, FIRST = 0.004, 0.025
LINES = ("-", ":", "--", "-.")  # of the curves of one rate after the other
SIGNS = {"tension": 1, "compression": -1}


def spent() -> float:
    """Processor seconds of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_gpa(answer: dict[str, Any], each: float) -> dict[str, Any]:
    """What a run says, stresses in GPa."""

    def of(value: float | None) -> float | None:
        return None if value is None else round(value * each, 4)

    row: dict[str, Any] = {
        name: of(answer[name]) for name in ("modulus", "modulus_error", "flow_stress", "flow_stress_error")
    }
    row |= {"poisson": round(answer["poisson"], 4), "poisson_error": round(answer["poisson_error"], 4)}
    for name in ("offset_yield", "yield"):
        at = answer[name]
        row[name] = at and {"strain": round(at["strain"], 4), "stress": of(at["stress"])}
        row[f"{name}_reason"] = answer[f"{name}_reason"]
    return row


def main() -> None:
    """Make what is missing, draw, and print what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("metal"))
    parser.add_argument("--atoms", type=int, default=2000)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.01])
    asked = parser.parse_args()
    home, kept = asked.home, Kept("metal")
    home.mkdir(exist_ok=True)
    each = load_system("cuzr").unit_system.gigapascals
    assert each is not None
    have = {row["key"] for row in kept.rows}
    made = ("--system", "cuzr", "--atoms", asked.atoms, *COOLED, "--inherent-every", 0, "-o", "quench.h5")
    glasscli(home, "quench", *made)
    curves = {}
    for rate in asked.rates:
        for kind, sign in SIGNS.items():
            key, began = f"{asked.atoms} {kind} {rate:g}", spent()
            how = ("--mode", "uniaxial", "--rate", sign * rate, "--rest", 500)
            words = ("quench.h5", "--T", "300K", *how, "-o", f"{kind}-{rate:g}.h5")
            answer = glasscli(home, "flow", *words)
            curves[kind, rate] = answer["stress"]
            if key not in have:
                row = {"key": key, "atoms": asked.atoms, "kind": kind, "rate_per_second": rate * 1e12}
                kept.add(row | in_gpa(answer, each) | {"cpu_seconds": round(spent() - began, 1)})
                print(kept.rows[-1], flush=True)
    # The first part again, slower and from other velocities: of 2 ps a modulus is not known well.
    for kind, sign in SIGNS.items():
        key, began = f"{asked.atoms} {kind} elastic", spent()
        how = (
            "--mode",
            "uniaxial",
            "--rate",
            sign * SLOWLY,
            "--strain-max",
            FIRST,
            "--rest",
            1000,
            "--seed",
            2,
        )
        words = ("quench.h5", "--T", "300K", "--new-velocities", *how, "-o", f"{kind}-elastic.h5")
        answer = glasscli(home, "flow", *words)
        if key not in have:
            row = {"key": key, "atoms": asked.atoms, "kind": kind, "rate_per_second": SLOWLY * 1e12}
            kept.add(row | in_gpa(answer, each) | {"cpu_seconds": round(spent() - began, 1)})
            print(kept.rows[-1], flush=True)
    with drawing(DOCS / "metal.png", None, SINGLE, 2.6) as (figure, _):
        axes = figure.subplots()
        for (kind, rate), curve in curves.items():
            strain, stress = ([abs(value) for value in curve[name]] for name in ("strain", "value"))
            color = BLUE if kind == "tension" else RED
            gpa = [value * each for value in stress]
            axes.plot(
                strain,
                gpa,
                LINES[asked.rates.index(rate)],
                color=color,
                lw=0.7,
                label=f"{kind}, {rate * 1e12:.0e} /s",
            )
        axes.set_xlabel("strain |ln(L/L₀)|")
        axes.set_ylabel("stress (GPa)")
        axes.legend()
        minor_ticks(axes)


if __name__ == "__main__":
    main()
