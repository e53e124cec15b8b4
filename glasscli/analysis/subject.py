"""A file under study: its frames, energies and kept results, and where tables and figures go."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.choices import Choices, topology_radii
from glasscli.analysis.frame import is_ours, open_frames
from glasscli.analysis.kept import Kept, Result
from glasscli.configuration import Trajectory
from glasscli.errors import GlassError, InputError
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.store.reader import open_run
from glasscli.store.run import Run
from glasscli.units import WITHOUT_SYSTEM, UnitNames

VERSION = 1  # of what the measures keep of a frame: raised when one of them changes its meaning


@dataclass
class Study:
    """What the measures see of a file.

    run         the glasscli run, None for a foreign file
    trajectory  inherent structures, else frames
    notes       lines for people; tables, figures: files written, in order; keep: arrays for /analysis
    """

    path: Path
    system: System | None
    choices: Choices
    run: Run | None
    trajectory: Trajectory
    kept: Kept
    notes: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    keep: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def source(self) -> str:
        """What kept results belong to: the identity of a run and which of its frames, or a foreign file as it is."""
        if self.run is not None:
            inherent = len(self.run.inherent) and not self.choices.moving
            return f"{self.run.manifest.identity} {'inherent' if inherent else 'frames'}"
        stat = self.path.stat()
        return f"{self.path.name} {stat.st_size} {stat.st_mtime_ns}"

    @cached_property
    def species(self) -> list[int]:
        """Species that occur."""
        return sorted(self.trajectory[-1].counts)

    @cached_property
    def radii(self) -> dict[int, float]:
        """Radii of the bond network."""
        return topology_radii(self.choices, self.system, self.species)

    @cached_property
    def radii_if_any(self) -> dict[int, float] | None:
        """The same, or None with a note where nobody gave any."""
        try:
            return self.radii
        except GlassError as error:
            self.notes.append(f"no radical tessellation: {error}")
            return None

    @cached_property
    def shares(self) -> list[Result]:
        """[F] the numbers of `icosahedra`, without its arrays."""
        rows = self.rows("icosahedra")
        return [{k: v for k, v in row.items() if not isinstance(v, np.ndarray)} for row in rows]

    @cached_property
    def steps(self) -> np.ndarray:
        """[F] step of each frame."""
        found = getattr(self.trajectory, "steps", None)
        return np.array([row["step"] for row in self.shares]) if found is None else np.asarray(found)

    @property
    def units(self) -> UnitNames:
        """What axes and tables call the units."""
        return self.system.unit_system if self.system else WITHOUT_SYSTEM

    @property
    def names(self) -> dict[int, str]:
        """{species: name}."""
        return {i: s.name for i, s in enumerate(self.system.species, start=1)} if self.system else {}

    @cached_property
    def energies(self) -> dict[str, np.ndarray]:
        """[F] energy (per atom), pressure, max_force of each frame; NaN where they cannot be had."""
        if self.run is not None and len(self.run.inherent) and not self.choices.moving:
            table = self.run.inherent_table
            return {key: table[f"inherent_{key}"] for key in ("energy", "pressure", "max_force")}
        rows = np.full((len(self.trajectory), 3), np.nan)
        if self.system is None:
            self.notes.append("no energies: give --system NAME to compute them with its potential")
        else:
            rows = np.array(list(self._evaluated(self.system)))
        return dict(zip(("energy", "pressure", "max_force"), rows.T, strict=True))

    def _evaluated(self, system: System) -> Iterator[tuple[float, float, float]]:
        """Energies that no file brings, kept like any measure."""
        from glasscli.engine.minimiser import Minimiser

        settings = self.settings({"system": system.model_dump(mode="json")})
        have = self.kept.frames(self.source, "energy", settings)
        frames = list(range(len(self.trajectory)))
        missing = [k for k in frames if k not in have]
        if missing:
            with Minimiser(system) as minimiser, progress("energies", len(missing), "frames") as advance:
                for done, k in enumerate(missing, start=1):
                    found = minimiser.evaluate(self.trajectory[k])
                    row = {"energy": found.energy, "pressure": found.pressure, "max_force": found.max_force}
                    self.kept.add(self.source, "energy", settings, k, row)
                    advance(done)
            self.kept.commit()
        for row in self.kept.get(self.source, "energy", settings, frames):
            yield row["energy"], row["pressure"], row["max_force"]

    def settings(self, values: dict[str, Any]) -> str:
        """The key under which results made with `values` are kept."""
        return json.dumps({"version": VERSION} | values, sort_keys=True)

    def rows(self, name: str) -> Iterator[Result]:
        """The kept results of a measure, of the frames it wants, in order."""
        from glasscli.analysis.registry import MEASURES

        measure = MEASURES[name]
        settings = self.settings(measure.settings(self))
        return self.kept.get(self.source, name, settings, list(measure.frames(self)))

    def window(self) -> range:
        """The last frames, which are averaged."""
        n = len(self.trajectory)
        return range(n - min(self.choices.pdf_frames, n), n)

    def table(self, name: str) -> Path:
        """Where a table goes; it is listed from now on."""
        path = self._beside(f"{name}.csv")
        self.tables.append(str(path))
        return path

    def figure(self, name: str) -> Path:
        """Where a figure goes; it is listed from now on."""
        path = self._beside(f"{name}.{self.choices.format}")
        self.figures.append(str(path))
        return path

    def _beside(self, ending: str) -> Path:
        stem = stem_beside(self.path)
        return stem.with_name(f"{stem.name}-{ending}")


def open_study(path: Path, system: System | None, choices: Choices) -> Study:
    """Open a file for measuring; InputError when it holds no frames, or more species than the system."""
    run = open_run(path) if is_ours(path) else None
    trajectory = open_frames(path, choices.moving)
    if run is not None:
        trajectory = run.frames if choices.moving else run.inherent_or_frames()
    if not len(trajectory):
        raise InputError(f"{path}: no frames to analyze yet")
    system = system or (run.manifest.system if run else None)
    if system:
        system.check_species(max(trajectory[-1].counts))
    stem = stem_beside(path)
    place = stem.with_name(f"{stem.name}-analysis.db") if os.access(stem.parent, os.W_OK) else None
    return Study(path, system, choices, run, trajectory, Kept(place))


def stem_beside(path: Path) -> Path:
    """The beginning of the names of files made from `path`: beside it, or here when that cannot be written."""
    name = Path(path.name.removesuffix(".gz").removesuffix(".partial")).stem
    return (path.parent if os.access(path.parent, os.W_OK) else Path.cwd()) / name


def plain(value: Any) -> Any:
    """NumPy values as JSON has them; what is not a number is None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
