"""Runs opened by OVITO: `ovito.io.import_file("anneal.h5")` and the Load File of OVITO Pro, by the entry point of this
package. Nothing of glasscli imports it; OVITO does, for every file that somebody opens.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ovito.data import DataCollection
from ovito.io import FileReaderInterface
from traits.api import Enum

from glasscli.configuration import Configuration
from glasscli.formats.export import KINDS, of_kind, time_of_step
from glasscli.store.kind import HDF5
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run
from glasscli.store.schema import INHERENT, THERMO


class RunReader(FileReaderInterface):
    """Reads a finished run of glasscli.

    kind: its moving frames, its inherent structures, or its full states; also an argument of `import_file`. Each frame
    has positions, images, species by name with their masses and radii, charges and velocities where there are any, the
    box, and as attributes step, time, units and what was recorded at this step (energies per atom).
    """

    kind = Enum(*sorted(KINDS), label="Configurations")

    @staticmethod
    def detect(filename: str) -> bool:
        """Whether a file is a run: asked for every file, so that it must not raise."""
        try:
            path = Path(filename)
            with path.open("rb") as file:
                if file.read(len(HDF5)) != HDF5:
                    return False
            return is_run(path) and open_run(path).finished
        except Exception:
            return False

    def scan(self, filename: str, register_frame: Callable[..., None]) -> None:
        """Tell OVITO of each configuration, by its step."""
        for number, step in enumerate(of_kind(_run(filename), self.kind).steps.tolist()):
            register_frame(frame_info=(number, step), label=int(step))

    def parse(self, data: DataCollection, *, filename: str, frame_index: int, **_: Any) -> None:
        """Fill `data` with one configuration."""
        run = _run(filename)
        frames = of_kind(run, self.kind)
        if not len(frames):
            raise ValueError(f"{filename} holds none of these ({self.kind})")
        configuration = frames[frame_index]
        _fill(data, configuration, run)
        system = run.manifest.system
        stated: dict[str, Any] = {
            "Timestep": configuration.step,
            "System": system.name,
            "Units": system.units,
        }
        if (time := time_of_step(run)) is not None:
            stated["Time"] = configuration.step * time
        for name, value in (stated | _recorded(run, self.kind, configuration.step)).items():
            data.attributes[name] = value


def _run(filename: str) -> Run:
    at = Path(filename).stat()
    return _opened(filename, at.st_size, at.st_mtime_ns)


@lru_cache(maxsize=4)
def _opened(filename: str, size: int, changed: int) -> Run:
    """The run that a file is now: not opened again for every frame."""
    return open_run(filename)


def _fill(data: DataCollection, c: Configuration, run: Run) -> None:
    """Cell, particles and their types."""
    cell: Any = data.create_cell(np.column_stack([c.box.vectors.T, np.zeros(3)]), pbc=c.box.periodic)
    cell.is2D = c.box.dimension == 2
    particles = data.create_particles(count=c.n_atoms)
    particles.create_property("Position", data=c.positions)
    particles.create_property("Particle Identifier", data=c.identifiers)
    kinds = particles.create_property("Particle Type", data=c.species)
    species = run.manifest.system.species
    for number, one in enumerate(species, start=1):
        kind: Any = kinds.add_type_id(number, particles, name=one.name)
        kind.mass = one.mass
        if one.radius is not None:
            kind.radius = one.radius
    if any(one.charge for one in species):
        particles.create_property("Charge", data=np.array([one.charge for one in species])[c.species - 1])
    if c.images is not None:
        particles.create_property("Periodic Image", data=c.images)
    if c.velocities is not None:
        particles.create_property("Velocity", data=c.velocities)


def _recorded(run: Run, kind: str, step: int) -> dict[str, float]:
    """What was recorded of the run at a step, by the names of its tables."""
    table = run.inherent_table if kind == INHERENT.kind else run.thermo
    series = INHERENT if kind == INHERENT.kind else THERMO
    where = np.flatnonzero(table["step"] == step)
    return {c.name: float(table[c.name][where[0]]) for c in series.columns} if len(where) else {}
