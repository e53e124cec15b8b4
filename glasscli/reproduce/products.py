"""What a study made, for the figure that is drawn of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.summary import course
from glasscli.configuration import Configuration, Floats
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import FileError
from glasscli.formats.foreign import open_source
from glasscli.model.system import load_system
from glasscli.observables.voronoi import icosahedral_fraction, tessellate
from glasscli.store.reader import open_run
from glasscli.store.run import Run
from glasscli.workflow.task import Task, read_ended


@dataclass(frozen=True)
class Course:
    """Inherent structures of one run: step, energy per atom, icosahedral fraction and crystalline share [I]."""

    step: np.ndarray
    energy: Floats
    icosahedra: Floats
    crystalline: Floats


@dataclass(frozen=True)
class Products:
    """The files of a study's stages; each method names the stage."""

    folder: Path
    tasks: Sequence[Task]

    def paths(self, stage: str) -> list[Path]:
        """Products of a stage in their order. Raises FileError for one that is not there."""
        found = [self.folder / task.output for task in self.tasks if task.stage == stage]
        for path in found:
            if not path.exists():
                raise FileError(f"{path}: not there; run the study to its end first")
        return found

    def path(self, stage: str) -> Path:
        """The only product of a stage, or the first."""
        return self.paths(stage)[0]

    def answers(self, stage: str) -> list[dict[str, Any]]:
        """What the commands of a stage said with --json."""
        return [json.loads(path.read_text()) for path in self.paths(stage)]

    def columns(self, stage: str, suffix: str = ".csv") -> list[dict[str, Floats]]:
        """Columns of the tables beside a stage's products; what is no number is nan."""
        return [
            read_columns(path.with_name(path.name.removesuffix(".json") + suffix))
            for path in self.paths(stage)
        ]

    def runs(self, stage: str) -> list[Run]:
        """Runs of a stage."""
        return [open_run(path) for path in self.paths(stage)]

    def courses(self, stage: str) -> list[Course]:
        """Energies and icosahedra of the inherent structures of a stage's runs."""
        return [course_of(run) for run in self.runs(stage)]

    def structures(self, stage: str) -> list[Configuration]:
        """The last configuration of each product, at rest where the file has inherent structures."""
        return [open_source(path)[-1] for path in self.paths(stage)]

    @cached_property
    def seconds(self) -> float:
        """Wall seconds of all tasks, as recorded."""
        ended = [read_ended(self.folder, task) for task in self.tasks]
        return sum(one.seconds for one in ended if one)


def course_of(run: Run) -> Course:
    """Energies and icosahedra of a run's inherent structures."""
    table, shares = run.inherent_table, course(run)[0]
    unknown = np.full(len(run.inherent), np.nan)
    columns = (np.asarray(shares.get(n, unknown)) for n in ("icosahedral_fraction", "crystalline"))
    return Course(table["step"], table["inherent_energy"], *columns)


def last_quarter(values: Floats) -> Floats:
    """What is taken as the end of a course."""
    return values[-max(1, len(values) // 4) :]


def read_columns(path: Path) -> dict[str, Floats]:
    """Columns of a CSV file with a header, by their names without the unit: "frequency" of "frequency (1/τ)"."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {
        name.partition(" (")[0]: np.array([_number(row[k]) for row in rows]) for k, name in enumerate(header)
    }


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def energy_and_icosahedra(c: Configuration) -> tuple[float, float]:
    """Energy per atom and icosahedral fraction of a Wahnström structure as it is."""
    with Minimiser(load_system("wahnstrom")) as minimiser:
        energy = minimiser.evaluate(c).energy
    return energy, icosahedral_fraction(tessellate(c), c.species).all
