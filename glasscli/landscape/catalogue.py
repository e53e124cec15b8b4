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

from glasscli.analysis.kept import Damaged, pack, unpack
from glasscli.errors import FileError
from glasscli.landscape.record import Flat
from glasscli.report.beside import stem_of
from glasscli.store.database import connected
from glasscli.store.files import own

BARRIER, SEARCH = "barrier", "search"
PATIENCE_SECONDS = 10.0  # for another process that writes
SQLITE = b"SQLite format 3\0"
_CLAIMS = 2**40


class Catalogue:
    """Records by kind and key; notes: what was damaged, and is to be computed again.

    mend: whether a damaged catalogue of ours is set aside, as NAME.damaged, and what is whole of it taken over;
    without, as for all that only read, it is an error. Raises FileError for what is none of ours, or locked.
    """

    def __init__(self, path: Path, mend: bool = False) -> None:
        self.path = path
        self.notes: list[str] = []
        try:
            self._base = _opened(path)
        except sqlite3.OperationalError as error:
            raise FileError(
                f"{path}: {error}: another process may hold it; try again when it has ended"
            ) from error
        except sqlite3.DatabaseError as error:
            if not (mend and _ours(path)):
                raise FileError(
                    f"{path}: not a catalogue that can be read ({error}); move it away to begin anew"
                ) from error
            self._base = self._mended(path)
        self._claims = open(path.with_name(path.name + ".claims"), "a+b", opener=own)  # noqa: SIM115
        self._held: set[int] = set()

    def _mended(self, path: Path) -> sqlite3.Connection:
        """A new catalogue with all whole records of a damaged one, which is set aside."""
        rows = list(_whole(path))
        number = next(n for n in range(1, 10**6) if not _aside(path, n).exists())
        aside = _aside(path, number)
        for ending in ("", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        base = _opened(path)
        base.execute("BEGIN")
        base.executemany("INSERT OR IGNORE INTO records VALUES (?, ?, ?)", rows)
        base.execute("COMMIT")
        self.notes.append(
            f"{path} was damaged: it is {aside.name} now, and {len(rows)} whole records go on in a new one"
        )
        return base

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
        row = (kind, key, pack(value, _seal(kind, key)))
        try:
            self._base.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", row)
        except sqlite3.Error as error:
            raise FileError(f"{self.path}: cannot be written: {error}") from error

    def get(self, kind: str, key: str) -> Flat | None:
        """One record, or None where there is no whole one."""
        return next((value for _, value in self._read("AND key=?", kind, key)), None)

    def keys(self, kind: str) -> set[str]:
        """Keys of all whole records of a kind."""
        return {key for key, _ in self.all(kind)}

    def all(self, kind: str) -> Iterator[tuple[str, Flat]]:
        """Every whole record of a kind, in the order of keys."""
        yield from self._read("ORDER BY key", kind)

    def _read(self, how: str, kind: str, *more: str) -> Iterator[tuple[str, Flat]]:
        try:
            for key, value in self._base.execute(
                f"SELECT key, value FROM records WHERE kind=? {how}", (kind, *more)
            ):
                try:
                    yield str(key), unpack(value, _seal(kind, str(key)), old=True)
                except Damaged:
                    note = f"{self.path}: a damaged record ({kind} {key}) counts as none"
                    if note not in self.notes:
                        self.notes.append(note)
        except sqlite3.Error as error:
            raise FileError(f"{self.path}: cannot be read: {error}") from error

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


def _opened(path: Path) -> sqlite3.Connection:
    """A database with the table of records; sqlite3's errors for what is none or damaged."""
    # Every record is its own transaction, on the disk before the next begins.
    base = connected(path, PATIENCE_SECONDS, isolation_level=None)
    try:
        base.execute("PRAGMA synchronous=FULL")
        tables = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if tables - {"records"}:
            raise sqlite3.DatabaseError("a database of another program")
        if not tables:
            base.execute(
                "CREATE TABLE IF NOT EXISTS records "
                "(kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
        if base.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.Error:
        base.close()
        raise
    return base


def _ours(path: Path) -> bool:
    """Whether what SQLite cannot read was a catalogue: its beginning says so, whatever came after."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE and b"CREATE TABLE records" in file.read(2**16)
    except OSError:
        return False


def _whole(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """The whole records of a damaged catalogue, as far as SQLite comes from either end."""
    seen: set[tuple[str, str]] = set()
    for order in ("", "ORDER BY kind DESC, key DESC"):
        base = connected(path, PATIENCE_SECONDS)
        try:
            for kind, key, value in base.execute(f"SELECT kind, key, value FROM records {order}"):
                with contextlib.suppress(Damaged):
                    unpack(value, _seal(kind, key), old=True)
                    if (kind, key) not in seen:
                        seen.add((kind, key))
                        yield kind, key, value
        except (sqlite3.Error, UnicodeDecodeError, TypeError, AttributeError):
            continue  # as far as it came
        finally:
            base.close()


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged" + (f"-{number}" if number > 1 else ""))


def _seal(kind: str, key: str) -> bytes:
    """What a record's checksum covers beside its bytes: where it belongs."""
    return f"{kind}\0{key}".encode()


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
