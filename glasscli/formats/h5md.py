"""H5MD files that other programs wrote, as OVITO would give them if it read H5MD.

Source: H5MD 1.1, https://www.nongnu.org/h5md/h5md.html (particles group, time-dependent and fixed elements, box).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from glasscli.errors import FileError
from glasscli.limits import ATOMS, BYTES
from glasscli.store.hdf5 import DAMAGE, check_dataset, find, first_line, open_hdf5

if TYPE_CHECKING:
    from ovito.data import DataCollection

# Element of a particles group: what OVITO calls the property.
PROPERTIES = {
    "id": "Particle Identifier", "mass": "Mass", "image": "Periodic Image", "velocity": "Velocity",
    "species": "Particle Type",
}  # fmt: skip
LENGTHS = {"angstrom": 1.0, "a": 1.0, "å": 1.0, "nm": 10.0, "pm": 0.01, "m": 1e10}
TIMES = {"ps": 1.0, "fs": 1e-3, "ns": 1e3, "s": 1e12}


class H5mdSource:
    """The frames of an H5MD file, each read when it is computed.

    units: LAMMPS's name of those that it states (of a length other than the Angstrom all is converted), else None.
    Raises FileError, one line, for what cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = open_hdf5(path)
        self._group = self._only_group()
        position = self._element("position")
        if position is None:
            raise FileError(f"{path.name}: its particles have no positions")
        self._position = position
        self._frames = len(position) if self._varies("position") else 1
        self.num_frames = self._frames
        if not self._frames:
            raise FileError(f"{path.name}: it has no frames")
        ATOMS.check(position.shape[-2] if position.ndim > 1 else 0, path.name)
        length, time = self._unit(position, LENGTHS), self._time_unit()
        self._length, self._time = length or 1.0, time or 1.0
        self.units = None if length is None else "metal"
        if length == 1.0 and time == TIMES["fs"]:
            self.units, self._time = "real", 1.0

    def compute(self, frame: int) -> DataCollection:
        """Frame as OVITO gives those of other formats. Raises RuntimeError for what is damaged."""
        try:
            return self._collection(frame)
        except (*DAMAGE, IndexError) as error:
            raise RuntimeError(first_line(error)) from error

    def _collection(self, frame: int) -> DataCollection:
        from ovito.data import DataCollection, Particles, ParticleType

        data = DataCollection()
        positions = self._at("position", frame)
        assert positions is not None
        particles = Particles(count=len(positions))
        particles.create_property("Position", data=self._floats(positions, len(positions)) * self._length)
        for name, property_name in PROPERTIES.items():
            values = self._at(name, frame)
            if values is None:
                continue
            if len(values) != len(positions):
                raise ValueError(f"{len(values)} values of {name} for {len(positions)} atoms")
            if name == "species":
                names, values = self._kinds(values)
                kinds = particles.create_property(property_name, data=values)
                for number, called in names.items():
                    kinds.types.append(ParticleType(id=number, name=called))
            else:
                factor = self._length / self._time if name == "velocity" else 1
                particles.create_property(property_name, data=np.asarray(values) * factor)
        data.objects.append(particles)
        data.objects.append(self._cell(frame))
        for key, value in (("Timestep", self._clock("step", frame)), ("Time", self._clock("time", frame))):
            if value is not None:
                data.attributes[key] = int(value) if key == "Timestep" else float(value) * self._time
        return data

    def _only_group(self) -> h5py.Group:
        particles = self._find("particles", self._file)
        names = sorted(particles) if isinstance(particles, h5py.Group) else []
        chosen = "all" if "all" in names else names[0] if len(names) == 1 else None
        group = self._find(f"particles/{chosen}", self._file) if chosen else None
        if not isinstance(group, h5py.Group):
            which = (
                f"several groups of particles ({', '.join(names[:5])}), none of them all"
                if names
                else "no particles"
            )
            raise FileError(f"{self._path.name}: it has {which}")
        return group

    def _find(self, key: str, group: h5py.Group | None = None) -> Any:
        try:
            return find(self._group if group is None else group, key)
        except DAMAGE as error:
            raise FileError(f"{self._path.name}: {first_line(error)}") from error

    def _varies(self, name: str) -> bool:
        return isinstance(self._find(name), h5py.Group)

    def _element(self, name: str) -> h5py.Dataset | None:
        """The numbers of an element, of all frames where it depends on time. Raises FileError for what is unsound."""
        found = self._find(f"{name}/value" if self._varies(name) else name)
        if not isinstance(found, h5py.Dataset):
            return None
        try:
            check_dataset(found)
        except DAMAGE as error:
            raise FileError(f"{self._path.name}: {name}: {first_line(error)}") from error
        rows = len(found) if self._varies(name) else 1
        BYTES.check(found.nbytes / max(rows, 1), f"{self._path.name}: {name}")
        return found

    def _at(self, name: str, frame: int) -> Any:
        """An element at a frame: at the step of its positions, where it was not stored with each; None without."""
        element = self._element(name)
        if element is None or not self._varies(name):
            return None if element is None else element[()]
        if len(element) == self._frames:
            return element[frame]
        steps, own = self._steps("position", self._frames), self._steps(name, len(element))
        if steps is None or own is None:
            return None
        where = np.flatnonzero(own == steps[frame])
        return element[int(where[0])] if len(where) else None

    def _steps(self, name: str, length: int, kind: str = "step") -> Any:
        """[length] steps or times of an element: stored one by one, or as distance and offset."""
        found = self._find(f"{name}/{kind}") if self._varies(name) else None
        if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "iuf" or found.ndim > 1:
            return None
        if found.ndim:
            check_dataset(found)
            return found[:length] if len(found) >= length else None
        offset = found.attrs.get("offset", 0)
        return np.asarray(offset).reshape(-1)[0] + found[()] * np.arange(length)

    def _clock(self, kind: str, frame: int) -> Any:
        """Step or time of a frame, of positions or else of the box (MDAnalysis); None where it is not stored."""
        for name in ("position", "box/edges"):
            values = self._steps(name, self._frames, kind)
            if values is not None:
                return values[frame]
        return None

    def _cell(self, frame: int) -> Any:
        from ovito.data import SimulationCell

        edges = self._at("box/edges", frame)
        if edges is None:
            raise ValueError("no edges of its box")
        edges = np.asarray(edges, dtype=np.float64) * self._length
        cell = SimulationCell(pbc=self._periodic())
        cell[:, :3] = np.diag(edges) if edges.shape == (3,) else edges.T
        offset = self._at("box/offset", frame)
        cell[:, 3] = 0.0 if offset is None else np.asarray(offset, dtype=np.float64) * self._length
        return cell

    def _periodic(self) -> tuple[bool, bool, bool]:
        box = self._find("box")
        stated = np.asarray(box.attrs.get("boundary", ["none"] * 3)).reshape(-1)
        words = [w.decode(errors="replace") if isinstance(w, bytes) else str(w) for w in stated]
        x, y, z = ((words * 3)[:3] if len(words) == 1 else words) if len(words) in (1, 3) else ["none"] * 3
        return x == "periodic", y == "periodic", z == "periodic"

    def _kinds(self, values: Any) -> tuple[dict[int, str], Any]:
        """{number: name, "" where there is none} of species, and their numbers: names as an enumeration or as text."""
        element = self._element("species")
        assert element is not None
        if element.dtype.kind == "S":
            names, numbers = np.unique(values, return_inverse=True)
            return (
                {k: n.decode(errors="replace") for k, n in enumerate(names, start=1)},
                np.asarray(numbers.reshape(-1) + 1, dtype=np.int32),
            )
        called = {int(number): name for name, number in (h5py.check_enum_dtype(element.dtype) or {}).items()}
        numbers = np.asarray(values, dtype=np.int32)
        return {int(n): called.get(int(n), "") for n in np.unique(numbers)}, numbers

    def _unit(self, element: Any, known: dict[str, float]) -> float | None:
        """What a stated unit is in ours; None where none is stated. Raises FileError for one that is not known."""
        stated = element.attrs.get("unit")
        if stated is None:
            return None
        word = (stated.decode(errors="replace") if isinstance(stated, bytes) else str(stated)).strip()
        if word.lower() not in known:
            raise FileError(f"{self._path.name}: the unit {word[:20]!r} is not one of {', '.join(known)}")
        return known[word.lower()]

    def _time_unit(self) -> float | None:
        for name in ("position/time", "box/edges/time"):
            if isinstance(found := self._find(name), h5py.Dataset):
                return self._unit(found, TIMES)
        return None

    @staticmethod
    def _floats(values: Any, atoms: int) -> Any:
        found = np.asarray(values, dtype=np.float64)
        if found.shape != (atoms, 3):
            raise ValueError(f"positions of shape {found.shape}")
        return found
