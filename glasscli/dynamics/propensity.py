"""Isoconfigurational ensembles: many runs of one configuration, and how far each atom is inclined to go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glasscli.analysis.result import Json, plain
from glasscli.configuration import Configuration, Floats
from glasscli.dynamics.surroundings import surroundings
from glasscli.errors import EXIT_DONE, InputError
from glasscli.formats.names import labels
from glasscli.formats.source import masses_of
from glasscli.model.system import System
from glasscli.observables.displacement import displacements, magnitudes
from glasscli.observables.prediction import Correlation, Ridge, correlation, ridge, slabs
from glasscli.progress import progress
from glasscli.report import liquid_figures
from glasscli.report.beside import Outputs, wrote
from glasscli.report.canvas import with_error
from glasscli.simulation.stopping import Stop
from glasscli.store.files import replacing
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run
from glasscli.workflow.members import members
from glasscli.workflow.task import Task
from glasscli.workflow.together import Together, side_by_side

FEWEST_RUNS = 3


@dataclass(frozen=True)
class Propensity:
    """Propensities of the atoms of one configuration (Widmer-Cooper, Harrowell & Fynewever, PRL 93, 135701 (2004)).

    value, error  [n_atoms] mean over runs of how far each atom went, and its standard error
    reliable      share of the variance over atoms that is no noise of the runs
    correlations  {measure: with it}, of all atoms; by_species {species: {measure: ...}}
    measures      {measure: [n_atoms]}, of the inherent structure that all runs began near
    """

    system: System
    start: Configuration
    names: dict[int, str]
    T: float
    time: float
    value: Floats
    error: Floats
    runs: int
    reliable: float
    measures: dict[str, Floats]
    correlations: dict[str, Correlation]
    by_species: dict[str, dict[str, Correlation]]
    ridge: Ridge | None
    notes: tuple[str, ...]
    written: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Json]:
        """The contract object."""
        found = self.ridge
        return {
            "system": self.system.name, "atoms": len(self.value), "runs": self.runs, "T": self.T, "time": self.time,
            "time_unit": self.system.unit_system.time_unit, "mean": float(self.value.mean()),
            "deviation": float(self.value.std()), "mean_error": float(self.error.mean()), "reliable": self.reliable,
            "spearman": {name: c.spearman for name, c in self.correlations.items()},
            "pearson": {name: c.pearson for name, c in self.correlations.items()},
            "by_species": plain(self.by_species),
            "ridge": None if found is None else {
                "score": found.score, "error": found.error, "pearson": found.pearson,
                "pearson_error": found.pearson_error, "shuffled": found.shuffled, "weights": plain(found.weights),
            },
            "written": list(self.written),
        }  # fmt: skip

    def text(self) -> str:
        """For people."""
        length, time = self.system.length_unit, self.system.unit_system.time_unit
        lines = [
            f"{len(self.value)} atoms, {self.runs} runs of {self.time:.4g} {time} at T = {self.T:g}",
            f"  propensity {self.value.mean():.4g} {length}, from atom to atom ± {self.value.std():.4g}, each known to "
            f"± {self.error.mean():.2g}; {self.reliable:.0%} of the variance is no noise",
        ]
        order = sorted(self.correlations, key=lambda name: -abs(self.correlations[name].spearman or 0.0))
        for name in order:
            c = self.correlations[name]
            if c.spearman is not None and c.pearson is not None:
                lines.append(f"  {name:18} Spearman {c.spearman:+.3f}  Pearson {c.pearson:+.3f}")
        if self.ridge is not None:
            r = self.ridge
            lines.append(
                f"  ridge over all: R² {with_error(r.score, r.error)} on slabs it did not see "
                f"(shuffled {r.shuffled:.3f}), Pearson {with_error(r.pearson, r.pearson_error)}"
            )
        return "\n".join([*lines, *wrote(self.written)])


def make_runs(folder: Path, tasks: Sequence[Task], jobs: int | None, stop: Stop) -> Together:
    """Make the runs of an ensemble in a folder, or find them done."""
    folder.mkdir(parents=True, exist_ok=True)
    return side_by_side(folder, tasks, jobs, stop, alone=True)


def runs_of(
    path: Path, runs: int, T: str | None, steps: int, seed: int, system: str | None, forces: str | None
) -> list[Task]:
    """The runs of an ensemble, each beginning with velocities of its own. Raises InputError for too few."""
    if runs < FEWEST_RUNS:
        raise InputError(f"{runs} runs say nothing of an average: at least {FEWEST_RUNS}")
    options = ["--from", "final", "--new-velocities", "--steps", str(steps), "--every", str(steps)]
    options += ["--inherent-every", "0", "--T", T or repr(_temperature(path))]
    options += ["--system", system] if system else []
    options += ["--forces", forces] if forces else []
    return members("anneal", options, seed, Path("run.h5"), [path.absolute()], runs)


def _temperature(path: Path) -> float:
    """At which a run ended. Raises InputError for another program's file."""
    if not is_run(path):
        raise InputError(f"{path} does not say its temperature: give --T")
    return open_run(path).manifest.protocol.temperatures[1]


def propensity(files: Sequence[Path], outputs: Outputs) -> Propensity:
    """Of finished runs of one configuration. Raises InputError where they did not begin at the same."""
    found = [open_run(path) for path in files]
    first = found[0]
    start, system, protocol = first.frames[0], first.manifest.system, first.manifest.protocol
    masses = masses_of(first.frames, system)
    gone = np.empty((len(found), start.n_atoms))
    with progress("propensity", len(found), "runs") as advance:
        for k, run in enumerate(found):
            gone[k] = _gone(run, start, masses)
            advance(k + 1)
    value, error = gone.mean(axis=0), gone.std(axis=0, ddof=1) / np.sqrt(len(gone))
    reliable = max(0.0, 1 - float((error**2).mean() / value.var())) if value.var() > 0 else 0.0
    measures, notes = surroundings(start, system)
    names = labels(sorted(start.counts), system.classes, {})
    masks = {names[s]: start.species == s for s in start.counts}
    columns = dict(measures)
    if len(masks) > 1:
        columns |= {f"is_{name}": mask.astype(np.float64) for name, mask in list(masks.items())[1:]}
    predictor: Ridge | None = None
    try:
        predictor = ridge(columns, value, slabs(start.box.fractional(start.positions)))
    except InputError as refused:
        notes.append(f"no predictor: {refused}")
    made = Propensity(
        system, start, names, protocol.temperature_at(0), protocol.steps * protocol.timestep, value, error, len(found),
        reliable, measures, {name: correlation(x, value) for name, x in measures.items()},
        {
            kind: {name: correlation(x[mask], value[mask]) for name, x in measures.items()}
            for kind, mask in masks.items()
        }, predictor, tuple(notes),
    )  # fmt: skip
    return _written(made, outputs)


def _gone(run: Run, start: Configuration, masses: Floats | None) -> Floats:
    """[n_atoms] how far each atom went in a run that began at a configuration."""
    if not np.array_equal(run.frames[0].positions, start.positions):
        raise InputError(f"{run.path} did not begin where the others did")
    vectors = displacements(start, run.frames[len(run.frames) - 1], remove_drift=True, masses=masses)
    return magnitudes(vectors)


def _written(found: Propensity, outputs: Outputs) -> Propensity:
    """The same with its table, its arrays for other programs, and its figure written."""
    start, system = found.start, found.system
    species = [found.names[int(s)] for s in start.species]
    x, y, z = start.positions.T
    length = system.length_unit
    columns: dict[str, Sequence[object]] = {
        "id": start.identifiers.tolist(), "species": species, f"x ({length})": x.tolist(), f"y ({length})": y.tolist(),
        f"z ({length})": z.tolist(), f"propensity ({length})": found.value.tolist(),
        f"propensity_error ({length})": found.error.tolist(),
        **{name: own.tolist() for name, own in found.measures.items()},
    }  # fmt: skip
    if found.ridge is not None:
        columns["predicted"] = found.ridge.predicted.tolist()
    rows = zip(*columns.values(), strict=True)
    written = [outputs.table("propensity", list(columns), rows, system.unit_system)]
    place = outputs.claims.file(outputs.stem.with_name(f"{outputs.stem.name}-propensity.npz"))
    features = np.stack(list(found.measures.values()), axis=1)
    with replacing(place) as temporary, temporary.open("wb") as file:
        np.savez(
            file, positions=start.positions, species=start.species, box=start.box.vectors, ids=start.identifiers,
            propensity=found.value, propensity_error=found.error, features=features,
            feature_names=np.array(list(found.measures)),
        )  # fmt: skip
    written.append(str(place))
    if outputs.figures:
        path = liquid_figures.propensity(outputs.figure("propensity"), found.value, species, length)
        written.append(str(path))
    return replace(found, written=tuple(written))


def ended_well(found: Together) -> bool:
    """Whether all runs are done."""
    return found.exit_code == EXIT_DONE
