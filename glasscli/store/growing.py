"""An HDF5 file that grows by segments and is whole at every moment: of what is in it, 48 bytes are ever overwritten.

The library writes a segment into another file, which begins as an empty one and has a hole as long as the real one, so
that all it writes, chunks and metadata, comes to lie behind the hole; from there it is copied to the same place in the
real file, where nothing is that is read yet. When all of it is on the disk, with the root group behind it, the
superblock, one write into one sector, says where that is. Before that the file is what it was, after it it has one
segment more. What a killed write leaves behind the end is not looked at, and overwritten by the next.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py

from glasscli.errors import FileError
from glasscli.store.chunk_index import ChunkIndex, taken
from glasscli.store.files import own, replacing, sync
from glasscli.store.hdf5 import address, first_line, writing
from glasscli.store.superblock import CHECKSUM_AT, END_AT, FLAGS_AT, ROOT_AT, SIGNATURE, lookup3

BOUNDS = ("v110", "v110")  # metadata with checksums, which HDF5 1.10 and later read
SUPERBLOCK = CHECKSUM_AT + 4
PIECE = 2**22  # bytes copied at once


@dataclass
class Segment:
    """A segment that is being closed: groups and datasets go into `file`, in which nothing is yet.

    _taken: datasets that go on with chunks that are there: path, their old index, how many of it
    """

    file: h5py.File
    descriptor: int
    _taken: list[tuple[str, ChunkIndex, int]] = field(default_factory=list)

    def index(self, before: h5py.Dataset) -> ChunkIndex | None:
        """Where the chunks of a dataset are that was in the file before; None where they cannot be taken over."""
        return taken(self.descriptor, before)

    def take(self, path: str, index: ChunkIndex, count: int) -> None:
        """Let the dataset `path` begin with the first `count` chunks of that index; others of it must be written."""
        self._taken.append((path, index, count))

    def addresses(self) -> list[tuple[int, ChunkIndex, int]]:
        """The same with where each new dataset is."""
        return [(address(self.file[path]), index, count) for path, index, count in self._taken]


@contextmanager
def segment(path: Path) -> Iterator[Segment]:
    """Close a segment of the file at `path`, or begin it with one; when the block ends well, it is durable.

    The file is to hold all that the block puts into it, and nothing else. When the block fails the file is what it was.
    Raises OSError for a full disk, FileError for a file that is none of these.
    """
    if path.exists():
        descriptor = own(path, os.O_RDWR)
        try:
            with _appended(path, descriptor) as opened:
                yield opened
        finally:
            os.close(descriptor)
        return
    with replacing(path, follow=False) as temporary:
        temporary.write_bytes(_nothing())
        with segment(temporary) as opened:
            yield opened


@contextmanager
def _appended(path: Path, descriptor: int) -> Iterator[Segment]:
    end = _end(path, descriptor)
    scratch = path.with_name(f".{path.name}.segment.{os.getpid()}.tmp")
    try:
        scratch.unlink(missing_ok=True)
        with scratch.open("xb") as begun:
            begun.write(_superblock(end, SUPERBLOCK) + _nothing()[SUPERBLOCK:])
            begun.truncate(end)
        with writing(lambda _: h5py.File(scratch, "r+", libver=BOUNDS), path) as file:
            opened = Segment(file, descriptor)
            yield opened
            taken_over = opened.addresses()
        source = own(scratch, os.O_RDWR)
        try:
            for where, index, count in taken_over:
                _take(path, source, where, index, count)
            _check(path, scratch)
            _put(source, descriptor, end)
        finally:
            os.close(source)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise
    finally:
        scratch.unlink(missing_ok=True)


def _take(path: Path, source: int, where: int, index: ChunkIndex, count: int) -> None:
    """Let a new dataset's index begin with chunks of an old one's."""
    new = ChunkIndex.of(source, where)
    if new is None:
        raise FileError(f"{path}: its HDF5 library keeps chunks otherwise than expected")
    new.take(index, count)


def _put(source: int, descriptor: int, end: int) -> None:
    """Copy what lies behind the hole, then the root group; when both are durable, say so at the beginning."""
    root = os.fstat(source).st_size
    for at in range(end, root, PIECE):
        _write(descriptor, os.pread(source, min(PIECE, root - at), at), at)
    group = os.pread(source, len(_nothing()) - SUPERBLOCK, SUPERBLOCK)
    _write(descriptor, group, root)
    sync(descriptor)
    os.pwrite(descriptor, _superblock(root + len(group), root), 0)
    sync(descriptor)


def _write(descriptor: int, data: bytes, at: int) -> None:
    left = memoryview(data)
    while len(left):
        done = os.pwrite(descriptor, left, at)
        at, left = at + done, left[done:]


def _check(path: Path, written: Path) -> None:
    """Raise FileError unless the library finds every chunk of what it wrote and what was taken over."""
    missing: list[str] = []

    def count(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks:
            chunks = 1
            for length, part in zip(item.shape, item.chunks, strict=True):
                chunks *= -(-length // part)
            if item.id.get_num_chunks() != chunks:
                missing.append(name)

    try:
        with h5py.File(written, "r") as file:
            file.visititems(count)
    except (OSError, RuntimeError, KeyError) as error:
        raise FileError(f"{path}: its HDF5 library cannot read what it wrote: {first_line(error)}") from error
    if missing:
        raise FileError(f"{path}: its HDF5 library keeps the chunks of {missing[0]} otherwise than expected")


def _end(path: Path, descriptor: int) -> int:
    """Where what the file holds ends. Raises FileError for one whose beginning is none of ours."""
    head = os.pread(descriptor, SUPERBLOCK, 0)
    if len(head) < SUPERBLOCK or head[:8] != SIGNATURE or lookup3(head[:CHECKSUM_AT]) != _sum_of(head):
        raise FileError(f"{path}: its beginning is damaged")
    return int.from_bytes(head[END_AT : END_AT + 8], "little")


def _sum_of(head: bytes) -> int:
    return int.from_bytes(head[CHECKSUM_AT : CHECKSUM_AT + 4], "little")


def _superblock(end: int, root: int) -> bytes:
    head = bytearray(_nothing()[:CHECKSUM_AT])
    head[FLAGS_AT] = 0
    struct.pack_into("<Q", head, END_AT, end)
    struct.pack_into("<Q", head, ROOT_AT, root)
    return bytes(head) + struct.pack("<I", lookup3(bytes(head)))


@cache
def _nothing() -> bytes:
    """A file without anything in it, as the library makes it: superblock, and right behind it the root group."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "nothing.h5"
        with h5py.File(path, "w", libver=BOUNDS):
            pass
        found = path.read_bytes()
    if int.from_bytes(found[ROOT_AT : ROOT_AT + 8], "little") != SUPERBLOCK:
        raise FileError("this HDF5 library begins its files otherwise than expected")
    return found
