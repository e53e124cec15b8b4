"""Hybrid Monte Carlo: stretches of dynamics that Metropolis accepts or not, which is exact at any time step.

Momenta are drawn from Maxwell's distribution, a splitting of kicks and drifts goes some steps, and where these change
the total energy by dH, their end is taken with probability min(1, exp(-dH/kT)); else the atoms stay where they were
(Duane, Kennedy, Pendleton and Roweth, Phys. Lett. B 195, 216 (1987)). The splitting is reversible and keeps volumes in
phase space, so that this leaves the canonical distribution as it is: a step that is too long is refused more often, and
biases nothing. Nor does it matter which masses the momenta are of: all atoms go as if of one, so that none keeps the
step short for the others, and have the velocities of their own masses afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.engine.own.ready import Exchanged, Ready
from glasscli.engine.own.sample import Sample, leg
from glasscli.errors import LostAtomsError
from glasscli.model.system import System

# Of the skin that LAMMPS's dynamics take: a trial's steps are longer, and lists with them.
WIDER = 1.5
# Weights of one sample without springs.
ALONE = np.array([1.0, 0.0])


def momenta(rng: np.random.Generator, masses: Floats, kT: float, mvv: float = 1.0) -> Floats:
    """[n, 3] velocities of Maxwell's distribution whose momenta add up to nothing."""
    drawn = rng.standard_normal((len(masses), 3)) * np.sqrt(kT / (mvv * masses))[:, None]
    return np.asarray(drawn - masses @ drawn / masses.sum())


def accepted(rng: np.random.Generator, before: float, change: float, kT: float) -> bool:
    """Metropolis, of a change of the total energy. Raises LostAtomsError where the energy before is no number."""
    refused = rng.random()
    if not np.isfinite(before):
        raise LostAtomsError("energies are not finite: atoms lie on top of each other")
    return bool(np.isfinite(change) and (change <= 0 or refused < np.exp(-change / kT)))


class Legs:
    """Atoms in a periodic, rectangular box that go through such stretches. Sites are numbered as the atoms were when
    they were placed; exchanges change who sits there.

    positions   [n, 3] of the sites, continuous;  velocities [n, 3] of who sits there;  species [n] from 1
    diameters   [n] where these vary
    mvv, ftm    factors of LAMMPS's units: mass times velocity squared to energy, force over mass to acceleration
    """

    def __init__(
        self,
        system: System,
        species: NDArray[np.int32],
        skin: float = 0.0,
        mvv: float = 1.0,
        ftm: float = 1.0,
        diameters: Floats | None = None,
    ) -> None:
        self._sample = Sample(system, species, WIDER * (skin or system.skin), diameters)
        self._ready: Ready | None = None
        self._of_species = np.array([s.mass for s in system.species])
        self._mvv, self._ftm = mvv, ftm
        self.positions, self.velocities = np.zeros((len(species), 3)), np.zeros((len(species), 3))
        self.species, self.edges = species, np.ones(3)
        self.masses = self._of_species[species - 1]

    def close(self) -> None:
        """Give the memory back."""
        self._sample.close()

    def place(self, configuration: Configuration) -> None:
        """Take positions, velocities and species, and forget what was before."""
        c = configuration
        assert c.velocities is not None
        self.positions, self.velocities, self.edges = c.positions.copy(), c.velocities.copy(), c.box.edges
        self.species, self.masses = c.species.copy(), self._of_species[c.species - 1]
        self._sample.atoms_of(c)

    def sit(self, species: NDArray[np.int32], velocities: Floats, diameters: Floats | None = None) -> None:
        """Others sit on the sites, which stay where they are."""
        self.species, self.velocities = species, velocities
        self.masses = self._of_species[species - 1]
        if diameters is None:
            self._sample.relabel(species)
        else:
            self._sample.diameters(diameters)

    def exchange(self, rng: np.random.Generator, attempts: int, beta: float, shares: Floats) -> Exchanged:
        """Attempt exchanges by `Ready`; who sits elsewhere now keeps its velocity."""
        if self._ready is None:
            self._ready = Ready(self._sample)
        found = self._ready.exchange(self.positions, self.edges, rng, attempts, beta, shares)
        self.sit(self.species[found.occupant], self.velocities[found.occupant])
        return found

    def change(self, i: int, j: int) -> float:
        """Energy of exchanging who sits on sites i and j now, after `exchange` and before atoms move."""
        assert self._ready is not None
        return self._ready.change(i, j)

    def leg(self, rng: np.random.Generator, steps: int, step: float, kT: float) -> bool:
        """Go one stretch, with new momenta whose sum is zero; return whether its end was accepted.

        Raises LostAtomsError where atoms fly off so far that even their energies are no numbers.
        """
        masses = np.full(len(self.masses), 1 / (1 / self.masses).mean())
        drawn = momenta(rng, masses, kT, self._mvv)
        positions, velocities = self.positions.copy(), drawn.copy()
        (before, _), (after, _) = leg(
            [self._sample], ALONE, positions, velocities, self._ftm / masses, self.edges, steps, step
        )
        faster = float(masses @ ((velocities**2).sum(axis=1) - (drawn**2).sum(axis=1)))
        if accepted(rng, before, after - before + 0.5 * self._mvv * faster, kT):
            self.positions, self.velocities = positions, self._own(velocities, masses)
            return True
        self.velocities = self._own(drawn, masses)
        return False

    def _own(self, velocities: Floats, masses: Floats) -> Floats:
        """What atoms of their own masses have where those of others have `velocities`."""
        found = velocities * np.sqrt(masses / self.masses)[:, None]
        return np.asarray(found - self.masses @ found / self.masses.sum())

    def kinetic(self, velocities: Floats) -> float:
        """Kinetic energy of all."""
        return float(0.5 * self._mvv * (self.masses @ np.einsum("ij,ij->i", velocities, velocities)))

    def energy(self) -> tuple[float, Floats]:
        """Potential energy of all, and the virial [6] (xx yy zz xy xz yz)."""
        energy, _, virial = self._sample.evaluate(self.positions, self.edges)
        return energy, virial

    def sites(self) -> Floats:
        """[n, n_species] energy that an atom of each species would have on each site."""
        return self._sample.sites(self.positions, self.edges)
