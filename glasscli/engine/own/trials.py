"""An engine whose atoms go by hybrid Monte Carlo under our own forces; the LAMMPS it is made of only keeps the state.

Atoms exchange places without moving any site, so that the list of neighbours lives from one checkpoint to the next:
there the state goes into a restart, and comes back as a resumed process finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.engine.around import Around
from glasscli.engine.own.engine import OwnEngine
from glasscli.engine.own.legs import Legs
from glasscli.engine.own.ready import Exchanged
from glasscli.model.system import System

# Apart from the exchanges of the same step, which draw from (seed, step).
STREAM = 1


@dataclass(frozen=True)
class Seated:
    """Who sits where after a batch of exchanges, sites numbered as the atoms that sat there before; energies are of
    before atoms move on.

    legs: whose sites they are; atom [n]: who sat on each of them; exchanged: what the batch came to
    """

    legs: Legs
    atom: NDArray[np.int64]
    exchanged: Exchanged

    @property
    def occupant(self) -> NDArray[np.int64]:
        """[n] atom that sits on each site."""
        found = np.empty_like(self.atom)
        found[self.atom] = self.atom[self.exchanged.occupant]
        return found

    def total(self) -> float:
        """Potential energy of all."""
        return self.legs.energy()[0]

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms of sites i and j."""
        return self.legs.change(int(np.argmax(self.atom == i)), int(np.argmax(self.atom == j)))


class Trials(Around):
    """As `Engine`; a stretch ends wherever it is stopped, and where thermodynamics are noted.

    engine: with the atoms where they begin. temperature_at: of a step. Random numbers follow from seed and step.
    """

    def __init__(
        self, engine: OwnEngine, system: System, skin: float, seed: int, timestep: float,
        temperature_at: Callable[[int], float],
    ) -> None:  # fmt: skip
        super().__init__(engine)
        self._system, self._engine = system, engine
        self._seed, self._timestep, self._temperature_at = seed, timestep, temperature_at
        self._pressure_unit = engine.constant("nktv2p")
        start = engine.configuration()
        mvv, ftm = engine.constant("mvv2e"), engine.constant("ftm2v")
        self._legs = Legs(system, start.species, skin, mvv, ftm, start.diameters)
        self._tried = self._accepted = 0
        self._step = start.step
        self._atom: NDArray[np.int64] = np.arange(start.n_atoms)
        self._take(start)

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Try stretches of dynamics that make `steps` together."""
        end = self._step + steps
        while self._step < end:
            stop = min(end, self._step - self._step % self._every + self._every) if self._every else end
            rng = np.random.default_rng([self._seed, self._step, STREAM])
            kT = self.boltzmann * self._temperature_at(self._step)
            self._accepted += self._legs.leg(rng, stop - self._step, self._timestep, kT)
            self._tried += 1
            self._step = stop
            self._note(stop)

    def thermo(self) -> dict[str, float]:
        """As LAMMPS has them, at the positions as they are."""
        legs, n = self._legs, len(self._atom)
        (energy, virial), kinetic = legs.energy(), legs.kinetic(legs.velocities)
        volume = float(legs.edges.prod())
        pressure = (2 * kinetic + float(virial[:3].sum())) / (3 * volume) * self._pressure_unit
        temperature = 2 * kinetic / (self.boltzmann * max(1, 3 * n - 3))
        return {
            "step": self._step, "temp": temperature, "pe": energy / n, "ke": kinetic / n, "press": pressure,
            "vol": volume,
        }  # fmt: skip

    def trials(self) -> tuple[int, int]:
        """How many stretches were tried, and how many accepted, since this was asked last."""
        found = self._tried, self._accepted
        self._tried = self._accepted = 0
        return found

    def energy(self) -> float:
        """Potential energy of all."""
        return self._legs.energy()[0]

    def exchange(self, rng: np.random.Generator, attempts: int, beta: float, shares: Floats) -> Seated:
        """Exchange unlike atoms by `own.ready` at inverse temperature beta; they keep their velocities.

        shares: [n_species, n_species], weights of pairs a < b of species.
        """
        atom, found = self._atom, self._legs.exchange(rng, attempts, beta, shares)
        self._atom = atom[found.occupant]
        return Seated(self._legs, atom, found)

    def site_energies(self) -> Floats:
        """[n, n_species] energy that an atom of each species would have where atom i is."""
        found = np.empty((len(self._atom), len(self._system.species)))
        found[self._atom] = self._legs.sites()
        return found

    def configuration(self) -> Configuration:
        """Present state, ordered by atom id, wrapped, with images and velocities."""
        positions, velocities = np.empty_like(self._legs.positions), np.empty_like(self._legs.positions)
        positions[self._atom], velocities[self._atom] = self._legs.positions, self._legs.velocities
        images = np.empty_like(self._images)
        images[self._atom] = self._images
        positions, crossed = self._box.folded(positions)
        return Configuration(
            positions,
            self._species.copy(),
            self._box,
            images + crossed,
            velocities,
            self._step,
            diameters=self._diameters,
        )

    def places(self) -> Configuration:
        """Of the present state only where atoms are."""
        positions = np.empty_like(self._legs.positions)
        positions[self._atom] = self._box.wrap(self._legs.positions)
        return Configuration(positions, self._species.copy(), self._box, diameters=self._diameters)

    def rearrange(self, occupant: np.ndarray) -> None:
        """Atom occupant[i] goes where atom i was and keeps its velocity."""
        velocities = np.empty_like(self._legs.velocities)
        velocities[self._atom] = self._legs.velocities
        self._atom = occupant[self._atom]
        diameters = None if self._diameters is None else self._diameters[self._atom]
        self._legs.sit(self._species[self._atom], velocities[self._atom], diameters)

    def transmute(self, species: np.ndarray, speeds: np.ndarray) -> None:
        """Set [n_atoms] species and multiply velocities by `speeds`, both in the order of ids."""
        self._species = np.array(species, dtype=np.int32)
        self._legs.sit(self._species[self._atom], self._legs.velocities * speeds[self._atom, None])

    def replace(self, configuration: Configuration) -> None:
        """Take positions, images, species and velocities of a configuration of the same box and atoms."""
        self._take(configuration)

    def state(self) -> bytes:
        """The present state as a LAMMPS restart file, from which this process goes on as another would."""
        self._engine.replace(self.configuration())
        self._engine.commands([f"reset_timestep {self._step}"])
        content = self._engine.state()
        self._tried = self._accepted = 0
        self._take(self._engine.configuration())
        return content

    def close(self) -> None:
        """End it, LAMMPS too."""
        self._engine.close()
        self._legs.close()

    def _take(self, configuration: Configuration) -> None:
        """Each atom on the site of its number, the list of neighbours forgotten."""
        assert configuration.images is not None
        self._box, self._species, self._images = (
            configuration.box,
            configuration.species,
            configuration.images,
        )
        self._diameters = configuration.diameters
        self._atom = np.arange(configuration.n_atoms)
        self._legs.place(configuration)
