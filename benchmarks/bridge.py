"""From ten simulated glasses to what calorimetry sees: `glasscli theory glass` end to end.

Ten glasses of wahnstrom-smooth are quenched, passes out of each are searched (double wells), and all go through the
bridge: soft modes, W, T*, beside what Buchenau (1992) found for selenium, B2O3 and SiO2. Files and passes are kept in
the folder: interrupted, it goes on. The page is drawn to docs/bridge.png.

    python benchmarks/bridge.py FOLDER [--glasses 10] [--attempts 6] [--steps 20000]
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path

from common import DOCS, GLASSCLI, Kept, seconds
from landscape import answer

SYSTEM = "wahnstrom-smooth"
PICTURE = DOCS / "bridge.png"
# A search that takes longer is left as far as it got.
WALLTIME = "0:01:00"


def glass(folder: Path, seed: int, atoms: int, steps: int, attempts: int) -> str:
    """One glass and passes out of its last inherent structure."""
    name = f"glass-{seed:02d}.h5"
    quench = ["quench", "--system", SYSTEM, "--atoms", atoms, "--seed", seed, "--steps", steps, "--T-start", 1.2,
              "--T-end", 0.05, "--equilibration", 3000, "--every", steps, "--inherent-every", steps,
              "-o", name]  # fmt: skip
    seconds([*GLASSCLI, *quench], folder)
    if attempts:
        search = [
            "--search",
            "activation-relaxation",
            "--n",
            str(attempts),
            "--jobs",
            "1",
            "--walltime",
            WALLTIME,
        ]
        answer(["landscape", "barriers", name, *search, "--no-figure"], folder)
    return name


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--glasses", type=int, default=10)
    parser.add_argument("--attempts", type=int, default=6, help="of the search, in each glass")
    parser.add_argument("--atoms", type=int, default=500)
    parser.add_argument("--steps", type=int, default=20000, help="of each quench")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    names = []
    for seed in range(1, given.glasses + 1):
        names.append(glass(given.folder, seed, given.atoms, given.steps, given.attempts))
        print(f"{names[-1]}: {time.monotonic() - began:.0f} s", flush=True)
    found = answer(["theory", "glass", *names, "-o", "bridge"], given.folder)
    shutil.copyfile(given.folder / "bridge.png", given.picture)
    keys = ("glasses", "units", "soft_modes", "double_wells", "N_s", "w_c", "eta_L", "N_s_a2_A2", "eps_0_eV",
            "nu_c_THz", "W_K", "T_star_K", "T_star_of_curve_K")  # fmt: skip
    measured = {f"T_star_K_{name}": glass["T_star_K"] for name, glass in found["measured"].items()}
    kept = Kept("bridge")
    kept.data["rows"] = []
    kept.add({"atoms": given.atoms, "steps": given.steps, "attempts": given.attempts}
             | {key: found[key] for key in keys} | measured | {"seconds": round(time.monotonic() - began)})  # fmt: skip
    print(json.dumps(kept.rows[-1], indent=1))


if __name__ == "__main__":
    main()
