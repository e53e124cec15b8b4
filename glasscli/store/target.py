"""What rows are written into: a file made in one go, or a segment of one that grows and begins with what it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np

from glasscli.grid import GROUP_BYTES
from glasscli.store.chunk_index import ChunkIndex
from glasscli.store.finished import FileRun
from glasscli.store.growing import Segment
from glasscli.store.hdf5 import find
from glasscli.store.schema import DTYPES
from glasscli.store.sums import Sums

CHUNK_BYTES = 2**18


@dataclass
class Rows:
    """A dataset whose rows are written in order.

    first   the first that is to be written; those before it are in the file and stay where they are
    before  how many there were
    """

    dataset: h5py.Dataset
    path: str
    sums: Sums
    first: int = 0
    before: int = 0

    def write(self, start: int, data: np.ndarray) -> None:
        """Write rows from `start` on, of which the first may be there."""
        data = data[max(0, self.first - start) :]
        start = max(start, self.first)
        if len(data):
            self.dataset[start : start + len(data)] = data
            self.sums.add(self.path, data)


@dataclass
class Target:
    """A file that is being written, with its checksums.

    segment, before  where the file grows: the segment that is closed, and the run that is in the file so far
    """

    file: h5py.File
    segment: Segment | None = None
    before: FileRun | None = None
    sums: Sums = field(default_factory=Sums)

    def add(self, path: str, data: Any, dtype: str | None = None) -> None:
        """Write all rows of a dataset; those that are there, as they are now, stay where they are."""
        stored: np.ndarray = np.atleast_1d(np.asarray(data, dtype=dtype or DTYPES.get(path)))
        rows = self.rows(path, stored.shape, stored.dtype, again=not self._begins(path, stored))
        assert self.sums.rows is not None
        self.sums.rows[path] = np.zeros(0, "<u4")
        rows.dataset[rows.first :] = stored[rows.first :]
        self.sums.add(path, stored)

    def _begins(self, path: str, stored: np.ndarray) -> bool:
        """Whether rows begin with those that are in the file; a new time step changes all times."""
        old = find(self.before.file, path) if self.before else None
        if not isinstance(old, h5py.Dataset) or self.before is None or old.shape[0] > len(stored):
            return False
        return self.before.sums.agree(path, stored[: old.shape[0]])

    def add_bytes(self, path: str, data: bytes) -> None:
        """Write text (JSON) as a checksummed dataset of bytes."""
        self.add(path, np.frombuffer(data, dtype=np.uint8), "|u1")

    def rows(
        self, path: str, shape: tuple[int, ...], dtype: Any, group: int | None = None, again: bool = False
    ) -> Rows:
        """A dataset whose rows are to come, in chunks of whole rows, or of parts of a group of so many rows.

        again: also those that are there are written.
        """
        found = Rows(empty(self.file, path, shape, dtype, group), path, self.sums)
        assert self.sums.rows is not None
        self.sums.rows[path] = np.zeros(0, "<u4")
        if again or self.before is None or self.segment is None or self.before.sums.rows is None:
            return found
        old = find(self.before.file, path)
        if not isinstance(old, h5py.Dataset) or old.dtype != found.dataset.dtype or not found.dataset.chunks:
            return found
        found.before = old.shape[0]
        if (old.chunks, old.shape[1:]) != (found.dataset.chunks, shape[1:]) or old.shape[0] > shape[0]:
            return found
        # The last rows are written anew even where they fill their chunk: an index begins with a chunk.
        rows = found.dataset.chunks[0]
        first = min(old.shape[0], shape[0] - 1) // rows * rows
        index: ChunkIndex | None = self.segment.index(old) if first else None
        if index is not None:
            found.first = first
            count = first // rows
            for length, part in zip(shape[1:], found.dataset.chunks[1:], strict=True):
                count *= -(-length // part)
            self.segment.take(path, index, count)
            if len(shape) > 1:
                self.sums.rows[path] = self.before.sums.rows[path][:first]
        return found

    def copy(self, rows: Rows, stop: int) -> None:
        """Write rows anew that are in the file, from the first that is to be written to `stop`."""
        if self.before is not None and rows.first < min(stop, rows.before):
            rows.write(rows.first, self.before.rows_of(rows.path, rows.first, min(stop, rows.before)))


def add(file: h5py.File, path: str, data: Any, dtype: str | None = None) -> np.ndarray:
    """Write an array as a chunked, checksummed, compressed dataset; return it as it is stored."""
    stored: np.ndarray = np.atleast_1d(np.asarray(data, dtype=dtype or DTYPES.get(path)))
    empty(file, path, stored.shape, stored.dtype)[...] = stored
    return stored


def add_bytes(file: h5py.File, path: str, data: bytes) -> None:
    """Write text (JSON) as such a dataset of bytes."""
    add(file, path, np.frombuffer(data, dtype=np.uint8), "|u1")


def empty(
    file: h5py.File, path: str, shape: tuple[int, ...], dtype: Any, group: int | None = None
) -> h5py.Dataset:
    """A dataset in chunks of whole rows, or of parts of a group of so many rows."""
    if 0 in shape:
        return file.create_dataset(path, shape, dtype)
    row = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize
    rows, rest = max(1, min(shape[0], CHUNK_BYTES // row)), shape[1:]
    if group:
        rows = min(shape[0], group)
        rest = (max(1, min(shape[1], GROUP_BYTES // (rows * row // shape[1]))), *shape[2:])
    return file.create_dataset(
        path, shape, dtype, chunks=(rows, *rest), compression="gzip", shuffle=True, fletcher32=True
    )
