"""What a step is in time: of runs whose steps are time, and of files that state times beside steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats, Trajectory
from glasscli.model.system import System, steps_per_nanosecond
from glasscli.observables.first_passage import Passage
from glasscli.store.run import Run
from glasscli.units import names_of


@dataclass(frozen=True)
class Clock:
    """Time of a step.

    step   in the unit of time
    unit   as tables and axes call it
    paper  nanoseconds that the paper of a model without a clock calls a step; None where it does not
    """

    step: float
    unit: str
    paper: float | None = None

    def __call__(self, steps: ArrayLike) -> Floats:
        """Steps as time."""
        return np.asarray(np.asarray(steps, dtype=np.float64) * self.step)

    @property
    def label(self) -> str:
        """Of an axis, with what the paper calls a nanosecond."""
        if self.paper is None:
            return f"time ({self.unit})"
        return f"time ({self.unit}; {self.step / self.paper:.4g} {self.unit}: 1 ns of its paper)"

    def columns(self, steps: ArrayLike) -> dict[str, Floats]:
        """Columns of a table that has steps: the unit's first, then the paper's."""
        found = {f"time ({self.unit})": self(steps)}
        if self.paper is not None:
            found["time (ns of its paper)"] = np.asarray(np.asarray(steps, dtype=np.float64) * self.paper)
        return found

    def words(self, steps: float) -> str:
        """So many steps as time: "12 τ", "277.8 τ, 0.1 ns of its paper"."""
        own = f"{steps * self.step:.4g} {self.unit}"
        return own if self.paper is None else f"{own}, {steps * self.paper:.4g} ns of its paper"


def said(passage: Passage | None, clock: Clock | None) -> str:
    """When something happened, in steps and as time: "> 5000 steps (20 τ)"."""
    if passage is None:
        return "not known"
    if passage.early and not passage.after:
        return str(passage)
    time = "" if clock is None else f" ({clock.words(passage.value)})"
    return f"{passage.sign}{passage.value:.4g} steps{time}"


def clock_of(run: Run | None, frames: Trajectory, system: System | None) -> Clock | None:
    """The clock of a run, or of a file's frames; None where steps are no time, and where nobody says."""
    if run is not None:
        protocol, own = run.manifest.protocol, run.manifest.system
        if not protocol.timed:
            return None
        counted = steps_per_nanosecond(own) if own.unit_system.picoseconds is None else None
        return Clock(protocol.timestep, own.unit_system.time_unit, 1 / counted if counted else None)
    step = getattr(frames, "time_per_step", None)
    units = system.unit_system if system else names_of(getattr(frames, "units", None))
    return Clock(step, units.time_unit) if step else None
