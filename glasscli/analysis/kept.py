"""What was measured on single frames, kept beside the file: a second analysis computes only what is missing.

One SQLite file; each row is a frame's result of one measure under its settings, with a checksum. Rows belong to what
the frame holds: another run of the same name finds none of them, and the frames of an unfinished run keep theirs when
it goes on. They are committed as they come, so an interrupted analysis keeps them. They only save work: a row or file
that is damaged is computed again, and a file that is not ours or that another process holds is left alone.
"""

from __future__ import annotations

import json
import math
import sqlite3
import struct
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.errors import FileError
from glasscli.limits import parse_json
from glasscli.store.database import connected

COMMIT_SECONDS = 1.0
AT_ONCE = 64  # rows that are read in one go
PATIENCE_SECONDS = 5.0  # for another process that writes
VERSION = 4  # of what is kept of a frame: raised when its form or its meaning changes
OLD, TABLE = "results", "rows"
COLUMNS = {
    OLD: ["source", "measure", "settings", "frame", "result"],
    TABLE: ["measure", "settings", "frame", "result"],
}
MAGIC = b"GCR1"  # of a row with a checksum
Stored = dict[str, Any]  # a row as it is kept: JSON values and arrays
Place = tuple[str, str, str]  # measure, settings, what the frame holds
WHOLE: Place = ("part", "", "")  # where a file of a part of the frames has all its rows


class Damaged(ValueError):
    """A row is not what was written."""


def key(values: Mapping[str, Any]) -> str:
    """The settings under which results made with `values` are kept."""
    return json.dumps({"version": VERSION} | dict(values), sort_keys=True)


class Kept:
    """Results by what a frame holds, measure and settings; source: [F] what each frame holds.

    notes: what kept results from being read or written; they are then in memory. looked: whether the file was looked
    through already, by who gave it to this process.
    """

    def __init__(self, path: Path | None, looked: bool = False) -> None:
        self.path = path
        self.notes: list[str] = []
        self._memory: dict[Place, bytes] = {}
        self._waiting: dict[Place, bytes] = {}  # since the last commit
        self._base: sqlite3.Connection | None = None
        if path is not None:
            self._open(path, looked)
        self._committed = time.monotonic()

    def _open(self, path: Path, looked: bool) -> None:
        try:
            self._base = base = connected(path, PATIENCE_SECONDS)
            tables = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='table'")}
            if any(_columns(base, name) != COLUMNS.get(name) for name in tables):
                self._leave(f"{path} is a database of another program: left alone, and nothing is kept")
                return
            if not looked and base.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
            if OLD in tables:
                base.execute(f"DROP TABLE {OLD}")  # of earlier versions: its rows belonged to names of files
            if TABLE not in tables:
                base.execute(
                    f"CREATE TABLE IF NOT EXISTS {TABLE} (measure TEXT, settings TEXT, frame TEXT, result BLOB, "
                    "PRIMARY KEY (measure, settings, frame)) WITHOUT ROWID"
                )
                base.commit()
        except FileError as error:
            self._leave(f"{error} (until then nothing is kept)")
        except sqlite3.OperationalError as error:
            self._leave(f"{path}: {error}: nothing is kept there, and what it holds is computed again")
        except sqlite3.DatabaseError:
            self._leave(
                f"{path} is damaged, or no database of glasscli: left alone, and everything is computed again "
                "(remove it, and results are kept again)"
            )

    def _leave(self, note: str) -> None:
        """Go on without the file."""
        if self._base is not None:
            with suppress(sqlite3.Error):
                self._base.close()
        self._base = None
        self._memory |= self._waiting
        self._waiting = {}
        if note not in self.notes:
            self.notes.append(note)

    def frames(self, source: Sequence[str], measure: str, settings: str) -> set[int]:
        """Frames that have a whole result."""
        held = {frame for kind, how, frame in self._memory if (kind, how) == (measure, settings)}
        damaged = 0
        try:
            for frame, result in self._rows(measure, settings):
                if _whole(result, _seal(measure, settings, frame)):
                    held.add(frame)
                else:
                    damaged += 1
        except sqlite3.Error as error:
            self._leave(f"{self.path}: {error}: left alone, and what it holds is computed again")
        if damaged:
            self.notes.append(f"{self.path}: {damaged} damaged rows of {measure} are computed again")
        return {k for k, frame in enumerate(source) if frame in held}

    def _rows(self, measure: str, settings: str) -> Iterator[tuple[str, bytes]]:
        if self._base is not None:
            yield from self._base.execute(
                f"SELECT frame, result FROM {TABLE} WHERE measure=? AND settings=?", (measure, settings)
            )

    def add(self, source: Sequence[str], measure: str, settings: str, frame: int, result: Stored) -> None:
        """Keep one result; on disk within a second, or when `commit` is called."""
        place = (measure, settings, source[frame])
        self._put(place, pack(result, _seal(*place)))

    def _put(self, place: Place, row: bytes) -> None:
        if self._base is None:
            self._memory[place] = row
            return
        self._waiting[place] = row
        try:
            self._base.execute(f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?, ?)", (*place, row))
        except sqlite3.Error as error:
            if "full" in str(error):
                raise
            self._leave(f"{self.path}: {error}: no more is kept there")
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self.commit()

    def get(
        self, source: Sequence[str], measure: str, settings: str, frames: Sequence[int]
    ) -> Iterator[Stored]:
        """Yield the results of `frames`, in that order, one at a time.

        Raises FileError where one that was there has been damaged since.
        """
        for begin in range(0, len(frames), AT_ONCE):
            wanted = [source[k] for k in frames[begin : begin + AT_ONCE]]
            try:
                found = self._read(measure, settings, wanted)
                for frame in wanted:
                    if frame not in found:
                        raise Damaged("a row is gone")
                    yield unpack(found[frame], _seal(measure, settings, frame))
            except (sqlite3.Error, Damaged) as error:
                raise FileError(
                    f"{self.path}: changed while it was read ({error}): give the same command again"
                ) from error

    def _read(self, measure: str, settings: str, frames: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        if self._base is not None:
            wanted = (
                f"SELECT frame, result FROM {TABLE} WHERE measure=? AND settings=? "
                f"AND frame IN ({','.join('?' * len(frames))})"
            )
            found = dict(self._base.execute(wanted, (measure, settings, *frames)))
        for frame in frames:
            if (held := self._memory.get((measure, settings, frame))) is not None:
                found[frame] = held
        return found

    @property
    def lasting(self) -> bool:
        """Whether rows go into the file."""
        return self._base is not None

    def finish_part(self) -> None:
        """Say that all rows are there which this file was made for."""
        self._put(WHOLE, pack({}, _seal(*WHOLE)))
        self.commit()

    def take_in(self, parts: Iterable[Path]) -> None:
        """Keep the rows of other files, of parts of the same frames; those that are whole are removed then.

        Damaged rows are left out: they are measured again.
        """
        for path in parts:
            part = Kept(path)
            whole = False
            try:
                for measure, settings, frame, row in part._all():
                    place = (measure, settings, frame)
                    with suppress(Damaged):
                        unpack(row, _seal(*place))
                        whole = whole or place == WHOLE
                        if place != WHOLE:
                            self._put(place, row)
                self.commit()
            except sqlite3.Error as error:
                if "full" in str(error):
                    raise
                whole = False
                self.notes.append(f"{path}: {error}: what it holds is measured again")
            self.notes += part.notes
            part.close()
            if whole and self._base is not None:
                path.unlink(missing_ok=True)

    def _all(self) -> Iterator[tuple[str, str, str, bytes]]:
        if self._base is not None:
            yield from self._base.execute(f"SELECT measure, settings, frame, result FROM {TABLE}")

    def commit(self) -> None:
        """Write what was added."""
        if self._base is not None:
            try:
                self._base.commit()
                self._waiting = {}
            except sqlite3.Error as error:
                if "full" in str(error):
                    raise
                self._leave(f"{self.path}: {error}: no more is kept there")
        self._committed = time.monotonic()

    def close(self) -> None:
        """Write and close."""
        self.commit()
        if self._base is not None:
            self._base.close()


def _columns(base: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[0]) for row in base.execute("SELECT name FROM pragma_table_info(?)", (table,))]


def _seal(measure: str, settings: str, frame: str) -> bytes:
    """What a row's checksum covers beside its bytes: where it belongs."""
    return f"{measure}\0{settings}\0{frame}".encode()


def pack(result: Mapping[str, Any], seal: bytes = b"") -> bytes:
    """A flat mapping of JSON values and arrays as bytes: a checksum, a header, then the arrays as they are.

    seal: what the checksum covers beside, and `unpack` has to be given too.
    """
    arrays = {k: np.ascontiguousarray(v) for k, v in result.items() if isinstance(v, np.ndarray)}
    header = json.dumps(
        {
            "values": {k: v for k, v in result.items() if k not in arrays},
            "arrays": {k: [a.dtype.str, a.shape] for k, a in arrays.items()},
        }
    ).encode()
    body = struct.pack("<I", len(header)) + header + b"".join(a.tobytes() for a in arrays.values())
    return MAGIC + struct.pack("<I", zlib.crc32(body, zlib.crc32(seal))) + body


def _whole(data: bytes, seal: bytes) -> bool:
    """Whether a row is what was written there."""
    return (
        len(data) >= 8 and data[:4] == MAGIC
        and data[4:8] == struct.pack("<I", zlib.crc32(memoryview(data)[8:], zlib.crc32(seal)))
    )  # fmt: skip


def unpack(data: bytes, seal: bytes = b"", old: bool = False) -> Stored:
    """What `pack` was given; old: also of rows from before there were checksums. Raises Damaged."""
    try:
        here = 0
        if data[:4] == MAGIC:
            (wanted,) = struct.unpack_from("<I", data, 4)
            here = 8
            if wanted != zlib.crc32(memoryview(data)[here:], zlib.crc32(seal)):
                raise Damaged("a checksum does not match")
        elif not old:
            raise Damaged("a row without a checksum")
        (length,) = struct.unpack_from("<I", data, here)
        at = here + 4 + length
        header = parse_json(str(data[here + 4 : at], "utf-8"))
        result = dict(header["values"])
        for name, (kind, shape) in header["arrays"].items():
            dtype = np.dtype(kind)
            count = math.prod(shape)
            result[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
            at += count * dtype.itemsize
    except Damaged:
        raise
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"a row is damaged: {error}") from error
    return result
