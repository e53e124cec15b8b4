"""The errors a user can meet. Each message is one line: what is wrong, where, and what to do.

Every class is also the natural builtin, so that library users can catch what they expect.
The command line turns them into one line on stderr and the exit code given here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_RESUMABLE = 0, 1, 2, 75


class GlassError(Exception):
    """Base of all errors that carry a message meant for the user.

    data  what else is known, keys of the JSON object beside `error` and `exit_code`
    """

    exit_code = EXIT_FAILED
    data: Mapping[str, Any] = {}


class InputError(GlassError, ValueError):
    """What the user asked for cannot be: a wrong unit, key, number or combination."""

    exit_code = EXIT_USAGE


class NotApplicableError(InputError):
    """It has no meaning for what the user has, and nothing that could be given would change that."""


class MissingFileError(GlassError, FileNotFoundError):
    """A file named by the user is not there."""

    exit_code = EXIT_USAGE

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class FileError(GlassError, OSError):
    """A file is damaged, not of the kind expected, or cannot be written."""


class EngineError(GlassError, RuntimeError):
    """LAMMPS refused a command or failed while running."""


class LostAtomsError(EngineError):
    """Atoms left the box or energies became infinite: the integration broke down."""


class MissingPackageError(GlassError, ImportError):
    """A program or library that this needs is not installed."""


class StoppedEarly(GlassError):
    """The run stopped before its end at a checkpoint; the same command goes on from there."""

    exit_code = EXIT_RESUMABLE


class HaltedError(GlassError):
    """The run stopped because it does not do what it is for; it goes on only when it is told to (--keep-going)."""

    def __init__(self, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.data = dict(data or {})


def near(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean X?)' for the known name nearest to `name`, or the list of known names."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else f" (known: {', '.join(known)})"
