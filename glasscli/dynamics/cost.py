"""What measuring liquids will take: the beginning of each file is measured, and stands for all of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from glasscli.analysis.choices import Choices
from glasscli.analysis.cost import AN_ATOM, BEGIN, DRAW, PROCESS, WRITTEN
from glasscli.analysis.subject import Subject, open_subject
from glasscli.configuration import Configuration, Trajectory, View
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.measured import measured, wave_numbers
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.observables.dynamics import choose_pairs
from glasscli.observables.paths import SLICE
from glasscli.progress import progress
from glasscli.simulation.cost import Estimate, total

# Frames that are measured one after the other, until so many seconds are gone; the first time kernels are loaded.
FRAMES, SECONDS = (12, 24, 48, 96), 3.0
FILES = 4  # tables and figures of a file
# Atoms are read in slices of this size, and what is made of one takes as much again.
SLICES = 2.0 * SLICE


class First(View):
    """The first frames of a trajectory."""

    def __init__(self, frames: Trajectory, count: int) -> None:
        super().__init__(frames)
        self._count = count

    def frame(self, index: int) -> Configuration:
        """As `View`."""
        return self.frames[index]

    def __len__(self) -> int:
        return self._count


def dynamics_cost(files: Sequence[Path], system: System | None, choices: DynamicsChoices) -> Estimate:
    """What `dynamics` of these files will take. Raises what it would raise of their beginnings; nothing is written."""
    options = Choices(moving=True, species=choices.species, box=choices.box)
    found: list[tuple[Estimate, int]] = []
    with TemporaryDirectory() as scratch, progress("pilot", len(files), "files") as advance:
        for number, path in enumerate(files):
            subject = open_subject(path, system, options, Path(scratch) / path.name)
            try:
                found.append((_of(subject, choices, number), 1))
            finally:
                subject.kept.close()
            advance(number + 1)
    return total(found)


def _of(subject: Subject, choices: DynamicsChoices, number: int) -> Estimate:
    atoms, whole = subject.trajectory[-1].n_atoms, len(subject.trajectory)
    choices = replace(choices, q=wave_numbers(subject, choices))
    took: list[tuple[float, float]] = []  # work of a pilot, seconds
    for count in (*(count for count in FRAMES if count < whole), whole):
        began = time.process_time()
        try:
            measured(replace(subject, trajectory=First(subject.trajectory, count), notes=[]), choices, number)
        except InputError:
            if count == whole:
                raise
            continue  # too few of them to say anything
        took.append((_work(subject, count, choices), time.process_time() - began))
        if took[-1][1] > SECONDS or (len(took) > 1 and count == FRAMES[-1]):
            break
    (least, first), (most, last) = took[-2:] if len(took) > 1 else ((0.0, 0.0), took[0])
    a_pair = max(0.0, (last - first) / (most - least))
    seconds = last + a_pair * (_work(subject, whole, choices) - most)
    hours = {"to begin and to end": (BEGIN + DRAW * FILES) / 3600, "motion": seconds / 3600}
    memory = PROCESS + AN_ATOM * atoms + min(SLICES, 48.0 * atoms * whole)
    laws = {"time": "N x pairs of frames", "memory": "N, up to slices"}
    return Estimate(sum(hours.values()), WRITTEN * FILES, memory, 0, atoms, atoms, hours, laws)


def _work(subject: Subject, count: int, choices: DynamicsChoices) -> float:
    """Frames that are read and pairs of them that are compared, of the first so many."""
    own = None if subject.run is None else np.asarray(subject.run.frames.steps, dtype=np.int64)
    steps = np.arange(count, dtype=np.int64) if own is None else own[:count]
    return float(count + sum(map(len, choose_pairs(steps, choices.origins).values())))
