"""What measuring liquids will take: the beginning of each file is measured, and stands for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from glasscli.analysis.choices import Choices
from glasscli.analysis.cost import AN_ATOM, PROCESS, growing, steps_of
from glasscli.analysis.subject import Subject, open_subject
from glasscli.configuration import Trajectory
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.measured import measured, wave_numbers
from glasscli.model.system import System
from glasscli.observables.paths import SLICE
from glasscli.progress import progress
from glasscli.report.sample_picture import sample_picture
from glasscli.simulation.cost import Estimate, total
from glasscli.simulation.timed import Timed

# Tables and pictures of a file, about; pictures of several temperatures together; bytes of a table and of a picture.
TABLES, PICTURES, OF_LADDER, TABLE, PICTURE = 5, 1, 2, 16_000, 120_000
# Atoms are read in slices of this size, and what is made of one takes as much again.
SLICES = 2.0 * SLICE


def dynamics_cost(files: Sequence[Path], system: System | None, choices: DynamicsChoices) -> Estimate:
    """What `dynamics` of these files will take, in a process like this one that does nothing else.

    Raises what it would raise of their beginnings; nothing is written.
    """
    options, timed = Choices(moving=True, species=choices.species, box=choices.box), Timed()
    found: list[tuple[Estimate, int]] = []
    with TemporaryDirectory() as scratch, progress("pilot", len(files), "files") as advance:
        for number, path in enumerate(files):
            subject = open_subject(path, system, options, Path(scratch) / path.name)
            try:
                found.append((_of(subject, choices, number, timed), 1))
            finally:
                subject.kept.close()
            advance(number + 1)
        a_picture = timed.each([partial(sample_picture, Path(scratch) / f"{k}.png") for k in range(3)])
    known = total(found)
    pictures = PICTURES * len(files) + OF_LADDER * (len(files) > 2)
    once = {"to begin and to end": timed.overhead / 3600, "pictures": pictures * a_picture / 3600}
    hours = once | dict(known.parts)
    size = PICTURE * pictures + TABLES * TABLE * len(files)
    return replace(known, core_hours=sum(hours.values()), bytes=size, parts=hours)


def _of(subject: Subject, choices: DynamicsChoices, number: int, timed: Timed) -> Estimate:
    frames, whole = subject.trajectory, len(subject.trajectory)
    atoms, choices = frames[-1].n_atoms, replace(choices, q=wave_numbers(subject, choices))

    def measure(view: Trajectory) -> object:
        return measured(replace(subject, trajectory=view, notes=[]), choices, number)

    steps = steps_of(frames if subject.run is None else subject.run.frames)
    hours = {"motion": growing(timed, measure, frames, steps, choices.origins) / 3600}
    memory = PROCESS + AN_ATOM * atoms + min(SLICES, 48.0 * atoms * whole)
    laws = {
        "time": "N x (frames and pairs of them, at most --origins at each lag)",
        "memory": "N, up to slices",
    }
    return Estimate(sum(hours.values()), 0.0, memory, 0, atoms, atoms, hours, laws)
