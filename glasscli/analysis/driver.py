"""`glasscli analyze`: the measures asked for over the frames of files; tables, figures and /analysis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from glasscli.analysis.choices import Choices
from glasscli.analysis.frame import measure_task, open_tasks
from glasscli.analysis.measures import relaxation as isotherms
from glasscli.analysis.parallel import Opener, available_cores, iterate_frames
from glasscli.analysis.registry import DEFAULT, MEASURES
from glasscli.analysis.subject import Study, open_study, plain
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.store.results import add_results

# A process costs about two seconds to start, as much as tessellating so many atoms.
WORTH_A_PROCESS = 150_000


def analyze(
    path: Path, system: System | None, choices: Choices, measures: Sequence[str] = DEFAULT
) -> tuple[dict[str, Any], list[str]]:
    """Measure the frames of a file; return the contract object and notes.

    `system` gives energies to files that have none; a glasscli file brings its own. Only frames without results of
    earlier analyses are measured; an interrupted analysis keeps what it has. Raises InputError for an empty file.
    """
    results, notes = analyze_all([path], system, choices, measures)
    return results[0], notes


def analyze_all(
    paths: Sequence[Path], system: System | None, choices: Choices, measures: Sequence[str] = DEFAULT
) -> tuple[list[dict[str, Any]], list[str]]:
    """Measure several files; return their contract objects, in each the `ttt` diagram of all, and notes."""
    studies, results = [], []
    for path in paths:
        study = open_study(path, system, choices)
        try:
            results.append(_measure(study, measures))
        finally:
            study.kept.close()
        studies.append(study)
    if "ttt" in measures:
        _join(studies, results)
    return results, [note for study in studies for note in dict.fromkeys(study.notes)]


def _measure(study: Study, measures: Sequence[str]) -> dict[str, Any]:
    # The contract's own numbers come from the cells of every frame.
    read = {other for name in measures for other in MEASURES[name].reads}
    wanted = tuple(name for name in MEASURES if name in {*measures, *read, "icosahedra"})
    _frames(study, wanted)
    series = isotherms.series(study)
    energy = series["energy"]
    found = {name: MEASURES[name].finish(study) for name in wanted if name in measures}
    line = isotherms.energy_against_icosahedra(series["fraction"], energy)
    run = study.run
    if run is not None and not run.finished:
        study.notes.append(f"{study.path} is unfinished: measured as far as it goes, nothing written into it")
    if run is not None and not len(run.inherent) and not study.choices.moving:
        study.notes.append(
            f"{study.path} has no inherent structures: the moving frames were measured, heat included"
        )
    data = {
        "file": str(study.path),
        "frames": len(study.steps),
        "icosahedral_fraction": {
            "mean": float(series["fraction"].mean()),
            "last": float(series["fraction"][-1]),
            "small": _last(series["small"]),
            "large": _last(series["large"]),
        },
        "inherent_energy": {
            "mean": float(energy.mean()) if np.isfinite(energy).all() else None,
            "last": _last(energy),
        },
        "pressure": _last(series["pressure"]),
        "max_force": _last(series["max_force"]),
        "energy_against_icosahedra": {
            "slope": line.slope,
            "error": line.slope_error,
            "intercept": line.intercept,
        },
    }
    if "pdf" in found:
        data["coordination"] = found["pdf"]["coordination"]
    data |= found
    if "structure-factor" in found:
        data["R"] = found["structure-factor"]["R"]
    data |= {"tables": study.tables, "figures": study.figures}
    data = plain(data)
    if run is not None and run.finished:
        _keep(study, data, found)
    return data


def _frames(study: Study, names: Sequence[str]) -> None:
    """Measure what is missing of single frames, several cores at a time, each frame read once."""
    missing: dict[int, list[str]] = {}
    settings: dict[str, str] = {}
    for name in names:
        measure = MEASURES[name]
        if measure.frame is None:
            continue
        settings[name] = study.settings(measure.settings(study))
        have = study.kept.frames(study.source, name, settings[name])
        for k in measure.frames(study):
            if k not in have:
                missing.setdefault(k, []).append(name)
    if not missing:
        return
    # Those with most to measure come first, lest all others wait for one of them at the end.
    frames = sorted(missing, key=lambda k: (-len(missing[k]), k))
    work = sum(map(len, missing.values())) * study.trajectory[-1].n_atoms
    jobs = study.choices.jobs or min(available_cores(), 1 + work // WORTH_A_PROCESS)
    # A process means a core: this one measures beside its workers, and several of these may run side by side.
    os.environ.setdefault("OVITO_THREAD_COUNT", "1")
    radii = study.radii if "topology" in names else study.radii_if_any if "definitions" in names else None
    opener = partial(
        open_tasks, moving=study.choices.moving, missing={k: tuple(v) for k, v in missing.items()}
    )
    measure_one: Any = partial(measure_task, choices=study.choices, radii=radii)
    with progress(f"measuring {study.path.name}", len(frames), "frames") as advance:
        found = iterate_frames(
            measure_one, study.path, frames, jobs, lambda done: advance(done), cast(Opener, opener)
        )
        try:
            for k, results in found:
                for name, result in results:
                    study.kept.add(study.source, name, settings[name], k, plain_values(result))
        finally:
            # Also after Ctrl-C: what is done stays done.
            study.kept.commit()


def plain_values(result: dict[str, Any]) -> dict[str, Any]:
    """A frame's result with its arrays as they are and all else as JSON has it."""
    return {k: v if isinstance(v, np.ndarray) else plain(v) for k, v in result.items()}


def _join(studies: list[Study], results: list[dict[str, Any]]) -> None:
    points = [result.get("ttt") or {} for result in results]
    found = isotherms.diagram(studies, points)
    if found:
        for result in results:
            result["ttt"] = {**(result.get("ttt") or {}), "diagram": plain(found)}
        results[0] |= {"tables": studies[0].tables, "figures": studies[0].figures}


def _keep(study: Study, data: dict[str, Any], found: dict[str, Any]) -> None:
    """Store what was measured in the file itself."""
    choices = study.choices
    shown = vars(choices) | {"radii": {str(k): v for k, v in (choices.radii or {}).items()}}
    results: dict[str, dict[str, Any]] = {
        "frames": {"choices": plain(shown)} | {k: v for k, v in data.items() if k not in found and k != "R"}
    }
    results |= {_group(name): plain(value) for name, value in found.items() if name != "ttt"}
    add_results(study.path, results, study.keep)


def _group(name: str) -> str:
    """The group under /analysis of a measure."""
    return {"pdf": "pair_distribution"}.get(name, name.replace("-", "_"))


def _last(values: np.ndarray) -> float | None:
    return float(values[-1]) if np.isfinite(values[-1]) else None
