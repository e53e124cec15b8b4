"""What was compiled from C at installation: found by its path, its functions ready to be called."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from glasscli.errors import MissingPackageError

# {name of a function: (type of its result, types of its arguments)}
Signatures = Mapping[str, tuple[Any, Sequence[Any]]]


def extension(folder: Path, name: str, signatures: Signatures, what: str, instead: str) -> ctypes.CDLL:
    """The library NAME of a folder. Raises MissingPackageError where it was not built, or is of an older glasscli.

    what: it is for, and what can be done `instead` without it, for the line that says so
    """
    for suffix in EXTENSION_SUFFIXES:
        path = folder / f"{name}{suffix}"
        if path.exists():
            found = ctypes.CDLL(str(path))
            for called, (result, arguments) in signatures.items():
                try:
                    function = getattr(found, called)
                except AttributeError:
                    raise MissingPackageError(
                        f"{path} was built from an older glasscli: install glasscli again, or {instead}"
                    ) from None
                function.restype, function.argtypes = result, arguments
            return found
    raise MissingPackageError(
        f"glasscli was installed without a compiler, so it has no {what} of its own: {instead}, or install "
        "a C compiler and glasscli again"
    )
