"""CSV tables: a header that names each column with its unit, written whole or not at all."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glasscli.errors import FileError, InputError
from glasscli.observables.pair_distribution import PairDistribution
from glasscli.observables.voronoi import IndexShare


def write_table(
    path: str | Path, columns: Mapping[str, ArrayLike | Sequence[Any]], comments: Sequence[str] = ()
) -> Path:
    """Write columns of equal length to `path` as CSV and return the path.

    columns: {"name (unit)": [n] numbers or text}, in order; NaN and None become empty cells. comments: lines
    written above the header after "# ". Numbers keep all digits that tell them apart. The file appears at
    once, complete: it is written beside its place and renamed.
    Raises InputError when the columns differ in length, FileError when the folder cannot be written.
    """
    path = Path(path)
    lists = {name: _cells(values) for name, values in columns.items()}
    lengths = {name: len(cells) for name, cells in lists.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path.name}: the columns differ in length: {lengths}")
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with scratch.open("w", newline="", encoding="utf-8") as file:
            file.writelines(f"# {' '.join(comment.split())}\n" for comment in comments)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(lists)
            writer.writerows(zip(*lists.values(), strict=True))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path


def write_frames(
    path: str | Path,
    time: ArrayLike,
    measures: Mapping[str, ArrayLike],
    time_name: str = "step",
    comments: Sequence[str] = (),
) -> Path:
    """Write one row a frame: time, then each measure {"name (unit)": [n_frames]}. See `write_table`."""
    return write_table(path, {time_name: time, **measures}, comments)


def write_pair_distribution(path: str | Path, distribution: PairDistribution, length: str = "sigma") -> Path:
    """Write r (`length` names its unit), total and partial g(r), and their standard errors if any."""
    columns: dict[str, ArrayLike] = {f"r ({length})": distribution.r, "g_total": distribution.total}
    if distribution.total_error is not None:
        columns["g_total_error"] = distribution.total_error
    for pair, g in distribution.partials.items():
        columns[f"g_{pair}"] = g
        if pair in distribution.partial_errors:
            columns[f"g_{pair}_error"] = distribution.partial_errors[pair]
    for group, part in distribution.parts.items():
        columns[f"part_{group}"] = part
        if group in distribution.part_errors:
            columns[f"part_{group}_error"] = distribution.part_errors[group]
    return write_table(
        path, columns, [f"mean over {distribution.n_frames} frames; r is the middle of its bin"]
    )


def write_census(path: str | Path, census: Sequence[IndexShare]) -> Path:
    """Write the census of Voronoi indices: share of all atoms and, for each species, of its own atoms."""
    species = sorted({s for row in census for s in row.by_species})
    columns: dict[str, Sequence[Any]] = {
        "index <n3,n4,n5,n6,...>": [row.name for row in census],
        "fraction": [row.fraction for row in census],
    }
    for s in species:
        columns[f"fraction_of_species_{s}"] = [row.by_species.get(s) for row in census]
    return write_table(path, columns)


def write_displacements(
    path: str | Path, species: ArrayLike, positions: ArrayLike, vectors: ArrayLike, length: str = "sigma"
) -> Path:
    """Write one row an atom: id, species, where it was, displacement vector and magnitude.

    species [n_atoms]; positions, vectors [n_atoms, 3]; length: their unit.
    """
    where, moved = np.asarray(positions, dtype=np.float64), np.asarray(vectors, dtype=np.float64)
    columns: dict[str, ArrayLike] = {"id": np.arange(1, len(moved) + 1), "species": species}
    columns |= {f"{axis} ({length})": where[:, k] for k, axis in enumerate("xyz")}
    columns |= {f"d{axis} ({length})": moved[:, k] for k, axis in enumerate("xyz")}
    columns[f"magnitude ({length})"] = np.sqrt((moved**2).sum(axis=1))
    return write_table(path, columns)


def _cells(values: ArrayLike | Sequence[Any]) -> list[Any]:
    plain: Any = values.tolist() if isinstance(values, np.ndarray) else values
    return [_cell(value) for value in plain]


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, np.generic):
        value = value.item()
    return repr(value) if isinstance(value, float) else value
