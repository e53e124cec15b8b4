"""The functions of motion beside those of atooms: the same frames, lags and origins, one core, one run.

A Kob-Andersen liquid at T = 0.8 (1000 atoms, 200 frames a hundred steps apart) is exported as extended XYZ, which both
read: MSD, alpha_2, the overlap, chi_4 and F_s(q, t), over all origins of each lag. Seconds are of the processor, of
the functions alone: frames are in memory, what is compiled was compiled. Definitions differ in two: atooms takes F_s
over the box's wave vectors within a shell, ours over all directions at their mean length; its alpha_2 is the mean of
each origin's, ours that of means over all. `difference` is the largest over lags.

    python benchmarks/motion_beside_atooms.py --their-python PYTHON [--folder FOLDER]

PYTHON belongs to an environment with atooms and atooms-pp (pip); a Fortran compiler beside it makes its fast kernels.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept

HOME = Path(__file__).with_name("work-motion")
T, Q, SHELL, REACH, STEPS, EVERY = 0.8, 7.25, 0.1, 0.3, 20_000, 100
VECTORS = 30  # of F_s, drawn by lot from a shell; theirs are 8 where nobody asks
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# What their interpreter runs: `_compute` is their function without the reading of frames.
THEIRS = """
import json, random, sys, time, warnings
from importlib.metadata import version
warnings.simplefilter("ignore")
random.seed(1)
import atooms.postprocessing as pp
from atooms.postprocessing.core import f90
from atooms.trajectory.exyz import TrajectoryEXYZ

path, lags, (q, shell, reach) = sys.argv[1], json.loads(sys.argv[2]), map(float, sys.argv[3:6])
found = {"version": version("atooms-pp"), "fortran": f90 is not None, "seconds": {}}
steps = TrajectoryEXYZ(path).steps
pairs = {i: [j - i for j in range(i + 1, len(steps)) if steps[j] - steps[i] in lags] for i in range(len(steps))}
same = dict(tgrid=[float(lag) for lag in lags], norigins=-1, fix_cm=True)
waves = dict(kgrid=[q], dk=shell, nk=int(sys.argv[6]), normalize=False)
for name, kind, own in (
    ("msd", pp.MeanSquareDisplacement, dict(tpairs=pairs)),
    ("alpha2", pp.NonGaussianParameter, dict(tpairs=pairs)),
    ("overlap", pp.SelfOverlap, dict(tpairs=pairs, a=reach)),
    ("chi4", pp.Chi4SelfOverlapOptimized if f90 else pp.Chi4SelfOverlap, dict(a=reach)),
    ("scattering", pp.SelfIntermediateScattering, dict(tpairs=pairs, **waves)),
):
    frames = TrajectoryEXYZ(path)
    frames.timestep = 1.0
    one = kind(frames, **same, **own)
    one._setup_arrays()
    if name == "scattering":
        one._kgrid.setup(frames[0].cell.side)
    began = time.process_time()
    one._compute()
    found["seconds"][name] = time.process_time() - began
    grid, values = one.grid, one.value
    if name == "scattering":
        found["q"], found["vectors"] = float(one.kgrid[0]), len(one._kvectors[0])
        grid, values = grid[1], values[0]
    found[name] = {round(float(t)): float(v) for t, v in zip(grid, values)}
print(json.dumps(found))
"""


def made(folder: Path) -> Path:
    """The frames of the liquid as XYZ; made once."""
    words: tuple[tuple[Any, ...], ...] = (
        ("quench", "--system", "kob-andersen", "--T-start", 1.5, "--T-end", T, "--steps", 5000, "--equilibration",
         5000, "--inherent-every", 0, "-o", "melt.h5"),
        ("anneal", "melt.h5", "--T", T, "--from", "final", "--steps", STEPS, "--every", EVERY, "--inherent-every", 0,
         "-o", "ka.h5"),
        ("export", "ka.h5", "--kind", "frames", "--frame", "all", "-o", "ka.xyz"),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    found = folder / "ka.xyz"
    for one in () if found.exists() else words:
        subprocess.run([*GLASSCLI, *map(str, one)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return found


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--their-python", required=True)
    options.add_argument("--folder", type=Path, default=HOME)
    given = options.parse_args()
    from glasscli.formats.foreign import open_source
    from glasscli.observables.dynamics import ALL, choose_pairs, motions

    path = made(given.folder)
    frames = list(open_source(path))
    as_theirs = path.with_name("theirs.xyz")
    as_theirs.write_text(path.read_text().replace(" step=", " Step="))
    steps = np.array([frame.step for frame in frames])
    lags = [int(lag) for lag in choose_pairs(steps, len(steps))]
    words = [given.their_python, "-c", THEIRS, as_theirs, json.dumps(lags), Q, SHELL, REACH, VECTORS]
    beside = f"{Path(given.their_python).parent}:{os.environ['PATH']}"  # where their compiler's helpers are
    environment = os.environ | ONE_CORE | {"PATH": beside}
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    theirs: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    def ours() -> Any:
        return motions(frames, steps, theirs["q"], REACH, most_origins=len(steps))[ALL]

    ours()
    began = time.process_time()
    found = ours()
    took = time.process_time() - began
    difference = {
        name: max(abs(theirs[name][str(int(lag))] - value) for lag, value in zip(found.lag, values, strict=True)
                  if np.isfinite(value) and str(int(lag)) in theirs[name])
        for name, values in (("msd", found.msd), ("alpha2", found.alpha2), ("overlap", found.overlap),
                             ("chi4", found.chi4), ("scattering", found.scattering))
    }  # fmt: skip
    seconds = sum(theirs["seconds"].values())
    summary = {
        "atoms": frames[0].n_atoms, "frames": len(frames), "lags": len(lags), "q": theirs["q"],
        "wave_vectors": theirs["vectors"], "atooms_pp": theirs["version"], "fortran": theirs["fortran"],
        "their_seconds": theirs["seconds"], "seconds": took, "times_faster": seconds / took, "difference": difference,
    }  # fmt: skip
    Kept("motion_beside_atooms").write(**summary)
    print(json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
