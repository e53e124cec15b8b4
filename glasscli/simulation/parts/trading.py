"""Configurations traded with other runs (parallel tempering)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from glasscli.engine.contract import Engine
from glasscli.engine.minimiser import Minimiser
from glasscli.simulation.parts.part import Moment, Part, multiple_after
from glasscli.store.recorder import Recorder
from glasscli.store.schema import TEMPERING


class Trades(ABC):
    """A run's end of the trade, which happens at checkpoints."""

    @abstractmethod
    def walker(self, table: Mapping[str, np.ndarray]) -> int:
        """Which walker is in this run, after the trades of its table."""

    @abstractmethod
    def meet(self, engine: Engine, minimiser: Minimiser, step: int, walker: int) -> dict[str, int]:
        """Perhaps take another run's configuration, which needs `setup` next; return the row to note."""

    @abstractmethod
    def end(self) -> None:
        """The last checkpoint is durable: wait until it is for all."""


class Trading(Part):
    """Before every checkpoint, perhaps another's configuration."""

    def __init__(
        self, recorder: Recorder, minimiser: Minimiser, trades: Trades, walker: int, every: int, last: int
    ) -> None:  # fmt: skip
        self._recorder, self._minimiser, self._trades, self._walker = recorder, minimiser, trades, walker
        self._every, self._last = every, last

    def next_due(self, step: int) -> int:
        """The next checkpoint."""
        return min(multiple_after(step, self._every), self._last)

    def after(self, moment: Moment) -> bool:
        """Meet the others, note who is here now."""
        row = self._trades.meet(moment.engine, self._minimiser, moment.step, self._walker)
        self._walker = row["walker"]
        moment.changed()
        self._recorder.row(TEMPERING, moment.step, row)
        return True
