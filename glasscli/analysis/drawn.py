"""Pictures that show already what they are to show are left as they are: drawing takes longer than all else."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from glasscli import __version__
from glasscli.analysis.kept import Kept, key
from glasscli.analysis.workers import Worker, idle
from glasscli.report import canvas
from glasscli.report.style import chosen
from glasscli.store.content import BYTES, digest_of_file

DRAWN = "drawn"  # of rows that say what a picture shows


@dataclass(frozen=True)
class Drawn:
    """A figure that a measure wrote: the name it gave, and the file."""

    name: str
    path: Path


@dataclass(frozen=True)
class Picture:
    """One that another process draws. settings, shows: what is kept of it, None for nothing."""

    path: Path
    settings: str
    shows: str | None
    by: Worker

    def finish(self, kept: Kept) -> None:
        """Wait until it is there, and keep what it shows. Raises what went wrong."""
        self.by.answer()
        _remember(kept, self.path, self.settings, self.shows)


def draw(
    kept: Kept, path: Path, function: Callable[..., object], values: Sequence[Any], more: Mapping[str, Any]
) -> Picture | None:
    """Draw `function(path, *values, **more)`, unless the picture of that name is what it would be.

    Where a process waits for work it is that which draws: the picture is there when it is finished. Else None.
    """
    shown, settings = key_of(function, *values, more), key({"picture": path.name})
    if shown is not None and path.is_file():
        have = kept.frames([DRAWN], DRAWN, settings)
        row = next(kept.get([DRAWN], DRAWN, settings, [0])) if have else {}
        if row == {"shows": shown, "file": digest_of_file(path)}:
            return None
    for by in sorted(idle(), key=lambda worker: worker.waiting)[:1]:
        with suppress(pickle.PicklingError, AttributeError, TypeError):  # no values for another process
            by.call(function, path, *values, **more)
            return Picture(path, settings, shown, by)
    function(path, *values, **more)
    _remember(kept, path, settings, shown)
    return None


def _remember(kept: Kept, path: Path, settings: str, shown: str | None) -> None:
    if shown is not None and path.is_file():
        kept.add([DRAWN], DRAWN, settings, 0, {"shows": shown, "file": digest_of_file(path)})


def get_ready() -> None:
    """Load what drawing takes, in a process that has nothing else to do."""
    canvas.load()


def key_of(function: Any, *values: Any) -> str | None:
    """A digest of what a function of figures is given, and of what else decides how it looks; None where a value has
    no form that can be told again.
    """
    digest = hashlib.blake2b(digest_size=BYTES)
    try:
        _take(
            digest, [function.__module__, function.__qualname__, __version__, _sources(), chosen(), *values]
        )
    except TypeError:
        return None
    return digest.hexdigest()


@cache
def _sources() -> int:
    """When the newest of the files that draw was written."""
    return max(path.stat().st_mtime_ns for path in Path(canvas.__file__).parent.glob("*.py"))


def _take(digest: Any, value: Any) -> None:
    """Feed a value with its type and its length, so that no two that differ look alike."""
    digest.update(f"{type(value).__name__} ".encode())
    if value is None or isinstance(value, bool | int | float | str | np.generic | PurePath):
        text = str(value) if isinstance(value, PurePath) else repr(value)
        digest.update(f"{len(text)} {text}".encode())
    elif isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            _take(digest, value.tolist())
            return
        digest.update(f"{value.dtype.str} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        _take(digest, list(value.items()))
    elif isinstance(value, list | tuple):
        digest.update(f"{len(value)} ".encode())
        for one in value:
            _take(digest, one)
    elif is_dataclass(value) and not isinstance(value, type):
        _take(digest, {field.name: getattr(value, field.name) for field in fields(value)})
    elif hasattr(value, "model_dump"):
        _take(digest, vars(value))
    else:
        raise TypeError(f"no form of {type(value).__name__}")
