"""How long steps of strain take, against the same steps as a plain loop of LAMMPS, and what each leaves of the forces.

    python benchmarks/shear.py quench.h5 --repeat 2,2,2 --steps 10
    python benchmarks/shear.py quench.h5 --repeat 2,2,2 --steps 200 --strain-step 1e-3 --alone --home FOLDER

The last inherent structure of a run is repeated, shaken and brought to rest; both then make the same steps of strain
from it, each in a process of its own on one core. Times are of the processor. With --alone LAMMPS makes none, and ours
go on in the folder from where they were interrupted; what they took is kept in results/shear.json.
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
from common import Kept

from glasscli.analysis.strained import strained
from glasscli.configuration import Configuration
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System
from glasscli.protocols.kinds.shear import ShearWish
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop, listening
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.schema import STRAIN
from glasscli.structures.build import replicate


def spent(who: int) -> float:
    """Seconds of the processor."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def alone(home: Path, start: Configuration, system: System, wish: ShearWish) -> None:
    """The whole path by ours; rows of one number of atoms and path are replaced."""
    home.mkdir(exist_ok=True)
    before = spent(resource.RUSAGE_SELF)
    words = f"{start.n_atoms} {system.name} {wish.strain_max:g} {wish.strain_step:g}"
    out, clock = home / f"{words.replace(' ', '-')}.h5", home / f"{words.replace(' ', '-')}.seconds"
    earlier = float(clock.read_text()) if clock.exists() else 0.0
    job = plan(system, wish, out, "", (start, Parent("benchmark", "")), Launch(minima="own"))
    try:
        with listening(Stop()) as stop:
            made = run(job, stop=stop)
    finally:
        seconds = earlier + spent(resource.RUSAGE_SELF) - before
        clock.write_text(str(seconds))
    found = strained(made)
    kept = Kept("shear")
    kept.rows[:] = [row for row in kept.rows if row["key"] != words]
    kept.add(
        {
            "key": words, "atoms": start.n_atoms, "cpu_seconds": round(seconds, 1),
            "steps": len(found.table["strain"]) - 1,
            "evaluations": int(found.table["strain_evaluations"].sum()), "events": len(found.events),
            "worst_balance": found.balance, "balanced": found.balanced, "modulus": found.modulus,
            "yield": found.yields.data, "largest_force": float(found.table["strain_max_force"].max()),
        }
    )  # fmt: skip
    print(kept.rows[-1])


def main() -> None:
    """Print both times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--repeat", default="2,2,2")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--strain-step", type=float, default=1e-4)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--home", type=Path, default=Path(__file__).with_name("work-shear"))
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
    if asked.alone:
        alone(asked.home, start, system, wish)
        return
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
