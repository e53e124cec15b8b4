"""Adds what was measured to a finished file: copied, extended, renamed over it; never open for writing itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.errors import FileError
from glasscli.model.system import sample_spread
from glasscli.store.assemble import HDF5_OVERHEAD
from glasscli.store.files import replacing, require_space
from glasscli.store.finished import FileRun
from glasscli.store.hdf5 import find, writing
from glasscli.store.run import Run
from glasscli.store.schema import CHECKS, SUMS
from glasscli.store.sums import Sums, crc
from glasscli.store.target import add, add_bytes


def add_results(
    run: Run, results: dict[str, dict[str, Any]], arrays: dict[str, np.ndarray] | None = None
) -> None:
    """Store `results` under /analysis/NAME/json and `arrays` under /analysis/PATH, replacing older ones.

    run: the finished run as it was measured. Raises FileError for a file too damaged to take them, and for one that
    was lengthened or replaced meanwhile.
    """
    path = run.path
    arrays = arrays or {}
    size = sum(a.nbytes for a in arrays.values()) + len(json.dumps(results))
    require_space(path.absolute().parent, path.stat().st_size + size + HDF5_OVERHEAD)
    with replacing(path, changing=True) as temporary:
        shutil.copyfile(path, temporary)
        try:
            with writing(_reopen, temporary) as file:
                if not _same_rows(run, file):
                    raise FileError(f"{path} is another than was measured: give the command again")
                written: dict[str, int] = {}
                for name, values in results.items():
                    group = f"analysis/{name}"
                    if find(file, group) is not None:
                        del file[group]
                    text = json.dumps(values, allow_nan=False).encode()
                    add_bytes(file, f"{group}/json", text)
                    written[f"{group}/json"] = crc(text)
                for key, data in arrays.items():
                    written[f"analysis/{key}"] = crc(add(file, f"analysis/{key}", data))
                _sum(file, lambda path: path.split("/")[1] not in results, written)
        except (KeyError, RuntimeError, OSError) as error:
            if getattr(error, "errno", None):
                raise  # the system's words, not HDF5's
            why = str(error).splitlines()[0][:120]
            raise FileError(
                f"{path}: damaged, results cannot be added ({why}); try glasscli repair"
            ) from error


def _same_rows(run: Run, file: h5py.File) -> bool:
    """Whether a file holds the numbers that were measured; it may hold other results."""
    if not isinstance(run, FileRun) or run.sums.rows is None:
        return True
    return SUMS in file and np.array_equal(file[SUMS][...], run.sums.packed())


def drop_results(path: Path) -> None:
    """Remove all results from a file that is a copy. Errors as h5py raises them."""
    with writing(_reopen, path) as file:
        if file.id.links.exists(b"analysis"):
            del file["analysis"]
        _sum(file, lambda _: False, {})


def _sum(file: h5py.File, keep: Callable[[str], bool], written: dict[str, int]) -> None:
    """Keep checksums of results, those that stay and those that are written. A file that has none gets none."""
    known = Sums.of(file[CHECKS][...].tobytes(), file[SUMS][...] if SUMS in file else None)
    if known.rows is None:
        return
    known.results = {path: value for path, value in known.results.items() if keep(path)} | written
    del file[CHECKS]
    add_bytes(file, CHECKS, known.to_bytes())


def stored_fictive_temperature(run: Run) -> tuple[float, float] | None:
    """T_f and its fit's error as measured on a run with a ramp, or None. See `fictive_error` for that of the sample."""
    found = _summary(run).get("fictive_temperature")
    return (found["value"], found["error"]) if found and not outside_gap(found) else None


def stored_fictive_reason(run: Run) -> str | None:
    """Why a run with a ramp has no T_f, as measured on it; None where it has one or was not looked at."""
    stored = _summary(run)
    found = stored.get("fictive_temperature")
    return outside_gap(found) if found else stored.get("fictive_reason")


def outside_gap(found: dict[str, Any]) -> str | None:
    """Why a stored T_f is none: earlier versions kept crossings within the windows of the fits."""
    value, (glass, liquid) = found["value"], found["windows"]
    if glass < value < liquid:
        return None
    return f"the branches cross at {value:.3g}, outside the gap between the fitted windows, {glass:g} to {liquid:g}"


def fictive_error(run: Run, fit_error: float) -> tuple[float | None, str | None]:
    """How much T_f differs between two quenches made like this one (standard deviation), and a note.

    None where nobody has calibrated it for the system, the composition, the ensemble; the note says so, or that it is
    scaled from other sizes and rates.
    """
    system, protocol = run.manifest.system, run.manifest.protocol
    spread, ramp, atoms = sample_spread(system), protocol.ramp, sum(protocol.counts)
    unlike = [str(protocol.ensemble.kind)] if protocol.ensemble.kind != "nvt" else []
    unlike += ["another composition"] if protocol.counts != system.counts(atoms) else []
    if spread is None or ramp is None or unlike:
        here = f"{system.name} ({', '.join(unlike)})" if spread and unlike else system.name
        return None, (
            f"how much T_f differs between samples is not calibrated for {here}; the fit's own error is too small: "
            "compare quenches of several seeds (--seed)"
        )
    rate = ramp.rate(protocol.timestep)
    note = None
    if not spread.covers(atoms, rate):
        note = (
            f"the error of T_f between samples is scaled from {spread.quenches} quenches of {spread.atoms[0]} to "
            f"{spread.atoms[1]} atoms at rates of {spread.rates[0]:.2g} to {spread.rates[1]:.2g}; this is {atoms} "
            f"atoms at {rate:.2g}"
        )
    return spread.error(atoms, rate, fit_error), note


def _summary(run: Run) -> dict[str, Any]:
    return run.result("summary") or {}


def _reopen(path: Path) -> h5py.File:
    return h5py.File(path, "r+", libver=("v110", "v110"))
