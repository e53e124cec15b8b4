"""Of which temperature are the configurations that a hybrid's dynamics visit?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.engine.deck import FileStart
from glasscli.engine.launch import LAMMPS, OWN
from glasscli.engine.own.choice import wanted
from glasscli.engine.start import LaunchWish, start_engine
from glasscli.model.system import System
from glasscli.observables.temperature import Configurational, configurational_temperature
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.simulation.gauge import Gauge
from glasscli.simulation.plan import plan
from glasscli.simulation.sampled import sampled
from glasscli.store.manifest import Parent

# Steps of a stretch; of those before the first measurement, in stretches.
STRETCH, FORGOTTEN = 10, 100


def configurational(
    system: System, wish: HybridWish, start: Configuration, stretches: int
) -> Configurational:
    """T_conf of a hybrid's dynamics alone, as its wish plans them, over so many stretches from a liquid."""
    launch = LaunchWish(forces=OWN if wanted(system, None) else LAMMPS).of(system, exchanging=True)
    job = plan(system, wish, Path("none.h5"), "", (start, Parent("none", "")), launch)
    leg, gauge = job.deck.legs[-1], Gauge(system)
    squares, laplacians = [], []
    with closing(start_engine(system, launch)) as engine:
        assert isinstance(job.start, FileStart)
        engine.provide(job.start.name, job.start.content)
        engine.commands([*job.deck.entered, *leg.enter, *leg.fixes])
        engine = sampled(engine, job)
        for k in range(FORGOTTEN + stretches):
            engine.advance(STRETCH, leg.ramp, k == 0)
            if k >= FORGOTTEN and k % 2:
                pull = gauge.measure(engine.configuration())
                squares.append(pull.force_squared)
                laplacians.append(pull.laplacian)
    found = configurational_temperature(squares, laplacians, system.unit_system.lammps_boltzmann)
    assert found is not None
    return found
