"""The engine of the leg that is kept: the deck's, or one whose dynamics are trials."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glasscli.engine.contract import Engine
from glasscli.engine.launch import OWN
from glasscli.engine.own.engine import OwnEngine
from glasscli.engine.own.trials import Trials
from glasscli.errors import InputError
from glasscli.simulation.job import Job
from glasscli.store.schema import SIDES, Series


def sampled(
    engine: Engine, job: Job, rows: Callable[[Series], dict[str, np.ndarray]] | None = None
) -> Engine:
    """The engine with which a job's last leg goes on from here. Raises InputError for trials without our own forces.

    rows: the tables of what was made before, by series; None where nothing was.
    """
    protocol = job.protocol
    if protocol.straining:
        from glasscli.engine.strained import Strained  # numba takes its time to load

        own = job.launch.minima == OWN and engine.configuration().box.closed
        before = rows(SIDES)["side_pressure"] if rows and protocol.straining.strain.giving else np.zeros(0)
        held = float(before[0]) if len(before) else None
        return Strained(engine, job.system, protocol.straining, own, held)
    if not protocol.trials:
        return engine
    if not isinstance(engine, OwnEngine):
        raise InputError(
            f"{job.output}: its trials go by glasscli's own forces: leave out --forces lammps, --lmp, --ranks"
        )
    return Trials(
        engine, job.system, job.launch.skin, protocol.seed, protocol.timestep, protocol.temperature_at
    )
