"""Is `glasscli analyze` as fast as the straightforward OVITO script, and does a second core help?

The same dump (a glass with noise) by `glasscli analyze --measure icosahedra,pdf` and by a script that imports it,
applies the same modifiers (Voronoi with indices and bonds, adaptive CNA, partial g(r) to one cutoff) and loops over
frames: whole processes, wall time, processor time, peak memory of the largest process. Then a second look at what is
kept; of many small frames nothing else. Each row is kept as it comes. About four minutes.

    python benchmarks/analysis.py GLASS [--frames500 2000] [--frames32000 60] [--looked 4000]

GLASS: a 32000-atom LAMMPS data file
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import GLASSCLI, Kept

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys
import numpy as np
from ovito.io import import_file
from ovito.modifiers import CommonNeighborAnalysisModifier, CoordinationAnalysisModifier, VoronoiAnalysisModifier
pipeline = import_file(sys.argv[1])
pipeline.modifiers.append(VoronoiAnalysisModifier(compute_indices=True, generate_bonds=True))
pipeline.modifiers.append(CommonNeighborAnalysisModifier())
cutoff = float(sys.argv[2])
pipeline.modifiers.append(CoordinationAnalysisModifier(cutoff=cutoff, number_of_bins=int(cutoff / 0.02), partial=True))
fractions, rdf = [], 0
for k in range(pipeline.source.num_frames):
    data = pipeline.compute(k)
    indices = np.asarray(data.particles["Voronoi Index"])
    fractions.append(((indices[:, 4] == 12) & (indices.sum(axis=1) == 12)).mean())
    rdf = rdf + data.tables["coordination-rdf"].xy()
print(np.mean(fractions))
"""


def write_dump(path: Path, positions: np.ndarray, species: np.ndarray, box: np.ndarray, frames: int) -> None:
    rng = np.random.default_rng(1)
    with path.open("w") as file:
        for k in range(frames):
            x = (positions + 0.02 * rng.standard_normal(positions.shape)) % box
            file.write(f"ITEM: TIMESTEP\n{k}\nITEM: NUMBER OF ATOMS\n{len(x)}\nITEM: BOX BOUNDS pp pp pp\n")
            file.writelines(f"0 {edge:.10g}\n" for edge in box)
            file.write("ITEM: ATOMS id type x y z\n")
            np.savetxt(
                file, np.column_stack([np.arange(1, len(x) + 1), species, x]), fmt="%d %d %.6f %.6f %.6f"
            )


def measured(command: list[str], cwd: Path, cores: int) -> tuple[float, float, float]:
    """Wall time, processor time of all processes, and peak memory (MiB) of the largest process so far."""
    environment = os.environ | {
        "OVITO_THREAD_COUNT": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    cpus = sorted(os.sched_getaffinity(0))[:cores]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
    )  # fmt: skip
    elapsed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return elapsed, cpu, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("glass", type=Path)
    parser.add_argument("--frames500", type=int, default=2000)
    parser.add_argument("--frames32000", type=int, default=60)
    parser.add_argument("--looked", type=int, default=4000, help="Small frames that are looked at again.")
    wish = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    compileall.compile_dir(ROOT / "glasscli", quiet=1)  # as of a package that was installed
    from glasscli.formats.foreign import open_source

    glass = open_source(wish.glass)[0]
    kept = Kept("analysis")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A cube of about 500 atoms out of the large glass, at its density: the seams do not change the cost.
        edge = 500 ** (1 / 3) * glass.spacing
        cut = (glass.positions < edge).all(axis=1)
        small = glass.positions[cut], glass.species[cut], np.full(3, edge)
        samples = {
            "500": (*small, wish.frames500),
            "32000": (glass.positions, glass.species, glass.box.edges, wish.frames32000),
            "looked": (*small, wish.looked),
        }
        for size, (positions, species, box, frames) in samples.items():
            if not frames:
                continue
            dump = folder / f"{size}.dump"
            write_dump(dump, positions, species, box, frames)
            cutoff = 0.5 * edge - 1e-6
            analyze = [*GLASSCLI, "analyze", dump.name, "--measure", "icosahedra,pdf", "--cutoff", str(cutoff),
                       "--pdf-frames", str(frames), "--jobs"]  # fmt: skip
            row: dict[str, float] = {"atoms": len(positions), "frames": frames}
            if size == "looked":
                measured([*analyze, "2"], folder, 2)
            else:
                script = [sys.executable, "-c", SCRIPT, str(dump), str(cutoff)]
                row["ovito_script_s"], row["ovito_script_cpu_s"], row["ovito_MiB"] = measured(
                    script, folder, 1
                )
                for jobs in (1, 2):
                    for kept_before in folder.glob("*-analysis.db"):
                        kept_before.unlink()
                    found = measured([*analyze, str(jobs)], folder, jobs)
                    row[f"glasscli_{jobs}_s"], row[f"glasscli_{jobs}_cpu_s"], row["MiB"] = found
                row["ratio_one_core"] = row["glasscli_1_s"] / row["ovito_script_s"]
                row["speedup_two"] = row["glasscli_1_s"] / row["glasscli_2_s"]
            row["second_s"], row["second_cpu_s"], _ = measured([*analyze, "2"], folder, 2)
            row["load"] = os.getloadavg()[0]
            kept.add(row)
            print(row, flush=True)


if __name__ == "__main__":
    main()
