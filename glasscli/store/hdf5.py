"""The door to HDF5 files that others may have written: what is asked for is looked at before it is read.

An HDF5 file can name other files (external links, external storage, virtual datasets), load code (filters that are
plug-ins), lead in circles (hard links) and claim any size. Ours do none of this, so whatever does is refused: nothing
but the file itself is opened, and no memory is taken before a size is known.
"""

from __future__ import annotations

import errno
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5l, h5o, h5z

from glasscli.errors import FileError
from glasscli.limits import BYTES, TEXT
from glasscli.store.superblock import CHECKSUM_AT, ROOT_AT, SIGNATURE, VERSION_AT

DAMAGE = (OSError, KeyError, RuntimeError, TypeError, ValueError)  # how h5py says it
FILTERS = {h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}
DEEPEST = 16  # groups in groups
ATTRIBUTE = 2**16  # bytes
# What is stored of a chunk that does not get smaller, and a checksum.
OVERHEAD, PER_CHUNK = 1.01, 64


def open_hdf5(path: Path) -> h5py.File:
    """Open a file to read, as it is now; FileError where it is not HDF5, or cannot be seen as it is.

    A file that is open in this process already, by whatever name, HDF5 does not look at again unless another of its
    drivers opens it: one that has grown meanwhile would be read as it was.
    """
    if path.exists() and not path.is_file():
        raise FileError(f"{path}: not an HDF5 file, but a folder, a pipe or a device")
    try:
        for driver in (None, "stdio"):
            file = h5py.File(path, "r", driver=driver)
            if root_of(path) in (None, address(file)):
                return file
            file.close()
    except DAMAGE as error:
        raise FileError(f"{path}: not an HDF5 file, or truncated: {first_line(error)}") from error
    raise FileError(f"{path}: open in this process since before it grew: close what was opened before")


def root_of(path: Path) -> int | None:
    """Where the root group of a file is now; None of files whose beginning does not say so directly."""
    with path.open("rb") as file:
        head = file.read(CHECKSUM_AT)
    known = head[:8] == SIGNATURE and len(head) == CHECKSUM_AT and head[VERSION_AT] in (2, 3)
    return int.from_bytes(head[ROOT_AT : ROOT_AT + 8], "little") if known else None


@contextmanager
def writing(opener: Callable[[Path], h5py.File], path: Path) -> Iterator[h5py.File]:
    """Open a file to write for the length of the block; a disk that fills up meanwhile is one plain OSError."""
    hook = sys.unraisablehook
    try:
        # What h5py cannot raise while it tidies up after a failed write says the same once more.
        sys.unraisablehook = lambda _: None
        with opener(path) as file:
            yield file
    except (OSError, RuntimeError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise OSError(errno.ENOSPC, "no space left", str(path.parent)) from None
        raise
    finally:
        sys.unraisablehook = hook


def find(file: h5py.Group, key: str) -> h5py.Group | h5py.Dataset | None:
    """What `file` itself holds under a name, or None. Raises OSError for links to elsewhere, and DAMAGE."""
    here = file
    for part in key.split("/"):
        name = part.encode()
        if not isinstance(here, h5py.Group) or not here.id.links.exists(name):
            return None
        if here.id.links.get_info(name).type != h5l.TYPE_HARD:
            raise OSError(f"{key} is a link to elsewhere, which is not followed")
        here = _object(here, name)
    return here


def _object(group: h5py.Group, name: bytes) -> h5py.Group | h5py.Dataset:
    identifier = h5o.open(group.id, name)
    if isinstance(identifier, h5d.DatasetID):
        return h5py.Dataset(identifier)
    if isinstance(identifier, h5py.h5g.GroupID):
        return h5py.Group(identifier)
    raise OSError(f"{name.decode(errors='replace')} is neither numbers nor a group of them")


def address(item: h5py.Group | h5py.Dataset) -> int:
    """Where in the file it is: the same for all its names."""
    return int(h5o.get_info(item.id).addr)


def check_dataset(dataset: h5py.Dataset) -> None:
    """Raise OSError for a dataset that is not plain numbers in this file, all of them written."""
    kept, dtype, shape = dataset.id.get_create_plist(), dataset.dtype, dataset.shape
    if dtype.kind not in "iufSb" or dtype.itemsize > 4096 or not shape:
        raise OSError("not plain numbers")
    layout = kept.get_layout()
    if kept.get_external_count() or layout == h5d.VIRTUAL:
        raise OSError("its numbers are said to be in another file, which is not opened")
    filters = {kept.get_filter(k)[0] for k in range(kept.get_nfilters())}
    if not filters <= FILTERS:
        raise OSError("its numbers need a filter that is a plug-in, which is not loaded")
    stored = dataset.id.get_storage_size()
    if layout != h5d.CHUNKED:
        if stored < dataset.nbytes:
            raise OSError("its numbers were never written")
        return
    chunk = kept.get_chunk()
    whole = math.prod(chunk) * dtype.itemsize
    BYTES.check(whole, "a chunk of it")
    chunks = math.prod(-(-length // piece) for length, piece in zip(shape, chunk, strict=True))
    if dataset.id.get_num_chunks() != chunks:
        raise OSError("some of its numbers were never written")
    if stored > chunks * (whole * OVERHEAD + PER_CHUNK):
        raise OSError("it stores more than its numbers take")


def text_of(file: h5py.File, key: str) -> bytes:
    """A small dataset of bytes. Raises DAMAGE for what is none."""
    dataset = find(file, key)
    if not isinstance(dataset, h5py.Dataset):
        raise KeyError(f"no {key}")
    check_dataset(dataset)
    TEXT.check(dataset.nbytes, key)
    return bytes(dataset[()])


def walk(group: h5py.Group, prefix: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """All groups and datasets below, datasets under all their names (h5py's own visitor gives hard links only one).

    Raises OSError for links to elsewhere, groups under two names (they may lead in circles), and what is neither.
    """
    seen = {address(group)} if seen is None else seen
    for name in list(group.id):
        path = prefix + name.decode("utf-8", "replace")
        if group.id.links.get_info(name).type != h5l.TYPE_HARD:
            raise OSError(f"{path} is a link to elsewhere, which is not followed")
        item = _object(group, name)
        yield path, item
        if isinstance(item, h5py.Group):
            at = address(item)
            if at in seen or path.count("/") > DEEPEST:
                raise OSError(f"{path} leads in a circle")
            seen.add(at)
            yield from walk(item, f"{path}/", seen)


def attributes(item: h5py.Group | h5py.Dataset) -> list[tuple[str, Any]]:
    """Names and values of the attributes, sorted. Raises OSError for what is no small plain value."""
    found = []
    for name in sorted(item.attrs):
        attribute = item.attrs.get_id(name)
        if attribute.get_storage_size() > ATTRIBUTE or attribute.dtype.kind not in "iufSb":
            raise OSError(f"the attribute {name} is no small plain value")
        found.append((name, np.asarray(item.attrs[name]).tolist()))
    return found


def blocks(dataset: h5py.Dataset, group: int | None = None) -> Iterator[slice]:
    """Rows of a dataset in whole chunks, or in whole groups of so many, of about a megabyte."""
    row = max(1, dataset.nbytes // max(1, dataset.shape[0]))
    chunk = group or (dataset.chunks or (1,))[0]
    rows = max(chunk, 2**20 // row // chunk * chunk)
    for start in range(0, dataset.shape[0], rows):
        yield slice(start, min(start + rows, dataset.shape[0]))


def first_line(error: Exception) -> str:
    """What HDF5 or h5py says, in one line."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
