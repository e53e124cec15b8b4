"""The form of an answer, and how its numbers are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Data = dict[str, Any]
Columns = Mapping[str, Floats | Sequence[float]]


class Answer(Protocol):
    """What a command computed."""

    @property
    def data(self) -> Data:
        """The numbers for --json, by the keys that are promised."""

    @property
    def columns(self) -> Columns:
        """The table: columns of one length; their names as `formats.csv.headed` takes them."""

    def text(self) -> str:
        """The lines for people."""


def plain(values: Mapping[str, object]) -> Data:
    """Return numbers, arrays and mappings as JSON knows them; what is not finite becomes None."""
    return {str(key): _plain(value) for key, value in values.items()}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def lines(rows: Mapping[str, object]) -> str:
    """Return 'name  value' lines with aligned values."""
    width = max(len(name) for name in rows)
    return "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in rows.items())


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
