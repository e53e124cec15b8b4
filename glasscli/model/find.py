"""Finds data files by name: those that come with glasscli, the user's own folder, or a path.

Systems, schedulers and clusters are found alike. A file may name programs, so no other place is looked into: neither
the folder one works in nor what a file of somebody else says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from glasscli.errors import InputError, MissingFileError, near
from glasscli.limits import TOML


@dataclass(frozen=True)
class Kind:
    """A kind of data file.

    word     what it is called in messages
    folder   of the user's own, within `user_folder()`
    package  beside whose modules the built-in ones lie, in a folder of the same name; '' where there are none
    """

    word: str
    folder: str
    package: str = ""

    def built_in(self) -> list[str]:
        """Names of those that come with glasscli."""
        if not self.package:
            return []
        files = (resources.files(self.package) / self.folder).iterdir()
        return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))

    def own(self) -> dict[str, Path]:
        """The user's own by name."""
        base = user_folder()
        return {path.stem: path for path in sorted((base / self.folder).glob("*.toml"))} if base else {}

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted({*self.built_in(), *self.own()})

    def is_own(self, path: Path) -> bool:
        """Whether a file is one of the user's own, whatever it is called by."""
        return any(path.resolve() == one.resolve() for one in self.own().values())


@dataclass(frozen=True)
class DataFile:
    """A file that was found: its content, how messages call it, and its folder (None for a built-in one)."""

    content: bytes
    origin: str
    folder: Path | None


def user_folder() -> Path | None:
    """The user's folder of glasscli; None where there is no home."""
    if base := os.environ.get("XDG_CONFIG_HOME"):
        return Path(base) / "glasscli"
    try:
        return Path.home() / ".config" / "glasscli"
    except RuntimeError:
        return None


def is_path(name: str) -> bool:
    """Whether a name is that of a file, not of something in a list."""
    return name.endswith(".toml") or "/" in name


def find(kind: Kind, name: str) -> DataFile:
    """The file of a name or at a path.

    Raises InputError for an unknown name, MissingFileError for a path where there is none.
    """
    if is_path(name):
        path = Path(name)
        if not path.is_file():
            raise MissingFileError(f"{path}: no such {kind.word} file")
        return DataFile(written(path), str(path), path.parent)
    own = kind.own()
    if name in kind.built_in():
        if name in own:
            raise InputError(f"{own[name]}: {name} is a built-in {kind.word}: give your file another name")
        built_in = resources.files(kind.package) / kind.folder / f"{name}.toml"
        return DataFile(built_in.read_bytes(), name, None)
    if name not in own:
        raise InputError(f"unknown {kind.word} {name!r}{near(name, kind.names())}; or give a .toml file")
    return DataFile(written(own[name]), str(own[name]), own[name].parent)


def written(path: Path) -> bytes:
    """What stands in a file that people write, refused by its size before it is read; no more than that is read."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        TOML.check(size, str(path), InputError)
        return file.read(size)
