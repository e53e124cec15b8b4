"""Compressed text files: told by their first bytes, unpacked in blocks, whatever they are called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from glasscli.errors import MissingPackageError
from glasscli.store.files import open_plain

MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"\x28\xb5\x2f\xfd": ".zst"}
ENDINGS = tuple(MAGIC.values())
BLOCK = 2**18
# Bytes that unpacking may take, whatever size of dictionary a file asks for: xz -9 needs a quarter of it.
MEMORY = 2**28
# What reading a damaged one raises.
DAMAGE = (OSError, EOFError, zlib.error)


def packing(path: Path) -> str | None:
    """How a file is compressed (.gz, .bz2, .xz, .zst), by what is in it; None for one that is not."""
    with suppress(OSError), _opened(path) as file:
        head = file.read(8)
        return next((ending for magic, ending in MAGIC.items() if head.startswith(magic)), None)
    return None


def unpacked(path: Path) -> IO[bytes]:
    """Open a file, compressed or not, for reading its text; what is damaged raises one of DAMAGE.

    Raises FileError for a pipe or a device, MissingPackageError for .zst where nothing here unpacks it.
    """
    how = packing(path)
    if how is None:
        return _opened(path)
    if how == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    new = _decompressor(path, how)
    return io.BufferedReader(_Stream(_opened(path), new), BLOCK)


def _opened(path: Path) -> IO[bytes]:
    return open(path, "rb", opener=open_plain)


def one_gz(path: Path, size: int) -> bool:
    """Whether a file that unpacks to so many bytes is a single stream of gzip, which is all that OVITO unpacks.

    The last four bytes say how long the last stream is (RFC 1952).
    """
    if packing(path) != ".gz":
        return False
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little") == size % 2**32


def unpacked_name(name: str) -> str:
    """The name of a file without the ending of its compression."""
    return next((name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)), name)


def _decompressor(path: Path, how: str) -> Callable[[], Any]:
    if how == ".bz2":
        return bz2.BZ2Decompressor
    if how == ".xz":
        return lambda: lzma.LZMADecompressor(memlimit=MEMORY)
    try:
        from compression import zstd  # Python 3.14 and later
    except ImportError:
        try:
            from backports import zstd
        except ImportError as error:
            raise MissingPackageError(
                f"{path.name}: to read .zst give this Python pip install 'glasscli[zstd]', or unzstd the file"
            ) from error
    found: Callable[[], Any] = zstd.ZstdDecompressor
    return found


class _Stream(io.RawIOBase):
    """What several compressed streams, one after the other, hold; never more of it in memory than was asked for."""

    def __init__(self, file: IO[bytes], new: Callable[[], Any]) -> None:
        self._file, self._new = file, new
        self._one, self._rest = new(), b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; 0 at the end. Raises OSError for what is damaged, EOFError for what is cut off."""
        while True:
            if self._one.eof:
                rest = self._one.unused_data or self._file.read(BLOCK)
                if not rest.strip(b"\0"):
                    return 0
                self._one, self._rest = self._new(), rest
            elif self._one.needs_input and not self._rest:
                self._rest = self._file.read(BLOCK)
                if not self._rest:
                    raise EOFError("it is cut off")
            try:
                found = self._one.decompress(self._rest, len(buffer))
            except Exception as error:  # each library has its own
                raise OSError(str(error)) from error
            self._rest = b""
            if found:
                buffer[: len(found)] = found
                return len(found)
