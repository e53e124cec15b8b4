"""Turns a finished run's journal into one closed H5MD 1.1 file, in bounded memory.

Every dataset is chunked and carries a Fletcher32 checksum, the scalar-like ones too (contiguous datasets carry none).
The journal stays until the file is whole and durable, so a kill in here costs only this work.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli import __version__
from glasscli.configuration import Box, Configuration
from glasscli.grid import GROUP_BYTES, differences, group_of
from glasscli.progress import Advance, silent
from glasscli.store.files import replacing, require_space
from glasscli.store.recorder import JOURNAL
from glasscli.store.run import Frames, Run
from glasscli.store.schema import CHECKS, DTYPES, FORMAT_VERSION, H5MD_VERSION, SERIES, SUMS, Series
from glasscli.store.sums import Sums, structure_digest
from glasscli.store.unfinished import JournalRun

CHUNK_BYTES = 2**18
HDF5_OVERHEAD = 2**17


def assemble(run: Run, output: Path, advance: Advance = silent) -> None:
    """Write `run` to `output`; `advance` is told how many configurations are written."""
    if isinstance(run, JournalRun):
        # Uncompressed, the journal holds all that the file will; HDF5 adds some kilobytes a dataset.
        require_space(output.absolute().parent, (run.path / JOURNAL).stat().st_size + HDF5_OVERHEAD)
    with replacing(output) as temporary, writing(create, temporary) as file:
        sums = Sums()
        introduce(file)
        file.create_group("glasscli").attrs["format_version"] = FORMAT_VERSION
        add_bytes(file, "glasscli/manifest", run.manifest.to_json().encode(), sums)
        if run.start:
            add_bytes(file, "glasscli/start", run.start[1], sums)
        _particles(file, sums, run, "all", run.frames, advance)
        done = len(run.frames)
        for series in SERIES.values():
            table = run.table(series)
            if not series.expected(run.manifest.protocol) and not len(table["step"]):
                continue
            if series.structure:
                structures = run.structures(series)
                _particles(file, sums, run, series.kind, structures, advance, done)
                done += len(structures)
            _observables(file, sums, series, table, run.manifest.protocol.timestep)
        _states(file, sums, run)
        sums.structure = structure_digest(file)
        add(file, SUMS, sums.packed())
        add_bytes(file, CHECKS, sums.to_bytes())


def create(path: Path) -> h5py.File:
    """A new HDF5 file whose metadata carry checksums and which HDF5 1.10 and later can read."""
    return h5py.File(path, "w", libver=("v110", "v110"))


@contextmanager
def writing(opener: Callable[[Path], h5py.File], path: Path) -> Iterator[h5py.File]:
    """Open a file to write for the length of the block; a disk that fills up meanwhile is one plain OSError."""
    hook = sys.unraisablehook
    try:
        # What h5py cannot raise while it tidies up after a failed write says the same once more.
        sys.unraisablehook = lambda _: None
        with opener(path) as file:
            yield file
    except (OSError, RuntimeError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise OSError(errno.ENOSPC, "no space left", str(path.parent)) from None
        raise
    finally:
        sys.unraisablehook = hook


def add(
    file: h5py.File, path: str, data: Any, sums: Sums | None = None, dtype: str | None = None
) -> np.ndarray:  # fmt: skip
    """Write an array as a chunked, checksummed, compressed dataset; return it as it is stored."""
    stored: np.ndarray = np.atleast_1d(np.asarray(data, dtype=dtype or DTYPES.get(path)))
    dataset = _empty(file, path, stored.shape, stored.dtype)
    dataset[...] = stored
    if sums is not None:
        sums.add(path, stored)
    return stored


def add_bytes(file: h5py.File, path: str, data: bytes, sums: Sums | None = None) -> None:
    """Write text (JSON) as a checksummed dataset of bytes."""
    add(file, path, np.frombuffer(data, dtype=np.uint8), sums, "|u1")


def _empty(
    file: h5py.File, path: str, shape: tuple[int, ...], dtype: Any, group: int | None = None
) -> h5py.Dataset:
    """A dataset in chunks of whole rows, or of parts of a group of so many rows."""
    if 0 in shape:
        return file.create_dataset(path, shape, dtype)
    row = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize
    rows, rest = max(1, min(shape[0], CHUNK_BYTES // row)), shape[1:]
    if group:
        rows = min(shape[0], group)
        rest = (max(1, min(shape[1], GROUP_BYTES // (rows * row // shape[1]))), *shape[2:])
    return file.create_dataset(
        path, shape, dtype, chunks=(rows, *rest), compression="gzip", shuffle=True, fletcher32=True
    )


def introduce(file: h5py.File) -> None:
    """Say that a file is H5MD, and whose."""
    group = file.create_group("h5md")
    group.attrs["version"] = np.array(H5MD_VERSION, dtype=np.int32)
    for name, attributes in (
        ("author", {"name": "unknown"}),
        ("creator", {"name": "glasscli", "version": __version__}),
    ):
        sub = group.create_group(name)
        for key, text in attributes.items():
            sub.attrs[key] = np.bytes_(text)


def _steps(file: h5py.File, sums: Sums, group: str, steps: np.ndarray, timestep: float) -> None:
    add(file, f"{group}/step", steps, sums)
    add(file, f"{group}/time", steps * timestep, sums)


def _share(file: h5py.File, owner: str, group: str) -> None:
    """Steps and times that are the same are the same datasets (H5MD: hard links)."""
    for name in ("step", "time"):
        file[f"{group}/{name}"] = file[f"{owner}/{name}"]


def _observables(
    file: h5py.File, sums: Sums, series: Series, table: dict[str, np.ndarray], timestep: float
) -> None:  # fmt: skip
    """Write columns of a table as observables; the first owns the steps and times that all share."""
    _steps(file, sums, series.owner, table["step"], timestep)
    for column in series.columns:
        group = f"observables/{column.name}"
        add(file, f"{group}/value", table[column.name], sums)
        if group != series.owner:
            _share(file, series.owner, group)


def _particles(
    file: h5py.File, sums: Sums, run: Run, name: str, frames: Frames, advance: Advance, done: int = 0
) -> None:  # fmt: skip
    group, protocol = f"particles/{name}", run.manifest.protocol
    n, atoms = len(frames), len(run.species)
    first = frames[0] if n else None
    box = file.create_group(f"{group}/box")
    shape = first.box if first else Box.cube(1.0)
    box.attrs["dimension"] = np.int32(shape.dimension)
    box.attrs["boundary"] = np.array([b"periodic" if along else b"none" for along in shape.periodic])
    _steps(file, sums, f"{group}/position", frames.steps, protocol.timestep)
    kinds: dict[str, tuple[tuple[int, ...], Callable[[Configuration], Any]]] = {
        "position/value": ((n, atoms, 3), lambda c: c.positions),
        "image/value": ((n, atoms, 3), lambda c: c.images),
    }
    grid = run.grid if name == "all" else None
    if grid:
        kinds = {"grid/value": ((n, atoms, 3), grid.of)}
    kinds["box/edges/value"] = ((n, *_cell(run, shape).shape), lambda c: _cell(run, c.box))
    if first is not None and first.velocities is not None:
        kinds["velocity/value"] = ((n, atoms, 3), lambda c: c.velocities)
    vary = protocol.species_vary
    if vary:
        kinds["species/value"] = ((n, atoms), lambda c: c.species)
    together = group_of(atoms) if grid else None
    datasets = {
        path: _empty(file, f"{group}/{path}", shape, DTYPES[f"particles/all/{path}"], together)
        for path, (shape, _) in kinds.items()
    }
    if grid and together:
        add(file, f"{group}/grid/precision", grid.precision, sums)
        add(file, f"{group}/grid/group", together, sums)
    for path in kinds:
        if path != "position/value":
            _share(file, f"{group}/position", f"{group}/{path.removesuffix('/value')}")
    # In blocks of whole HDF5 chunks, so that each is compressed once.
    size = together or max(1, CHUNK_BYTES // (12 * atoms))
    for start in range(0, n, size):
        stop = min(start + size, n)
        rows = {
            path: np.empty(
                (stop - start, *shape[1:]), "<i8" if path == "grid/value" else datasets[path].dtype
            )
            for path, (shape, _) in kinds.items()
        }
        for k in range(start, stop):
            frame = frames[k]
            for path, (_, pick) in kinds.items():
                rows[path][k - start] = pick(frame)
        for path, found in rows.items():
            stored = differences(found) if path == "grid/value" else found
            datasets[path][start:stop] = stored
            sums.add(f"{group}/{path}", stored)
        advance(done + stop)
    if not vary:
        add(file, f"{group}/species", run.species, sums, "<i4")
    if name == "all":
        add(file, f"{group}/id", np.arange(1, atoms + 1), sums)
    if name == "all" and run.diameters is not None:
        add(file, f"{group}/diameter", run.diameters, sums)
    if name == "all" and not vary:
        kinds_of_atom = run.manifest.system.species
        add(file, f"{group}/mass", [kinds_of_atom[s - 1].mass for s in run.species], sums)
        if run.manifest.system.charged:
            add(file, f"{group}/charge", [kinds_of_atom[s - 1].charge for s in run.species], sums)


def _cell(run: Run, box: Box) -> np.ndarray:
    """A box in the form that all boxes of its run have: a tilted space may stand upright at times."""
    return box.vectors if run.manifest.protocol.space.tilted else box.cell


def _states(file: h5py.File, sums: Sums, run: Run) -> None:
    states = [run.state(i) for i in range(len(run.state_steps))]
    group = "glasscli/states/"
    add(file, group + "step", run.state_steps, sums)
    add(file, group + "position", np.array([s.configuration.positions for s in states]), sums)
    add(file, group + "velocity", np.array([s.configuration.velocities for s in states]), sums)
    add(file, group + "image", np.array([s.configuration.images for s in states]), sums)
    add(file, group + "edges", np.array([_cell(run, s.configuration.box) for s in states]), sums)
    if run.manifest.protocol.species_vary:
        add(file, group + "species", np.array([s.configuration.species for s in states]), sums)
    add(file, group + "lammps", [s.lammps_version for s in states], sums)
    add(file, group + "restart_end", np.cumsum([len(s.restart) for s in states]), sums)
    add_bytes(file, group + "restart", b"".join(s.restart for s in states))
    for state in states:  # each is read alone
        sums.add(group + "restart", np.frombuffer(state.restart, dtype=np.uint8))
