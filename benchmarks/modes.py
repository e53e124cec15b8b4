"""How fast are Hessians and modes?

    hessian   4000 atoms: the pairwise Hessian against LAMMPS's dynamical_matrix in the same process, which must be
              at least 50 times slower, and the same to 1e-5
    all       all modes of 500 atoms, Hessian and eigenvectors: under 5 s
    lowest    `glasscli modes --count 100` of a 32000-atom glass as a whole process: seconds and GiB, under 8 GiB

Each row is kept as it comes; a row that is there is not measured again.

    python benchmarks/modes.py [GLASS]     GLASS: a 32000-atom LAMMPS data file; without it the last row is left out
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

SYSTEM = "wahnstrom-smooth"


def relaxed(atoms: int) -> tuple[Any, Any]:
    """The system, and random positions roughly relaxed: the cost does not ask for a minimum."""
    from glasscli.configuration import Configuration
    from glasscli.engine.minimiser import Minimiser
    from glasscli.model.protocol import Minimisation
    from glasscli.model.system import load_system

    system = load_system(SYSTEM)
    edge = (atoms * system.defaults.volume_per_atom) ** (1 / 3)
    species = np.repeat(np.arange(1, system.n_species + 1, dtype=np.int32), system.counts(atoms))
    start = Configuration(np.random.default_rng(1).random((atoms, 3)) * edge, species, np.full(3, edge))
    with Minimiser(system, Minimisation(force_tolerance=1e-3, max_iterations=300)) as minimiser:
        return system, minimiser.minimise(start).configuration


def hessian() -> dict[str, Any]:
    from glasscli.engine.deck import evaluation_commands
    from glasscli.engine.library import LibraryEngine
    from glasscli.engine.pair_derivatives import pair_derivatives
    from glasscli.modes.hessian_pairwise import pairwise
    from glasscli.modes.spectrum import masses

    system, atoms = relaxed(4000)
    began = time.perf_counter()
    derivatives = pair_derivatives(system)
    tables = time.perf_counter() - began
    pairwise(atoms, derivatives)  # compiles
    runs = []
    for _ in range(5):
        began = time.perf_counter()
        matrix, _ = pairwise(atoms, derivatives)
        runs.append(time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder, LibraryEngine(system) as engine:
        engine.commands(evaluation_commands(system, atoms.box))
        engine.create(atoms)
        target = Path(folder) / "dynamical.bin"
        began = time.perf_counter()
        engine.commands([f"dynamical_matrix all regular 1.0e-5 file {target} binary yes"])
        theirs = time.perf_counter() - began
        n = 3 * atoms.n_atoms
        rows = np.fromfile(target, count=300 * n).reshape(300, n)
    root = np.repeat(np.sqrt(masses(atoms, system)), 3)
    ours = matrix.tocsr()[:300].toarray() / (root[:300, None] * root)
    return {
        "atoms": atoms.n_atoms, "seconds": float(np.median(runs)), "tables_seconds": tables, "lammps_seconds": theirs,
        "ratio": theirs / float(np.median(runs)), "difference": float(np.abs(ours - rows).max() / np.abs(ours).max()),
    }  # fmt: skip


def everything() -> dict[str, Any]:
    from glasscli.engine.pair_derivatives import pair_derivatives
    from glasscli.modes.hessian_pairwise import pairwise
    from glasscli.modes.spectrum import modes

    system, atoms = relaxed(500)
    derivatives = pair_derivatives(system)
    pairwise(atoms, derivatives)
    began = time.perf_counter()
    matrix, _ = pairwise(atoms, derivatives)
    found = modes(matrix, atoms, system)
    return {"atoms": 500, "modes": len(found.squares), "seconds": time.perf_counter() - began}


def lowest(glass: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = subprocess.run(
            [*GLASSCLI, "modes", str(glass.absolute()), "--system", SYSTEM, "--count", "100", "--soft", "3",
             "--no-figure", "--json"],
            capture_output=True, text=True, check=True, cwd=folder,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )  # fmt: skip
        wall = time.perf_counter() - began
    data = json.loads(done.stdout)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    keep = ("atoms", "modes", "unstable", "frequency_min", "max_force", "hessian_seconds", "solve_seconds")
    return {key: data[key] for key in keep} | {"seconds": wall, "GiB": peak}


def main() -> None:
    kept = Kept("modes")
    done = {row["what"] for row in kept.rows}
    jobs: dict[str, Any] = {"hessian": hessian, "all": everything}
    if len(sys.argv) > 1:
        jobs["lowest"] = lambda: lowest(Path(sys.argv[1]))
    for what, job in jobs.items():
        if what not in done:
            kept.add({"what": what} | job() | {"load": os.getloadavg()[0]})
            print(kept.rows[-1], flush=True)
    found = {row["what"]: row for row in kept.rows}
    wrong = []
    if found["hessian"]["ratio"] < 50 or found["hessian"]["difference"] > 1e-5:
        wrong.append("the Hessian")
    if found["all"]["seconds"] > 5:
        wrong.append("all modes")
    if "lowest" in found and found["lowest"]["GiB"] > 8:
        wrong.append("the lowest modes")
    if wrong:
        raise SystemExit(f"too slow, too large or wrong: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
