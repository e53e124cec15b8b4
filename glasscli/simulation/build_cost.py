"""What building a structure will take: a smaller one like it is built, and settled in a few steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from glasscli.errors import GlassError, InputError
from glasscli.limits import SAMPLE
from glasscli.model.system import System
from glasscli.simulation.cost import AN_ATOM, POWER, PROCESS, Estimate
from glasscli.simulation.timed import Timed
from glasscli.store.kind import structure_kind
from glasscli.store.outputs import Claims
from glasscli.structures.built import Built, Wish, build

# Atoms of the structure that is built instead, where a number is asked for; steps by which it is settled.
SMALL, STEPS, MORE = 2000, 100, 400


def build_cost(system: System, wish: Wish, path: Path, force: bool = False) -> Estimate:
    """What `build` takes, in a process like this one that does nothing else; arguments and errors as its own."""
    SAMPLE.check(wish.atoms or 0, "--atoms", InputError)
    timed, made = Timed(), list[Built]()
    few = wish if wish.atoms is None else replace(wish, atoms=min(wish.atoms, SMALL))
    with TemporaryDirectory() as scratch:
        target = Path(scratch) / path.name

        def make(steps: int) -> None:
            settling = replace(few.settling, steps=min(steps, wish.settling.steps))
            made.append(build(system, replace(few, settling=settling), target, True))

        try:
            first = timed.each([partial(make, STEPS)] * 2)
        except GlassError:
            few = wish  # what is wrong of the small one need not be of the large one
            first = timed.each([partial(make, STEPS)] * 2)
        Claims(force=force).check(path, structure_kind(path.suffix), anew=False)
        steps, a_step = wish.settling.steps, 0.0
        if steps > STEPS:
            more = min(MORE, steps)
            a_step = max(0.0, timed.each([partial(make, more)]) - first) / (more - STEPS)
        size = sum(file.stat().st_size for file in Path(scratch).iterdir())
    built = made[0].configuration.n_atoms
    atoms = wish.atoms if few is not wish and wish.atoms else built
    larger = max(1.0, atoms / built) if few.atoms != wish.atoms else 1.0
    hours = {
        "to begin and to end": timed.overhead / 3600,
        "structure": max(0.0, first - STEPS * a_step) * larger**POWER / 3600,
        "dynamics": a_step * steps * larger / 3600,
    }
    laws = {"time of the structure": "N^(4/3)", "time of dynamics": "N x steps", "disk": "N", "memory": "N"}
    memory = PROCESS + AN_ATOM * atoms
    return Estimate(sum(hours.values()), size * larger, memory, steps, atoms, built, hours, laws)
