"""How rows of a series lie in the journal: single numbers with the record, arrays behind it; many gathered in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from glasscli.store.journal import Record
from glasscli.store.schema import Row, Series


def gathered(rows: Iterable[tuple[int, list[float]]]) -> dict[str, np.ndarray]:
    """The arrays of one record of many rows, each the numbers of all columns in order."""
    steps, values = zip(*rows, strict=True)
    return {"steps": np.array(steps, dtype="<i8"), "rows": np.array(values, dtype="<f8")}


def single(series: Series, row: Row) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The values and the arrays of one row's record."""
    values = {c.key: np.asarray(row[c.key], c.dtype).item() for c in series.columns if not c.shape}
    arrays = {c.key: np.asarray(row[c.key], c.dtype) for c in series.columns if c.shape}
    return values, arrays


def block(series: Series, record: Record) -> dict[str, np.ndarray]:
    """The rows of a record: steps [n] under `step`, columns [n, ...] by key."""
    if series.gathered:
        columns = record.arrays["rows"].T
        found = {c.key: column for c, column in zip(series.columns, columns, strict=True)}
        return {"step": record.arrays["steps"]} | found
    stored: Mapping[str, Any] = record.values | record.arrays
    return {key: np.asarray(stored[key])[None] for key in ("step", *(c.key for c in series.columns))}
