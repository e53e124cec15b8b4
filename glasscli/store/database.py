"""The door to SQLite: a database that glasscli keeps beside a file, which may have come from somebody else.

SQLite ends an interrupted write when it opens a database, as the journal beside it says; a journal may name another
file (the super-journal of a write to several databases), which SQLite then deletes. We never write to several.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from glasscli.errors import FileError
from glasscli.store.files import own, require_own

# The end of a journal that names a super-journal, after the name, its length and its sum (sqlite.org/fileformat2.html,
# section 3); also the beginning of every journal.
_SUPER = bytes.fromhex("d9d505f920a163d7")


def connected(path: Path, timeout: float, isolation_level: str | None = "DEFERRED") -> sqlite3.Connection:
    """Open or make a database of ours. Raises FileError for a link, and for a journal that names a file."""
    journal = path.with_name(path.name + "-journal")
    for place in (path, journal, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        require_own(place)
    with suppress(FileNotFoundError), open(journal, "rb", opener=own) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - len(_SUPER)))
        if file.read() == _SUPER:
            raise FileError(
                f"{journal}: names another file, which SQLite would delete, and is none of ours: remove it"
            )
    return sqlite3.connect(str(path), timeout=timeout, isolation_level=isolation_level)  # type: ignore[arg-type]
