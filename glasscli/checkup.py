"""What a system can and cannot do, found out by using it: a hundred steps of its melt, its exchanges, its Hessian."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import RandomStart, swap
from glasscli.engine.forces import Forces
from glasscli.engine.library import LibraryEngine
from glasscli.engine.own.choice import refusal
from glasscli.engine.pair_tables import tabulate
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import EngineError, GlassError, InputError
from glasscli.formats.names import pair_name
from glasscli.model.protocol import Exchange
from glasscli.model.system import System, smooth_companion
from glasscli.modes.hessian import DIFFERENCES, Curvature
from glasscli.protocols.kinds.hybrid import carried
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.job import Job
from glasscli.simulation.plan import plan

STEPS = 100
# A melt that is put together at random is not that much hotter than its thermostat, unless its steps are too long.
HOT, JUMP = 3.0, 1e-9
BEYOND = 1.01  # times the cutoff of a system, where no force must be left


@dataclass(frozen=True)
class Checkup:
    """What was found.

    energy     potential energy per atom of the melt after the steps
    exchanges  "local" (tables or diameters of pairs), "lammps" (fix atom/swap), None where atoms cannot be exchanged
    hessian    "pairwise" (derivatives of pairs), "ewald" (of pairs and charges) or "differences" of forces: of modes
               and elastic constants
    landscape  the same of barriers and saddles; None where forces jump at the cutoff and no smooth companion is named,
               and in two dimensions
    """

    system: System
    energy: float
    exchanges: str | None
    hessian: str
    landscape: str | None
    notes: list[str]

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "system": self.system.name,
            "energy": self.energy,
            "exchanges": self.exchanges,
            "hessian": self.hessian,
            "landscape": self.landscape,
        }

    def text(self) -> str:
        """Lines for people."""
        rows = [
            (
                "energy",
                f"{self.energy:.6g} {self.system.energy_unit} an atom after {STEPS} steps of the melt",
            ),
            ("exchanges", self.exchanges or "none"),
            ("hessian", self.hessian),
            (
                "landscape",
                self.landscape
                or ("no sharp saddles" if self.system.dimension == 3 else "none in two dimensions"),
            ),
        ]
        return "\n".join([self.system.name, *(f"  {name:11}{value}" for name, value in rows)])


def checkup(system: System) -> Checkup:
    """Run a hundred steps of a system's melt and find out what it can do. Raises what stops them."""
    notes: list[str] = []
    wish = QuenchWish(steps=STEPS, equilibration=0, sampling=SamplingWish(inherent_every=0))
    job = plan(system, wish, Path("checkup.h5"))
    melt, energy = _steps(job, notes)
    exchanges = _exchanges(system, job, melt, notes)
    with Forces(system) as forces:
        if reaching := _reaching(forces):
            notes.append(
                f"{reaching} attract or repel each other beyond the cutoff of {system.cutoff:g}: raise it to the "
                "longest range of the commands, or boxes, Hessians and exchanges are wrong"
            )
        curvature = Curvature(forces)
        hessian = curvature.method(melt)
        jump = curvature.force_jump
    if hessian == DIFFERENCES:
        many = "six an atom" if system.long_range else "many"
        notes.append(f"the Hessian takes evaluations of LAMMPS's forces, {many}: modes of few atoms first")
    companion = smooth_companion(system)
    if jump > JUMP:
        notes.append(
            f"the force jumps by {jump:.2g} at the cutoff, where minima, modes and saddles are not sharp: "
            + (
                f"--system {companion} is smooth there"
                if companion
                else "name a system that is smooth there (smooth =)"
            )
        )
    if system.fictive is None:
        notes.append(
            "no [fictive] windows: quenches give no T_f, and temperatures are numbers, not multiples of T_f"
        )
    landscape = hessian if system.dimension == 3 and (companion or jump <= JUMP) else None
    return Checkup(system, energy, exchanges, hessian, landscape, notes)


def _steps(job: Job, notes: list[str]) -> tuple[Configuration, float]:
    """The melt and its energy after the steps. Raises EngineError when LAMMPS fails or the energy is no number."""
    with LibraryEngine(job.system) as engine:
        deck = job.deck
        leg = deck.legs[-1]
        engine.commands([*deck.entered, *leg.enter, *leg.fixes])
        began = time.perf_counter()
        engine.advance(STEPS, leg.ramp, True)
        rate = STEPS / (time.perf_counter() - began)
        melt, thermo = engine.configuration(), engine.thermo()
    if not np.isfinite(thermo["pe"]):
        raise EngineError(
            f"{job.system.name}: the energy after {STEPS} steps is not finite: a smaller timestep?"
        )
    notes.append(f"{rate:.3g} steps a second of {melt.n_atoms} atoms here")
    hot = thermo["temp"] / job.system.defaults.T_start
    if hot > HOT:
        notes.append(f"the melt is at {hot:.2g} times T_start after {STEPS} steps: a smaller timestep?")
    return melt, float(thermo["pe"])


def _reaching(forces: Forces) -> str:
    """The pairs of species with a force beyond the cutoff that the system states; "" where there are none."""
    system = forces.system
    if system.long_range:
        return ""
    places = np.array([[0.0, 0.0, 0.0], [BEYOND * system.cutoff, 0.0, 0.0]])
    box, found = replace(Box.cube(5 * system.cutoff), dimension=system.dimension), []
    for a, b in combinations_with_replacement(system.names, 2):
        pair = Configuration(places, np.array([a, b], dtype=np.int32), box)
        if forces.evaluate(pair).forces.any():
            found.append(pair_name((a, b), system.names))
    return ", ".join(found)


def _exchanges(system: System, job: Job, melt: Configuration, notes: list[str]) -> str | None:
    """Which kernel exchanges its atoms; why it is not the fast one, in the notes."""
    try:
        if system.sizes:
            if reason := refusal(system):
                raise InputError(reason)
            return "local"
        if system.n_species < 2:
            raise InputError(f"{system.name} has one species: nothing to exchange")
        carried(system, None)
    except InputError as error:
        notes.append(str(error))
        return None
    if no_pairs(system) is None:
        try:
            tabulate(system)
            return "local"
        except InputError as error:
            notes.append(str(error))
    else:
        notes.append(f"{system.name} {no_pairs(system)}: LAMMPS makes its exchanges, each a whole evaluation")
    try:
        with LibraryEngine(system) as engine:
            deck = job.deck
            exchange = Exchange(kernel="lammps", md_per_mc=1, attempts=1)
            counts, T = job.protocol.counts, job.protocol.temperature_at(0)
            engine.commands(
                [*deck.entered, *deck.legs[-1].fixes, *swap(exchange, counts, 1, T, RandomStart())]
            )
            engine.advance(2, (0, 2), True)
    except GlassError as error:
        notes.append(f"LAMMPS does not exchange its atoms: {error}")
        return None
    return "lammps"
