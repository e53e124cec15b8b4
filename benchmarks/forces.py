"""Steps a second of one core by our own forces and by LAMMPS's, interleaved; and minima by both.

The same melts, held at constant temperature by LAMMPS in process, so that only the forces differ. LAMMPS's are those of
its OPT package where the style has one. Beside them the share of starts in a liquid from which both find the same
minimum, and the time of one.

    python benchmarks/forces.py [--atoms 500 2000 32000] [--seconds 4] [--minima 100] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import closing
from typing import Any

import numpy as np
from common import RESULTS, machine

from glasscli.configuration import Box
from glasscli.engine.contract import Engine
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.random_atoms import random_atoms
from glasscli.engine.start import start_engine
from glasscli.model.system import System, load_system

SYSTEMS = {"wahnstrom": 0.6, "kob-andersen": 0.5, "soft-sphere": 0.3, "wahnstrom-smooth": 0.6}
ROUNDS, LONG = 5, 10**9
OURS, LAMMPS = "own", "opt"


def melt(system: System, atoms: int, temperature: float, how: str) -> Engine:
    """A melt, ready to be advanced."""
    engine = start_engine(system, Launch(accelerator=how))
    box = Box.cube((atoms * system.defaults.volume_per_atom) ** (1 / 3))
    engine.commands(["units lj", "atom_style atomic", "boundary p p p", "suffix opt"])
    engine.commands(random_atoms(system, system.counts(atoms), box, 1))
    engine.commands([f"mass {k} {s.mass:g}" for k, s in enumerate(system.species, start=1)])
    engine.commands(
        [*system.commands, f"neighbor {system.skin:g} bin", "neigh_modify every 1 delay 0 check yes"]
    )
    engine.commands([f"timestep {system.timestep:g}", "thermo_modify norm yes lost error", "min_style cg"])
    engine.commands(["minimize 0 1e-3 1000 10000", "reset_timestep 0"])
    engine.commands([f"velocity all create {temperature} 7 dist gaussian"])
    engine.commands([f"fix t all nvt temp {temperature} {temperature} {100 * system.timestep:g}"])
    engine.record(100)
    engine.advance(1000 if atoms < 5000 else 100, (0, LONG), True)
    return engine


def rates(system: System, atoms: int, temperature: float, seconds: float) -> dict[str, float]:
    """Steps a processor second, medians of interleaved rounds."""
    found: dict[str, list[float]] = {OURS: [], LAMMPS: []}
    with (
        closing(melt(system, atoms, temperature, OURS)) as ours,
        closing(melt(system, atoms, temperature, LAMMPS)) as theirs,
    ):
        for _ in range(ROUNDS):
            for how, engine in ((OURS, ours), (LAMMPS, theirs)):
                steps, spent, chunk = 0, 0.0, max(10, 200000 // atoms)
                while spent < seconds / ROUNDS:
                    began = time.process_time()
                    engine.advance(chunk, (0, LONG), False)
                    spent += time.process_time() - began
                    steps += chunk
                found[how].append(steps / spent)
    return {how: statistics.median(values) for how, values in found.items()}


def minima(system: System, temperature: float, count: int, atoms: int = 500) -> dict[str, Any]:
    """Of so many configurations of a liquid: where the same minimum was found, and what it took."""
    took, energies = {OURS: 0.0, LAMMPS: 0.0}, {OURS: [], LAMMPS: []}
    with (
        closing(melt(system, atoms, temperature, LAMMPS)) as engine,
        Minimiser(system, forces="own") as ours,
        Minimiser(system, forces="lammps") as theirs,
    ):
        for _ in range(count):
            engine.advance(200, (0, LONG), True)
            start = engine.configuration()
            for how, minimiser in ((OURS, ours), (LAMMPS, theirs)):
                began = time.process_time()
                energies[how].append(minimiser.minimise(start).energy)
                took[how] += time.process_time() - began
    own, opt = (np.array(energies[how]) for how in (OURS, LAMMPS))
    return {
        "atoms": atoms, "system": system.name, "starts": count, "same_minimum": float((abs(own - opt) < 1e-7).mean()),
        "mean_difference": float((own - opt).mean()), "own_seconds": took[OURS] / count,
        "lammps_seconds": took[LAMMPS] / count, "ratio": took[LAMMPS] / took[OURS],
    }  # fmt: skip


def main() -> None:
    """Measure, keep, say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--atoms", type=int, nargs="+", default=[500, 2000, 32000])
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--minima", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows, found = [], []
    for name in given.systems:
        system, temperature = load_system(name), SYSTEMS[name]
        for atoms in given.atoms:
            rate = rates(system, atoms, temperature, given.seconds)
            rows.append({
                "atoms": atoms, "system": name, "lammps": round(rate[LAMMPS], 1), "own": round(rate[OURS], 1),
                "ratio": round(rate[OURS] / rate[LAMMPS], 3),
            })  # fmt: skip
            if not given.json:
                print(rows[-1], flush=True)
        if given.minima:
            found.append(minima(system, temperature, given.minima))
            if not given.json:
                print(found[-1], flush=True)
    said = {"machine": machine(), "rows": rows, "minima": found}
    (RESULTS / "forces.json").write_text(json.dumps(said, indent=1) + "\n")
    if given.json:
        print(json.dumps(said))


if __name__ == "__main__":
    main()
