"""Turns a run's journal into H5MD 1.1, in bounded memory: a short one into one file, a longer one segment by segment.

Every dataset is chunked and carries a Fletcher32 checksum, the scalar-like ones too (contiguous datasets carry none).
The journal stays until what was made of it is whole and durable, so a kill in here costs only this work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli import __version__
from glasscli.configuration import Box, Configuration
from glasscli.grid import differences, group_of
from glasscli.progress import Advance, silent
from glasscli.store.files import replacing, require_space
from glasscli.store.finished import FileRun
from glasscli.store.growing import BOUNDS, segment
from glasscli.store.hdf5 import writing
from glasscli.store.recorder import JOURNAL
from glasscli.store.run import Frames, Run
from glasscli.store.schema import CHECKS, DTYPES, FORMAT_VERSION, H5MD_VERSION, SERIES, SO_FAR, SUMS, Series
from glasscli.store.sums import row_sums, structure_digest
from glasscli.store.target import CHUNK_BYTES, Rows, Target, add, add_bytes
from glasscli.store.unfinished import JournalRun

HDF5_OVERHEAD = 2**17


def assemble(run: Run, output: Path, advance: Advance = silent) -> None:
    """Write `run` to `output`; `advance` is told how many configurations are written."""
    if isinstance(run, JournalRun):
        # Uncompressed, the journal holds all that the file will; HDF5 adds some kilobytes a dataset.
        require_space(output.absolute().parent, (run.path / JOURNAL).stat().st_size + HDF5_OVERHEAD)
    with replacing(output) as temporary, writing(create, temporary) as file:
        _run(Target(file), run, advance)


def append(
    run: Run, path: Path, before: FileRun | None, so_far: int | None, advance: Advance = silent
) -> None:
    """Make the growing file at `path` hold all of `run`, of which it holds `before`, with one segment more.

    so_far: how many bytes of the journal it then holds, of a run that goes on; None of one that is done, whose history
    is then stored.
    """
    with segment(path) as opened:
        target = Target(opened.file, opened, before)
        _run(target, run, advance, so_far)


def create(path: Path) -> h5py.File:
    """A new HDF5 file whose metadata carry checksums and which HDF5 1.10 and later can read."""
    return h5py.File(path, "w", libver=BOUNDS)


def _run(target: Target, run: Run, advance: Advance, so_far: int | None = None) -> None:
    file, manifest = target.file, run.manifest
    introduce(file)
    file.create_group("glasscli").attrs["format_version"] = FORMAT_VERSION
    if so_far is not None:
        file["glasscli"].attrs[SO_FAR] = np.int64(so_far)
        manifest = replace(manifest, history=[])  # it says when the run was killed, its bytes shall not
    target.add_bytes("glasscli/manifest", manifest.to_json().encode())
    if run.start:
        target.add_bytes("glasscli/start", run.start[1])
    _particles(target, run, "all", run.frames, advance)
    done = len(run.frames)
    for series in SERIES.values():
        table = run.table(series)
        if not series.expected(manifest.protocol) and not len(table["step"]):
            continue
        if series.structure:
            structures = run.structures(series)
            _particles(target, run, series.kind, structures, advance, done)
            done += len(structures)
        _observables(target, series, table, manifest.protocol.timestep)
    _states(target, run)
    target.sums.structure = structure_digest(file)
    add(file, SUMS, target.sums.packed())
    add_bytes(file, CHECKS, target.sums.to_bytes())


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


def _steps(target: Target, group: str, steps: np.ndarray, timestep: float) -> None:
    target.add(f"{group}/step", steps)
    target.add(f"{group}/time", steps * timestep)


def _share(file: h5py.File, owner: str, group: str) -> None:
    """Steps and times that are the same are the same datasets (H5MD: hard links)."""
    for name in ("step", "time"):
        file[f"{group}/{name}"] = file[f"{owner}/{name}"]


def _observables(target: Target, series: Series, table: dict[str, np.ndarray], timestep: float) -> None:
    """Write columns of a table as observables; the first owns the steps and times that all share."""
    _steps(target, series.owner, table["step"], timestep)
    for column in series.columns:
        group = f"observables/{column.name}"
        target.add(f"{group}/value", table[column.name])
        if group != series.owner:
            _share(target.file, series.owner, group)


def _particles(
    target: Target, run: Run, name: str, frames: Frames, advance: Advance, done: int = 0
) -> None:  # fmt: skip
    group, protocol = f"particles/{name}", run.manifest.protocol
    n, atoms = len(frames), len(run.species)
    first = frames[0] if n else None
    box = target.file.create_group(f"{group}/box")
    shape = first.box if first else Box.cube(1.0)
    box.attrs["dimension"] = np.int32(shape.dimension)
    box.attrs["boundary"] = np.array([b"periodic" if along else b"none" for along in shape.periodic])
    _steps(target, f"{group}/position", frames.steps, protocol.timestep)
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
        path: target.rows(f"{group}/{path}", shape, DTYPES[f"particles/all/{path}"], together)
        for path, (shape, _) in kinds.items()
    }
    if grid and together:
        target.add(f"{group}/grid/precision", grid.precision)
        target.add(f"{group}/grid/group", together)
    for path in kinds:
        if path != "position/value":
            _share(target.file, f"{group}/position", f"{group}/{path.removesuffix('/value')}")
    # In blocks of whole HDF5 chunks, so that each is compressed once. Of what is there the last block is read again.
    size = together or max(1, CHUNK_BYTES // (12 * atoms))
    there = next(iter(datasets.values())).first
    for rows in datasets.values():
        target.copy(rows, there)
    for start in range(there, n, size):
        stop = min(start + size, n)
        found: dict[str, np.ndarray] = {
            path: np.empty(
                (stop - start, *shape[1:]), "<i8" if path == "grid/value" else datasets[path].dataset.dtype
            )
            for path, (shape, _) in kinds.items()
        }
        for k in range(start, stop):
            frame = frames[k]
            for path, (_, pick) in kinds.items():
                found[path][k - start] = pick(frame)
        for path, values in found.items():
            datasets[path].write(start, differences(values) if path == "grid/value" else values)
        advance(done + stop)
    if not vary:
        target.add(f"{group}/species", run.species, "<i4")
    if name == "all":
        target.add(f"{group}/id", np.arange(1, atoms + 1))
    if name == "all" and run.diameters is not None:
        target.add(f"{group}/diameter", run.diameters)
    if name == "all" and not vary:
        kinds_of_atom = run.manifest.system.species
        target.add(f"{group}/mass", [kinds_of_atom[s - 1].mass for s in run.species])
        if run.manifest.system.charged:
            target.add(f"{group}/charge", [kinds_of_atom[s - 1].charge for s in run.species])


def _cell(run: Run, box: Box) -> np.ndarray:
    """A box in the form that all boxes of its run have: a tilted space may stand upright at times."""
    return box.vectors if run.manifest.protocol.space.tilted else box.cell


def _states(target: Target, run: Run) -> None:
    """One after the other: each is read alone."""
    count, group = len(run.state_steps), "glasscli/states/"
    lammps, ends = run.state_restarts
    target.add(group + "step", run.state_steps)
    atoms = len(run.species)
    cell = _cell(run, run.state(0).configuration.box) if count else np.zeros(3)
    kinds: dict[str, tuple[tuple[int, ...], Callable[[Configuration], Any]]] = {
        "position": ((count, atoms, 3), lambda c: c.positions),
        "velocity": ((count, atoms, 3), lambda c: c.velocities),
        "image": ((count, atoms, 3), lambda c: c.images),
        "edges": ((count, *cell.shape), lambda c: _cell(run, c.box)),
    }
    if run.manifest.protocol.species_vary:
        kinds["species"] = ((count, atoms), lambda c: c.species)
    datasets = {
        name: target.rows(group + name, shape, DTYPES[group + name]) for name, (shape, _) in kinds.items()
    }
    target.add(group + "lammps", lammps)
    target.add(group + "restart_end", ends)
    restart = target.rows(group + "restart", (int(ends[-1]) if count else 0,), "|u1")
    there = min(datasets["position"].first, int(np.searchsorted(ends, restart.first, "right")))
    for rows in datasets.values():
        target.copy(rows, there)
    kept = target.before.sums.rows if target.before else None
    sums = [kept[group + "restart"][:there]] if kept and there else []
    for index in range(there, count):
        state = run.state(index)
        for name, (_, pick) in kinds.items():
            values = np.asarray(pick(state.configuration), datasets[name].dataset.dtype)[None]
            datasets[name].write(index, values)
        sums.append(_written(restart, int(ends[index]), np.frombuffer(state.restart, dtype=np.uint8)))
    target.sums.rows[group + "restart"] = np.concatenate([np.zeros(0, "<u4"), *sums])  # type: ignore[index]


def _written(restart: Rows, end: int, content: np.ndarray) -> np.ndarray:
    """Write a restart file, or what of it is not there, so that it ends at a byte; return its checksum."""
    start = max(restart.first, end - len(content))
    if start < end:
        restart.dataset[start:end] = content[start - end :]
    return row_sums(content)
