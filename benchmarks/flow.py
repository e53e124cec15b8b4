"""A liquid's viscosity at low rates beside Green and Kubo's, and the flow curve of a glass.

The Lennard-Jones liquid near its triple point is that of `viscosity.py`, sheared at each of RATES for a time that
grows as they fall: stress over rate of the last half, beside what equal liquids at rest fluctuate by. The glass is
`wahnstrom-smooth`, 500 atoms, quenched and sheared at T = 0.1 up to a strain of 1: its stress at five rates, and the
law of Herschel and Bulkley through them (`analyze --measure flow-curve`). Rows are kept in results/flow.json; each run
goes on where it was interrupted: start it again.

    python benchmarks/flow.py [--folder FOLDER] [--only liquid | glass] [--glass GLASS.h5]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from common import Kept, glasscli
from viscosity import HOME, T, rested

# Of the liquid: rates with how long each is sheared; of the glass: rates, and how far.
RATES = {0.4: 100.0, 0.2: 150.0, 0.1: 300.0, 0.05: 500.0}
SLOWER, STRAIN, COLD = (0.1, 0.03, 0.01, 0.003, 0.001), 1.0, 0.1
POINT = ("stress", "stress_error", "viscosity", "steady")


def row(kept: Kept, key: str, answer: dict[str, Any], **more: Any) -> None:
    """Keep what a flow says, unless it is kept."""
    kept.rows[:] = [old for old in kept.rows if old["key"] != key]
    kept.add({"key": key, "rate": answer["rate"]} | {name: answer[name] for name in POINT} | more)
    print(kept.rows[-1], flush=True)


def liquid(folder: Path) -> None:
    """Stress over rate, and Green and Kubo's."""
    held = rested(folder)
    for rate, lasts in RATES.items():
        far = ["--rate", rate, "--strain-max", rate * lasts, "-o", f"flow-{rate:g}.h5"]
        answer = glasscli(folder, "flow", "eq.h5", *held, *far)
        error = answer["stress_error"] / rate
        row(Kept("flow"), f"liquid {rate:g}", answer, T=T, viscosity_error=error, lasts=lasts)
    rest = Kept("viscosity").data["viscosity"]
    Kept("flow").write(green_kubo={name: rest[name] for name in ("value", "error")})


def glass(folder: Path, start: Path | None) -> None:
    """Stress against rate, and the law."""
    if start is None:
        start = Path("glass.h5")
        words = ["--system", "wahnstrom-smooth", "--atoms", 500, "--steps", 100000, "--inherent-every", 0]
        glasscli(folder, "quench", *words, "-o", start)
    names = []
    for rate in SLOWER:
        names.append(f"glass-{rate:g}.h5")
        far = ["--rate", rate, "--strain-max", STRAIN, "--T", COLD, "--from", "final", "--forces", "own"]
        answer = glasscli(folder, "flow", start, *far, "-o", names[-1])
        row(Kept("flow"), f"glass {rate:g}", answer, T=COLD)
    told = glasscli(folder, "analyze", *names, "--measure", "flow-curve")
    (folder / "curve.json").write_text(json.dumps(told))
    Kept("flow").write(curve=told["files"][0]["flow-curve"]["curve"])


def main() -> None:
    """Both, or one of them."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--folder", type=Path, default=HOME)
    options.add_argument("--only", choices=["liquid", "glass"])
    options.add_argument("--glass", type=Path, help="a quench of the glass that there is")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.only != "glass":
        liquid(given.folder)
    if given.only != "liquid":
        glass(given.folder, given.glass and given.glass.resolve())
    print(json.dumps({name: Kept("flow").data.get(name) for name in ("green_kubo", "curve")}, indent=1))


if __name__ == "__main__":
    main()
