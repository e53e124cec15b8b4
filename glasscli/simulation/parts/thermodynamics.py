"""Energies, temperature and pressure, which the engine notes itself while it advances."""

from __future__ import annotations

import math
from collections.abc import Sequence

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.errors import LostAtomsError
from glasscli.simulation.parts.part import Moment, Part
from glasscli.store.recorder import Recorder
from glasscli.store.schema import THERMO


class Thermodynamics(Part):
    """Fetched at every stop, whatever it is for, so that the journal has them before anything later."""

    def __init__(self, recorder: Recorder, every: int, others: Sequence[Part]) -> None:
        self._recorder, self._every, self._others = recorder, every, others

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Have them noted every so many steps."""
        engine.record(self._every)

    def next_due(self, step: int) -> int:
        """Wherever another part stops."""
        return min(part.next_due(step) for part in self._others)

    def after(self, moment: Moment) -> bool:
        """Keep what was noted since the stop before. Raises LostAtomsError when it is not finite."""
        for step, values in moment.engine.recorded(moment.before):
            if not all(map(math.isfinite, values.values())):
                raise LostAtomsError(f"energies are not finite at step {step}: use a smaller --timestep")
            self._recorder.row(THERMO, step, values)
        return False
