"""What a file holds, as short keys: results that are kept beside it belong to its frames, not to its name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.store.files import open_plain

BYTES = 12  # of a digest: two of 1e9 frames are alike by chance once in 1e11


def digest_of_file(path: Path) -> str:
    """A digest of a whole file, a piece at a time. Raises FileError for a pipe or a device, OSError."""
    with open(path, "rb", opener=open_plain) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=BYTES)).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The same as other programs say it: so a run names the file that it starts from."""
    with open(path, "rb", opener=open_plain) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_frame(
    positions: np.ndarray, edges: np.ndarray, species: np.ndarray, images: np.ndarray | None
) -> str:
    """A digest of a configuration [n, 3], [3], [n], [n, 3], whatever the precision that it is stored with.

    edges: of another box than a rectangular, periodic one all of `Box.packed`.
    """
    digest = hashlib.blake2b(digest_size=BYTES)
    for values, kind in ((positions, "<f8"), (edges, "<f8"), (species, "<i4"), (images, "<i4")):
        digest.update(b"none" if values is None else np.ascontiguousarray(values, kind).tobytes())
    return digest.hexdigest()


def digests_of_frames(
    positions: np.ndarray, edges: Sequence[np.ndarray], species: np.ndarray, images: np.ndarray | None
) -> list[str]:
    """The same of several, [m, n, 3], m boxes, [n] or [m, n], [m, n, 3]."""
    each: Sequence[np.ndarray | None] = [None] * len(positions) if images is None else list(images)
    kinds = species if species.ndim == 2 else [species] * len(positions)
    return [digest_of_frame(*frame) for frame in zip(positions, edges, kinds, each, strict=True)]
