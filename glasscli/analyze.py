"""`glasscli analyze` over all frames of a file: numbers, tables and figures beside it, /analysis in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.displacement import displacements, magnitudes
from glasscli.analysis.pair_distribution import (
    PairDistribution,
    average,
    coordination_numbers,
    pair_distribution,
)
from glasscli.analysis.parallel import map_frames
from glasscli.analysis.relaxation import energy_against_icosahedra
from glasscli.analysis.voronoi import IndexShare, census, icosahedral_fraction, index_counts, tessellate
from glasscli.configuration import Configuration, Trajectory
from glasscli.errors import InputError
from glasscli.progress import progress
from glasscli.report import figures, tables
from glasscli.store.reader import Run, open_run
from glasscli.store.results import add_results
from glasscli.system import System

PDF_SPACINGS = 8


@dataclass(frozen=True)
class Choices:
    """What to measure with; None or 0 leave the plain definition.

    radii: {species: length} for the radical tessellation; thresholds as in `tessellate`;
    pdf_frames: how many of the last frames are averaged; lag: frames between the two of a displacement map
    """

    radii: dict[int, float] | None = None
    edge_threshold: float = 0.0
    face_threshold: float = 0.0
    bin_width: float = 0.02
    pdf_frames: int = 10
    lag: int = 1
    jobs: int | None = None
    format: str = "png"


@dataclass(frozen=True)
class _Cells:
    """What one frame's tessellation tells."""

    step: int
    fraction: float
    small: float | None
    large: float | None
    indices: Counter[tuple[int, ...]]


def analyze(path: Path, system: System | None, choices: Choices) -> tuple[dict[str, Any], list[str]]:
    """Measure all frames of a file; return the contract object and notes.

    `system` gives energies to files that have none; a glasscli file brings its own. Raises InputError for an empty
    file or frames that are not there.
    """
    run = open_run(path) if path.suffix == ".h5" or path.is_dir() else None
    trajectory = run.inherent_or_frames() if run else _foreign(path)
    if not len(trajectory):
        raise InputError(f"{path}: no frames to analyze yet")
    system = system or (run.manifest.system if run else None)
    notes: list[str] = []
    measure = partial(
        _measure,
        radii=choices.radii,
        edge_threshold=choices.edge_threshold,
        face_threshold=choices.face_threshold,
    )
    with progress(f"tessellating {path.name}", len(trajectory), "frames") as advance:
        cells = map_frames(measure, path, jobs=choices.jobs, progress=lambda done: advance(done, ""))
    energies = _energies(run, trajectory, system, notes)
    steps = np.array([c.step for c in cells])
    fraction = np.array([c.fraction for c in cells])
    line = energy_against_icosahedra(fraction, energies["energy"])
    data = {
        "file": str(path),
        "frames": len(cells),
        "icosahedral_fraction": {
            "mean": float(fraction.mean()),
            "last": cells[-1].fraction,
            "small": cells[-1].small,
            "large": cells[-1].large,
        },
        "inherent_energy": {"mean": _mean(energies["energy"]), "last": _last(energies["energy"])},
        "pressure": _last(energies["pressure"]),
        "max_force": _last(energies["max_force"]),
        "energy_against_icosahedra": {
            "slope": line.slope,
            "error": line.slope_error,
            "intercept": line.intercept,
        },
    }
    shares = census(c.indices for c in cells)
    pdf = _pdf(trajectory, choices, path)
    data["coordination"] = {
        pair: {"radius": shell.radius, "number": shell.number} if shell else None
        for pair, shell in coordination_numbers(pdf).items()
    }
    moved = _displacements(trajectory, choices.lag)
    units: Any = system or figures.LJ
    writer = _Beside(path, choices.format)
    data["tables"] = _tables(writer, cells, energies, shares, pdf)
    data["figures"] = _figures(writer, cells, energies, shares, pdf, line, moved, units, system)
    if run is not None and run.finished:
        _keep(run.path, data, steps, cells, energies, pdf, moved, choices)
    elif run is not None:
        notes.append(f"{path} is unfinished: measured as far as it goes, nothing written into it")
    if run is not None and not len(run.inherent):
        notes.append(f"{path} has no inherent structures: the moving frames were measured, heat included")
    return data, notes


def _measure(
    configuration: Configuration, radii: dict[int, float] | None, edge_threshold: float, face_threshold: float
) -> _Cells:
    cells = tessellate(configuration, radii, edge_threshold, face_threshold)
    shares = icosahedral_fraction(cells, configuration.species)
    return _Cells(
        configuration.step, shares.all, shares.small, shares.large, index_counts(cells, configuration.species)
    )


def _foreign(path: Path) -> Trajectory:
    from glasscli.sources import open_source

    return open_source(path)


def _energies(
    run: Run | None, trajectory: Trajectory, system: System | None, notes: list[str]
) -> dict[str, np.ndarray]:
    """[F] energy per atom, pressure and largest force of each frame; NaN where they cannot be had."""
    if run is not None and len(run.inherent):
        table = run.inherent_table
        names = {
            "energy": "inherent_energy",
            "pressure": "inherent_pressure",
            "max_force": "inherent_max_force",
        }
        return {key: table[name] for key, name in names.items()}
    rows = np.full((len(trajectory), 3), np.nan)
    if system is None:
        notes.append("no energies: give --system NAME to compute them with its potential")
    else:
        from glasscli.engine.minimiser import Minimiser

        minimiser = Minimiser(system)
        with progress("energies", len(trajectory), "frames") as advance:
            for i, configuration in enumerate(trajectory):
                found = minimiser.evaluate(configuration)
                rows[i] = found.energy, found.pressure, found.max_force
                advance(i + 1, "")
        minimiser.close()
    return dict(zip(("energy", "pressure", "max_force"), rows.T, strict=True))


def _pdf(trajectory: Trajectory, choices: Choices, path: Path) -> PairDistribution:
    count = min(choices.pdf_frames, len(trajectory))
    last = trajectory[-1]
    # Beyond eight mean spacings a glass is featureless, and the number of pairs grows as the cube.
    cutoff = min(0.5 * float(last.box.min()), PDF_SPACINGS * (last.volume / last.n_atoms) ** (1 / 3))
    measure = partial(pair_distribution, bin_width=choices.bin_width, cutoff=cutoff)
    frames = list(range(len(trajectory) - count, len(trajectory)))
    # A process costs half a second to start: not worth it for a handful of small frames.
    jobs = 1 if count * last.n_atoms < 200_000 else choices.jobs
    return average(map_frames(measure, path, frames, jobs=jobs))


def _displacements(trajectory: Trajectory, lag: int) -> tuple[Configuration, np.ndarray] | None:
    """The last frame but `lag` and the vectors from it to the last one; None when there are too few frames."""
    if len(trajectory) <= lag:
        return None
    before, after = trajectory[-1 - lag], trajectory[-1]
    return before, displacements(before, after)


class _Beside:
    """Names of the files written beside the analysed one."""

    def __init__(self, path: Path, format: str) -> None:
        name = path.name.removesuffix(".gz").removesuffix(".partial")
        self._stem = (
            Path.cwd() / Path(name).stem if not _writable(path.parent) else path.parent / Path(name).stem
        )
        self._format = format

    def table(self, name: str) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{name}.csv")

    def figure(self, name: str) -> Path:
        return self._stem.with_name(f"{self._stem.name}-{name}.{self._format}")


def _writable(folder: Path) -> bool:
    import os

    return os.access(folder, os.W_OK)


def _tables(
    writer: _Beside,
    cells: list[_Cells],
    energies: dict[str, np.ndarray],
    shares: list[IndexShare],
    pdf: PairDistribution,
) -> list[str]:
    columns: dict[str, Any] = {
        "inherent_energy": energies["energy"],
        "pressure": energies["pressure"],
        "max_force": energies["max_force"],
        "icosahedral_fraction": [c.fraction for c in cells],
        "icosahedral_fraction_small": [c.small for c in cells],
        "icosahedral_fraction_large": [c.large for c in cells],
    }
    return [
        str(tables.write_frames(writer.table("frames"), [c.step for c in cells], columns)),
        str(tables.write_census(writer.table("voronoi"), shares)),
        str(tables.write_pair_distribution(writer.table("pdf"), pdf)),
    ]


def _figures(
    writer: _Beside, cells: list[_Cells], energies: dict[str, np.ndarray], shares: list[IndexShare],
    pdf: PairDistribution, line: Any, moved: tuple[Configuration, np.ndarray] | None, units: Any, system: System | None,
) -> list[str]:  # fmt: skip
    names = {i: s.name for i, s in enumerate(system.species, start=1)} if system else {}
    steps, fraction = [c.step for c in cells], [c.fraction for c in cells]
    drawn = [
        figures.voronoi_census(writer.figure("voronoi"), shares, names=names),
        figures.pair_distributions(writer.figure("pdf"), pdf, names, units),
    ]
    if len(cells) > 1 and np.isfinite(energies["energy"]).any():
        small: Any = None if cells[0].small is None else [c.small for c in cells]
        drawn.append(
            figures.energy_and_icosahedra(
                writer.figure("relaxation"), steps, energies["energy"], fraction, small, units=units
            )
        )
        drawn.append(
            figures.energy_against_icosahedra(
                writer.figure("line"), fraction, energies["energy"], line, steps, units=units
            )
        )
    if moved is not None:
        drawn.append(figures.displacement_map(writer.figure("displacements"), *moved, units=units))
    return [str(path) for path in drawn]


def _keep(
    path: Path, data: dict[str, Any], steps: np.ndarray, cells: list[_Cells], energies: dict[str, np.ndarray],
    pdf: PairDistribution, moved: tuple[Configuration, np.ndarray] | None, choices: Choices,
) -> None:  # fmt: skip
    """Store what was measured in the file itself."""
    arrays = {
        "frames/step": steps,
        "frames/icosahedral_fraction": np.array([c.fraction for c in cells]),
        "frames/inherent_energy": energies["energy"],
        "pair_distribution/r": pdf.r,
        "pair_distribution/total": pdf.total,
    }
    arrays |= {f"pair_distribution/{pair}": g for pair, g in pdf.partials.items()}
    results: dict[str, dict[str, Any]] = {
        "frames": {
            "choices": vars(choices) | {"radii": {str(k): v for k, v in (choices.radii or {}).items()}}
        }
        | data,
        "pair_distribution": {"frames": pdf.n_frames, "bin_width": choices.bin_width},
    }
    if moved is not None:
        arrays["displacements/vectors"] = moved[1].astype("<f4")
        results["displacements"] = {
            "from_step": moved[0].step,
            "lag": choices.lag,
            "largest": float(magnitudes(moved[1]).max()),
        }
    add_results(path, results, arrays)


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if np.isfinite(values).all() else None


def _last(values: np.ndarray) -> float | None:
    return float(values[-1]) if np.isfinite(values[-1]) else None


def parse_radii(text: str, system: System | None) -> dict[int, float]:
    """ "0.55,0.45" in the order of species, or "system" for the system's own."""
    if text == "system":
        radii = {i: s.radius for i, s in enumerate(system.species, start=1) if s.radius} if system else {}
        if not radii:
            raise InputError("--radii system needs a --system whose species have radii")
        return radii
    try:
        return {i: float(word) for i, word in enumerate(text.split(","), start=1)}
    except ValueError as error:
        raise InputError(
            f"--radii {text!r} is not a list of lengths such as 0.55,0.45, nor 'system'"
        ) from error
