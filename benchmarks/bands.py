"""One transition of a glass of 500 atoms, crossed three ways: what does each cost, how far does each get?

    glasscli  a rough band, then the saddle by eigenvector following: forces to 1e-9
    ase       ASE's climbing band (improved tangents, FIRE) of nine images, LAMMPS's forces in process, to 0.01
    lammps    LAMMPS's own `neb`, a partition of one MPI rank for each of nine images, to 0.01 or so many steps

Processor seconds; the barrier against that of the saddle. The glass, its transition and every row are kept, so that
what is there is not done again. Nine ranks on fewer cores wait for each other in turns of the scheduler: their
processor seconds hold this waiting, as they would for a user.

    python benchmarks/bands.py FOLDER [--steps 400 200] [--minutes 3] [--atoms 500]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import GLASSCLI, Kept, seconds

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

SYSTEM, IMAGES, FORCE, SPRING = "wahnstrom-smooth", 9, 0.01, 5.0
# A barrier that is worth crossing, in units of a bond.
HIGH = 0.1


def glass(folder: Path, atoms: int) -> Path:
    """A short anneal whose every transition is looked at."""
    if not (folder / "quench.h5").exists():
        seconds([*GLASSCLI, "quench", "--atoms", atoms, "--steps", 20000, "--inherent-every", 0], folder)
    if not (folder / "anneal.h5").exists():
        seconds(
            [*GLASSCLI, "anneal", "--T", 0.4, "--steps", 4000, "--inherent-every", 500, "--harvest"], folder
        )
    return folder / "anneal.h5"


def transition(folder: Path, atoms: int) -> tuple[Any, dict[str, Any]]:
    """(start as a configuration, row of the first transition that is a single pass), and both ends in ends.npz."""
    from glasscli.landscape.barriers import Asked, record
    from glasscli.landscape.sample import open_sample
    from glasscli.landscape.transition import between
    from glasscli.landscape.worker import Atoms, close, surface_of
    from glasscli.model.system import load_system

    system = load_system(SYSTEM)
    sample = open_sample(glass(folder, atoms), None)
    events = sample.events()
    minima = sample.minima(events)
    first = minima[0]
    surface_of(
        Atoms(system, first.species, first.box), first.positions
    )  # compiled and ready, as in a long run
    for k in events.distinct:
        event = events.transitions[k]
        a, b = minima[event.i], minima[event.j]
        end = a.positions + between(a.positions, b.positions, a.box)
        began = time.process_time()
        found = record(Asked(Atoms(system, a.species, a.box), a.positions, end, False, 1.0))
        used = time.process_time() - began
        print(f"transition {k}: {found.get('steps')} passes, {used:.1f} s", flush=True)
        single = found["complete"] and found["steps"] == 1 and found["0.converged"]
        if single and min(found["0.forward"], found["0.backward"]) > HIGH:
            close()
            row = {"what": "glasscli", "atoms": a.n_atoms, "movers": found["0.atoms"], "cpu_seconds": used,
                   "barrier": found["0.forward"], "max_force": found["0.max_force"], "converged": True}  # fmt: skip
            np.savez(
                folder / "ends.npz",
                start=found["start"],
                end=found["end"],
                species=a.species,
                box=a.box.edges,
            )
            return a, row
    raise SystemExit(
        f"no transition of this anneal is a single pass of more than {HIGH}: take another folder and seed"
    )


def ends(folder: Path) -> tuple[Any, Any]:
    """Both minima, the second by the shortest way from the first, unwrapped."""
    from glasscli.configuration import Box, Configuration
    from glasscli.landscape.transition import between

    kept = np.load(folder / "ends.npz")
    box = Box(kept["box"])
    start = Configuration(box.wrap(kept["start"]), kept["species"], box)
    return start, start.positions + between(start.positions, kept["end"], start.box)


def ase(folder: Path, minutes: float) -> dict[str, Any]:
    from ase import Atoms
    from ase.calculators.calculator import Calculator, all_changes
    from ase.mep import NEB
    from ase.optimize import FIRE

    from glasscli.engine.forces import Forces
    from glasscli.model.system import load_system
    from glasscli.modes.minimum import at

    start, end = ends(folder)

    class Lammps(Calculator):
        """LAMMPS's energies and forces, in process."""

        implemented_properties = ("energy", "forces")

        def calculate(
            self, atoms: Any = None, properties: Any = (), system_changes: Any = all_changes
        ) -> None:
            super().calculate(atoms, properties, system_changes)
            found = forces.evaluate(at(start, self.atoms.positions))
            self.results = {"energy": found.energy * start.n_atoms, "forces": found.forces}

    began, used = time.monotonic(), time.process_time()
    with Forces(load_system(SYSTEM)) as forces:
        images = [
            Atoms(numbers=np.full(start.n_atoms, 18), positions=start.positions + t * (end - start.positions),
                  cell=start.box.vectors, pbc=True)
            for t in np.linspace(0, 1, IMAGES)
        ]  # fmt: skip
        for image in images:
            image.calc = Lammps()
        band = NEB(images, climb=True, k=SPRING, method="improvedtangent")
        optimiser = FIRE(band, logfile=None)
        for _ in optimiser.irun(fmax=FORCE, steps=5000):
            if time.monotonic() - began > 60 * minutes:
                break
        left = float(np.linalg.norm(band.get_forces(), axis=1).max())
        energies = [image.get_potential_energy() for image in images]
    return {"what": "ase", "cpu_seconds": time.process_time() - used, "steps": optimiser.nsteps, "max_force": left,
            "barrier": max(energies) - energies[0], "converged": left < FORCE}  # fmt: skip


def lammps(folder: Path, steps: tuple[int, int], minutes: float) -> dict[str, Any]:
    """`neb`: so many steps of the band, then with a climbing image."""
    from glasscli.configuration import Configuration
    from glasscli.engine.launch import Launch, environment
    from glasscli.formats.writers import lammps_data
    from glasscli.model.system import load_system

    start, end = ends(folder)
    system = load_system(SYSTEM)
    place = Configuration(start.positions, start.species, start.box)
    (folder / "start.data").write_text(lammps_data(place, system))
    rows = [f"{i} {x:.15g} {y:.15g} {z:.15g}" for i, (x, y, z) in enumerate(end, start=1)]
    (folder / "end.coords").write_text("\n".join([str(start.n_atoms), *rows]) + "\n")
    every = max(1, min(steps) // 20)
    deck = [
        f"units {system.units}", "atom_style atomic", "atom_modify map array sort 0 0", "boundary p p p",
        "read_data start.data", *system.commands, f"neighbor {system.skin:g} bin", "timestep 0.01",
        "min_style quickmin", "min_modify norm max", f"fix band all neb {SPRING}", f"thermo {every}",
        "thermo_modify norm no",
        f"neb 0.0 {FORCE} {steps[0] // every * every} {steps[1] // every * every} {every} final end.coords",
    ]  # fmt: skip
    (folder / "neb.in").write_text("\n".join(deck) + "\n")
    command = [*Launch(ranks=IMAGES).command(), "-partition", f"{IMAGES}x1", "-in", "neb.in", "-log", "neb.log",
               "-screen", "none", "-plog", "none", "-pscreen", "none"]  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment())
    spent = 0.0
    try:
        while process.poll() is None and time.monotonic() - began < 60 * minutes:
            time.sleep(0.5)
            spent = max(spent, sum(family(process.pid).values()))
    finally:
        if process.poll() is None:
            for pid in family(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()
    table = [line.split() for line in (folder / "neb.log").read_text().splitlines()]
    names = next(line for line in table if line[:2] == ["Step", "MaxReplicaForce"])
    last = dict(
        zip(
            names, [line for line in table if len(line) >= len(names) and line[0].isdigit()][-1], strict=False
        )
    )
    force = float(last["MaxAtomForce"]) ** 0.5  # the largest component, of which LAMMPS prints the square
    return {"what": "lammps", "cpu_seconds": spent, "wall_seconds": time.monotonic() - began,
            "steps": int(last["Step"]), "max_force": force, "barrier": float(last["EBF"]),
            "converged": force < FORCE}  # fmt: skip


def family(root: int) -> dict[int, float]:
    """Processor seconds, with those of ended children, of a process and all that came from it."""
    parents, used, tick = {}, {}, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        parents[pid], used[pid] = int(values[1]), sum(int(v) for v in values[11:15]) / tick
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: used[pid] for pid in found if pid in used}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--atoms", type=int, default=500)
    parser.add_argument(
        "--steps", type=int, nargs=2, default=(400, 200), help="of neb, without and with climbing"
    )
    parser.add_argument("--minutes", type=float, default=3.0, help="at most for each of the other two")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("bands")
    done = {row["what"]: row for row in kept.rows}
    if "glasscli" not in done or not (given.folder / "ends.npz").exists():
        kept.data["rows"] = []
        kept.add(transition(given.folder, given.atoms)[1])
        done = {}
    ours = kept.rows[0]
    for what, job in (
        ("ase", lambda: ase(given.folder, given.minutes)),
        ("lammps", lambda: lammps(given.folder, given.steps, given.minutes)),
    ):
        if what not in done:
            row = job()
            kept.add(row | {"barrier_error": row["barrier"] - ours["barrier"]})
    print(json.dumps(kept.rows, indent=1))


if __name__ == "__main__":
    main()
