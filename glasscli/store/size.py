"""How many bytes a run will take on disk, by the layout of its file: configurations of it packed as they will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from glasscli.configuration import Configuration
from glasscli.grid import Grid, differences, group_of
from glasscli.protocols.protocol import Protocol
from glasscli.store.assemble import HDF5_OVERHEAD
from glasscli.store.growing import BOUNDS
from glasscli.store.schema import DTYPES, GRID, SERIES, STRESS, THERMO, Series
from glasscli.store.target import empty

# Of a file without rows: datasets, their names and chunks' indices, checksums (measured: 19 to 22 kB).
EMPTY = 20_000
# Of eight bytes of a number that fluctuates, those that gzip leaves; steps and times of a row besides (measured).
NUMBER, STEP = 7.2, 8.0
# Of atoms' ids, masses, species that keep theirs: all but nothing.
OF_ATOMS = 1.0
assert EMPTY < HDF5_OVERHEAD


@dataclass(frozen=True)
class Sizes:
    """Bytes an atom, packed: of a frame, of a minimum, of a full state, and of the file that a run starts from."""

    frame: float
    minimum: float
    state: float
    start: float


def sizes(protocol: Protocol, seen: Sequence[Configuration], restart: bytes, start: bytes) -> Sizes:
    """What configurations of a run take when they are packed as its file packs them.

    seen: some of its configurations, of the same atoms, with velocities; restart: its state as LAMMPS has it; start:
    the file it starts from, empty without one. Nothing is written on the disk.
    """
    atoms, count = seen[0].n_atoms, len(seen)
    images = np.array([np.zeros((atoms, 3)) if c.images is None else c.images for c in seen])
    places = np.array([c.positions for c in seen])
    speeds = np.array([np.zeros((atoms, 3)) if c.velocities is None else c.velocities for c in seen])
    kinds = np.array([c.species for c in seen])

    def packed(path: str, rows: np.ndarray, group: int | None = None) -> float:
        return _packed(rows.astype(DTYPES[path]), group) / (atoms * len(rows))

    image = packed("particles/all/image/value", images)
    kind = packed("particles/all/species/value", kinds) if protocol.species_vary else 0.0
    minimum = packed("particles/all/position/value", places) + image + kind
    frame = minimum
    if precision := protocol.sampling.precision:
        group, whole = group_of(atoms), np.array([Grid(precision).of(c) for c in seen])
        # The first of a group is kept whole; of the few that are seen it would weigh too much.
        first = packed(GRID, differences(whole[:1]), group)
        moved = (
            (packed(GRID, differences(whole), group) * count - first) / (count - 1) if count > 1 else first
        )
        frame = first / group + moved * (1 - 1 / group) + kind
    if protocol.sampling.velocities:
        frame += packed("particles/all/velocity/value", speeds)
    state = (
        packed("glasscli/states/position", places) + packed("glasscli/states/velocity", speeds) + image + kind
    )
    of_restart, of_start = (_packed(np.frombuffer(text, np.uint8)) / atoms for text in (restart, start))
    return Sizes(frame, minimum, state + of_restart, of_start)


def _packed(rows: np.ndarray, group: int | None = None) -> int:
    """Bytes of rows in a file, which is none on a disk."""
    if not rows.size:
        return 0
    with h5py.File("sizes", "w", driver="core", backing_store=False, libver=BOUNDS) as file:
        data = empty(file, "rows", rows.shape, rows.dtype, group)
        data[...] = rows
        file.flush()  # only then are its chunks packed
        return int(data.id.get_storage_size())


def file_bytes(
    protocol: Protocol, each: Sizes, frames: int, minima: int, states: int, rows: dict[str, int]
) -> float:
    """Bytes of the finished file of a run that keeps so many of each.

    rows: {kind of series: how many}, of those that come without a configuration.
    """
    atoms, kinds = sum(protocol.counts), len(protocol.counts)
    per_atom = each.frame * frames + each.minimum * minima + each.state * states + each.start + OF_ATOMS
    tables = sum(count * _row(SERIES[kind], kinds) for kind, count in rows.items())
    return EMPTY + atoms * per_atom + tables


def _row(series: Series, kinds: int) -> float:
    columns = sum(kinds * kinds if column.shape else 1 for column in series.columns)
    if series in (THERMO, STRESS):
        return (
            STEP + NUMBER * columns - (NUMBER if series is THERMO else 0)
        )  # a volume is constant, or one more
    return STEP + NUMBER / 2 * columns
