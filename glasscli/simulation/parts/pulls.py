"""What the configurational temperature is made of, and how many trials were accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.own.trials import Trials
from glasscli.simulation.parts.part import Moment, Part, multiple_after
from glasscli.store.recorder import Recorder
from glasscli.store.schema import PULL

if TYPE_CHECKING:
    from glasscli.simulation.gauge import Gauge


class Pulls(Part):
    """At each multiple of so many steps."""

    def __init__(self, recorder: Recorder, gauge: Gauge, every: int) -> None:
        self._recorder, self._gauge, self._every = recorder, gauge, every

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Trials of before are in no row of this leg."""
        if isinstance(engine, Trials):
            engine.trials()

    def next_due(self, step: int) -> int:
        """The next multiple."""
        return multiple_after(step, self._every)

    def after(self, moment: Moment) -> bool:
        """Measure what is there, where its box allows it."""
        if not self._gauge.fits(moment.configuration):
            return False
        pull = self._gauge.measure(moment.configuration)
        tried, accepted = moment.engine.trials() if isinstance(moment.engine, Trials) else (0, 0)
        row = {"force_squared": pull.force_squared, "laplacian": pull.laplacian}
        self._recorder.row(PULL, moment.step, row | {"trials": tried, "accepted": accepted})
        return False
