"""Laws that the simulation itself must keep: conservation by the dynamics, detailed balance by the exchanges."""

from __future__ import annotations

import itertools

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.pair_tables import PairTable, tabulate
from glasscli.model.system import System, load_system
from glasscli.observables.blocks import mean_of_frames
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.reproduce.comparison import Expected, Found, Kind
from glasscli.reproduce.thermometer import configurational
from glasscli.simulation.kernel import Sites


def _exact(
    key: str, what: str, value: float, rival: float, fails: str, tolerance: float = 0.0, source: str = "a law"
) -> Expected:
    return Expected(key, what, source, Kind.EXACT, value, tolerance, rival=rival, fails=fails)


EXPECTED = (
    _exact(
        "momentum", "momentum per atom after 1000 steps", 0.0, 1e-3, "forces without their reaction", 1e-10
    ),
    _exact(
        "drift",
        "energy drift per atom over 1000 steps (ε)",
        0.0,
        1.9e-3,
        "a cut force and a step four times as long",
    ),
    _exact(
        "order",
        "energy error, time step against half of it",
        4.0,
        2.0,
        "an integrator of order 1",
        0.0,
        "Verlet: order 2",
    ),
    _exact("moves", "exchange energies minus LAMMPS's (ε)", 0.0, 1e-3, "a neighbour left out", 1e-9),
    _exact(
        "thermometer",
        "hybrid: T_conf of its dynamics / T",
        1.0,
        1.025,
        "dynamics at its step without Metropolis",
    ),
    _exact(
        "boltzmann",
        "exchanges: <E> of a cluster minus that of all states (ε)",
        0.0,
        1.49,
        "every exchange accepted",
    ),
)
DENSITY_VOLUME, TEMPERATURE, HOT = 0.767, 0.8, 1.2
PARTS = 5  # of the 200 energies of a run


def numbers() -> dict[str, Found | float | None]:
    """Every number of EXPECTED."""
    system = load_system("wahnstrom")
    start = melt(load_system("wahnstrom-smooth"))
    return (
        _dynamics(load_system("wahnstrom-smooth"), start) | _exchanges(system) | _temperature(system, start)
    )


def _temperature(system: System, start: Configuration) -> dict[str, Found | float | None]:
    """What a hybrid's dynamics make of the liquid, as it plans them by default."""
    found = configurational(system, HybridWish(HOT, steps=10**6), start, 2500)
    return {"thermometer": Found(found.value / HOT, found.error / HOT)}


def _dynamics(system: System, start: Configuration) -> dict[str, Found | float | None]:
    """Microcanonical runs of 256 atoms with a force that is smooth at the cutoff."""
    short, (energies, momentum) = (_energies(system, start, factor) for factor in (0.5, 1.0))
    parts = zip(np.split(energies, PARTS), np.split(short[0], PARTS), strict=True)
    first, last = (mean_of_frames(list(e[:, None])) for e in (energies[:20], energies[-20:]))
    assert first.error is not None and last.error is not None
    return {
        "momentum": momentum,
        "drift": Found(float(last.mean[0] - first.mean[0]), float(np.hypot(last.error, first.error)[0])),
        "order": Found.of_samples([np.std(e) / np.std(half) for e, half in parts], f"{PARTS} stretches"),
    }


def melt(system: System) -> Configuration:
    """An equilibrated liquid with velocities, from a crystal of points."""
    n = 256
    box = Box.cube((n * DENSITY_VOLUME) ** (1 / 3))
    base = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    cells = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1).reshape(-1, 3)
    places = box.cartesian((cells[:, None] + base) / 4).reshape(-1, 3)
    species = np.random.default_rng(1).permutation(np.arange(n) % 2 + 1).astype(np.int32)
    with LibraryEngine(system) as engine:
        engine.commands(evaluation_commands(system, box))
        engine.create(Configuration(places, species, box))
        engine.commands(
            [
                f"timestep {system.timestep}",
                "velocity all create 3.0 4711 mom yes",
                f"fix thermostat all langevin 1.5 {TEMPERATURE} 0.2 4712",
                "fix move all nve",
                "run 3000 post no",
                "unfix thermostat",
                "velocity all zero linear",
            ]
        )
        return engine.configuration()


def _energies(system: System, start: Configuration, factor: float) -> tuple[np.ndarray, float]:
    """Total energy per atom along the same stretch of time, and the momentum per atom at its end."""
    with LibraryEngine(system) as engine:
        engine.commands(evaluation_commands(system, start.box))
        engine.create(start)
        engine.replace(start)
        steps = round(5 / factor)
        engine.commands([f"timestep {factor * system.timestep}", "fix move all nve"])
        energies = []
        for piece in range(200):
            engine.advance(steps, (0, 200 * steps), piece == 0)
            thermo = engine.thermo()
            energies.append(thermo["pe"] + thermo["ke"])
        end = engine.configuration()
    assert end.velocities is not None
    masses = np.array([s.mass for s in system.species])[end.species - 1]
    return np.array(energies), float(np.abs(masses @ end.velocities).max() / end.n_atoms)


def _exchanges(system: System) -> dict[str, Found | float | None]:
    """Energies of single exchanges in a dense sample, and a cluster whose states can all be counted."""
    table, rng = tabulate(system), np.random.default_rng(2)
    n, spacing = 512, 0.91
    grid = np.stack(np.meshgrid(*[np.arange(8)] * 3), -1).reshape(-1, 3) * spacing
    box = Box.cube(8 * spacing)
    positions = box.wrap(np.ascontiguousarray(grid + rng.uniform(-0.05, 0.05, (n, 3))))
    species = (np.arange(n) % 2).astype(np.int32)
    sites, worst = Sites(positions, species, box, table), 0.0
    with Minimiser(system) as lammps:

        def energy(kinds: np.ndarray) -> float:
            return n * lammps.evaluate(Configuration(positions, (kinds + 1).astype(np.int32), box)).energy

        before = energy(species)
        for i in rng.choice(np.flatnonzero(species == 0), 20, replace=False):
            j = int(rng.choice(np.flatnonzero(species == 1)))
            other = species.copy()
            other[[i, j]] = other[[j, i]]
            worst = max(worst, abs(sites.change(int(i), j) - (energy(other) - before)))
    cluster = np.array(
        [[0, 0, 0], [0.95, 0, 0], [0.3, 0.9, 0], [0.4, 0.3, 0.95], [1.1, 0.95, 0.5], [-0.5, 0.5, 0.7]]
    )
    return {"moves": worst, "boltzmann": _deviation(cluster + 3.0, table, beta=0.7)}  # fmt: skip


def _deviation(positions: np.ndarray, table: PairTable, beta: float) -> Found:
    """Mean energy of six atoms under exchanges minus that of all assignments by Boltzmann."""
    box, kinds = Box.cube(8.0), np.zeros(6, dtype=np.int32)
    kinds[3:] = 1
    energies = []
    for chosen in itertools.combinations(range(6), 3):
        one = np.zeros(6, dtype=np.int32)
        one[list(chosen)] = 1
        energies.append(Sites(positions, one, box, table).total())
    levels = np.array(energies)
    weights = np.exp(-beta * (levels - levels.min()))
    weights /= weights.sum()
    sites, rng, seen = Sites(positions, kinds, box, table), np.random.default_rng(5), []
    for _ in range(8000):
        sites.exchange(rng, 60, beta)
        seen.append(np.array([sites.total()]))
    found = mean_of_frames(seen)
    assert found.error is not None
    return Found(float(found.mean[0] - weights @ levels), float(found.error[0]))
