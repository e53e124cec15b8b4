"""Letting a built structure settle: an energy minimum, and a short hybrid of dynamics and atom exchange before it."""

from __future__ import annotations

from dataclasses import dataclass

from glasscli.configuration import Configuration
from glasscli.engine.deck import THERMOSTAT, FileStart, evaluation_commands, integrate, prepare, swap
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import InherentStructure, Minimiser
from glasscli.errors import InputError
from glasscli.model.protocol import Ensemble, Exchange, Space
from glasscli.model.system import System
from glasscli.progress import Advance, silent

CHUNK = 500
ENSEMBLE = Ensemble(kind="nvt")
# The atoms are placed by us: there is nothing to read, and nothing to push apart.
PLACED = FileStart("", b"")


@dataclass(frozen=True)
class Settling:
    """How a built structure is relaxed.

    steps        of molecular dynamics at `temperature`; 0 for none
    swap_every   MD steps between attempts to exchange two unlike atoms; 0 for none (Derlet & Maass 2019: 100)
    """

    steps: int = 0
    temperature: float | None = None
    swap_every: int = 100
    seed: int = 1


def settle(
    system: System, configuration: Configuration, settling: Settling, advance: Advance = silent
) -> InherentStructure:
    """Return the inherent structure after the dynamics asked for.

    The dynamics start from the minimum of the built structure, so that no pair of atoms flies apart.
    Raises InputError without a temperature, EngineError when LAMMPS fails.
    """
    with Minimiser(system) as minimiser:
        found = minimiser.minimise(configuration)
        if settling.steps:
            found = minimiser.minimise(_dynamics(system, found.configuration, settling, advance))
    return found


def _dynamics(
    system: System, configuration: Configuration, settling: Settling, advance: Advance
) -> Configuration:
    T, steps = settling.temperature, settling.steps
    if T is None or T <= 0:
        raise InputError("dynamics need a positive temperature: give --temperature")
    engine = LibraryEngine(system)
    try:
        engine.commands(evaluation_commands(system, configuration.box))
        engine.create(configuration)
        engine.place(configuration)
        seed = settling.seed
        engine.commands([f"timestep {system.timestep:.10g}", *prepare(PLACED, seed, T, True)])
        engine.commands(
            integrate(THERMOSTAT, ENSEMBLE, T, T, system.timestep, seed, space=Space.of(configuration.box))
        )
        if settling.swap_every and len(configuration.counts) > 1:
            exchange = Exchange(kernel="lammps", md_per_mc=settling.swap_every, attempts=1)
            counts = [configuration.counts.get(s, 0) for s in range(1, system.n_species + 1)]
            engine.commands(swap(exchange, counts, seed, T, PLACED))
        done = 0
        while done < steps:
            chunk = min(CHUNK, steps - done)
            engine.advance(chunk, (0, steps), setup=done == 0)
            done += chunk
            advance(done)
        return engine.configuration()
    finally:
        engine.close()
