"""What was found so far: one SQLite file beside the sample, a record written the moment it is there.

A record's key is a hash of what it was computed from (potential and both ends), not of its number in a list, so it
stays true when a run goes on, and the same transition met again is not computed again. Several processes may work on
one catalogue: who works on a record holds a lock on one byte of the file NAME.claims, which the kernel takes back
when its holder ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glasscli.analysis.kept import pack, unpack
from glasscli.errors import FileError
from glasscli.landscape.record import Flat
from glasscli.report.beside import stem_of

BARRIER, SEARCH = "barrier", "search"
_CLAIMS = 2**40


class Catalogue:
    """Records by kind and key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Every record is its own transaction, on the disk before the next begins.
            self._base = sqlite3.connect(str(path), timeout=60, isolation_level=None)
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute(
                "CREATE TABLE IF NOT EXISTS records "
                "(kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
            if self._base.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
        except sqlite3.Error as error:
            raise FileError(
                f"{path}: not a catalogue that can be read ({error}); move it away to begin anew"
            ) from error
        self._claims = path.with_name(path.name + ".claims").open("a+b")
        self._held: set[int] = set()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close; claims are given back."""
        self._base.close()
        self._claims.close()

    def add(self, kind: str, key: str, value: Flat) -> None:
        """Keep one record; it is on the disk when this returns."""
        try:
            self._base.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (kind, key, pack(value)))
        except sqlite3.OperationalError as error:
            raise FileError(f"{self.path}: cannot be written: {error}") from error

    def get(self, kind: str, key: str) -> Flat | None:
        """One record, or None."""
        row = self._base.execute("SELECT value FROM records WHERE kind=? AND key=?", (kind, key)).fetchone()
        return unpack(row[0]) if row else None

    def keys(self, kind: str) -> set[str]:
        """Keys of all records of a kind."""
        return {str(key) for (key,) in self._base.execute("SELECT key FROM records WHERE kind=?", (kind,))}

    def all(self, kind: str) -> Iterator[tuple[str, Flat]]:
        """Every record of a kind, in the order of keys."""
        for key, value in self._base.execute(
            "SELECT key, value FROM records WHERE kind=? ORDER BY key", (kind,)
        ):
            yield str(key), unpack(value)

    def claim(self, kind: str, key: str) -> bool:
        """Take a record to work on: False when another process has it, or it is here by now."""
        place = _place(kind, key)
        if place in self._held:
            return False
        try:
            fcntl.lockf(self._claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place, os.SEEK_SET)
        except OSError:
            return False
        self._held.add(place)
        if self.get(kind, key) is not None:
            self.release(kind, key)
            return False
        return True

    def release(self, kind: str, key: str) -> None:
        """Give a claim back."""
        place = _place(kind, key)
        self._held.discard(place)
        with contextlib.suppress(OSError):
            fcntl.lockf(self._claims, fcntl.LOCK_UN, 1, place, os.SEEK_SET)


def key_of(*parts: str | bytes | np.ndarray) -> str:
    """A key from what a record is computed from."""
    digest = hashlib.sha256()
    for part in parts:
        data = (
            part.encode()
            if isinstance(part, str)
            else part
            if isinstance(part, bytes)
            else np.ascontiguousarray(part).tobytes()
        )
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:24]


def catalogue_path(file: Path) -> Path:
    """Where the catalogue of a file lies."""
    return file.with_name(stem_of(file).name + "-landscape.db")


def _place(kind: str, key: str) -> int:
    return int(hashlib.sha256(f"{kind} {key}".encode()).hexdigest()[:12], 16) % _CLAIMS
