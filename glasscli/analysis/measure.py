"""What a measure is. Files in `measures/` each end with one; this file knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Generic, TypeVar, get_type_hints

import numpy as np

from glasscli.analysis.frame import BY_RADII, OF_FILE, SHARED, Frame
from glasscli.analysis.kept import Stored, key
from glasscli.analysis.result import Result, plain
from glasscli.analysis.subject import Subject

HELD = 2**25  # bytes of a measure's rows that are not read from the disk again
Row = TypeVar("Row")
Joined = Sequence[Result | None]


@dataclass(frozen=True)
class Caption:
    """What stands under a figure in the report; wide: over both columns; place: among the figures of the page."""

    text: str
    wide: bool = False
    place: float = 1000


def every_frame(subject: Subject) -> Sequence[int]:
    """All frames of a file."""
    return range(len(subject.trajectory))


def last_frame(subject: Subject) -> Sequence[int]:
    """The last frame of a file."""
    return [len(subject.trajectory) - 1]


@dataclass(frozen=True)
class Measure(Generic[Row]):
    """One measure.

    name         as in `--measure NAME` and --json; explanation: one line for `--list`
    finish       what it says of a file; writes its tables and figures. None where there is nothing to say
    frame        what it keeps of one frame, a `row`: a frozen dataclass of numbers, JSON values and arrays
    frames       which frames it keeps, by default all
    needs        shared things that it reads: of a frame (SHARED) in `frame`, of a file (OF_FILE) in `finish`. Where one
                 cannot be had the measure is left out with a note, and all others are measured
    uses         the same, but `frame` does without them where they cannot be had (radical: frame.radii is None)
    choices      names of the `Choices` that `frame` reads
    reads        other measures whose rows `finish` reads
    captions     {name of a figure: what stands under it}; without one it is the explanation
    join         what it says of several files together, instead of what `finish` said of each
    headline     keys of its data that also stand beside the file's own numbers, in --json and /analysis/frames
    lifted       keys of its data that also stand at the top of --json
    group        its name under /analysis
    dimensions   of the space that it can measure in: 3, 2 (atoms in a plane), or both
    strained     is of runs of strain alone
    default      measured when no --measure is given
    place        among the measures, in lists, tables and figures; shown: in text and rows, where that is another one
    """

    name: str
    explanation: str
    finish: Callable[[Subject], Result | None]
    frame: Callable[[Frame], Row] | None = None
    row: type[Row] | None = None
    frames: Callable[[Subject], Sequence[int]] = every_frame
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    reads: tuple[Measure[Any], ...] = ()
    captions: Mapping[str, Caption] = field(default_factory=dict)
    join: Callable[[Sequence[Subject], Joined], Joined] | None = None
    headline: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    group: str = ""
    dimensions: tuple[int, ...] = (3,)
    strained: bool = False
    default: bool = False
    place: float = 1000
    shown: float | None = None

    def __post_init__(self) -> None:
        unknown = {*self.needs, *self.uses} - {*SHARED, *OF_FILE}
        if unknown:
            raise ValueError(
                f"measure {self.name}: nothing is called {', '.join(sorted(unknown))}; see SHARED and OF_FILE"
            )
        if (self.frame is None) != (self.row is None):
            raise ValueError(f"measure {self.name}: `frame` and `row` go together")

    @property
    def store_group(self) -> str:
        """The group under /analysis of its numbers."""
        return self.group or self.name.replace("-", "_")

    @property
    def whole_needs(self) -> set[str]:
        """What it needs, and what the measures that it reads need."""
        return {*self.needs}.union(*(other.whole_needs for other in self.reads))

    @property
    def whole_uses(self) -> set[str]:
        """What it uses where it can be had, and what the measures that it reads use."""
        return {*self.uses}.union(*(other.whole_uses for other in self.reads))

    def settings(self, subject: Subject) -> str:
        """The key under which rows are kept: all that they depend on beside the frame."""
        chosen, of_frame = subject.choices, {*self.needs, *self.uses}
        values: Stored = {"choices": {name: plain(getattr(chosen, name)) for name in self.choices}}
        if "cells" in of_frame:
            values["cells"] = [plain(chosen.radii), chosen.edge_threshold, chosen.face_threshold]
        if of_frame & BY_RADII:
            values["radii"] = plain(subject.radii_if_any)
        if "bonding" in of_frame:
            values["bonding"] = plain(subject.bonding)
        return key(values)

    def rows(self, subject: Subject) -> Iterator[Row]:
        """The kept rows of the frames it wants, in order."""
        assert self.row is not None, f"{self.name} keeps no rows"
        place = (self.name, self.settings(subject), tuple(self.frames(subject)))
        if place in subject.rows:
            yield from subject.rows[place]
            return
        restored, held = restoring(self.row), list[Row]()
        few = True
        for values in subject.kept.get(subject.source, *place):
            if not held:  # those of other frames are about as large
                size = sum(value.nbytes for value in values.values() if isinstance(value, np.ndarray))
                few = size * len(place[2]) <= HELD
            held.append(restored(values))
            yield held[-1]
            if not few:
                held.clear()
        if few:
            subject.rows[place] = held


def stored(row: object) -> Stored:
    """A row as it is kept: arrays as they are, all else as JSON has it."""
    return {k: v if isinstance(v, np.ndarray) else plain(v) for k, v in vars(row).items()}


def restoring(kind: type[Row]) -> Callable[[Mapping[str, Any]], Row]:
    """What makes a row of that which `stored` gave; dataclasses in it are dataclasses again."""
    inner = {
        name: restoring(hint)
        for name, hint in get_type_hints(kind).items()
        if isinstance(hint, type) and is_dataclass(hint)
    }
    if not inner:
        return lambda values: kind(**values)
    return lambda values: kind(**{k: inner[k](v) if k in inner else v for k, v in values.items()})
