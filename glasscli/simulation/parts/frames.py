"""Configurations as they move."""

from __future__ import annotations

from glasscli.model.protocol import Sampling
from glasscli.simulation.parts.part import Moment, Part
from glasscli.store.recorder import Recorder


class Frames(Part):
    """Those of the schedule, and the last."""

    def __init__(self, recorder: Recorder, sampling: Sampling, last: int) -> None:
        self._recorder, self._sampling, self._last = recorder, sampling, last

    def next_due(self, step: int) -> int:
        """The next of the schedule."""
        return min(self._sampling.frames.next_after(step), self._last)

    def after(self, moment: Moment) -> bool:
        """Keep it."""
        self._recorder.frame(moment.step, moment.configuration, self._sampling.velocities)
        return False
