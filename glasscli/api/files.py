"""Files as Python objects: configurations and tables as NumPy arrays."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.api.curves import Picture, picture
from glasscli.api.sample import Sample
from glasscli.api.tables import data_frame
from glasscli.configuration import Trajectory
from glasscli.errors import InputError, MissingPackageError, near
from glasscli.formats.description import in_words
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.names import species_words
from glasscli.model.system import System, load_system
from glasscli.protocols.protocol import Protocol
from glasscli.report.averages import Band
from glasscli.report.canvas import with_error
from glasscli.report.page import rows_html
from glasscli.store.results import fictive_error, stored_fictive_temperature
from glasscli.store.run import Frames, Run
from glasscli.store.schema import SERIES

if TYPE_CHECKING:
    from glasscli.analysis.choices import Choices
    from glasscli.analysis.contract import Analysis

__all__ = ["OpenFile", "OpenRun", "analyze", "open"]


class OpenFile(Sample):
    """Configurations that another program wrote.

    path, frames   `frames[-1].positions` is [n_atoms, 3]; each frame is read when it is asked for
    """

    def __init__(self, trajectory: ForeignTrajectory) -> None:
        self._trajectory = trajectory

    @property
    def path(self) -> Path:
        """The file."""
        return self._trajectory.path

    @property
    def frames(self) -> Trajectory:
        """Its configurations."""
        return self._trajectory

    def _repr_html_(self) -> str:
        last, frames = self.frames[-1], len(self.frames)
        counts = {species_words(self._names[s]): str(n) for s, n in last.counts.items()}
        box = f"{in_words(last.box)} {self._units.length_unit}"
        rows = {
            "atoms": str(last.n_atoms),
            **counts,
            "box": box,
            "frames": str(frames),
            "last step": str(last.step),
        }
        return rows_html(f"{self.path.name}: of another program", rows.items())

    def __repr__(self) -> str:
        last, frames = self.frames[-1], len(self.frames)
        counts = ", ".join(f"{n} {species_words(self._names[s])}" for s, n in last.counts.items())
        many = f"{frames} frame{'s' * (frames > 1)}"
        return f"{self.path.name}: {last.n_atoms} atoms ({counts}), {many}, of another program"


class OpenRun(Sample):
    """A run of glasscli, finished or not.

    frames, inherent   configurations as they moved, and their energy minima: `run.frames[-1].positions` [n_atoms, 3]
    stored             everything else that the file holds (manifest, states, exchange table)
    """

    def __init__(self, run: Run) -> None:
        self.stored = self._run = run
        self._system = run.manifest.system

    @property
    def _structures(self) -> Frames:
        return self.stored.inherent_or_frames()

    def __repr__(self) -> str:
        stored = self.stored
        state = "" if stored.finished else ", unfinished"
        energies = self.inherent_energy
        minima = f", {len(energies)} inherent structures, E_IS {energies[-1]:.4f}" if len(energies) else ""
        return (
            f"{self.path.name}: {self.protocol.title(self.system)}; {len(self.frames)} frames{minima}{state}"
        )

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.plot().png).decode()
        title = f"{self.path.name}: {self.protocol.title(self.system)}"
        return (
            f'{rows_html(title, self._rows().items())}<img width="320" src="data:image/png;base64,{image}">'
        )

    def _rows(self) -> dict[str, str]:
        """What a notebook shows of it."""
        system, energies, found = self.system, self.inherent_energy, self.fictive_temperature
        rows = {
            "system": system.name,
            "atoms": str(sum(self.protocol.counts)),
            **self.protocol.course,
            "steps": str(self.protocol.steps),
            **({"seed": str(self.protocol.seed)} if self.protocol.drawn else {}),
            "frames": f"{len(self.frames)}, {len(energies)} inherent structures",
        }
        if len(energies):
            rows["E_IS"] = f"{energies[-1]:.4f} {system.energy_unit}"
        if found:
            rows["T_f"] = f"{with_error(found[0], found[1])} {system.temperature_unit}"
        return rows if self.finished else rows | {"state": "unfinished"}

    def plot(self) -> Picture:
        """The energy along the run: of the inherent structures where there are any, else of the moving atoms."""
        minima = len(self.inherent_energy) > 1
        steps, energy = (
            (self.inherent_step, self.inherent_energy) if minima else (self.step, self.potential_energy)
        )
        word = "$E_{IS}$" if minima else "potential energy"
        label = f"{word} per atom ({self.system.energy_unit})"
        nothing = np.full(len(steps), np.nan)
        return picture({"energy": [Band(self.path.name, steps * 1.0, energy, nothing, "MD steps", label)]})

    @property
    def path(self) -> Path:
        """The file."""
        return self.stored.path

    @property
    def system(self) -> System:
        """What was simulated: species, units, potential."""
        return self.stored.manifest.system

    @property
    def protocol(self) -> Protocol:
        """What was done to it."""
        return self.stored.manifest.protocol

    @property
    def finished(self) -> bool:
        """Whether the run reached its end."""
        return self.stored.finished

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return self.stored.frames

    @property
    def inherent(self) -> Frames:
        """Inherent structures."""
        return self.stored.inherent

    @property
    def step(self) -> np.ndarray:
        """[T] steps of temperature, potential_energy, kinetic_energy, pressure and volume."""
        return self.stored.thermo["step"]

    @property
    def temperature(self) -> np.ndarray:
        """[T] instantaneous temperature, in the system's unit."""
        return self.stored.thermo["temperature"]

    @property
    def potential_energy(self) -> np.ndarray:
        """[T] per atom, in the system's unit."""
        return self.stored.thermo["potential_energy"]

    @property
    def kinetic_energy(self) -> np.ndarray:
        """[T] per atom, in the system's unit."""
        return self.stored.thermo["kinetic_energy"]

    @property
    def pressure(self) -> np.ndarray:
        """[T] in the system's unit."""
        return self.stored.thermo["pressure"]

    @property
    def volume(self) -> np.ndarray:
        """[T] of the box, in the system's unit."""
        return self.stored.thermo["volume"]

    @property
    def inherent_step(self) -> np.ndarray:
        """[I] steps of the inherent structures."""
        return self.stored.inherent_table["step"]

    @property
    def inherent_energy(self) -> np.ndarray:
        """[I] energy per atom of the inherent structures."""
        return self.stored.inherent_table["inherent_energy"]

    @property
    def inherent_pressure(self) -> np.ndarray:
        """[I] pressure of the inherent structures."""
        return self.stored.inherent_table["inherent_pressure"]

    @cached_property
    def icosahedral_fraction(self) -> np.ndarray:
        """[I] share of <0,0,12,0> cells of each inherent structure; measured once and kept in a finished file.

        Raises MissingPackageError where OVITO does not run.
        """
        from glasscli.analysis.summary import course

        found, notes = course(self.stored)
        if notes:
            raise MissingPackageError(notes[0])
        return found.get("icosahedral_fraction", np.zeros(0))

    @property
    def fictive_temperature(self) -> tuple[float, float | None] | None:
        """T_f of a quench, and how much two samples made alike differ; None where there is no T_f.

        The second is the standard deviation of the difference, None where it is not calibrated for the system.
        """
        found = stored_fictive_temperature(self.stored)
        return (found[0], fictive_error(self.stored, found[1])[0]) if found else None

    def columns(self, name: str = "inherent") -> dict[str, np.ndarray]:
        """Columns of equal length of a series: inherent, thermo, exchange, tempering, strain, event, stress and more.

        Empty where a run has none of it. Raises InputError for another name.
        """
        if name not in SERIES:
            raise InputError(f"no table {name!r} in a run{near(name, SERIES)}")
        checked = {"thermo": "thermo", "stress": "stress"} | {
            kind: f"{kind}_table" for kind in ("inherent", "exchange", "tempering")
        }
        found: dict[str, np.ndarray] = (
            getattr(self.stored, checked[name]) if name in checked else self.stored.table(SERIES[name])
        )
        return found

    def to_pandas(self, name: str = "inherent") -> Any:
        """Such a table as a pandas DataFrame; columns of more than one number a row hold arrays.

        Raises MissingPackageError without pandas.
        """
        return data_frame({key: list(v) if v.ndim > 1 else v for key, v in self.columns(name).items()})


def open(path: str | Path, box: Sequence[float] | None = None) -> OpenRun | OpenFile:
    """A run of glasscli (NAME.h5, or the folder of one still going), or any structure file that another program wrote.

    box: edges of the periodic box of a file that has none. Raises MissingFileError, or FileError for what is damaged
    or not of a known kind, InputError for the box of a run.
    """
    found = open_any(path, box)
    return OpenRun(found) if isinstance(found, Run) else OpenFile(found)


def analyze(
    path: str | Path,
    measures: Sequence[str] | None = None,
    *,
    system: str | None = None,
    choices: Choices | None = None,
) -> Analysis:
    """Measure the frames of any file as `glasscli analyze` does; `.data` of what comes back is its --json object.

    measures  names of `glasscli analyze --list`; None for those that it marks
    system    a name or a file: its potential gives energies to files that have none
    choices   radii, cutoffs, bins, lags ... of all measures

    Tables and figures are written beside the file, numbers into a finished run's own. Raises InputError for an unknown
    measure or a file without frames, else as `open`.
    """
    from glasscli.analysis.choices import Choices  # figures take their time to load
    from glasscli.analysis.driver import analyze_all
    from glasscli.analysis.registry import resolve

    names = resolve(None if measures is None else ",".join(measures))
    (found,) = analyze_all([Path(path)], load_system(system) if system else None, choices or Choices(), names)
    return found
