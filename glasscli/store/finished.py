"""A finished run: read from its H5MD file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import FileError, InputError
from glasscli.gate import admit, finite
from glasscli.grid import Whole, restored
from glasscli.limits import ATOMS, BYTES, TEXT, parse_json
from glasscli.store.content import digests_of_frames
from glasscli.store.hdf5 import DAMAGE, blocks, check_dataset, find, first_line, open_hdf5
from glasscli.store.manifest import Manifest
from glasscli.store.run import Frames, Run, State
from glasscli.store.schema import CHECKS, FIELD, GRID, SO_FAR, SUMS, Series
from glasscli.store.sums import Sums, crc


class FileRun(Run):
    """A finished run in its H5MD file, which nothing ever writes into: results come in by renaming a copy over it.

    Of each dataset type, shape and size are looked at before it is read, and its checksums after.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = open_hdf5(path)
        self._datasets: dict[str, h5py.Dataset] = {}
        self._kept: tuple[int, Whole] | None = None
        self._lengths: dict[str, int] = {"3": 3}
        self.sums = Sums(rows=None)
        if not self._has("glasscli/manifest"):
            raise FileError(f"{path}: an HDF5 file, but not one of glasscli's (no /glasscli/manifest)")
        try:
            kept = self._read(SUMS) if self._has(SUMS) else None
            self.sums = Sums.of(self._text(CHECKS), kept)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileError(f"{path}: its checksums are damaged: {first_line(error)}") from error
        try:
            self.manifest = Manifest.from_json(self._text("glasscli/manifest").decode())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileError(
                f"{path}: its manifest is damaged or from a newer glasscli: {first_line(error)}"
            ) from error
        atoms = sum(self.manifest.protocol.counts)
        ATOMS.check(atoms, path)
        self._lengths |= {"N": atoms, "s": self.manifest.system.n_species}

    @property
    def finished(self) -> bool:  # type: ignore[override]
        """Whether it holds the whole run; not so of one that grows, or a copy of it."""
        return self.so_far is None

    @cached_property
    def so_far(self) -> int | None:
        """How many bytes of its run's journal it holds, while the run goes on; None once it is done."""
        try:
            group = find(self.file, "glasscli")
            assert group is not None
            return int(group.attrs[SO_FAR]) if SO_FAR in group.attrs else None
        except (*DAMAGE, AssertionError) as error:
            raise self._damaged("glasscli", error) from error

    @property
    def start(self) -> tuple[str, bytes] | None:
        """Name and contents of the file that the deck starts from, or None."""
        name = self.manifest.start.split()[0]
        return (name, self._read("glasscli/start").tobytes()) if self._has("glasscli/start") else None

    @cached_property
    def species(self) -> np.ndarray:
        """[N] species."""
        vary = self._has("particles/all/species/value")
        return np.asarray(
            self._read("particles/all/species/value", 0) if vary else self._read("particles/all/species")
        )

    @cached_property
    def diameters(self) -> np.ndarray | None:
        """[N] diameters where each atom has its own."""
        return np.asarray(self._read("particles/all/diameter")) if self.manifest.system.sizes else None

    def table(self, series: Series) -> dict[str, np.ndarray]:
        """Observables that share their steps; no rows when they are not there."""
        if not series.expected(self.manifest.protocol) and not self._has(series.owner):
            return series.empty(self.manifest.system.n_species)
        columns = {c.key: self._read(f"observables/{c.name}/value") for c in series.columns}
        return series.table(self._read(f"{series.owner}/step"), columns)

    def last(self, series: Series, name: str) -> float | None:
        """The last number of one column, read without the others; None without rows. Raises FileError."""
        if not self._has(f"observables/{name}/value"):
            return None
        values = self._read(f"observables/{name}/value")
        if fault := finite(name, values):
            raise FileError(f"{self.path}: {series.title}: {fault}")
        return float(values[-1]) if len(values) else None

    def structures(self, series: Series) -> Frames:
        """The configurations of a series."""
        return self._frames(f"particles/{series.kind}")

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return self._frames("particles/all")

    @property
    def frame_bytes(self) -> int | None:
        """What positions and images of all frames take."""
        keys = (GRID,) if self.grid else ("particles/all/position/value", "particles/all/image/value")
        return sum(int(self._opened(key).id.get_storage_size()) for key in keys)

    @property
    def last_box(self) -> Box:
        """The box of the last frame, without its atoms."""
        edges = self._opened("particles/all/box/edges/value")
        return self._box(self._read("particles/all/box/edges/value", edges.shape[0] - 1))

    @property
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states."""
        return np.asarray(self._read("glasscli/states/step"))

    @property
    def state_restarts(self) -> tuple[np.ndarray, np.ndarray]:
        """[S] LAMMPS versions and [S] ends of the restart files."""
        group = "glasscli/states/"
        return np.asarray(self._read(group + "lammps")), np.asarray(self._read(group + "restart_end"))

    def state(self, index: int) -> State:
        """One stored full state."""
        ends = self._read("glasscli/states/restart_end")
        index %= len(ends)
        start, end = int(ends[index - 1]) if index else 0, int(ends[index])
        group = "glasscli/states/"
        configuration = Configuration(
            self._read(group + "position", index), self._species(group + "species", index),
            self._box(self._read(group + "edges", index)), self._read(group + "image", index),
            self._read(group + "velocity", index), int(self.state_steps[index]), diameters=self.diameters,
        )  # fmt: skip
        if not 0 <= start < end:
            raise FileError(f"{self.path}: where its restart files end is damaged")
        restart = self._read(group + "restart", slice(start, end), row=index).tobytes()
        lammps = int(self._read(group + "lammps")[index])
        return State(self._admitted(configuration, "state"), restart, lammps)

    def result(self, name: str) -> dict[str, Any] | None:
        """What was measured on this run under `name`, or None. Raises FileError where it was changed since."""
        key = f"analysis/{name}/json"
        if not self._has(key):
            return None
        try:
            found = parse_json(self._text(key).decode())
            assert isinstance(found, dict)
            return found
        except (ValueError, AssertionError) as error:
            raise FileError(f"{self.path}: {key} is damaged; glasscli repair removes it") from error

    def blocks(self, series: str) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """All configurations of `particles/SERIES`, many at once: number of the first, arrays [n, ...] of all there is.

        Each is checked against its sums; the gate is for the caller. Raises FileError.
        """
        group = f"particles/{series}"
        names = {"positions": "position", "images": "image", "edges": "box/edges", "velocities": "velocity"}
        keys = {name: f"{group}/{place}/value" for name, place in (names | {"species": "species"}).items()}
        present = {name: key for name, key in keys.items() if self._has(key)}
        compact = series == "all" and self.grid is not None
        for rows in (
            blocks(self._opened(GRID), self._group) if compact else blocks(self._opened(keys["positions"]))
        ):
            arrays = {name: self._read(key, rows, rows.start) for name, key in present.items()}
            if compact:
                whole = self._whole(rows)
                places = [
                    self._places(w, self._box(edges)) for w, edges in zip(whole, arrays["edges"], strict=True)
                ]
                arrays["positions"], arrays["images"] = (
                    np.array(found) for found in zip(*places, strict=True)
                )
            sizes = {} if self.diameters is None else {"diameters": self.diameters}
            yield rows.start, {"species": self.species} | sizes | arrays

    def rows_of(self, key: str, start: int, stop: int) -> np.ndarray:
        """Rows of a dataset, checked. Raises FileError."""
        return np.asarray(self._read(key, slice(start, stop), start))

    def problems_of(self, key: str) -> str | None:
        """What is wrong with a dataset that is read block by block, in words; None where nothing is."""
        try:
            dataset = self._opened(key)
            if dataset.ndim < 2 or key.startswith("analysis/"):
                self._read(key)
            else:
                for rows in blocks(dataset):
                    self._read(key, rows, rows.start)
        except FileError as error:
            return str(error).removeprefix(f"{self.path}: ")
        return None

    def _frames(self, group: str) -> Frames:
        if not self._has(group):
            return Frames(np.zeros(0, dtype=np.int64), self._no_frame)
        return Frames(
            self._steps(group), lambda i: self._configuration(group, i), lambda: self._digests(group)
        )

    def _digests(self, group: str) -> list[str]:
        """Of all frames, read in blocks of whole chunks."""
        found: list[str] = []
        for _, block in self.blocks(group.removeprefix("particles/")):
            boxes = [self._box(edges).packed for edges in block["edges"]]
            found += digests_of_frames(block["positions"], boxes, block["species"], block["images"])
        return found

    def _no_frame(self, index: int) -> Configuration:
        raise IndexError(index)

    def _configuration(self, group: str, index: int) -> Configuration:
        velocity = f"{group}/velocity/value"
        box = self._box(self._read(f"{group}/box/edges/value", index))
        if group == "particles/all" and self.grid:
            positions, images = self._places(self._compact(index), box)
        else:
            positions = self._read(f"{group}/position/value", index).astype(np.float64)
            images = self._read(f"{group}/image/value", index)
        configuration = Configuration(
            positions,
            self._species(f"{group}/species/value", index),
            box,
            images,
            self._read(velocity, index).astype(np.float64) if self._has(velocity) else None,
            int(self._steps(group)[index]),
            diameters=self.diameters,
        )
        return self._admitted(configuration, group.removeprefix("particles/"))

    @cached_property
    def _group(self) -> int:
        """Frames to a group of compact ones."""
        group = int(self._read("particles/all/grid/group")[0])
        if group < 1:
            raise FileError(f"{self.path}: dataset particles/all/grid/group is damaged: {group} frames")
        return group

    def _whole(self, rows: slice) -> Whole:
        """Whole numbers of compact frames, of whole groups."""
        return restored(self._read(GRID, rows, rows.start), self._group)

    def _compact(self, index: int) -> Whole:
        """Those of one frame; its group is kept, because the next is likely to be asked for next."""
        first = index - index % self._group
        if self._kept is None or self._kept[0] != first:
            last = min(first + self._group, len(self._steps("particles/all")))
            self._kept = first, self._whole(slice(first, last))
        whole: Whole = self._kept[1][index - first]
        return whole

    def _places(self, whole: Whole, box: Box) -> tuple[np.ndarray, np.ndarray]:
        assert self.grid is not None
        return self.grid.places(whole, box)

    def _box(self, cell: np.ndarray) -> Box:
        """The box of stored edges or vectors, with the boundaries that the file states."""
        try:
            return Box(cell, *self._boundaries)
        except InputError as error:
            raise FileError(f"{self.path}: a damaged box: {error}") from error

    @cached_property
    def _boundaries(self) -> tuple[tuple[bool, bool, bool], int]:
        """What is periodic, and the dimension, as H5MD says it of the frames; all of a run are alike."""
        try:
            group = find(self.file, "particles/all/box")
            assert group is not None
            a, b, c = (bytes(word) == b"periodic" for word in group.attrs["boundary"])
            dimension = int(group.attrs["dimension"])
            if dimension not in (2, 3):
                raise ValueError(f"{dimension} dimensions")
            return (a, b, c), dimension
        except (*DAMAGE, AssertionError) as error:
            raise self._damaged("particles/all/box", error) from error

    def _admitted(self, configuration: Configuration, kind: str) -> Configuration:
        where = f"{self.path}: {kind}, step {configuration.step}"
        return admit(configuration, where, n_species=self._lengths["s"], n_atoms=self._lengths["N"])

    def _steps(self, group: str) -> np.ndarray:
        if group not in self._known_steps:
            self._known_steps[group] = self._read(f"{group}/position/step")
        return self._known_steps[group]

    @cached_property
    def _known_steps(self) -> dict[str, np.ndarray]:
        return {}

    def _species(self, key: str, where: Any) -> np.ndarray:
        return self._read(key, where) if self._has(key) else self.species

    def _has(self, key: str) -> bool:
        """Whether the file holds this; HDF5 may stumble over damage on the way there."""
        if key in self._datasets:
            return True
        try:
            return find(self.file, key) is not None
        except DAMAGE as error:
            raise FileError(f"{self.path}: damaged on the way to {key}: {first_line(error)}") from error

    def _text(self, key: str) -> bytes:
        """A dataset of bytes, of a size that text may have."""
        TEXT.check(self._opened(key).nbytes, f"{self.path}: {key}")
        return bytes(self._read(key))

    def _read(self, key: str, where: int | slice | None = None, row: int = 0) -> Any:
        """Read a dataset, or the row or the rows `where` of it; checksums that do not match are one clear line.

        row: which of its checksums is that of the slice.
        """
        dataset = self._opened(key)
        one = isinstance(where, int)
        rows = (
            dataset.shape[0] if where is None else 1 if isinstance(where, int) else where.stop - where.start
        )
        BYTES.check(rows * (dataset.nbytes // max(1, dataset.shape[0])), f"{self.path}: {key}")
        row = where if isinstance(where, int) else row
        try:
            data = np.asarray(dataset[() if where is None else where])
        except DAMAGE as error:
            raise self._damaged(key, error) from error
        if key.startswith("analysis/"):
            same = self.sums.rows is None or self.sums.results.get(key) == crc(data)
        else:
            same = self.sums.agree(key, data[None] if one else data, row) or key in (CHECKS, SUMS)
        if not same:
            repair = "; glasscli repair removes it" if key.startswith("analysis/") else ""
            raise FileError(f"{self.path}: dataset {key} holds other numbers than were written{repair}")
        return data

    def _opened(self, key: str) -> h5py.Dataset:
        """The dataset of a name, found to be what the schema says."""
        if key not in self._datasets:
            try:
                dataset = find(self.file, key)
                if not isinstance(dataset, h5py.Dataset):
                    raise KeyError("not there")
                check_dataset(dataset)
                self._fits(key, dataset)
            except DAMAGE as error:
                raise self._damaged(key, error) from error
            self._datasets[key] = dataset
        return self._datasets[key]

    def _fits(self, key: str, dataset: h5py.Dataset) -> None:
        """Raise ValueError for a type or a shape that is not the schema's."""
        field = FIELD.get(key)
        if field is None:
            return
        if dataset.dtype.str != field.dtype:
            raise ValueError(f"of type {dataset.dtype.str}, not {field.dtype}")
        more = len(dataset.shape) > field.shape.partition("[")[0].count(",") + 1
        letters = (
            field.shape.replace("[", "").replace("]", "") if more else field.shape.partition("[")[0]
        ).split(",")
        known = [
            length if letter in ("bytes", "rows") else self._lengths.setdefault(letter, length)
            for letter, length in zip(letters, dataset.shape, strict=False)
        ]
        if len(letters) != len(dataset.shape) or list(dataset.shape) != known:
            raise ValueError(f"of shape {dataset.shape}, not {tuple(known)} ({field.shape})")

    def _damaged(self, key: str, error: Exception) -> FileError:
        return FileError(f"{self.path}: dataset {key} is damaged or missing: {first_line(error)}")
