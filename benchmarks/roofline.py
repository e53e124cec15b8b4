"""What bounds our own forces: pairs a second beside what the vector units of this core could do.

An atom and a cluster of four make one vector of pairs: one division, and about two dozen sums, products and fused
products (glasscli/engine/own/source/kernel.inc). A loop of nothing but independent divisions, and one of nothing but
independent fused products, say what the core can do of each; the larger of the two times is the roof. Beside it: the
time of a vector within a sample, and how many of its pairs are within the cutoff.

    python benchmarks/roofline.py [--atoms 500 2000]
"""

from __future__ import annotations

import argparse
import ctypes
import json
import statistics
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from common import RESULTS, machine
from forces import LAMMPS, melt

from glasscli.engine.own.compiled import INSTRUCTION_SETS, instruction_set, library
from glasscli.engine.own.sample import Sample
from glasscli.model.system import load_system
from glasscli.neighbours import tree

# Sums, products, comparisons and ands of one vector of pairs of a sum of powers, forces alone: kernel.inc, `pair`.
OPERATIONS = 25
FORCES_ONLY = 0  # as in most steps of a run: pairs.h
ROUNDS, REPEATS = 9, 20_000_000
PEAK = r"""
typedef double vec __attribute__((vector_size(32)));
static vec sink[8];
#define LOOP(name, body) \
    void name(long n) \
    { \
        vec a[8]; \
        for (int k = 0; k < 8; k++) a[k] = (vec){1.5, 1.25, 1.125, 1.75} + (double)k; \
        const vec b = {0.9999999, 0.9999998, 0.9999997, 0.9999996}; \
        for (long i = 0; i < n; i += 8) { \
            for (int k = 0; k < 8; k++) body; \
            asm volatile("" : "+x"(a[0]), "+x"(a[1]), "+x"(a[2]), "+x"(a[3]), \
                             "+x"(a[4]), "+x"(a[5]), "+x"(a[6]), "+x"(a[7])); \
        } \
        for (int k = 0; k < 8; k++) sink[k] = a[k]; \
    }
LOOP(divisions, a[k] = b / a[k])
LOOP(fused, a[k] = __builtin_ia32_vfmaddpd256(a[k], b, b))
"""


def peak() -> dict[str, float]:
    """Nanoseconds of one division and of one fused product of four doubles, where nothing waits for another."""
    with tempfile.TemporaryDirectory() as folder:
        (source := Path(folder) / "peak.c").write_text(PEAK)
        made = Path(folder) / "peak.so"
        subprocess.run(
            ["gcc", "-O3", "-mavx2", "-mfma", "-shared", "-fPIC", str(source), "-o", str(made)], check=True
        )
        found = ctypes.CDLL(str(made))
    times: dict[str, list[float]] = {"divisions": [], "fused": []}
    for _ in range(ROUNDS):
        for name, values in times.items():
            began = time.process_time()
            getattr(found, name)(ctypes.c_long(REPEATS))
            values.append((time.process_time() - began) / REPEATS * 1e9)
    return {name: min(values) for name, values in times.items()}


def inside(atoms: int, roof: dict[str, float]) -> dict[str, Any]:
    """Of a melt: the time of a vector of pairs, and what it is of the roof."""
    system = load_system("wahnstrom")
    with closing(melt(system, atoms, 0.6, LAMMPS)) as engine:
        c = engine.configuration()
    times = []
    with Sample(system, c.species) as sample:
        sample.evaluate(c.positions, c.box.edges)
        x, edges, forces = (
            np.ascontiguousarray(c.positions),
            np.ascontiguousarray(c.box.edges),
            np.empty((atoms, 3)),
        )
        where = (
            sample.pointer,
            x.ctypes.data,
            edges.ctypes.data,
            FORCES_ONLY,
            forces.ctypes.data,
            None,
            None,
        )
        evaluate = library().pairs_evaluate
        for _ in range(ROUNDS):
            repeats = max(3, 400_000 // atoms)
            began = time.process_time()
            for _ in range(repeats):
                evaluate(*where)
            times.append((time.process_time() - began) / repeats)
        vectors = sample.rows
    pairs = len(tree(c.box, c.positions).pairs(system.cutoff))
    took = statistics.median(times)
    bound = max(roof["divisions"], OPERATIONS * roof["fused"])
    return {
        "atoms": atoms, "vectors": vectors, "pairs_within": pairs, "share_within": pairs / (4 * vectors),
        "microseconds": took * 1e6, "ns_per_vector": took / vectors * 1e9, "million_pairs_per_s": pairs / took / 1e6,
        "of_roof": bound * vectors / (took * 1e9),
    }  # fmt: skip


def main() -> None:
    """Measure, keep, say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--atoms", type=int, nargs="+", default=[500, 2000])
    given = parser.parse_args()
    roof = peak()
    rows = [inside(atoms, roof) for atoms in given.atoms]
    said = {
        "machine": machine(), "instruction_set": INSTRUCTION_SETS[instruction_set()],
        "ns_per_division": roof["divisions"], "ns_per_operation": roof["fused"], "operations": OPERATIONS, "rows": rows,
    }  # fmt: skip
    (RESULTS / "roofline.json").write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
