"""The tables of measured numbers: headers that name each column with its unit, as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glasscli.formats.csv import Column, write_columns
from glasscli.formats.names import pair_name
from glasscli.observables.blocks import over_frames
from glasscli.observables.pair_distribution import PairDistribution
from glasscli.observables.voronoi import IndexShare
from glasscli.units import UnitNames


def write_table(
    path: str | Path, columns: Mapping[str, Column], comments: Sequence[str] = (), units: UnitNames | None = None
) -> Path:  # fmt: skip
    """Write columns {name: [n] numbers or text} of equal length as CSV and return the path.

    units: added to the names that `formats.csv` knows; comments: lines above the header. Numbers keep all digits
    that tell them apart; NaN and None are empty cells. Raises InputError when the columns differ in length, FileError
    when the file cannot be written.
    """
    return write_columns(Path(path), columns, comments, units=units)


def write_frames(
    path: str | Path,
    time: ArrayLike,
    measures: Mapping[str, ArrayLike],
    time_name: str = "step",
    comments: Sequence[str] = (),
    units: UnitNames | None = None,
) -> Path:
    """Write one row a frame: time, then each measure {name: [n_frames]}. See `write_table`."""
    return write_table(path, {time_name: time, **measures}, comments, units)


def write_pair_distribution(
    path: str | Path, distribution: PairDistribution, names: Mapping[int, str], units: UnitNames,
    parts: Mapping[int, str] | None = None,
) -> Path:  # fmt: skip
    """Write r, total and partial g(r), and their standard errors if any.

    names: {species: name}; parts: what the groups of atoms are called that have a share of the total.
    """
    columns: dict[str, Column] = {"r": distribution.r, "g_total": distribution.total}
    if distribution.total_error is not None:
        columns["g_total_error"] = distribution.total_error
    for pair, g in distribution.partials.items():
        columns[f"g_{pair_name(pair, names)}"] = g
        if pair in distribution.partial_errors:
            columns[f"g_{pair_name(pair, names)}_error"] = distribution.partial_errors[pair]
    for group, name in (parts or {}).items():
        columns[f"part_{name}"] = distribution.parts[group]
        if group in distribution.part_errors:
            columns[f"part_{name}_error"] = distribution.part_errors[group]
    return write_table(
        path,
        columns,
        [
            f"mean over {distribution.n_frames} frames; r is the middle of its bin",
            f"errors: {over_frames(distribution.n_frames, distribution.blocks)}",
        ],
        units,
    )


def write_census(path: str | Path, census: Sequence[IndexShare], names: Mapping[int, str]) -> Path:
    """Write the census of Voronoi indices: share of all atoms and, for each species by name, of its own atoms."""
    species = sorted({s for row in census for s in row.by_species})
    columns: dict[str, Column] = {
        "index <n3,n4,n5,n6,...>": [row.name for row in census],
        "fraction": [row.fraction for row in census],
    }
    for s in species:
        columns[f"fraction_of_{names.get(s, s)}"] = [row.by_species.get(s) for row in census]
    return write_table(path, columns)


def write_displacements(
    path: str | Path, species: Sequence[str], positions: ArrayLike, vectors: ArrayLike, units: UnitNames,
    ids: ArrayLike | None = None,
) -> Path:  # fmt: skip
    """Write one row an atom: id, species, where it was, displacement vector and magnitude.

    species [n_atoms] names; positions, vectors [n_atoms, 3]; ids [n_atoms], None for 1 ... n_atoms.
    """
    where, moved = np.asarray(positions, dtype=np.float64), np.asarray(vectors, dtype=np.float64)
    numbers = np.arange(1, len(moved) + 1) if ids is None else np.asarray(ids)
    columns: dict[str, Column] = {"id": numbers, "species": species}
    columns |= {axis: where[:, k] for k, axis in enumerate("xyz")}
    columns |= {f"d{axis}": moved[:, k] for k, axis in enumerate("xyz")}
    columns["magnitude"] = np.sqrt((moved**2).sum(axis=1))
    return write_table(path, columns, units=units)
