"""Instantaneous normal modes: the Hessian of moving atoms, and how many of its modes are unstable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import frames_in, remarks, wanted_system
from glasscli.model.system import System
from glasscli.modes.hessian import Curvature
from glasscli.modes.localisation import LOCALISED, participation
from glasscli.modes.spectrum import modes
from glasscli.progress import Advance, progress, silent
from glasscli.report import modes_figure
from glasscli.report.beside import Outputs, finite, number, wrote
from glasscli.store.run import Run

COLUMNS = ("step", "temperature", "unstable", "unstable_localised", "participation")
# Rows of the series on either side of a frame whose temperatures are averaged: one instant's kinetic energy fluctuates.
REACH = 5


@dataclass(frozen=True)
class Instant:
    """One frame: its step, temperature (None where the file does not tell), and shares of all modes.

    participation  mean N_k/N of the unstable modes, nan without any
    """

    step: int
    temperature: float | None
    unstable: float
    unstable_localised: float
    participation: float
    force_evaluations: int

    @property
    def data(self) -> dict[str, Any]:
        """As the contract object has it."""
        return vars(self) | {"participation": finite(self.participation)}


def instant(
    configuration: Configuration, temperature: float | None, curvature: Curvature, memory: float | None = None,
    advance: Advance = silent,
) -> Instant:  # fmt: skip
    """Return the unstable modes of a configuration as it is; all modes are computed."""
    hessian = curvature.hessian(configuration, advance)
    found = modes(hessian.matrix, configuration, curvature.system, memory=memory)
    unstable = found.unstable
    shares = participation(found)[unstable] / configuration.n_atoms
    total = configuration.box.dimension * (configuration.n_atoms - 1)
    return Instant(
        configuration.step, temperature, float(unstable.sum()) / total, float((shares < LOCALISED).sum()) / total,
        float(shares.mean()) if len(shares) else float("nan"), hessian.force_evaluations,
    )  # fmt: skip


@dataclass(frozen=True)
class Moving:
    """Unstable modes along a file.

    atoms    of a frame
    written  names of tables and figures
    notes    for people
    """

    file: Path
    atoms: int
    system: System
    frames: list[Instant]
    written: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return {
            "file": str(self.file),
            "atoms": self.atoms,
            "system": self.system.name,
            "frames": [one.data for one in self.frames],
            "written": self.written,
        }

    def text(self) -> str:
        """Lines for people."""
        lines = [f"{'T':>8} {'unstable':>9} {'localised':>9}"]
        lines += [
            f"{number(one.temperature, '.4f'):>8} {one.unstable:>9.4f} {one.unstable_localised:>9.4f}"
            for one in self.frames
        ]
        return "\n".join(lines + wrote(self.written))


def moving(
    file: Path, outputs: Outputs, system_name: str | None = None, *, frames: int = 20, memory: float | None = None,
    species: Sequence[str] | None = None,
) -> Moving:  # fmt: skip
    """Find the unstable modes of so many frames of moving atoms, evenly spread; write the table and the figure.

    memory: bytes that may be used; species: of the file's types, see `formats.species`. Raises InputError for a file
    without such frames, or of single atoms, or of another system.
    """
    system, source = wanted_system(file, system_name), open_any(file)
    trajectory = frames_in(source, system, species, moving=True, runs=True)
    thermo = source.thermo if isinstance(source, Run) else None
    if not len(trajectory):
        raise InputError(f"{file} holds no frames of moving atoms; run with --every")
    last = len(trajectory) - 1
    chosen = np.unique(np.linspace(0, last, min(frames, last + 1)).round().astype(int))
    found = []
    with Forces(system) as forces, progress("instantaneous modes", len(chosen), "frames") as advance:
        curvature = Curvature(forces)
        for k, index in enumerate(chosen):
            atoms = trajectory[int(index)]
            if atoms.n_atoms < 2:
                raise InputError(f"{file}: one atom has no vibrations")
            T = _temperature(thermo, atoms.step) if thermo is not None else None
            found.append(instant(atoms, T, curvature, memory))
            advance(k + 1)
    rows = [[None if (x := one.data[c]) is None else f"{x:.10g}" for c in COLUMNS] for one in found]
    written = [outputs.table("instantaneous", COLUMNS, rows, system.unit_system)]
    if outputs.figures:
        written.append(_draw(outputs, found, system if thermo is not None else None))
    return Moving(file, trajectory[0].n_atoms, system, found, written, remarks(source, system, species))


def _draw(outputs: Outputs, found: list[Instant], system: System | None) -> str:
    """Shares of unstable modes against temperature, or against steps where no system tells its unit."""
    at = np.array([one.temperature if system else one.step for one in found], dtype=np.float64)
    shares = np.array([[one.unstable, one.unstable_localised] for one in found])
    order = np.argsort(at)
    label = f"temperature ({system.temperature_unit})" if system else "step"
    target = outputs.figure("instantaneous")
    return str(modes_figure.unstable(target, at[order], shares[order, 0], shares[order, 1], label))


def _temperature(thermo: Mapping[str, np.ndarray], step: int) -> float | None:
    """Mean temperature of the rows around a step."""
    steps = np.asarray(thermo["step"])
    if not len(steps):
        return None
    near = int(np.argmin(np.abs(steps - step)))
    reach = min(REACH, near, len(steps) - 1 - near)
    return float(np.mean(thermo["temperature"][near - reach : near + reach + 1]))
