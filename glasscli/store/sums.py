"""Checksums of what is stored, row by row, so that a frame that is read alone is checked alone.

HDF5's own checksums guard bytes on a disk. They do not see a program that opened the file and stored other numbers, or
put one dataset in the place of another; these do. The CRC-32s of all rows are one dataset (`glasscli/sums`); its hash,
how many rows belong to which dataset, and a CRC-32 of each result are in `glasscli/checks`, as JSON. A file from before
these were kept has only the hash of its structure there.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, field

import h5py
import numpy as np

from glasscli.store.hdf5 import attributes, walk
from glasscli.store.schema import CHECKS, SUMS


def row_sums(data: np.ndarray) -> np.ndarray:
    """[rows] CRC-32 of each row of an array of rows; [1] that of a list of numbers, which is read as a whole."""
    data = np.ascontiguousarray(data)
    rows = data if data.ndim > 1 else data[None]
    return np.array([zlib.crc32(row) for row in rows], dtype="<u4")


@dataclass
class Sums:
    """The checksums of a file.

    structure  hash of names, shapes, types and attributes
    rows       {dataset: [rows] CRC-32 of each}; None in a file from before they were kept
    results    {dataset below /analysis: CRC-32}
    """

    structure: str = ""
    rows: dict[str, np.ndarray] | None = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, checks: bytes, sums: np.ndarray | None) -> Sums:
        """Those of a file whose `glasscli/checks` and `glasscli/sums` these are. Raises ValueError for damage."""
        text = checks.decode("ascii")
        if len(text) == 64 and sums is None:
            return cls(text, None)
        data = json.loads(text)
        if sums is None or hashlib.sha256(sums.tobytes()).hexdigest() != data["sums"]:
            raise ValueError("the checksums of its numbers are not those that were written")
        ends = np.cumsum(list(data["rows"].values()), dtype=np.int64)
        if len(ends) == 0 or ends[-1] != len(sums):
            raise ValueError("the checksums of its numbers are not as many as its numbers")
        rows = dict(zip(data["rows"], np.split(sums, ends[:-1]), strict=True))
        return cls(data["structure"], rows, data["results"])

    def packed(self) -> np.ndarray:
        """What is kept in `glasscli/sums`."""
        assert self.rows is not None
        return np.concatenate(list(self.rows.values()))

    def to_bytes(self) -> bytes:
        """What is kept in `glasscli/checks`."""
        if self.rows is None:
            return self.structure.encode()
        found = {
            "structure": self.structure,
            "sums": hashlib.sha256(self.packed().tobytes()).hexdigest(),
            "rows": {path: len(rows) for path, rows in self.rows.items()},
            "results": self.results,
        }
        return json.dumps(found).encode()

    def add(self, path: str, data: np.ndarray) -> None:
        """Count rows of a dataset, in order."""
        assert self.rows is not None
        self.rows[path] = np.concatenate([self.rows.get(path, np.zeros(0, dtype="<u4")), row_sums(data)])

    def agree(self, path: str, data: np.ndarray, start: int = 0) -> bool:
        """Whether rows of a dataset from `start` are what was written; true where nothing is known."""
        if self.rows is None:
            return True
        kept, found = self.rows.get(path), row_sums(data)
        return kept is not None and np.array_equal(kept[start : start + len(found)], found)


def structure_digest(file: h5py.File) -> str:
    """Hash of the names, shapes, types and attributes of everything but /analysis: HDF5 checksums only datasets."""
    rows = []
    for name, item in walk(file):
        if name.split("/")[0] != "analysis" and name not in (CHECKS, SUMS):
            shape = (item.shape, item.dtype.str) if isinstance(item, h5py.Dataset) else ()
            rows.append(repr((name, shape, attributes(item))))
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def crc(data: bytes | np.ndarray) -> int:
    """CRC-32 of bytes or an array."""
    return zlib.crc32(np.ascontiguousarray(data).tobytes() if isinstance(data, np.ndarray) else data)
