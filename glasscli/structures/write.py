"""Built structures as files, with the grain of each atom where there are grains."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Ints
from glasscli.errors import FileError
from glasscli.formats.writers import writer
from glasscli.model.system import System
from glasscli.store.files import replacing
from glasscli.store.kind import TABLE, structure_kind
from glasscli.store.outputs import Claims


def write_structure(
    path: Path, configuration: Configuration, system: System, grain: Ints | None = None, force: bool = False
) -> list[str]:
    """Write a structure in the format of the path's ending; return the files written.

    grain: [n_atoms] grain of each atom, 0 for none. Extended XYZ and dumps get a column `grain`; a LAMMPS data file has
    no place for it, so FILE.grains.csv (id, grain) is written beside it. Raises FileError when the file exists (unless
    `force`) or cannot be written.
    """
    text = writer(path.suffix)(configuration, system)
    beside = path.with_name(f"{path.stem}.grains.csv")
    files = {path: text}
    if grain is not None:
        if path.suffix in (".xyz", ".dump"):
            files[path] = _with_column(text, path.suffix, grain)
        else:
            rows = [f"{i},{g}" for i, g in enumerate(grain.tolist(), start=1)]
            files[beside] = "\n".join(["id,grain", *rows]) + "\n"
    claims = Claims(force=force)
    for file in files:
        claims.check(file, TABLE if file == beside else structure_kind(file.suffix), anew=False)
    for file, content in files.items():
        try:
            with replacing(file) as temporary:
                temporary.write_text(content)
        except OSError as error:
            raise FileError(f"{file}: cannot be written: {error.strerror or error}") from error
    return [str(file) for file in files]


def _with_column(text: str, suffix: str, grain: Ints) -> str:
    lines = text.rstrip("\n").split("\n")
    first = len(lines) - len(grain)
    if suffix == ".xyz":
        lines[1] = re.sub(r"(Properties=\S+)", r"\1:grain:I:1", lines[1])
    else:
        lines[first - 1] += " grain"
    values = np.asarray(grain).tolist()
    lines[first:] = [f"{line} {g}" for line, g in zip(lines[first:], values, strict=True)]
    return "\n".join(lines) + "\n"
