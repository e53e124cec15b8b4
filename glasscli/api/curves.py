"""Functions and pictures as notebooks have them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.api.tables import data_frame, dataset
from glasscli.configuration import Floats
from glasscli.errors import InputError, near
from glasscli.formats.csv import headed
from glasscli.report.averages import Band, bands
from glasscli.report.page import escape
from glasscli.store.files import replacing
from glasscli.units import UnitNames

SHOWN = 5  # values of a function in a repr


@dataclass(frozen=True)
class Picture:
    """A figure as PNG: a notebook shows it, `save` writes it."""

    png: bytes

    def save(self, path: str | Path) -> Path:
        """Write it and return the path."""
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(self.png)
        return Path(path)

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"a picture of {len(self.png)} bytes: .save(path)"


@dataclass(frozen=True)
class Curves:
    """Functions of one argument: `curves["msd"]` is [n], `curves.x` [n] its argument.

    of      what they are of, in words
    along   the name of the argument; error: standard errors {name: [n]} where there are any
    """

    of: str
    along: str
    x: Floats
    functions: Mapping[str, Floats]
    errors: Mapping[str, Floats]
    units: UnitNames
    log: bool = False

    def __getitem__(self, name: str) -> Floats:
        if name == self.along:
            return self.x
        if name not in self.functions:
            raise InputError(f"no function {name!r} here{near(name, self.functions)}")
        return self.functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.functions)

    def __len__(self) -> int:
        return len(self.x)

    def columns(self) -> dict[str, Floats]:
        """The argument, then the functions and their errors."""
        return {self.along: self.x, **self.functions, **{f"{k}_error": v for k, v in self.errors.items()}}

    def to_pandas(self) -> Any:
        """The same as a pandas DataFrame whose index is the argument. Raises MissingPackageError without pandas."""
        return data_frame(self.columns()).set_index(self.along)

    def to_xarray(self) -> Any:
        """The same as an xarray Dataset over the argument, `units` among the attributes of each variable.

        Raises MissingPackageError without xarray.
        """
        variables = {
            name: ((self.along,), values, self._unit(name)) for name, values in self.columns().items()
        }
        along = {self.along: variables.pop(self.along)}
        return dataset(variables, along, {"title": self.of})

    def _unit(self, name: str) -> dict[str, str]:
        """{"units": that of a column}, as its header has it in parentheses; {} of a pure number."""
        _, _, unit = headed([name.removesuffix("_error")], self.units)[0].partition(" (")
        return {"units": unit.removesuffix(")")} if unit else {}

    def plot(self, *names: str) -> Picture:
        """A panel of each function, or of these."""
        (x_label,) = headed([self.along], self.units)
        nothing = np.full(len(self.x), np.nan)
        panels = {
            name: [
                Band(self.of, self.x, self[name], self.errors.get(name, nothing), x_label,
                     headed([name], self.units)[0].replace("_", " "), self.log)
            ]
            for name in names or self.functions
        }  # fmt: skip
        return picture(panels)

    def __repr__(self) -> str:
        lines = [f"{self.of}, {len(self.x)} values of {self.along}:"]
        lines += [f"  {name}: {_few(values)}" for name, values in self.functions.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(n)}</td><td>{escape(_few(v))}</td></tr>" for n, v in self.functions.items()
        )
        return f"<p>{escape(self.of)}, {len(self.x)} values of {escape(self.along)}</p><table>{rows}</table>"


def picture(panels: Mapping[str, list[Band]]) -> Picture:
    """Panels as one figure."""
    with tempfile.TemporaryDirectory() as folder:
        return Picture(bands(Path(folder) / "figure.png", panels).read_bytes())


def _few(values: Floats) -> str:
    shown = ", ".join(f"{value:.4g}" for value in values[:SHOWN])
    return f"{shown}{', ...' if len(values) > SHOWN else ''}"
