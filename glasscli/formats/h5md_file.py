"""H5MD files for other programs, written frame by frame: what every reader of HDF5 opens, without a run around it.

Source: H5MD 1.1, https://www.nongnu.org/h5md/h5md.html. With a precision positions are rounded to a power of two, whose
last bits gzip then finds to be zero: nothing is needed to read them.
"""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from glasscli.configuration import Configuration
from glasscli.store.assemble import create, introduce

CHUNK_BYTES, BLOCK_BYTES = 2**18, 2**20
# H5MD's words for the units of LAMMPS's systems: of length, time and velocity.
UNITS = {"metal": ("Angstrom", "ps", "Angstrom ps-1"), "real": ("Angstrom", "fs", "Angstrom fs-1")}


class H5mdFile:
    """An H5MD file that grows by configurations of the same atoms.

    units, names, masses   of what is written: LAMMPS's name of the units, by species from 1; None where not known
    precision              the largest error of a coordinate; None keeps float32
    """

    def __init__(
        self, path: Path, units: str | None, names: tuple[str, ...], masses: tuple[float, ...] | None,
        precision: float | None = None,
    ) -> None:  # fmt: skip
        self._file = create(path)
        stated: tuple[str | None, ...] = UNITS.get(units or "", (None, None, None))
        self._length, self._time, self._speed = stated
        self._names, self._masses = names, masses
        self._spacing = None if precision is None else 2.0 ** math.floor(math.log2(2 * precision))
        self._first: Configuration | None = None
        self._leans = False
        self._frames = self._written = 0
        self._waiting: dict[str, list[Any]] = {}
        introduce(self._file)
        self._group = self._file.create_group("particles/all")

    def add(self, c: Configuration, time: float | None) -> None:
        """Append a configuration; time in the units of what is written."""
        if self._first is None:
            self._begin(c, time)
        places = c.positions
        if self._spacing is not None:
            places = np.round(places / self._spacing) * self._spacing
        assert self._first is not None
        if not self._leans and c.box.cell.ndim == 2:
            self._lean()
        rows: dict[str, Any] = {
            "position/value": places, "position/step": c.step, "position/time": time, "image/value": c.images,
            "box/edges/value": c.box.vectors if self._leans else c.box.cell,
            "velocity/value": c.velocities,
        }  # fmt: skip
        if "species" not in self._group and not np.array_equal(c.species, self._first.species):
            self._vary()
        if "species" in self._group:
            rows["species/value"] = c.species
        for path, row in rows.items():
            if path in self._group:
                self._waiting.setdefault(path, []).append(row)
        self._frames += 1
        if self._frames - self._written >= max(1, BLOCK_BYTES // c.positions.nbytes):
            self._flush()

    def _flush(self) -> None:
        """Write the rows that wait: many at once, because each call to HDF5 costs more than a small frame."""
        for path, rows in self._waiting.items():
            dataset = self._group[path]
            dataset.resize(self._frames, axis=0)
            dataset[self._written :] = rows
        self._waiting, self._written = {}, self._frames

    def close(self) -> None:
        """Write what all frames share, and close the file."""
        self._flush()
        if self._first is not None:
            species = self._first.species
            if "species" not in self._group:
                self._group.create_dataset("species", data=species, dtype=self._kinds)
                if self._masses is not None:
                    self._group["mass"] = np.array(self._masses)[species - 1]
            if self._first.diameters is not None:
                self._group["diameter"] = self._first.diameters
            ids = self._first.ids
            self._group["id"] = np.arange(1, len(species) + 1) if ids is None else ids
        self._file.close()

    def _begin(self, c: Configuration, time: float | None) -> None:
        self._first, self._leans = c, c.box.cell.ndim == 2
        box = self._group.create_group("box")
        box.attrs["dimension"] = np.int32(c.box.dimension)
        box.attrs["boundary"] = np.array([b"periodic" if along else b"none" for along in c.box.periodic])
        position = self._rows("position/value", c.positions.shape, "<f4", self._length)
        assert position is not None
        self._rows("position/step", (), "<i8")
        if time is not None:
            self._rows("position/time", (), "<f8", self._time)
        if c.images is not None:
            self._rows("image/value", c.images.shape, "<i4")
        if c.velocities is not None:
            self._rows("velocity/value", c.velocities.shape, "<f4", self._speed)
        self._rows("box/edges/value", c.box.cell.shape, "<f8", self._length)
        for element in ("image", "velocity", "box/edges"):
            if element in self._group:
                self._share(element)

    def _lean(self) -> None:
        """All boxes are kept by their vectors once one is tilted; so far they were kept by their edges."""
        self._flush()
        path = "box/edges/value"
        upright = self._group[path][...]
        del self._group[path]
        dataset = self._rows(path, (3, 3), "<f8", self._length)
        dataset.resize(self._frames, axis=0)
        dataset[...] = upright[:, :, None] * np.eye(3)
        self._leans = True

    def _vary(self) -> None:
        """Species that change are kept with each frame; so far they were those of the first."""
        assert self._first is not None
        self._flush()
        dataset = self._rows("species/value", self._first.species.shape, self._kinds)
        dataset.resize(self._frames, axis=0)
        dataset[:] = self._first.species
        self._share("species")

    @property
    def _kinds(self) -> Any:
        """Whole numbers with their names, as H5MD has kinds of particles."""
        names = {name: number for number, name in enumerate(self._names, start=1)}
        return h5py.enum_dtype(names, "<i4") if len(names) == len(self._names) else np.dtype("<i4")

    def _rows(self, path: str, shape: tuple[int, ...], dtype: Any, unit: str | None = None) -> h5py.Dataset:
        """A dataset that grows by rows of a shape."""
        row = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        dataset = self._group.create_dataset(
            path, (0, *shape), dtype, maxshape=(None, *shape), chunks=(max(1, min(1024, CHUNK_BYTES // row)), *shape),
            compression="gzip", shuffle=True, fletcher32=True,
        )  # fmt: skip
        if unit is not None:
            dataset.attrs["unit"] = np.bytes_(unit)
        return dataset

    def _share(self, element: str) -> None:
        """Steps and times that are the same are the same datasets (H5MD: hard links)."""
        for name in ("step", "time"):
            if f"position/{name}" in self._group:
                self._group[f"{element}/{name}"] = self._group[f"position/{name}"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
