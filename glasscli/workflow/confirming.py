"""What `glasscli trust` confirms: of a run the program that it names, of any other file all that stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli import trust
from glasscli.errors import InputError, MissingFileError
from glasscli.store.files import read_plain
from glasscli.store.reader import is_run, open_run
from glasscli.store.recorder import MANIFEST, partial_folder


@dataclass(frozen=True)
class Confirmed:
    """Files and what each may run from now on, '' where it names no program; or no longer, where `revoked`."""

    files: tuple[tuple[Path, str], ...]
    revoked: bool

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"revoked" if self.revoked else "trusted": [str(file) for file, _ in self.files]}

    def text(self) -> str:
        """A line a file."""
        word = "no longer trusted" if self.revoked else "trusted"
        return "\n".join(f"{file}: {word}{f' to run {what}' if what else ''}" for file, what in self.files)


def confirm(files: Sequence[Path], revoke: bool = False) -> Confirmed:
    """Let what files name run from now on, or with `revoke` no longer. Raises GlassError with one line."""
    found = []
    for file in files:
        place, content, owner, what = _said(file)
        if revoke:
            trust.revoke(place, content)
        else:
            trust.confirm(place, content, owner)
        found.append((place, what))
    return Confirmed(tuple(found), revoke)


def _said(file: Path) -> tuple[Path, bytes, Path, str]:
    """(what it is called, what is confirmed of it, what says so, the program) of a file."""
    output = file.with_name(file.name.removesuffix(".partial"))
    working = partial_folder(output)
    if (working / MANIFEST).exists() or (file.is_file() and is_run(file)):
        run = open_run(working if (working / MANIFEST).exists() else output)
        lmp = run.manifest.launch.lmp
        return output, lmp.encode(), run.path, repr(lmp) if lmp else ""
    if file.is_dir():
        raise InputError(f"{file}: a folder: name the file in it")
    if not file.is_file():
        raise MissingFileError(f"{file}: no such file")
    return file, read_plain(file), file, ""
