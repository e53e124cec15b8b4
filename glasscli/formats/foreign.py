"""Opens any file that holds configurations: ours, or one that glasscli did not write (through OVITO)."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, Ints, Trajectory
from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.formats.labels import element_column
from glasscli.formats.ovito import require_ovito, speechless
from glasscli.formats.scan import scan
from glasscli.formats.species import Stated
from glasscli.gate import admit, first_fault
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run

if TYPE_CHECKING:
    from ovito.data import DataCollection, Particles

FORMATS = "LAMMPS data or dump, extended XYZ, GSD, plain or .gz, or a glasscli .h5"
_TILT = 1e-9  # off-diagonal cell elements below this share of the edges are a writer's rounding


def open_any(path: str | Path) -> Run | ForeignTrajectory:
    """Open what holds configurations: a run of glasscli by the store, all else through OVITO (see ForeignTrajectory).

    Raises MissingFileError, or FileError with one line for what cannot be used.
    """
    return open_run(path) if is_run(path) else ForeignTrajectory(Path(path))


def open_source(path: str | Path) -> Trajectory:
    """Return the configurations in `path` as a Trajectory that reads each frame when it is asked for.

    A run, finished or still going, gives its inherent structures where there are some, else its frames. Errors as of
    `open_any`.
    """
    found = open_any(path)
    return found.inherent_or_frames() if isinstance(found, Run) else found


class ForeignTrajectory:
    """Configurations in a file that glasscli did not write, frame by frame from disk.

    Atoms come ordered by id (in file order where the file has none), the box origin moved to 0, positions
    wrapped into the box. Numeric types stay as they are; names become species 1, 2, ... in the order of the
    type ids that the first frame gives them. `images` follow from unwrapped positions where the columns say so (xu,
    xsu), else are the file's image flags; a file that states neither has them only where most of its atoms lie where
    no wrapping can have put them (see `_beyond_wrapping`), otherwise None. `ids` are the file's own. `step` is the
    file's time step, else the number of the frame.

    path           the file
    species_names  {species: name}, only of types that have a name
    masses         {species: mass}, only of species for which one mass is known
    stated         what the file itself says of its species
    notes          a line about a last frame that is cut off, and left out
    """

    def __init__(self, path: Path) -> None:
        """Open `path` and check its first frame; MissingFileError or FileError with what is wrong."""
        self.path = path
        _require(path)
        whole = scan(path)
        self._relabelled = element_column(path)
        self._source = _import(self._relabelled.path if self._relabelled else path)
        self._length = int(self._source.num_frames)
        if whole.frames is not None:
            if self._length < whole.frames:
                raise FileError(f"{path.name}: only {self._length} of its {whole.frames} frames can be read")
            self._length = whole.frames
        self.notes = [f"{path.name}: frame {self._length} is cut off and left out"] if whole.cut else []
        self._declared = _header(path)
        first = self._read(0)
        particles = _particles(first, path, 0)
        self._species, self.species_names = _species_table(particles)
        self.masses = self._masses(particles)
        self._positions_unwrapped = "xu" in self._declared or (
            "Periodic Image" not in particles and self._beyond_wrapping(first)
        )
        self._cached = (0, self._configuration(first, 0))
        self.stated = self._stated(particles)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Configuration]:
        return (self[k] for k in range(self._length))

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`, negative from the end; IndexError beyond, FileError when it is damaged."""
        frame = index + self._length if index < 0 else index
        if not 0 <= frame < self._length:
            raise IndexError(f"{self.path.name} has {self._length} frames, not a frame {index}")
        if self._cached[0] != frame:
            self._cached = (frame, self._configuration(self._read(frame), frame))
        return self._cached[1]

    def _read(self, frame: int) -> DataCollection:
        try:
            with speechless():
                data: DataCollection = self._source.compute(frame)
            return data
        except RuntimeError as error:
            raise FileError(f"{self.path.name}: frame {frame} cannot be read: {_one_line(error)}") from error

    def _configuration(self, data: DataCollection, frame: int) -> Configuration:
        particles, box, origin = self._sound(data, frame)
        order = _by_id(particles, self.path, frame)
        positions = np.array(particles["Position"], dtype=np.float64)[order] - origin
        positions, crossed = box.folded(positions)
        images: Ints | None = None
        # Flags beside unwrapped positions say again what these say already.
        if self._positions_unwrapped:
            images = crossed
        elif "Periodic Image" in particles:
            images = np.array(particles["Periodic Image"], dtype=np.int32)[order] + crossed
        velocities: Floats | None = None
        if "Velocity" in particles:
            velocities = np.array(particles["Velocity"], dtype=np.float64)[order]
        configuration = Configuration(
            positions=positions,
            species=self._species_of(particles, frame)[order],
            box=box,
            images=images,
            velocities=velocities,
            ids=_own_ids(particles, order),
            step=int(data.attributes.get("Timestep", self._declared.get("step", frame))),
        )
        return admit(configuration, f"{self.path.name}: frame {frame}")

    def _sound(self, data: DataCollection, frame: int) -> tuple[Particles, Box, Floats]:
        """Particles, box and origin as they are in the file, through the gate before anything is made of them."""
        particles = _particles(data, self.path, frame)
        box, origin = _orthogonal_box(data, self.path, frame)
        places = np.asarray(particles["Position"]) - origin
        found = first_fault(places[None], box.edges[None], np.ones(len(places), dtype=np.int32))
        if found:
            raise FileError(f"{self.path.name}: frame {frame}: {found[1]}")
        return particles, box, origin

    def _species_of(self, particles: Particles, frame: int) -> Ints:
        """Names match the types of later frames where there are any: OVITO may number them anew."""
        kinds = particles.particle_types
        ids = np.asarray(kinds)
        keys = {t.id: t.name or t.id for t in kinds.types}
        unique, which = np.unique(ids, return_inverse=True)
        present = [int(i) for i in unique]
        unknown = [keys.get(i, i) for i in present if keys.get(i, i) not in self._species]
        if unknown:
            raise FileError(
                f"{self.path.name}: frame {frame} has atoms of type {unknown[0]}, frame 0 has none"
            )
        return np.array([self._species[keys.get(i, i)] for i in present], dtype=np.int32)[which.reshape(-1)]

    def _masses(self, particles: Particles) -> dict[int, float]:
        species = self._species_of(particles, 0)
        if "Mass" in particles:
            masses = np.asarray(particles["Mass"])
            spread = {int(s): np.unique(masses[species == s]) for s in np.unique(species)}
            return {s: float(m[0]) for s, m in spread.items() if len(m) == 1 and m[0] > 0}
        kinds: Any = particles.particle_types.types
        return {self._species[t.name or t.id]: float(t.mass) for t in kinds if t.mass > 0}

    def _stated(self, particles: Particles) -> Stated:
        """Masses that atoms have are the file's; those that only types have are OVITO's, of chemical elements."""
        kinds: Any = particles.particle_types.types
        declared = {self._species[t.name or t.id]: float(t.mass) for t in kinds if t.mass > 0}
        of_elements = {n: mass for n, mass in declared.items() if n in self.species_names}
        in_file = "Mass" in particles
        return Stated(
            str(self.path), tuple(sorted(self._cached[1].counts)), dict(self.species_names),
            (declared | self.masses) if in_file else {}, {} if in_file else of_elements,
        )  # fmt: skip

    def _beyond_wrapping(self, first: DataCollection) -> bool:
        """Whether the first and the last frame together are too wide for a box, along any axis and by most atoms.

        Wrapped positions lie within one edge of each other wherever the corner of the box is, but for the few that
        stand a little outside; the middle half of those of both frames then spans no more than an edge.
        """
        scaled = []
        for frame, data in ((0, first), (self._length - 1, self._read(self._length - 1))):
            particles, box, origin = self._sound(data, frame)
            scaled.append(box.fractional(np.asarray(particles["Position"]) - origin))
        low, high = np.quantile(np.concatenate(scaled), [0.25, 0.75], axis=0)
        return bool((high - low > 1.0).any())


def _require(path: Path) -> None:
    """Raise MissingFileError, FileError or InputError for a path that cannot be opened."""
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty")
    if "*" in path.name:
        # OVITO would read it as a pattern and load other files.
        raise InputError(f"{path}: a name with * cannot be opened; rename the file")


def _import(path: Path) -> Any:
    """Return OVITO's file source for `path`, or raise with one line."""
    require_ovito()
    from ovito.io import import_file

    try:
        # An absolute path cannot be taken for a remote address.
        with speechless():
            source: Any = import_file(str(path.absolute())).source
        if source.num_frames < 1:
            raise FileError(f"{path.name} holds no frames")
        return source
    except (RuntimeError, KeyError, ValueError) as error:
        raise FileError(f"{path.name}: {_one_line(error)} (glasscli reads {FORMATS})") from error


def _header(path: Path) -> dict[str, int]:
    """What OVITO does not pass on: the step of a LAMMPS data file, whether a dump's columns are unwrapped."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            lines = file.read(4096).decode("utf-8", "replace").splitlines()
    except (OSError, EOFError, zlib.error):
        return {}
    found: dict[str, int] = {}
    if lines and (step := re.search(r"LAMMPS data file.*timestep = (\d+)", lines[0])):
        found["step"] = int(step.group(1))
    for line in lines:
        if line.startswith("ITEM: ATOMS"):
            columns = set(line.split())
            # Beside x, which OVITO takes, unwrapped columns say nothing of the positions read.
            if {"xu", "xsu"} & columns and not {"x", "xs"} & columns:
                found["xu"] = 1
    return found


def _particles(data: DataCollection, path: Path, frame: int) -> Particles:
    particles = data.particles
    if particles is None or particles.count == 0:
        raise FileError(f"{path.name}: frame {frame} has no atoms")
    if particles.particle_types is None:
        raise FileError(f"{path.name}: frame {frame} does not say the types of its atoms")
    return particles


def _orthogonal_box(data: DataCollection, path: Path, frame: int) -> tuple[Box, Floats]:
    """Return (box, origin); glasscli works in periodic boxes with right angles."""
    cell = data.cell
    if cell is None:
        raise FileError(f'{path.name}: frame {frame} has no box; an XYZ file needs Lattice="..."')
    if not all(cell.pbc) or cell.is2D:
        raise FileError(f"{path.name}: frame {frame} is not periodic in all three directions")
    matrix = np.asarray(cell[...], dtype=np.float64)
    edges = np.diag(matrix[:, :3]).copy()
    if not (np.isfinite(matrix).all() and (edges > 0).all()):
        raise FileError(f"{path.name}: frame {frame} has a box with no volume")
    if (np.abs(matrix[:, :3] - np.diag(edges)) > _TILT * edges.max()).any():
        raise FileError(f"{path.name}: frame {frame} has a tilted box; glasscli needs right angles")
    return Box(edges), matrix[:, 3].copy()


def _by_id(particles: Particles, path: Path, frame: int) -> Any:
    """Return the order of the atoms by id: the identity of an atom between frames."""
    if "Particle Identifier" not in particles:
        return slice(None)
    ids = np.asarray(particles["Particle Identifier"])
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise FileError(f"{path.name}: frame {frame} has two atoms with the same id")
    return order


def _own_ids(particles: Particles, order: Any) -> Any:
    """Return [n] the file's ids in the order of the atoms; None where there are none, or they are 1 ... n."""
    if "Particle Identifier" not in particles:
        return None
    ids = np.array(particles["Particle Identifier"], dtype=np.int64)[order]
    return None if np.array_equal(ids, np.arange(1, len(ids) + 1)) else ids


def _species_table(particles: Particles) -> tuple[dict[str | int, int], dict[int, str]]:
    """Return ({type name or id: species}, {species: name}) from the types of the first frame."""
    kinds = sorted(particles.particle_types.types, key=lambda t: t.id)
    labels = [str(t.name or t.id) for t in kinds]
    names = {k: t.name for k, t in enumerate(kinds) if t.name}
    if all(re.fullmatch(r"[1-9]\d{0,5}", label) for label in labels):
        numbers = [int(label) for label in labels]
    elif all(t.id >= 1 for t in kinds) and not (len(names) == len(kinds) < kinds[-1].id):
        numbers = [t.id for t in kinds]
    else:
        numbers = list(range(1, len(kinds) + 1))
    table: dict[str | int, int] = {t.name or t.id: n for t, n in zip(kinds, numbers, strict=True)}
    return table, {numbers[k]: name for k, name in names.items()}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
