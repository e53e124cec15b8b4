"""How long steps of strain take, against the same steps as a plain loop of LAMMPS, and what each leaves of the forces.

    python benchmarks/shear.py quench.h5 --repeat 2,2,2 --steps 10

The last inherent structure of a run is repeated, shaken and brought to rest; both then make the same steps of strain
from it, each in a process of its own on one core. Times are of the processor.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.schema import STRAIN
from glasscli.structures.build import replicate


def spent(who: int) -> float:
    """Seconds of the processor."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print both times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--repeat", default="2,2,2")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--strain-step", type=float, default=1e-4)
    asked = parser.parse_args()
    source = open_run(asked.file)
    system = source.manifest.system
    atoms = replicate(source.inherent[-1], tuple(int(n) for n in asked.repeat.split(",")))
    shaken = atoms.positions + np.random.default_rng(1).normal(0, 0.05 * atoms.spacing, atoms.positions.shape)
    with Minimiser(system, Minimisation(force_tolerance=1e-6, max_iterations=100000)) as minimiser:
        start = minimiser.minimise(
            type(atoms)(atoms.box.wrap(shaken), atoms.species, atoms.box)
        ).configuration
    wish = ShearWish(strain_max=asked.steps * asked.strain_step, strain_step=asked.strain_step)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        job = plan(system, wish, where / "s.h5", "", (start, Parent("benchmark", "")), Launch(minima="own"))
        (where / "in.shear").write_text(job.deck.text())
        (where / job.start.name).write_bytes(job.start.content)
        lmp = Path(sys.executable).with_name("lmp")
        before = spent(resource.RUSAGE_CHILDREN)
        said = subprocess.run(
            [lmp, "-in", "in.shear"], cwd=where, capture_output=True, text=True, check=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        ).stdout  # fmt: skip
        theirs = spent(resource.RUSAGE_CHILDREN) - before
        before = spent(resource.RUSAGE_SELF)
        made = run(job)
        ours = spent(resource.RUSAGE_SELF) - before
    table = made.table(STRAIN)
    left = [float(line.split()[-1]) for line in said.splitlines() if line.startswith("  Force max component")]
    print(
        f"{start.n_atoms} atoms of {system.name}, {asked.steps} steps of {asked.strain_step:g}; seconds of a core each:"
    )
    print(f"  ours   {ours / asked.steps:.3f}, largest force left {table['strain_max_force'].max():.1e}")
    print(f"  LAMMPS {theirs / asked.steps:.3f}, largest force left {max(left, default=np.nan):.1e}")


if __name__ == "__main__":
    main()
