"""Checkpoints, from which a killed run goes on, and the fixes that start anew at each of them."""

from __future__ import annotations

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.deck import Leg
from glasscli.simulation.parts.part import Moment, Part
from glasscli.store.closing import close_due
from glasscli.store.recorder import Recorder


class Checkpoints(Part):
    """Every so many steps from the beginning of the leg, and at its end."""

    def __init__(self, recorder: Recorder, number: int, leg: Leg, every: int, accelerator: str) -> None:
        self._recorder, self._number, self._leg = recorder, number, leg
        self._every, self._accelerator = every, accelerator

    def next_due(self, step: int) -> int:
        """The next one."""
        return min(step + self._every - (step - self._leg.first_step) % self._every, self._leg.last_step)

    def after(self, moment: Moment) -> bool:
        """Make all that was recorded durable, then say that the run can go on from here."""
        engine, configuration = moment.engine, moment.configuration
        self._recorder.checkpoint(
            self._number, moment.step, moment.restart, engine.version, configuration, engine.ranks, self._accelerator
        )  # fmt: skip
        close_due(self._recorder)
        return True


class Inside(Part):
    """Where the box flows, atoms that have left it are put back before a checkpoint, by a run of no steps.

    LAMMPS does that again as it writes a restart, but then knows no rate: it would leave their velocities those of the
    other side.
    """

    def __init__(self, leg: Leg, checkpoints: Checkpoints) -> None:
        self._leg, self._checkpoints = leg, checkpoints

    def next_due(self, step: int) -> int:
        """The next checkpoint."""
        return self._checkpoints.next_due(step)

    def after(self, moment: Moment) -> bool:
        """Put them back."""
        moment.engine.advance(0, self._leg.ramp, True)
        moment.changed()
        return True


class Renewal(Part):
    """Fixes whose state no restart holds are declared again, so that a resumed run has what this one has.

    leans: whether the box may; then LAMMPS rounds positions on their way out of a restart, so both go on from those of
    the checkpoint.
    """

    def __init__(self, leg: Leg, checkpoints: Checkpoints, leans: bool) -> None:
        self._leg, self._checkpoints, self._leans = leg, checkpoints, leans

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """Put the atoms where they were."""
        if resumed is not None and self._leans:
            engine.replace(resumed)

    def next_due(self, step: int) -> int:
        """The next checkpoint."""
        return self._checkpoints.next_due(step)

    def after(self, moment: Moment) -> bool:
        """Declare them."""
        moment.engine.commands(self._leg.renewed)
        if self._leans:
            moment.engine.replace(moment.configuration)
        return True
