"""What is timed to know what a run will cost: its own sample where that is small enough, else a smaller one like it.

A smaller one has the same system, density and composition. It begins on a grid, which takes no time, and melts there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.deck import Deck, FileStart, RandomStart, prepare
from glasscli.engine.random_atoms import APART_ON_GRID, gridded, random_atoms
from glasscli.engine.start import start_engine
from glasscli.formats.writers import lammps_data
from glasscli.model.protocol import Ensemble, Space
from glasscli.protocols.kinds.quench import Quench
from glasscli.protocols.protocol import Protocol
from glasscli.simulation.job import Job

# Atoms up to which a sample of a file is taken as it is.
REAL = 8000
# Steps in which a grid melts.
MELTING = 60
# Iterations that part atoms for as long as they are looked at: charged ones on a grid; those put in at random.
APART_CHARGED, APART_AT_RANDOM = 100, 300


@dataclass(frozen=True)
class Sample:
    """A job of few atoms and the deck that begins it.

    raw       whether its atoms have to melt first
    restart   whether what stands for it begins from a state of a run, though this one does not
    """

    job: Job
    deck: Deck
    raw: bool = False
    restart: bool = False


def sample_of(job: Job, atoms: int) -> Sample:
    """What is timed: a job's own atoms, or about so many like them."""
    counts, start = job.protocol.counts, job.start
    if isinstance(start, FileStart) and start.content and sum(counts) <= max(atoms, REAL):
        return Sample(job, job.deck)
    system, protocol = job.system, job.protocol
    volume = job.box.volume / sum(counts) if job.box and job.box.closed else system.defaults.volume_per_atom
    least = math.ceil((2.1 * system.cutoff) ** system.dimension / volume)
    few = _fewer(counts, max(atoms, least), system.charged)
    edge = (sum(few) * volume) ** (1 / system.dimension)
    box = Box.cube(edge)
    if system.dimension == 2:
        box = Box(np.array([edge, edge, system.cutoff]), dimension=2)
    if isinstance(protocol, Quench):
        melt = protocol.model_copy(
            update={"counts": few, "box": tuple(box.lengths.tolist()), "space": Space.of(box)}
        )
        melt = melt.model_copy(update={"equilibration_steps": melt.equilibration_steps or 1})
        return _melt(replace(job, protocol=melt, start=RandomStart(), box=box))
    hot = system.defaults.T_start
    melt = Quench(
        counts=few, ensemble=Ensemble(kind="nvt"), timestep=system.timestep, seed=protocol.seed, steps=1, T_start=hot,
        sampling=protocol.sampling, T_end=hot, box=tuple(box.lengths.tolist()), equilibration_steps=1,
        space=Space.of(box),
    )  # fmt: skip
    atoms_now = _molten(_melt(replace(job, protocol=melt, start=RandomStart(), box=box)))
    shorter = replace(
        job, protocol=_of_fewer(protocol, few, box), box=box,
        start=FileStart("start.data", lammps_data(atoms_now, system).encode()),
    )  # fmt: skip
    return Sample(
        shorter, shorter.deck, restart=isinstance(start, FileStart) and start.name == "start.restart"
    )


def _fewer(counts: tuple[int, ...], atoms: int, charged: bool) -> tuple[int, ...]:
    """About so many atoms in the same shares; of charged ones whole formula units, of which there are enough."""
    if atoms >= sum(counts):
        return counts
    if charged:
        unit = [n // math.gcd(*counts) for n in counts]
        return tuple(n * max(1, math.ceil(atoms / sum(unit))) for n in unit)
    return tuple(max(1, round(n * atoms / sum(counts))) if n else 0 for n in counts)


def _of_fewer(protocol: Protocol, counts: tuple[int, ...], box: Box) -> Protocol:
    """The protocol of so many atoms in a box, with velocities of its own and what goes with the number of atoms."""
    tilted = protocol.space.tilted
    changed: dict[str, object] = {
        "counts": counts, "space": Space.of(box).model_copy(update={"tilted": tilted}), "approach": None,
        "new_velocities": True, "flips": (),
    }  # fmt: skip
    if protocol.moves:
        attempts = max(1, round(protocol.moves.attempts * sum(counts) / sum(protocol.counts)))
        changed["exchange"] = protocol.moves.model_copy(update={"attempts": attempts})
    if protocol.straining:
        vectors = tuple(tuple(row) for row in box.vectors.tolist())
        changed["how"] = protocol.straining.model_copy(update={"box": vectors})
    known = type(protocol).model_fields
    return protocol.model_copy(update={name: value for name, value in changed.items() if name in known})


def _melt(job: Job) -> Sample:
    """A melt that begins on a grid: set up in a moment, whatever the number of its atoms."""
    protocol = job.protocol
    assert job.box is not None
    on_grid = gridded(job.system, protocol.counts, job.box, inserted=0)
    parted = APART_CHARGED if job.system.charged else APART_ON_GRID
    iterations = parted if on_grid else APART_AT_RANDOM
    deck = replace(
        job.deck,
        create=random_atoms(job.system, protocol.counts, job.box, protocol.seed, inserted=0),
        prepare=prepare(RandomStart(), protocol.seed, protocol.temperature_at(0), True, iterations),
    )
    return Sample(job, deck, raw=True)


def _molten(sample: Sample) -> Configuration:
    """Its atoms, molten."""
    engine = begun(sample)
    try:
        leg = sample.deck.legs[0]
        engine.commands([*leg.enter, *leg.fixes])
        engine.advance(MELTING, (0, MELTING), True)
        return engine.configuration()
    finally:
        engine.close()


def begun(sample: Sample) -> Engine:
    """An engine with its atoms, before the first leg. Raises EngineError."""
    job = sample.job
    engine = start_engine(job.system, job.launch)
    try:
        if isinstance(job.start, FileStart):
            engine.provide(job.start.name, job.start.content)
        engine.commands(sample.deck.entered)
    except BaseException:
        engine.close()
        raise
    return engine
