"""The engine of the leg that is kept: the deck's, or one whose dynamics are trials."""

from __future__ import annotations

from glasscli.engine.contract import Engine
from glasscli.engine.launch import OWN
from glasscli.engine.own.engine import OwnEngine
from glasscli.engine.own.trials import Trials
from glasscli.errors import InputError
from glasscli.simulation.job import Job


def sampled(engine: Engine, job: Job) -> Engine:
    """The engine with which a job's last leg goes on from here. Raises InputError for trials without our own forces."""
    protocol = job.protocol
    if protocol.straining:
        from glasscli.engine.strained import Strained  # numba takes its time to load

        own = job.launch.minima == OWN and engine.configuration().box.closed
        return Strained(engine, job.system, protocol.straining, own)
    if not protocol.trials:
        return engine
    if not isinstance(engine, OwnEngine):
        raise InputError(
            f"{job.output}: its trials go by glasscli's own forces: leave out --forces lammps, --lmp, --ranks"
        )
    return Trials(
        engine, job.system, job.launch.skin, protocol.seed, protocol.timestep, protocol.temperature_at
    )
