"""One piece of work in a process of its own: its LAMMPS instances live as long as the process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, Ints
from glasscli.engine.forces import Forces
from glasscli.errors import EngineError, GlassError
from glasscli.family import end_with_parent
from glasscli.landscape.record import Flat
from glasscli.landscape.surface import Surface, surface
from glasscli.model.system import System
from glasscli.modes.hessian import Curvature
from glasscli.simulation.stopping import Stop

Asked = TypeVar("Asked")
_open: dict[tuple[str, ...], tuple[Forces, Curvature]] = {}


@dataclass(frozen=True)
class Atoms:
    """What a piece of work needs of a sample; forces: whose are wanted, see `engine.own.choice`."""

    system: System
    species: Ints
    box: Box
    forces: str | None = None
    diameters: Floats | None = None


def surface_of(atoms: Atoms, positions: Floats) -> Surface:
    """The surface of a sample, with instances that later work of this process shares."""
    there = Configuration(atoms.box.wrap(positions), atoms.species, atoms.box, diameters=atoms.diameters)
    return surface(there, *instances(atoms.system), atoms.forces)


def instances(system: System) -> tuple[Forces, Curvature]:
    """This process's forces and Hessians of a system, for all of its work."""
    key = system.commands
    if key not in _open:
        forces = Forces(system)
        _open[key] = (forces, Curvature(forces))
    return _open[key]


def close() -> None:
    """End this process's instances."""
    for forces, _ in _open.values():
        forces.close()
    _open.clear()


def guarded(work: Callable[[Asked], Flat], task: Asked) -> Flat:
    """Do a piece of work; what goes wrong in it is its result, and the others go on."""
    try:
        return work(task)
    except (EngineError, ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
        close()  # after a failed run an instance is not to be trusted
        said = str(error) if isinstance(error, GlassError) else f"{type(error).__name__}: {error}"
        return {"failed": " ".join(said.split())[:300]}


def each(
    work: Callable[[Asked], Flat], tasks: Iterable[tuple[str, Asked]], jobs: int, stop: Stop
) -> Iterator[tuple[str, Flat]]:
    """Yield (key, result) as they come. `tasks` is asked for the next only when a process is free, so that it may claim
    each at the last moment. Stops asking when one as long as the longest so far would pass the deadline of `stop`, and
    waits for those at work until then; several processes leave them at a signal.
    """
    longest = 0.0
    if jobs == 1:
        try:
            for key, task in tasks:
                began = time.monotonic()
                yield key, guarded(work, task)
                longest = max(longest, time.monotonic() - began)
                if not stop.fits(longest):
                    return
        finally:
            close()
        return
    source = iter(tasks)
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_alone)
    running: dict[Future[Flat], tuple[str, float]] = {}
    try:
        exhausted = False
        while True:
            while not exhausted and len(running) < jobs and stop.fits(longest):
                following = next(source, None)
                if following is None:
                    exhausted = True
                    break
                running[pool.submit(guarded, work, following[1])] = following[0], time.monotonic()
            late = stop.deadline is not None and time.monotonic() > stop.deadline
            stop.fits(0.0)  # says why it ends, where nothing was asked for since
            if not running or late or stop.reason not in ("", "walltime"):
                return
            done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                key, began = running.pop(future)
                longest = max(longest, time.monotonic() - began)
                try:
                    yield key, future.result()
                except GlassError:
                    raise
                except Exception as error:  # a process that was killed takes the pool with it
                    raise EngineError(
                        f"a process ended without an answer ({type(error).__name__}); give the command again"
                    ) from error
    finally:
        for process in list((pool._processes or {}).values()):
            if stop.reason:
                process.kill()
        pool.shutdown(wait=not stop.reason, cancel_futures=True)


def _alone() -> None:
    """A process whose parent was killed has nobody to answer: it ends too. Signals are the parent's matter."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
