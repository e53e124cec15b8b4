"""Full states that stay in the finished file, so that other runs can start from them."""

from __future__ import annotations

import math

from glasscli.model.protocol import Sampling
from glasscli.simulation.parts.part import Moment, Part, multiple_after
from glasscli.store.recorder import Recorder


class States(Part):
    """The last, and those of a schedule where it meets a checkpoint: to write one is part of the trajectory."""

    def __init__(self, recorder: Recorder, sampling: Sampling, last: int) -> None:
        every = sampling.state_every
        self._recorder, self._last = recorder, last
        self._every = math.lcm(every, sampling.checkpoint_every) if every else None

    def next_due(self, step: int) -> int:
        """The next of both schedules."""
        return min(multiple_after(step, self._every), self._last) if self._every else self._last

    def after(self, moment: Moment) -> bool:
        """Keep it."""
        self._recorder.state(moment.step, moment.configuration, moment.restart, moment.engine.version)
        return True
