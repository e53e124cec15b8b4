"""Energies, temperature, pressure, stress, the shape of the box: what the engine notes itself while it advances."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.deck import EDGE_COLUMNS, STRESS_COLUMNS, THERMO_COLUMNS, TILT_COLUMNS
from glasscli.errors import LostAtomsError
from glasscli.simulation.parts.part import Moment, Part
from glasscli.store.recorder import Recorder
from glasscli.store.schema import EDGES, STRESS, THERMO, TILT, Series

COLUMNS = {
    THERMO.kind: THERMO_COLUMNS, STRESS.kind: STRESS_COLUMNS, TILT.kind: TILT_COLUMNS, EDGES.kind: EDGE_COLUMNS
}  # fmt: skip


class Noted(Part):
    """A series fetched at every stop, whatever it is for, so that the journal has it before anything later."""

    def __init__(self, recorder: Recorder, series: Series, every: int, others: Sequence[Part]) -> None:
        self._recorder, self._series, self._every, self._others = recorder, series, every, others
        self._columns = COLUMNS[series.kind]

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Have it noted every so many steps."""
        engine.record(self._every, self._columns)

    def next_due(self, step: int) -> int:
        """Wherever another part stops."""
        return min(part.next_due(step) for part in self._others)

    def after(self, moment: Moment) -> bool:
        """Keep what was noted since the stop before. Raises LostAtomsError when it is not finite."""
        for step, values in moment.engine.recorded(moment.before, self._columns):
            if not all(map(math.isfinite, values.values())):
                raise LostAtomsError(f"energies are not finite at step {step}: use a smaller --timestep")
            self._recorder.row(self._series, step, values)
        return False
