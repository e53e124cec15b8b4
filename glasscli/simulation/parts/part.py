"""What the loop asks of a part, and what it shows each of them: the engine, stopped at a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine


class Moment:
    """The engine at `step`, having come from `before`: what several parts read of it is read once."""

    def __init__(self, engine: Engine, before: int, step: int) -> None:
        self.engine, self.before, self.step = engine, before, step

    @cached_property
    def configuration(self) -> Configuration:
        """Positions, images and velocities as they are now."""
        return self.engine.configuration()

    @cached_property
    def restart(self) -> bytes:
        """The present state as a LAMMPS restart file; the next advance needs set-up."""
        return self.engine.state()

    def changed(self) -> None:
        """A part has changed the atoms: read them anew."""
        vars(self).pop("configuration", None)
        vars(self).pop("restart", None)


class Part(ABC):
    """Something that happens every so many steps of a leg."""

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:  # noqa: B027
        """A process enters the leg: at its beginning, or `resumed` at this configuration of a checkpoint."""

    @abstractmethod
    def next_due(self, step: int) -> int:
        """The first step later than `step` at which the engine must stop for it."""

    @abstractmethod
    def after(self, moment: Moment) -> bool:
        """Do what is due at this step; return whether the engine needs set-up before it goes on."""


class Pause(Part):
    """Nothing: the engine stops after at most so many steps, for signals and progress."""

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def next_due(self, step: int) -> int:
        """So many steps later."""
        return step + self._longest

    def after(self, moment: Moment) -> bool:
        """Nothing to do."""
        return False


def multiple_after(step: int, every: int) -> int:
    """The first multiple of `every` later than `step`."""
    return step - step % every + every
