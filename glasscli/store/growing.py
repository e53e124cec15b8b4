"""An HDF5 file that grows by segments and is whole at every moment: of what is in it, 48 bytes are ever overwritten.

The library writes through `_Behind`, a file of its own kind (h5py: Python file-like objects) that seems to end where
the real one ends and to hold an empty root group. So all that it writes, chunks and metadata, comes to lie behind,
where nothing is that is read yet; the beginning, superblock and root group, is kept in memory. When all of it is on
the disk the root group is put behind it too, and the superblock, one write into one sector, then says where it is.
Before that the file is what it was, after it it has one segment more. What a killed write leaves behind the end is not
looked at, and overwritten by the next."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import h5py

from glasscli.errors import FileError
from glasscli.store.chunk_index import ChunkIndex, taken
from glasscli.store.files import own, replacing, sync
from glasscli.store.hdf5 import address, writing
from glasscli.store.superblock import CHECKSUM_AT, END_AT, FLAGS_AT, ROOT_AT, SIGNATURE, lookup3

BOUNDS = ("v110", "v110")  # metadata with checksums, which HDF5 1.10 and later read
SUPERBLOCK = CHECKSUM_AT + 4


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
    behind = _Behind(descriptor, end)
    try:
        with writing(lambda _: h5py.File(behind, "r+", libver=BOUNDS), path) as file:
            opened = Segment(file, descriptor)
            yield opened
            taken_over = opened.addresses()
        for where, index, count in taken_over:
            new = ChunkIndex.of(descriptor, where)
            if new is None:
                raise FileError(f"{path}: its HDF5 library keeps chunks otherwise than expected")
            new.take(index, count)
        root = behind.end
        os.pwrite(descriptor, behind.front[SUPERBLOCK:], root)
        superblock = _superblock(root + len(behind.front) - SUPERBLOCK, root)
        _check(path, descriptor, superblock)
        sync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise
    os.pwrite(descriptor, superblock, 0)
    sync(descriptor)


class _Behind(io.RawIOBase):
    """What the library takes for its file: an empty one, as long as the real one; what it writes lies behind that."""

    def __init__(self, descriptor: int, end: int) -> None:
        super().__init__()
        first = _nothing()
        root = int.from_bytes(first[ROOT_AT : ROOT_AT + 8], "little")
        self.front = bytearray(_superblock(end, root) + first[SUPERBLOCK:])
        self._descriptor, self._start, self._at, self.end = descriptor, end, 0, end

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.end}[whence]
        return self._at

    def tell(self) -> int:
        """The offset."""
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read from the front or the real file; what is behind it is zeros."""
        into = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        front = self._front(len(into))
        into[:front] = self.front[self._at : self._at + front]
        got = os.preadv(self._descriptor, [into[front:]], self._at + front) if front < len(into) else 0
        into[front + got :] = bytes(len(into) - front - got)
        self._at += len(into)
        return len(into)

    def write(self, data: object) -> int:
        """Write to the front or behind the real file. Raises OSError in between: nothing there is overwritten."""
        given = memoryview(data).cast("B")  # type: ignore[arg-type]
        front = self._front(len(given))
        self.front[self._at : self._at + front] = given[:front]
        at, rest = self._at + front, given[front:]
        if len(rest) and at < self._start:
            raise OSError(f"the HDF5 library would overwrite byte {at} of {self._start}")
        while len(rest):
            written = os.pwrite(self._descriptor, rest, at)
            at, rest = at + written, rest[written:]
        self._at += len(given)
        self.end = max(self.end, self._at)
        return len(given)

    def truncate(self, size: int | None = None) -> int:
        """End the file there."""
        self.end = max(self._start, self._at if size is None else size)
        os.ftruncate(self._descriptor, self.end)
        return self.end

    def _front(self, length: int) -> int:
        return max(0, min(length, len(self.front) - self._at))


class Snapshot(io.RawIOBase):
    """A growing file to read: what it holds now, whatever is appended later, or renamed.

    h5py.File of a path gives what another object in this process has open of the same file, which may be older.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._descriptor, self._at = own(path), 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        end = os.fstat(self._descriptor).st_size if whence == os.SEEK_END else 0
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: end}[whence]
        return self._at

    def tell(self) -> int:
        """The offset."""
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read what is there; behind the end zeros."""
        into = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        got = os.preadv(self._descriptor, [into], self._at)
        into[got:] = bytes(len(into) - got)
        self._at += len(into)
        return len(into)

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def _check(path: Path, descriptor: int, superblock: bytes) -> None:
    """Raise FileError unless the library finds every chunk in what the file is about to be."""
    behind = _Behind(descriptor, os.fstat(descriptor).st_size)
    behind.front[:] = superblock
    missing: list[str] = []

    def look(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.chunks:
            parts = zip(item.shape, item.chunks, strict=True)
            chunks = 1
            for length, part in parts:
                chunks *= -(-length // part)
            if item.id.get_num_chunks() != chunks:
                missing.append(name)

    with h5py.File(behind, "r") as file:
        file.visititems(look)
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
    image = io.BytesIO()
    with h5py.File(image, "w", libver=BOUNDS):
        pass
    found = image.getvalue()
    if int.from_bytes(found[ROOT_AT : ROOT_AT + 8], "little") != SUPERBLOCK:
        raise FileError("this HDF5 library begins its files otherwise than expected")
    return found
