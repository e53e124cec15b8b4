"""The append-only log that a run writes while it runs.

Records are appended with one write each and never changed: a length, a CRC of the contents, the contents. Whatever
kills the process, the disk or the machine, what lies before the first torn record is whole, and a reader needs no
repair to see it. (HDF5 in SWMR mode gives this only against killed processes on local disks, and not on a full one.)
Of a longer run the journal is the tail alone: a first record says at which offset it begins.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glasscli.errors import FileError
from glasscli.limits import BYTES, parse_json
from glasscli.store.files import own, sync

MAGIC = b"GLJ1"
_HEAD = struct.Struct("<4sII")
_LENGTH = struct.Struct("<I")
MAX_RECORD = 2**31 - 1
TAIL = "tail"  # kind of the first record where what came before is elsewhere


@dataclass(frozen=True)
class Record:
    """One entry: what kind, the numbers that go with it, and arrays. `end` is the offset after it in the file."""

    kind: str
    values: dict[str, Any]
    arrays: dict[str, np.ndarray]
    end: int = 0


def encode(kind: str, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """Return a record as bytes."""
    arrays = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    layout = [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()]
    meta = json.dumps([kind, values, layout]).encode()
    body = b"".join([_LENGTH.pack(len(meta)), meta, *(a.tobytes() for a in arrays.values())])
    if len(body) > MAX_RECORD:
        raise FileError(f"a record of {len(body)} bytes is too large for the journal")
    return _HEAD.pack(MAGIC, len(body), zlib.crc32(body)) + body


def _decode(body: bytes, end: int) -> Record:
    (meta_length,) = _LENGTH.unpack_from(body)
    start = _LENGTH.size + meta_length
    kind, values, layout = parse_json(body[_LENGTH.size : start])
    arrays = {}
    for name, dtype, shape in layout:
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(body, dtype, count, start).reshape(shape)
        start += arrays[name].nbytes
    return Record(kind, values, arrays, end)


def read_record(file: BinaryIO) -> Record | None:
    """Return the record at the file's position, or None at the end or at a torn or damaged record.

    Raises FileError for one that is whole, and no record of ours.
    """
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, length, checksum = _HEAD.unpack(head)
    here = file.tell()
    # A length that is damaged takes no memory.
    if magic != MAGIC or length > min(MAX_RECORD, os.fstat(file.fileno()).st_size - here):
        return None
    BYTES.check(length, f"{file.name}: the record at byte {here - _HEAD.size}")
    body = file.read(length)
    if len(body) < length or zlib.crc32(body) != checksum:
        return None
    try:
        return _decode(body, file.tell())
    except (ValueError, TypeError, KeyError, RecursionError, struct.error) as error:
        name = Path(file.name).name
        raise FileError(
            f"{name}: the record at byte {here - _HEAD.size} is none of glasscli's ({error})"
        ) from error


class JournalReader:
    """A journal, opened to read; it stays what it was when another takes its place.

    begins  the offset of its first record: of a longer run it is the tail, and offsets count from the run's beginning
    """

    def __init__(self, path: Path) -> None:
        self.file = open(path, "rb", opener=own)  # noqa: SIM115
        self.begins, self._shift = 0, 0
        head = read_record(self.file) if _is_tail(self.file) else None
        if head is not None:
            self.begins = _begins(head)
            self._shift = self.begins - head.end

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __del__(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

    def at(self, offset: int) -> Record | None:
        """The record at an offset; None where there is no whole one. Raises FileError as `read_record`."""
        if offset - self._shift > os.fstat(self.file.fileno()).st_size:
            return None
        self.file.seek(offset - self._shift)
        record = read_record(self.file)
        return None if record is None else replace(record, end=record.end + self._shift)

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """All whole records from `start`, in order, up to the offset `stop`."""
        start = max(start, self.begins)
        while (stop is None or start < stop) and (record := self.at(start)) is not None:
            yield record
            start = record.end

    @property
    def whole_length(self) -> int:
        """Where the part that is whole ends."""
        end = self.begins
        for record in self.records():
            end = record.end
        return end

    @property
    def torn(self) -> int:
        """Bytes behind the part that is whole."""
        return os.fstat(self.file.fileno()).st_size - (self.whole_length - self._shift)

    def cut(self) -> None:
        """Cut off what is behind the part that is whole."""
        length = self.whole_length - self._shift
        with open(self.file.name, "r+b", opener=own) as file:
            file.truncate(length)
            sync(file.fileno())

    def write_tail(self, path: Path, begins: int, stop: int | None = None) -> None:
        """Write what begins at an offset as a journal of its own, up to another."""
        with open(path, "wb", opener=own) as file:
            file.write(encode(TAIL, {"begins": begins}, {}))
            for record in self.records(begins, stop):
                self.file.seek(begins - self._shift)
                file.write(self.file.read(record.end - begins))
                begins = record.end


def _is_tail(file: BinaryIO) -> bool:
    """Whether a journal begins as a tail does; the file is at its beginning before and after."""
    kind = json.dumps([TAIL]).encode()[:-1]
    head = file.read(_HEAD.size + _LENGTH.size + len(kind))
    file.seek(0)
    return head.endswith(kind)


def _begins(head: Record) -> int:
    begins = head.values.get("begins")
    if type(begins) is not int or not 0 <= begins < 2**62:
        raise FileError("the journal's first record is none of glasscli's")
    return begins


def read(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Record]:
    """All whole records from `start`, in order, up to the offset `stop`."""
    with JournalReader(path) as journal:
        yield from journal.records(start, stop)


def whole_length(path: Path) -> int:
    """Where the part of the journal that is whole ends."""
    with JournalReader(path) as journal:
        return journal.whole_length


class JournalWriter:
    """Appends records. Opening cuts the file at `length`: what lies behind was written after the checkpoint."""

    def __init__(self, path: Path, length: int = 0) -> None:
        self.path = path
        self._file = own(path, os.O_RDWR | os.O_CREAT)
        with JournalReader(path) as before:
            self._shift = before._shift if length else 0
            begins = before.begins if length else 0
        size = os.fstat(self._file).st_size + self._shift
        if not begins <= length <= size:
            os.close(self._file)
            raise FileError(
                f"{path}: shorter ({size} bytes) than its checkpoint says ({length}); it was cut from outside"
            )
        os.ftruncate(self._file, length - self._shift)
        self.length = os.lseek(self._file, 0, os.SEEK_END) + self._shift

    def append(self, kind: str, values: dict[str, Any], arrays: dict[str, np.ndarray] | None = None) -> None:
        """Append one record; on failure (a full disk) the file is cut back to the last whole one."""
        data = memoryview(encode(kind, values, arrays or {}))
        written = 0
        try:
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            os.ftruncate(self._file, self.length - self._shift)
            os.lseek(self._file, self.length - self._shift, os.SEEK_SET)
            error.filename = str(self.path)
            raise
        self.length += written

    def sync(self) -> None:
        """Make everything appended so far durable."""
        sync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
