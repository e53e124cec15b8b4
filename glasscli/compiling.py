"""Compiles by Numba and keeps the machine code, each file with a digest: a damaged one is compiled anew.

Numba itself would unpickle whatever a crash of the machine left there, and run machine code with a flipped bit.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import caching

DIGEST = hashlib.sha256().digest_size


def compiled(function: Callable[..., Any], options: Mapping[str, Any]) -> Any:
    """What `numba.njit` makes of a function, with a cache where there is a place for one."""
    kernel = numba.njit(**options)(function)
    with suppress(RuntimeError):  # no folder that can be written to: compiled each time
        kernel.enable_caching()
        kernel._cache._cache_file.__class__ = _Sealed
    return kernel


_CacheFile: Any = caching.IndexDataCacheFile


class _Sealed(_CacheFile):  # type: ignore[misc]
    """The files of one kernel: an index {signature: name} and the code of each, a digest at the head of both."""

    def _load_index(self) -> dict[Any, str]:
        try:
            stamp, names = self._opened(self._index_path)
        except OSError:
            return {}
        return names if stamp == self._source_stamp else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._opened(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, data: Any) -> None:
        content = self._dump(data)
        # On a full disk it is compiled each time.
        with suppress(OSError), self._open_for_write(path) as file:
            file.write(self._digest(content) + content)

    def _opened(self, path: str) -> Any:
        """What a file holds. Raises OSError where there is none, or it is not what this Numba wrote."""
        content = Path(path).read_bytes()
        if self._digest(content[DIGEST:]) != content[:DIGEST]:
            raise OSError(f"{path}: damaged")
        return pickle.loads(content[DIGEST:])

    def _digest(self, content: bytes) -> bytes:
        return hashlib.sha256(self._version.encode() + content).digest()
