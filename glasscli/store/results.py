"""Adds what was measured to a finished file: copied, extended, renamed over it; never open for writing itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.errors import FileError
from glasscli.store.assemble import HDF5_OVERHEAD, add, add_bytes, writing
from glasscli.store.files import replacing, require_space
from glasscli.store.run import Run


def add_results(
    path: Path, results: dict[str, dict[str, Any]], arrays: dict[str, np.ndarray] | None = None
) -> None:
    """Store `results` under /analysis/NAME/json and `arrays` under /analysis/PATH, replacing older ones.

    Raises FileError for a file too damaged to take them.
    """
    arrays = arrays or {}
    size = sum(a.nbytes for a in arrays.values()) + len(json.dumps(results))
    require_space(path.absolute().parent, path.stat().st_size + size + HDF5_OVERHEAD)
    with replacing(path) as temporary:
        shutil.copyfile(path, temporary)
        try:
            with writing(_reopen, temporary) as file:
                for name, values in results.items():
                    group = f"analysis/{name}"
                    if group in file:
                        del file[group]
                    add_bytes(file, f"{group}/json", json.dumps(values, allow_nan=False).encode())
                for key, data in arrays.items():
                    add(file, f"analysis/{key}", data)
        except (KeyError, RuntimeError, OSError) as error:
            if getattr(error, "errno", None):
                raise  # the system's words, not HDF5's
            why = str(error).splitlines()[0][:120]
            raise FileError(
                f"{path}: damaged, results cannot be added ({why}); try glasscli repair"
            ) from error


def stored_fictive_temperature(run: Run) -> tuple[float, float] | None:
    """T_f and its error as measured on a run with a ramp, or None."""
    stored = run.result("summary") or {}
    found = stored.get("fictive_temperature")
    return (found["value"], found["error"]) if found else None


def _reopen(path: Path) -> h5py.File:
    return h5py.File(path, "r+", libver=("v110", "v110"))
