"""What the command that runs may write: never what it reads, by whatever option that was named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from glasscli.errors import FileError, InputError
from glasscli.store.files import replacing
from glasscli.store.kind import ANYTHING
from glasscli.store.outputs import Claims, check, check_unnamed

force_option = click.option("--force", is_flag=True, help="Replace what was made of other files, or by hand.")
# Options that name what is written.
WRITTEN = {"output", "figure", "table"}


def claims(inputs: Sequence[Path] = ()) -> Claims:
    """The claims of the command that runs; inputs: what it is about."""
    context = click.get_current_context()
    given = click.core.ParameterSource.COMMANDLINE
    named = any(context.get_parameter_source(name) is given for name in WRITTEN)
    return Claims(tuple(inputs), bool(context.params.get("force")), tuple(_read(context)), named)


def place(named: Path | None, default: Path) -> Path:
    """Where an output goes: as named, else by default. Raises FileError for a link that nobody named."""
    if named is None:
        check_unnamed(default, bool(click.get_current_context().params.get("force")))
    return named or default


def write_input(path: Path, text: str, what: str, force: bool) -> None:
    """Write a file that people go on with by hand: never over one that is there, unless --force.

    Raises InputError for another ending than .toml, FileError where something stands or nothing can be written.
    """
    if path.suffix != ".toml":
        raise InputError(f"{path}: {what} is a .toml file")
    check(path, ANYTHING)
    if path.exists() and not force:
        raise FileError(f"{path} exists: give --force to replace it, or another -o")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _read(context: click.Context) -> Iterator[Path]:
    """Every file that an option or argument names."""
    for name, value in context.params.items():
        if name in WRITTEN:
            continue
        for word in _words(value):
            for text in (word, word.rpartition(":")[0]):  # --reference FILE:FRAME
                if text and "\0" not in text and len(text) < 4096 and Path(text).is_file():
                    yield Path(text)


def _words(value: object) -> Iterable[str]:
    if isinstance(value, str | Path):
        return [str(value)]
    return [str(one) for one in value if isinstance(one, str | Path)] if isinstance(value, tuple) else []
