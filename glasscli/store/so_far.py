"""The file in a working folder that holds all of a longer run but its tail, and grows by a segment now and then."""

from __future__ import annotations

import os
from pathlib import Path

from glasscli.errors import InputError
from glasscli.store.finished import FileRun

SO_FAR_FILE = "so-far.h5"
ALL = 2**62  # more than any journal holds
# A segment has so many bytes of the journal, or this share of all that came before it where that is more: what each
# closing writes anew (indices, checksums) then stays a small share of the file, however long the run.
SEGMENT_BYTES, SHARE = 64_000_000, 16
VARIABLE = "GLASSCLI_SEGMENT_BYTES"


def segment_bytes() -> int:
    """How many bytes of the journal the first segments have. Raises InputError for a number that is none."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return SEGMENT_BYTES
    try:
        found = int(float(text))
        assert found > 0
        return found
    except (ValueError, OverflowError, AssertionError) as error:
        raise InputError(f"{VARIABLE}={text}: not a positive number of bytes") from error


def so_far(folder: Path) -> FileRun | None:
    """That of a working folder, as it is now; None of a short run. Raises FileError for damage."""
    path = folder / SO_FAR_FILE
    return FileRun(path) if path.is_file() else None


def length_so_far(run: FileRun | None) -> int:
    """How much of the journal it holds; all of it where only the name of the finished file is still missing."""
    return 0 if run is None else ALL if run.so_far is None else run.so_far


def only_unnamed(folder: Path) -> bool:
    """Whether the run in a working folder is done, and its file has only to be renamed."""
    found = so_far(folder)
    return found is not None and found.finished
