"""The inherent structures of a file, with energies: of a run its own, of any other file each frame minimised."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Configuration, Trajectory
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.choice import whose
from glasscli.engine.pairwise import force_jump, no_pairs, same_at_contact
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import configuration_in, open_in, remarks, wanted_system
from glasscli.landscape.events import Events, find
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System, load_system, same_model, smooth_companion
from glasscli.progress import progress
from glasscli.store.convergence import Convergence, judged
from glasscli.store.outputs import changeable
from glasscli.store.reader import is_run, open_run
from glasscli.store.results import add_results
from glasscli.store.run import Run

# A force that jumps by less than this, to which saddles are followed, is no matter.
JUMP = 1e-6


@dataclass(frozen=True)
class Sample:
    """A file of inherent structures; species: of a foreign file's types, where they were named by hand;
    forces: whose are wanted, see `engine.own.choice`.

    reached  largest force and iterations of each minimum that `inherent` gave last
    """

    path: Path
    system: System
    run: Run | None
    first: int = 0
    last: int | None = None
    species: Sequence[str] | None = None
    forces: str | None = None
    reached: list[tuple[float, int]] = field(default_factory=list, compare=False)

    @property
    def frames(self) -> Trajectory:
        """Its frames as they are in the file."""
        return open_in(self.path, self.system, self.species, runs=True)

    @property
    def identifiers(self) -> NDArray[np.int64]:
        """[n_atoms] ids of its atoms."""
        return self.frames[-1].identifiers

    @property
    def box(self) -> Box:
        """The box of its last frame."""
        return self.frames[-1].box

    def frame(self, number: int) -> Configuration:
        """One of its frames as it is in the file. Raises InputError for one that is not there."""
        return configuration_in(self.path, number, self.system, self.species)

    def inherent(self) -> Generator[tuple[Configuration, float], None, None]:
        """(inherent structure, energy of the whole sample) of each frame."""
        frames = self.frames
        chosen = range(*slice(self.first, self.last).indices(len(frames)))
        if not len(chosen):
            raise InputError(f"{self.path} holds no frames")
        self.reached.clear()
        own = (
            self.run is not None
            and len(self.run.inherent)
            and self.run.manifest.system.model_dump() == self.system.model_dump()
        )
        if own:
            assert self.run is not None
            table = self.run.inherent_table
            energies = table["inherent_energy"]
            forces, iterations = table["inherent_max_force"], table["inherent_iterations"]
            self.reached.extend((float(forces[k]), int(iterations[k])) for k in chosen)
            with progress(f"events of {self.path.name}", len(chosen), "frames") as advance:
                for done, k in enumerate(chosen, start=1):
                    atoms = frames[k]
                    yield atoms, float(energies[k]) * atoms.n_atoms
                    advance(done)
            return
        with (
            Minimiser(self.system, forces=self.forces) as minimiser,
            progress(f"minimising {self.path.name}", len(chosen), "frames") as advance,
        ):
            for done, k in enumerate(chosen, start=1):
                found = minimiser.minimise(frames[k])
                self.reached.append((found.max_force, found.iterations))
                yield found.configuration, found.energy * frames[k].n_atoms
                advance(done)

    @property
    def convergence(self) -> Convergence:
        """How near the minima that were looked at came to where no force is."""
        own = self.run is not None and len(self.run.inherent)
        asked = self.run.manifest.protocol.minimisation if self.run is not None and own else Minimisation()
        return judged([force for force, _ in self.reached], [n for _, n in self.reached], asked)

    @property
    def remarks(self) -> list[str]:
        """Lines about what is taken for granted of a foreign file."""
        return [] if self.run else remarks(open_any(self.path), self.system, self.species)

    @property
    def notes(self) -> list[str]:
        """The same, and lines about the minima that were looked at."""
        return [*self.remarks, *self.convergence.notes]

    def events(self) -> Events:
        """Its events."""
        return find(self.inherent())

    def minima(self, events: Events) -> dict[int, Configuration]:
        """minimum -> configuration, each read or minimised again from its first frame."""
        wanted = {m.frame: k for k, m in enumerate(events.minima)}
        return {wanted[n]: atoms for n, (atoms, _) in enumerate(self.inherent()) if n in wanted}

    def differs(self, system: System) -> bool:
        """Whether a system is another than that of the file, so that minima have to be found again."""
        return not same_model(system, self.system)

    def keep(self, name: str, results: dict[str, Any]) -> list[str]:
        """Store results in a finished run's own file; a note where that cannot be."""
        if self.run is None:
            return []
        if not same_model(self.run.manifest.system, self.system):
            return [f"{self.path} is of another system: nothing written into it"]
        if not self.run.finished:
            return [f"{self.path} is unfinished: nothing written into it"]
        if not changeable(self.path):
            return [f"{self.path} cannot be written to: the numbers are not kept in it"]
        add_results(self.run, {f"landscape_{name}": results})
        return []


def open_sample(
    path: Path, system_name: str | None, first: int = 0, last: int | None = None,
    species: Sequence[str] | None = None, forces: str | None = None,
) -> Sample:  # fmt: skip
    """Open a run or a foreign file; a foreign one needs its system, see `source.wanted_system`."""
    run = open_run(path) if is_run(path) else None
    system = wanted_system(path, system_name)
    system.in_space("the landscape")
    sample = Sample(path, system, run, first, last, species, forces)
    whose(system, forces, sample.box if forces else None)  # says at once what cannot be
    return sample


def smooth(system: System, as_is: bool) -> System:
    """The variant of a system whose force has no jump, where its own has one, there is one, and it is wanted.

    Raises InputError when what the system's file names is another model.
    """
    name = None if as_is else smooth_companion(system)
    if name is None or not (jumps(system) or no_pairs(system)):
        return system
    found = load_system(name)
    if no_pairs(system):  # LAMMPS has no pairs to ask for: what the file says is believed
        return found
    if not same_at_contact(system, found, 2 * force_jump(system)):
        raise InputError(
            f"{system.name} names {name} as its smooth variant, but their forces differ where atoms touch: give it its "
            "own, or --as-is"
        )
    return found


def jumps(system: System) -> bool:
    """Whether pairs come into reach with a force, so that minima are not sharp and saddles do not converge."""
    return force_jump(system) > JUMP
