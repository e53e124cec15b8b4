"""The inherent structures of a file's frames (`analyze --minimise`): made once, kept beside the file, frame by frame.

STEM-inherent.db holds a row for each frame: an interrupted minimisation goes on where it was, with any number of jobs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.analysis.kept import Kept, Stored, key
from glasscli.analysis.parallel import iterate_frames
from glasscli.analysis.workers import available_cores
from glasscli.configuration import Box, Configuration, Trajectory
from glasscli.errors import FileError, InputError
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System
from glasscli.progress import progress

if TYPE_CHECKING:
    from glasscli.engine.minimiser import Minimiser

MINIMISATION = Minimisation()
TOLERANCE = MINIMISATION.force_tolerance  # largest force at which minimisation ends, in the system's unit
# Largest force of frames that nobody here minimised and that are called inherent structures: what six digits of a
# position, or single precision, leave of none. Their energy lies above the minimum by some 1e-8 an atom.
AS_WRITTEN = 1e-3
MEASURE = "inherent structure"
WORTH_A_PROCESS = 2000  # atoms to minimise that take as long as a process takes to start


class Minima:
    """The kept inherent structures of a file as a trajectory, and their numbers."""

    def __init__(self, place: Path, source: Sequence[str], settings: str, forces: str) -> None:
        self._where = (place, tuple(source), settings, forces)
        self._kept: Kept | None = None

    def __reduce__(self) -> tuple[type[Minima], tuple[Path, tuple[str, ...], str, str]]:
        """Another process opens the rows itself."""
        return Minima, self._where

    def __call__(self, _: Path) -> Minima:
        """What opens them in a worker."""
        return self

    def __len__(self) -> int:
        return len(self._where[1])

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`; negative from the end."""
        k = index + len(self) if index < 0 else index
        if not 0 <= k < len(self):
            raise IndexError(f"there are {len(self)} inherent structures, not one {index}")
        (row,) = self._rows([k])
        return Configuration(
            row["positions"],
            row["species"],
            Box.unpacked(row["edges"]),
            row.get("images"),
            None,
            row["step"],
            row.get("ids"),
            row.get("diameters"),
        )

    @property
    def settings(self) -> str:
        """The system, the tolerance and the forces they were made with."""
        return self._where[2]

    @property
    def forces(self) -> str:
        """Whose they were made by: "own" or "lammps"."""
        return self._where[3]

    @property
    def steps(self) -> np.ndarray:
        """[F] the step that each was minimised from."""
        return np.array([row["step"] for row in self._rows(range(len(self)))], dtype=np.int64)

    @property
    def table(self) -> dict[str, np.ndarray]:
        """[F] energy (per atom), pressure, max_force of each."""
        rows = [(row["energy"], row["pressure"], row["max_force"]) for row in self._rows(range(len(self)))]
        return dict(zip(("energy", "pressure", "max_force"), np.array(rows).T, strict=True))

    def _rows(self, frames: range | list[int]) -> Iterator[Stored]:
        place, source, settings, _ = self._where
        if self._kept is None:
            self._kept = Kept(place, looked=True)
        return self._kept.get(source, MEASURE, settings, list(frames))


@dataclass
class Minimising:
    """Makes the row of a frame; starts LAMMPS when it is first needed, in whatever process."""

    system: System
    forces: str | None = None
    _minimiser: Minimiser | None = None

    def __reduce__(self) -> tuple[type[Minimising], tuple[System, str | None]]:
        return Minimising, (self.system, self.forces)

    def __call__(self, configuration: Configuration) -> Stored:
        """The inherent structure of a frame, as it is kept."""
        if self._minimiser is None:
            from glasscli.engine.minimiser import Minimiser  # LAMMPS: only here

            self._minimiser = Minimiser(self.system, MINIMISATION, self.forces)
        found = self._minimiser.minimise(configuration)
        after = found.configuration
        row: Stored = {
            "energy": found.energy, "pressure": found.pressure, "max_force": found.max_force,
            "iterations": found.iterations, "step": after.step, "edges": after.box.packed,
            "positions": after.positions, "species": after.species,
        }  # fmt: skip
        # Images counted from a frame that has none would pose as its history.
        if configuration.images is not None:
            row["images"] = after.images
        if after.diameters is not None:
            row["diameters"] = after.diameters
        return row if after.ids is None else row | {"ids": after.ids}

    def close(self) -> None:
        """End LAMMPS."""
        if self._minimiser is not None:
            self._minimiser.close()


@dataclass(frozen=True)
class Wanted:
    """Inherent structures of a file's frames: where they are kept, under which settings, by whose forces, and of which
    frames there are none yet.
    """

    place: Path
    settings: str
    forces: str
    missing: list[int]


def wanted(
    stem: Path, source: Sequence[str], system: System | None, frames: Trajectory, forces: str | None = None
) -> Wanted:
    """What there is, and what is to be made; arguments and errors as those of `minimised`."""
    if system is None:
        raise InputError("--minimise needs the potential: give --system NAME")
    if not os.access(stem.absolute().parent, os.W_OK):
        raise InputError(f"--minimise keeps inherent structures in {stem.parent}, which cannot be written to")
    from glasscli.engine.own.choice import whose  # LAMMPS: only here

    forces = whose(system, forces, frames[-1].box)
    settings = key(
        {
            "system": system.model_dump(mode="json"), "minimisation": MINIMISATION.model_dump(mode="json"),
            "forces": forces,
        }
    )  # fmt: skip
    kept = Kept(place := place_of(stem))
    if kept.notes:
        raise FileError(f"--minimise keeps inherent structures there: {kept.notes[0]}")
    have = kept.frames(source, MEASURE, settings)
    kept.close()
    return Wanted(place, settings, forces, [k for k in range(len(frames)) if k not in have])


def place_of(stem: Path) -> Path:
    """Where the inherent structures of a file are kept."""
    return stem.with_name(f"{stem.name}-inherent.db")


def jobs_for(missing: int, atoms: int, jobs: int | None) -> int:
    """How many processes make so many inherent structures."""
    return jobs or min(available_cores(), 1 + missing * atoms // WORTH_A_PROCESS)


def minimised(
    path: Path, stem: Path, source: Sequence[str], system: System | None, frames: Trajectory,
    opener: Callable[[Path], Trajectory], jobs: int | None, forces: str | None = None,
) -> Minima:  # fmt: skip
    """Return the inherent structures of all frames of a file, after making those that are missing.

    source: [F] what each frame holds; opener: what opens them in a worker; forces: whose are
    wanted, see `engine.own.choice`. Raises InputError without a system, or
    where they cannot be kept; EngineError where an energy is not finite.
    """
    asked = wanted(stem, source, system, frames, forces)
    assert system is not None
    if asked.missing:
        kept, minimise = Kept(asked.place), Minimising(system, asked.forces)
        many = jobs_for(len(asked.missing), frames[-1].n_atoms, jobs)
        try:
            with progress(f"minimising {path.name}", len(asked.missing), "frames") as advance:
                for k, row in iterate_frames(minimise, path, asked.missing, many, advance, opener):
                    kept.add(source, MEASURE, asked.settings, k, row)
        finally:
            minimise.close()
            # Also after Ctrl-C: what is done stays done.
            kept.close()
    return Minima(asked.place, source, asked.settings, asked.forces)
