"""Where the chunks of a dataset lie, as HDF5 keeps it: so that a file takes over chunks that are in it already.

HDF5 writes chunks and reads them as they are stored, but has no call by which a new dataset takes chunks that lie in
the file. Its index of them is a fixed array (HDF5 File Format Specification 3.0, VII.C): a header, and one block with
address, size and mask of filters of each chunk, in the order of the dataset; of more than a page of chunks in pages,
each with a checksum. Rows that were written stay where they are, so the first elements of the longer dataset's array
are those of the shorter's."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

import h5py
from h5py import h5d

from glasscli.store.hdf5 import address
from glasscli.store.superblock import lookup3

LAYOUT, CONTINUATION = 0x08, 0x10  # messages of an object header
CHUNKED, FIXED_ARRAY = 2, 3
SUM = 4  # bytes of a checksum


@dataclass(frozen=True)
class ChunkIndex:
    """A fixed array in an open file.

    at       where its first element is, of a paged one the first page
    size     bytes of an element; count of them; page: how many to a page
    """

    descriptor: int
    block: int
    at: int
    size: int
    count: int
    page: int

    @classmethod
    def of(cls, descriptor: int, dataset: int) -> ChunkIndex | None:
        """That of the dataset whose object header is at an address; None where chunks are indexed otherwise.

        Raises OSError for what is no such header, and where a checksum is not that of its bytes.
        """
        header = _array_header(descriptor, dataset)
        if header is None:
            return None
        head = _checked(descriptor, header, 28, b"FAHD")
        size, bits, count, block = struct.unpack_from("<BBQQ", head, 6)
        page = 1 << bits
        pages = -(-count // page) if count > page else 0
        at = block + 14 + (-(-pages // 8) + SUM if pages else 0)
        return cls(descriptor, block, at, size, count, page)

    @property
    def paged(self) -> bool:
        """Whether its elements are in pages."""
        return self.count > self.page

    def elements(self, first: int, last: int) -> bytes:
        """Those of chunks `first` up to `last`, in one page."""
        return _read(self.descriptor, self._place(first), (last - first) * self.size)

    def take(self, other: ChunkIndex, count: int) -> None:
        """Make the first `count` elements those of another array of the same dataset, shorter or as long."""
        assert self.size == other.size and count <= min(self.count, other.count)
        for first in range(0, count, self.page):
            last = min(first + self.page, count)
            os.pwrite(self.descriptor, other.elements(first, last), self._place(first))
            whole = min(first + self.page, self.count)
            start = self._place(first) if self.paged else self.block
            end = self._place(first) + (whole - first) * self.size
            summed = lookup3(_read(self.descriptor, start, end - start))
            os.pwrite(self.descriptor, struct.pack("<I", summed), end)
        if self.paged:
            self._say_written(-(-count // self.page))

    def _place(self, element: int) -> int:
        pages = element // self.page if self.paged else 0
        return self.at + element * self.size + pages * SUM

    def _say_written(self, pages: int) -> None:
        """Set the bits of the first pages: others are taken as never written."""
        length = self.at - SUM - self.block
        head = bytearray(_read(self.descriptor, self.block, length))
        for page in range(pages):
            head[14 + page // 8] |= 0x80 >> page % 8
        os.pwrite(self.descriptor, bytes(head) + struct.pack("<I", lookup3(bytes(head))), self.block)


def taken(descriptor: int, dataset: h5py.Dataset) -> ChunkIndex | None:
    """The index of a dataset of the file behind a descriptor."""
    kept = dataset.id.get_create_plist()
    chunked = kept.get_layout() == h5d.CHUNKED
    return ChunkIndex.of(descriptor, address(dataset)) if chunked and dataset.id.get_num_chunks() else None


def _array_header(descriptor: int, dataset: int) -> int | None:
    """Where the header of a dataset's fixed array is, as its layout message says."""
    prefix = _read(descriptor, dataset, 6)
    if prefix[:5] != b"OHDR\x02":
        raise OSError(f"no object header at byte {dataset}")
    flags = prefix[5]
    width = 1 << (flags & 3)
    at = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    size = int.from_bytes(_read(descriptor, dataset + at, width), "little")
    blocks = [(dataset + at + width, size)]
    for start, length in blocks:
        data = _read(descriptor, start, length)
        here, step = 0, 6 if flags & 0x04 else 4
        while here + step <= length:
            kind, count = struct.unpack_from("<BH", data, here)
            body = data[here + step : here + step + count]
            if kind == LAYOUT:
                return _of_layout(body)
            if kind == CONTINUATION:
                offset, whole = struct.unpack("<QQ", body)
                blocks.append((offset + 4, whole - 4 - SUM))
            here += step + count
    raise OSError(f"no layout in the object header at byte {dataset}")


def _of_layout(message: bytes) -> int | None:
    version, kind = message[:2]
    if version < 4 or kind != CHUNKED:
        return None
    dimensions, width = message[3:5]
    index = 5 + dimensions * width
    return struct.unpack_from("<Q", message, index + 2)[0] if message[index] == FIXED_ARRAY else None


def _checked(descriptor: int, at: int, length: int, signature: bytes) -> bytes:
    data = _read(descriptor, at, length)
    if data[:4] != signature or lookup3(data[:-SUM]) != int.from_bytes(data[-SUM:], "little"):
        raise OSError(f"no {signature.decode()} at byte {at}")
    return data


def _read(descriptor: int, at: int, length: int) -> bytes:
    data = os.pread(descriptor, length, at)
    if len(data) < length:
        raise OSError(f"the file ends before byte {at + length}")
    return data
