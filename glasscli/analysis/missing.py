"""What a worker process does with a frame: the measures that still miss it, over what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from glasscli.analysis.choices import Choices
from glasscli.analysis.frame import Frame, Shared
from glasscli.analysis.kept import Stored
from glasscli.analysis.measure import stored
from glasscli.analysis.registry import MEASURES
from glasscli.configuration import Configuration, Trajectory
from glasscli.observables.network import Bonding


@dataclass(frozen=True)
class Missing:
    """A configuration and the measures that still miss it."""

    configuration: Configuration
    measures: tuple[str, ...]


class AllMissing:
    """The frames of a file, each with its missing measures."""

    def __init__(self, trajectory: Trajectory, missing: Mapping[int, tuple[str, ...]]) -> None:
        self._trajectory, self._missing = trajectory, missing

    def __len__(self) -> int:
        return len(self._trajectory)

    def __getitem__(self, index: int) -> Missing:
        return Missing(self._trajectory[index], self._missing[index])


def open_missing(
    path: Path, opener: Callable[[Path], Trajectory], missing: Mapping[int, tuple[str, ...]]
) -> AllMissing:
    """Open `path` in a worker, by `opener`."""
    return AllMissing(opener(path), missing)


def measure_missing(
    missing: Missing, choices: Choices, radii: dict[int, float] | None, bonding: Bonding | None = None
) -> list[tuple[str, Stored]]:
    """Return the missing rows of one frame, as they are kept."""
    shared = Shared(missing.configuration, choices, radii, bonding)
    found = []
    for name in missing.measures:
        measure = MEASURES[name]
        assert measure.frame is not None
        row = measure.frame(Frame(shared, frozenset((*measure.needs, *measure.uses))))
        found.append((name, stored(row)))
    return found
