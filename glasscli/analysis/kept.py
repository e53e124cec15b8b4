"""What was measured on single frames, kept beside the file: a second analysis computes only what is missing.

One SQLite file; each row is a frame's result of one measure under its settings. Rows are committed as they come, so an
interrupted analysis keeps them; they belong to the run's identity, so they stay valid when an unfinished run goes on.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.limits import parse_json

COMMIT_SECONDS = 1.0
VERSION = 3  # of what is kept of a frame: raised when its form or its meaning changes
Stored = dict[str, Any]  # a row as it is kept: JSON values and arrays


def key(values: Mapping[str, Any]) -> str:
    """The settings under which results made with `values` are kept."""
    return json.dumps({"version": VERSION} | dict(values), sort_keys=True)


class Kept:
    """Results by (source, frame, measure, settings). Without a writable place they are kept in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        try:
            self._open(path)
        except sqlite3.DatabaseError:
            # It only saves work: one that is damaged is made anew, or done without.
            if path is not None:
                path.unlink(missing_ok=True)
            try:
                self._open(path)
            except sqlite3.DatabaseError:
                self._open(None)
        self._committed = time.monotonic()

    def _open(self, path: Path | None) -> None:
        self._base = sqlite3.connect(":memory:" if path is None else str(path), timeout=30)
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS results "
            "(source TEXT, measure TEXT, settings TEXT, frame INTEGER, result BLOB, "
            "PRIMARY KEY (source, measure, settings, frame)) WITHOUT ROWID"
        )
        self._base.execute("SELECT count(*) FROM results").fetchone()

    def frames(self, source: str, measure: str, settings: str) -> set[int]:
        """Frames that have a result."""
        rows = self._base.execute(
            "SELECT frame FROM results WHERE source=? AND measure=? AND settings=?",
            (source, measure, settings),
        )
        return {int(frame) for (frame,) in rows}

    def add(self, source: str, measure: str, settings: str, frame: int, result: Stored) -> None:
        """Keep one result; on disk within a second, or when `commit` is called."""
        self._base.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
            (source, measure, settings, frame, pack(result)),
        )
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def get(self, source: str, measure: str, settings: str, frames: list[int]) -> Iterator[Stored]:
        """Yield the results of `frames`, in that order, one at a time."""
        wanted = "SELECT result FROM results WHERE source=? AND measure=? AND settings=? AND frame"
        if frames and frames == list(range(frames[0], frames[-1] + 1)):  # as they nearly always are
            ends = (frames[0], frames[-1])
            rows = self._base.execute(
                f"{wanted} BETWEEN ? AND ? ORDER BY frame", (source, measure, settings, *ends)
            )
            yield from (unpack(result) for (result,) in rows)
            return
        for frame in frames:
            yield unpack(self._base.execute(f"{wanted}=?", (source, measure, settings, frame)).fetchone()[0])

    def commit(self) -> None:
        """Write what was added."""
        self._base.commit()
        self._committed = time.monotonic()

    def close(self) -> None:
        """Write and close."""
        self.commit()
        self._base.close()


def pack(result: Mapping[str, Any]) -> bytes:
    """A flat mapping of JSON values and arrays as bytes: a header, then the arrays as they are."""
    arrays = {k: np.ascontiguousarray(v) for k, v in result.items() if isinstance(v, np.ndarray)}
    header = json.dumps(
        {
            "values": {k: v for k, v in result.items() if k not in arrays},
            "arrays": {k: [a.dtype.str, a.shape] for k, a in arrays.items()},
        }
    ).encode()
    return struct.pack("<I", len(header)) + header + b"".join(a.tobytes() for a in arrays.values())


def unpack(data: bytes) -> Stored:
    """What `pack` was given."""
    (length,) = struct.unpack_from("<I", data)
    header = parse_json(data[4 : 4 + length])
    result, at = dict(header["values"]), 4 + length
    for name, (kind, shape) in header["arrays"].items():
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        result[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
        at += count * dtype.itemsize
    return result
