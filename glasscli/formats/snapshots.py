"""Several files as one trajectory: `d.0.dump`, `d.1000.dump`, ... in the order of their steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration
from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.formats.foreign import ForeignTrajectory, time_per_step
from glasscli.formats.packing import unpacked_name
from glasscli.store.reader import is_run

SAME_BOX = 1e-9  # share of a volume within which boxes are one
OPEN = 4  # files kept open, each with a frame in memory


class Snapshots:
    """The frames of several files of other programs, sorted by step, each read when it is asked for.

    A step that occurs twice is taken once, from the file given first. Files that state no step are ordered by the last
    number in their names. `steps` [F]; `notes`: lines for people about repeated, backward and missing steps.
    `species_names` as of the first file, which all others must share. Raises InputError for no file or a run, FileError
    where files do not belong together. box: edges of files that have none.
    """

    def __init__(self, files: Sequence[Path], box: Sequence[float] | None = None) -> None:
        if not files:
            raise InputError("a trajectory needs at least one file")
        for file in files:
            if is_run(file):
                raise InputError(
                    f"{file} is a run of its own: --trajectory joins snapshots of other programs"
                )
        self.files = tuple(sorted(files, key=natural))
        self._open: dict[Path, ForeignTrajectory] = {}
        self._box = box
        first = self._opened(self.files[0])
        self.path, self.species_names, self.masses = self.files[0], first.species_names, first.masses
        self.stated, self.units, self.assumed = first.stated, first.units, first.assumed
        atoms, volumes = first[0].n_atoms, []
        found: list[tuple[int, Path, int]] = []
        cut: list[str] = []
        for file in self.files:
            frames = self._opened(file)
            if frames.species_names != self.species_names:
                raise FileError(
                    f"{file}: other types of atoms than in {self.files[0]}; they are no trajectory"
                )
            if frames.units != self.units:
                raise FileError(
                    f"{file}: {frames.units or 'no'} units stated, {self.units or 'none'} in {self.files[0]}; they are "
                    "no trajectory"
                )
            for k, frame in enumerate(frames):
                if frame.n_atoms != atoms:
                    raise FileError(
                        f"{file}: {frame.n_atoms} atoms at step {frame.step}, {atoms} in {self.files[0]}; they are no "
                        "trajectory"
                    )
                found.append((frame.step, file, k))
                volumes.append(frame.box.extent if not frame.box.free else 1.0)
            cut += frames.notes
        by_name = [_number(file) for file in self.files]
        alone = len(found) == len(self.files) > 1
        self.notes: list[str] = cut
        if alone and not any(step for step, *_ in found) and None not in by_name:
            found = [(number or 0, file, k) for number, (_, file, k) in zip(by_name, found, strict=True)]
            self.notes.append("the files state no steps: ordered by the last number in their names")
        if max(volumes) > min(volumes) * (1 + SAME_BOX):
            self.notes.append(f"the box changes: volumes from {min(volumes):.6g} to {max(volumes):.6g}")
        self.notes += irregular([step for step, *_ in found])
        taken: dict[int, tuple[Path, int]] = {}
        for step, file, k in found:
            taken.setdefault(step, (file, k))
        self._frames = [(step, *taken[step]) for step in sorted(taken)]

    def __reduce__(self) -> Any:
        """Another process need not read all files again to know their steps."""
        state = {name: value for name, value in vars(self).items() if name != "_open"}
        return _restored, (state,)

    def __call__(self, _: Path) -> Snapshots:
        """What opens it in a worker."""
        return self

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`, negative from the end; IndexError beyond."""
        k = index + len(self) if index < 0 else index
        if not 0 <= k < len(self):
            raise IndexError(f"the trajectory has {len(self)} frames, not a frame {index}")
        step, file, frame = self._frames[k]
        return replace(self._opened(file)[frame], step=step)

    @property
    def time_per_step(self) -> float | None:
        """As the first and the last file state it, see `foreign.time_per_step`."""
        (_, first, a), (_, last, b) = self._frames[0], self._frames[-1]
        return time_per_step(self._opened(first).time_of(a), self._opened(last).time_of(b))

    @property
    def steps(self) -> NDArray[np.int64]:
        """[F] step of each frame."""
        return np.array([step for step, *_ in self._frames], dtype=np.int64)

    @property
    def places(self) -> list[tuple[int, Path, int]]:
        """[F] step, file and number in the file of each frame."""
        return self._frames

    def _opened(self, file: Path) -> ForeignTrajectory:
        if file not in self._open:
            while len(self._open) >= OPEN:
                del self._open[next(iter(self._open))]
            self._open[file] = ForeignTrajectory(file, self._box)
        return self._open[file]


def _restored(state: dict[str, Any]) -> Snapshots:
    found = Snapshots.__new__(Snapshots)
    vars(found).update(state, _open={})
    return found


def name_of(files: Sequence[Path]) -> Path:
    """A name for several files, `d.*.dump` of d.0.dump and d.100.dump: what theirs have in common."""
    names = [file.name for file in files]
    if len(set(names)) == 1:
        return files[0]
    start = _shared(names).rstrip("0123456789")
    end = _shared([name[len(start) :][::-1] for name in names])[::-1].lstrip("0123456789")
    return files[0].with_name(f"{start}*{end}")


def _shared(names: Sequence[str]) -> str:
    """What all names begin with."""
    letters = takewhile(lambda same: len(set(same)) == 1, zip(*names, strict=False))
    return "".join(same[0] for same in letters)


def expanded(files: Sequence[Path]) -> list[Path]:
    """The files with patterns such as `d.*.dump`, which a shell left alone, replaced by what they match, in order.

    Raises MissingFileError for a pattern that matches nothing.
    """
    found: list[Path] = []
    for file in files:
        if file.exists() or not set("*?[") & set(str(file)):
            found.append(file)
            continue
        anchor = Path(file.anchor) if file.anchor else Path()
        matches = sorted(anchor.glob(str(file.relative_to(anchor) if file.anchor else file)), key=natural)
        if not matches:
            raise MissingFileError(f"{file}: no file matches")
        found += matches
    return found


def natural(file: Path) -> tuple[list[str | int], ...]:
    """What sorts names as people count: d.500 before d.1000."""
    words = re.split(r"(\d+)", str(file))
    return ([int(word) if k % 2 else word for k, word in enumerate(words)],)


def irregular(steps: Sequence[int] | NDArray[np.int64], joined: bool = True) -> list[str]:
    """Lines about steps, in the order in which they were found, that occur twice, go back, or are missing.

    joined: whether frames are sorted by step and each step taken once, or measured as they stand.
    """
    at = np.asarray(steps, dtype=np.int64)
    notes = []
    known = np.unique(at)
    if repeated := len(at) - len(known):
        done = "each step is taken once" if joined else "all are measured"
        notes.append(
            f"{repeated} {'frame repeats a step' if repeated == 1 else 'frames repeat steps'}: {done}"
        )
    if back := int((np.diff(at) < 0).sum()):
        done = "they are sorted by step" if joined else "they are measured as they stand"
        notes.append(f"steps go backward {'once' if back == 1 else f'{back} times'} among the frames: {done}")
    gaps = np.diff(known)
    if len(gaps) > 1:
        widths, counts = np.unique(gaps, return_counts=True)
        usual = int(widths[counts.argmax()])
        missing = int((gaps // usual - 1).sum())
        # Frames at 1, 2, 4, 8, ... have no usual distance.
        if missing and 2 * counts.max() > len(gaps) and (gaps % usual == 0).all():
            after = int(known[np.flatnonzero(gaps > usual)[0]])
            which = f"{missing} frames are" if missing > 1 else "a frame is"
            notes.append(f"{which} missing: steps lie {usual} apart, but not after step {after}")
    return notes


def _number(file: Path) -> int | None:
    """The last number in a file's name, the ending aside."""
    found = re.findall(r"\d+", unpacked_name(file.name))
    return int(found[-1]) if found else None
