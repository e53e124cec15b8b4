"""The Monte Carlo between the steps of a hybrid run, and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.model.protocol import Sampling
from glasscli.simulation.acceptance import Question
from glasscli.simulation.parts.part import Moment, Part, multiple_after
from glasscli.store.recorder import Recorder
from glasscli.store.schema import EXCHANGE

if TYPE_CHECKING:
    from glasscli.simulation.moves import Moves


class Exchanges(Part):
    """Moves after every batch of steps where glasscli makes them itself; a row at frames and at checkpoints."""

    def __init__(
        self, recorder: Recorder, moves: Moves, question: Question | None, batch: int | None, sampling: Sampling,
        last: int,
    ) -> None:  # fmt: skip
        self._question, self._tried = question, int(question.tried.sum()) if question else 0
        self._recorder, self._moves, self._batch = recorder, moves, batch
        self._sampling, self._last = sampling, last

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Know where the counts begin."""
        self._moves.begin(engine)

    def next_due(self, step: int) -> int:
        """The next batch or the next row."""
        row = min(self._sampling.frames.next_after(step), self._next_checkpoint(step))
        return min(row, multiple_after(step, self._batch)) if self._batch else row

    def after(self, moment: Moment) -> bool:
        """Make the moves, note what was done."""
        checkpoint = self._next_checkpoint(moment.before) == moment.step
        setup = self._moves.make(moment.engine, moment.step, checkpoint)
        if setup:
            moment.changed()
        if checkpoint or self._sampling.frames.includes(moment.step):
            self._recorder.row(EXCHANGE, moment.step, self._moves.row(moment.engine))
        if self._question:
            counts = self._moves.counts(moment.engine)
            self._tried = self._question.put(moment.step, self._tried, *counts)
        return setup

    def _next_checkpoint(self, step: int) -> int:
        return min(multiple_after(step, self._sampling.checkpoint_every), self._last)
