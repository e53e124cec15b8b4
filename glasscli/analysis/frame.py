"""One frame and its tessellations, made once and read by all measures; what a worker process does with a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glasscli.analysis.choices import Choices
from glasscli.configuration import Configuration, Trajectory
from glasscli.formats.foreign import open_any
from glasscli.observables.voronoi import Tessellation, tessellate
from glasscli.store.run import Run


class Frame:
    """A configuration with what several measures need of it; radii: of the radical tessellation, if there are any."""

    def __init__(
        self, configuration: Configuration, choices: Choices, radii: dict[int, float] | None
    ) -> None:
        self.configuration = configuration
        self.choices = choices
        self.radii = radii

    @cached_property
    def plain(self) -> Tessellation:
        """The tessellation without radii and thresholds."""
        c = self.choices
        bare = c.radii is None and not (c.edge_threshold or c.face_threshold)
        return self.cells if bare else tessellate(self.configuration)

    @cached_property
    def cells(self) -> Tessellation:
        """The tessellation by the user's radii and thresholds; plain Voronoi by default."""
        c = self.choices
        return tessellate(self.configuration, c.radii, c.edge_threshold, c.face_threshold, bonds=True)

    @cached_property
    def radical(self) -> Tessellation:
        """The radical tessellation without thresholds, of the bond network."""
        c = self.choices
        if c.radii is not None and c.radii == self.radii and not (c.edge_threshold or c.face_threshold):
            return self.cells
        return tessellate(self.configuration, self.radii, bonds=True)


@dataclass(frozen=True)
class Task:
    """A configuration and the measures that still miss it."""

    configuration: Configuration
    measures: tuple[str, ...]


class Tasks:
    """The frames of a file, each with its missing measures."""

    def __init__(self, trajectory: Trajectory, missing: Mapping[int, tuple[str, ...]]) -> None:
        self._trajectory, self._missing = trajectory, missing

    def __len__(self) -> int:
        return len(self._trajectory)

    def __getitem__(self, index: int) -> Task:
        return Task(self._trajectory[index], self._missing[index])


def open_frames(path: Path, moving: bool = False) -> Trajectory:
    """The inherent structures of a glasscli file (its frames if there are none, or `moving`), or a foreign file."""
    found = open_any(path)
    if isinstance(found, Run):
        return found.frames if moving else found.inherent_or_frames()
    return found


def open_tasks(path: Path, moving: bool, missing: Mapping[int, tuple[str, ...]]) -> Tasks:
    """Open `path` in a worker."""
    return Tasks(open_frames(path, moving), missing)


def measure_task(
    task: Task, choices: Choices, radii: dict[int, float] | None
) -> list[tuple[str, dict[str, Any]]]:
    """Return the missing results of one frame."""
    from glasscli.analysis.registry import MEASURES

    frame = Frame(task.configuration, choices, radii)
    found = []
    for name in task.measures:
        measure = MEASURES[name].frame
        assert measure is not None
        found.append((name, measure(frame)))
    return found


def needed(frames: Sequence[int], kept: set[int]) -> list[int]:
    """Those of `frames` that are not among `kept`."""
    return [k for k in frames if k not in kept]
