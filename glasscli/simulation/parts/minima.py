"""Inherent structures: found in an instance of LAMMPS of their own, so that the trajectory knows nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.minimiser import InherentStructure, Minimiser
from glasscli.model.protocol import Sampling
from glasscli.model.schedule import Schedule
from glasscli.simulation.parts.part import Moment, Part, multiple_after
from glasscli.store.recorder import Recorder
from glasscli.store.schema import INHERENT

if TYPE_CHECKING:
    from glasscli.simulation.harvest import Harvest


class Minima(Part):
    """Those of a schedule, and the last."""

    def __init__(self, recorder: Recorder, minimiser: Minimiser, schedule: Schedule, last: int) -> None:
        self._recorder, self._minimiser, self._schedule, self._last = recorder, minimiser, schedule, last

    def next_due(self, step: int) -> int:
        """The next of the schedule."""
        return min(self._schedule.next_after(step), self._last)

    def after(self, moment: Moment) -> bool:
        """Find it and keep it."""
        _keep(self._recorder, self._minimiser.minimise(moment.configuration))
        return False


class HarvestedMinima(Part):
    """Those of a schedule and of checkpoints, from which a harvest may go on; and between two that differ, more.

    Until the next minimum, states are kept in memory: all frames, and in between one every so many steps.
    """

    def __init__(
        self, recorder: Recorder, minimiser: Minimiser, harvest: Harvest, schedule: Schedule, every: int,
        sampling: Sampling, last: int,
    ) -> None:  # fmt: skip
        self._recorder, self._minimiser, self._harvest = recorder, minimiser, harvest
        self._schedule, self._every, self._sampling, self._last = schedule, every, sampling, last

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Go on from the minimum at the checkpoint."""
        if resumed is not None:
            self._harvest.begin(self._minimiser.minimise(resumed))

    def next_due(self, step: int) -> int:
        """The next minimum or the next state."""
        state = min(self._sampling.frames.next_after(step), multiple_after(step, self._every))
        return min(state, self._next_minimum(step))

    def after(self, moment: Moment) -> bool:
        """Keep the state; or what was met on the way to this minimum, and the minimum."""
        if self._next_minimum(moment.before) > moment.step:
            self._harvest.keep(moment.configuration)
            return False
        end = self._minimiser.minimise(moment.configuration)
        for found in (*self._harvest.reach(end), end):
            _keep(self._recorder, found)
        return False

    def _next_minimum(self, step: int) -> int:
        checkpoint = multiple_after(step, self._sampling.checkpoint_every)
        return min(checkpoint, self._schedule.next_after(step), self._last)


def _keep(recorder: Recorder, found: InherentStructure) -> None:
    values = {column.key: getattr(found, column.key) for column in INHERENT.columns}
    recorder.row(INHERENT, found.configuration.step, values, found.configuration)
