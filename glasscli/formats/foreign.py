"""Opens any file that holds configurations: ours, or one that glasscli did not write (through OVITO)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, Ints, Trajectory
from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.formats.cells import Placed, placed
from glasscli.formats.copies import Copy
from glasscli.formats.guesses import BY_NAME, CENTRED, as_named, check_cif, check_pdb
from glasscli.formats.h5md import H5mdSource
from glasscli.formats.headers import read_header
from glasscli.formats.names import symbol
from glasscli.formats.ovito import require_ovito, speechless
from glasscli.formats.packing import one_gz, packing
from glasscli.formats.particles import by_id, diameters_of, first_of, own_ids, particles_of, species_table
from glasscli.formats.planes import in_plane
from glasscli.formats.scan import scan
from glasscli.formats.species import Stated
from glasscli.gate import admit, first_fault
from glasscli.limits import MEMORY_A_BYTE, bounded_memory
from glasscli.store.reader import is_h5md, is_run, open_run
from glasscli.store.run import Run

if TYPE_CHECKING:
    from ovito.data import DataCollection, Particles

FORMATS = (
    "LAMMPS data and dumps, XYZ, GSD, NetCDF, H5MD, POSCAR, CIF, CFG and what else OVITO reads, text also as .gz, "
    ".bz2, .xz or .zst, and its own .h5"
)
# What columns and attributes of other programs are called.
MASSES, VELOCITIES = ("Mass", "masses"), ("Velocity", "vel", "velocities")
STEPS, TIMES = ("Timestep", "timestep", "Step", "step"), ("Time", "time")
COMMENT = re.compile(r"\bTimestep: (\d+)")  # LAMMPS's plain XYZ
# What OVITO calls formats that say neither how many atoms they list nor where they end.
UNCOUNTED = ("PDB", "CIF", "IMD", "FHI-aims")


def open_any(path: str | Path, box: Sequence[float] | None = None) -> Run | ForeignTrajectory:
    """Open what holds configurations: a run of glasscli by the store, all else through OVITO (see ForeignTrajectory).

    box: edges of the periodic box of a file that has none. Raises MissingFileError, FileError with one line for what
    cannot be used, InputError for the box of a run.
    """
    if not is_run(path):
        return ForeignTrajectory(Path(path), box)
    if box is not None:
        raise InputError(f"{path} is a run and states its box itself: leave --box out")
    return open_run(path)


def open_source(path: str | Path) -> Trajectory:
    """Return the configurations in `path` as a Trajectory that reads each frame when it is asked for.

    A run, finished or still going, gives its inherent structures where there are some, else its frames. Errors as of
    `open_any`.
    """
    found = open_any(path)
    return found.inherent_or_frames() if isinstance(found, Run) else found


class ForeignTrajectory:
    """Configurations in a file that glasscli did not write, frame by frame from disk.

    Atoms come ordered by id (in file order where the file has none), the box origin moved to 0 and the box turned
    upright, positions wrapped into the box. Numeric types stay as they are; names become species 1, 2, ... in the order
    of the file's own type numbers, else of the names. `images` follow from unwrapped positions where the columns say so
    (xu, xsu), else are the file's image flags, else None: where atoms stand says nothing of it. `ids` are the file's
    own. `step` is the file's time step, else the number of the frame.

    path           the file
    species_names  {species: name}, only of types that have a name
    masses         {species: mass}, only of species for which one mass is known
    stated         what the file itself says of its species
    notes          a line about a last frame that is cut off, and left out
    asides         lines about how the atoms came into our box: from its corner where that is not at 0, turned; and
                   about a format that states no number of atoms
    assumed        a line where the file has no box, and holds a cluster
    units          LAMMPS's name of the units that the file states; its lengths and times are in these
    """

    def __init__(self, path: Path, box: Sequence[float] | None = None) -> None:
        """Open `path` and check its first frame; MissingFileError or FileError with what is wrong.

        box: edges (and tilts) of a file that states none, see `edges`. Raises InputError where it states them.
        """
        self.path, self._box = path, None if box is None else _given(box)
        _require(path)
        whole = scan(path)
        self._copy = None
        if whole.binary and packing(path):
            self._copy = Copy(path)
            whole = scan(self._copy.path)
        self._header, rewritten = read_header(path, whole)
        self._copy = rewritten or self._copy
        if (
            self._copy is None
            and (how := packing(path))
            and (how != path.suffix or not one_gz(path, whole.size))
        ):
            self._copy = Copy(path)
        self._fitting = MEMORY_A_BYTE * whole.size
        readable = self._copy.path if self._copy else path
        self._source = _import(path, readable, self._header.style, self._fitting, whole.format)
        self._kind = getattr(getattr(self._source, "importer", None), "object_title", "")
        if self._kind == "PDB":
            check_pdb(path)
        self._length = int(self._source.num_frames)
        if whole.frames is not None:
            if self._length < whole.frames:
                raise FileError(f"{path.name}: only {self._length} of its {whole.frames} frames can be read")
            self._length = whole.frames
        self.units = self._header.units or getattr(self._source, "units", None)
        self.notes = [f"{path.name}: frame {self._length} is cut off and left out"] if whole.cut else []
        first = self._read(0)
        if self._kind == "CIF":
            check_cif(path, first)
        particles = particles_of(first, path, 0)
        self._species, self.species_names = species_table(self._names(particles), self._header.numbered)
        self.masses = self._masses(particles)
        self._cached = (0, self._configuration(first, 0))
        way = placed(first, path, 0, self._header.boundary, self._box)
        free = (
            f"{path.name} has no box: its atoms are taken for a cluster in free space "
            "(glasscli export --box LX,LY,LZ gives it one)"
        )
        self.assumed = [] if way.stated else [free]
        self.asides = way.notes(path.name, corner=self._kind not in CENTRED)
        if self._kind in UNCOUNTED:
            count = self._cached[1].n_atoms
            self.asides.append(
                f"{path.name}: {self._kind} files do not say how many atoms they hold: {count} are listed"
            )
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

    @property
    def time_per_step(self) -> float | None:
        """Time of a step, by the times that the first and the last frame state; None where they state none."""
        return time_per_step(self.time_of(0), self.time_of(self._length - 1))

    def time_of(self, frame: int) -> tuple[int, float | None]:
        """Step and time that a frame states; LAMMPS writes times with `dump_modify time yes`."""
        data = self._read(frame)
        time = next((found for name in TIMES if (found := data.attributes.get(name)) is not None), None)
        try:
            return self._step(data, frame), None if time is None else float(time) * (
                self._header.time_step or 1.0
            )
        except (TypeError, ValueError):
            return self._step(data, frame), None  # a word, or several numbers

    def _read(self, frame: int) -> DataCollection:
        try:
            with speechless(), bounded_memory(self._fitting):
                data: DataCollection = self._source.compute(frame)
            return as_named(data) if self._kind == BY_NAME else data
        except (RuntimeError, MemoryError) as error:
            raise FileError(f"{self.path.name}: frame {frame} cannot be read: {_why(error)}") from error

    def _configuration(self, data: DataCollection, frame: int) -> Configuration:
        particles, way = self._sound(data, frame)
        order, box = by_id(particles, self.path, frame), way.box
        positions = way.positions(np.array(particles["Position"], dtype=np.float64)[order])
        positions, crossed = box.folded(positions)
        images: Ints | None = None
        # Flags beside unwrapped positions say again what these say already.
        if self._header.unwrapped:
            images = crossed
        elif "Periodic Image" in particles and self._header.flags:
            images = way.images(np.array(particles["Periodic Image"], dtype=np.int32)[order]) + crossed
        velocities: Floats | None = None
        if self._header.moving and (name := first_of(VELOCITIES, particles)):
            velocities = way.directions(np.array(particles[name], dtype=np.float64)[order])
        configuration = Configuration(
            positions=positions,
            species=self._species_of(particles, frame)[order],
            box=box,
            images=images,
            velocities=velocities,
            ids=own_ids(particles, order),
            step=self._step(data, frame),
            diameters=diameters_of(particles, order),
        )
        if data.cell is not None and data.cell.is2D:
            configuration = in_plane(configuration, self.path)
        return admit(configuration, f"{self.path.name}: frame {frame}")

    def _sound(self, data: DataCollection, frame: int) -> tuple[Particles, Placed]:
        """Particles as they are in the file, and the way into their box, through the gate before they are used."""
        particles = particles_of(data, self.path, frame)
        way = placed(data, self.path, frame, self._header.boundary, self._box)
        places = way.positions(np.asarray(particles["Position"]))
        found = first_fault(places[None], way.box.cell[None], np.ones(len(places), dtype=np.int32))
        if found:
            raise FileError(f"{self.path.name}: frame {frame}: {found[1]}")
        return particles, way

    def _species_of(self, particles: Particles, frame: int) -> Ints:
        """Names match the types of later frames where there are any: OVITO may number them anew."""
        ids = np.asarray(particles.particle_types)
        keys = {number: name or number for number, name in self._names(particles).items()}
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
        if name := first_of(MASSES, particles):
            masses = np.asarray(particles[name])
            spread = {int(s): np.unique(masses[species == s]) for s in np.unique(species)}
            return {s: float(m[0]) for s, m in spread.items() if len(m) == 1 and m[0] > 0}
        return self._of_types(particles)

    def _of_types(self, particles: Particles) -> dict[int, float]:
        """{species: mass} that types have: of the file, or of elements of their names."""
        names = self._names(particles)
        kinds: Any = particles.particle_types.types
        return {self._species[names[t.id] or t.id]: float(t.mass) for t in kinds if t.mass > 0}

    def _names(self, particles: Particles) -> dict[int, str]:
        """{type: name}, "" where the file has none, or the same for several types.

        OVITO names the types of a data file after elements of their masses, which need not be meant.
        """
        named, kinds = self._header.named, particles.particle_types.types
        if self._header.atomic:
            return {t.id: symbol(t.id) for t in kinds}
        uses = Counter(t.name for t in kinds)
        return {t.id: t.name if uses[t.name] == 1 and (named is None or t.id in named) else "" for t in kinds}

    def _step(self, data: DataCollection, frame: int) -> int:
        """The step that the file states of a frame, else its number."""
        for name in TIMES if self._header.time_step else STEPS:
            value = data.attributes.get(name)
            if value is not None and float(value).is_integer():
                return int(value)
        if found := COMMENT.search(str(data.attributes.get("Comment", ""))):
            return int(found[1])
        return frame if self._header.step is None else self._header.step

    def _stated(self, particles: Particles) -> Stated:
        """Masses that atoms have are the file's; those that only types have are OVITO's, of chemical elements."""
        declared = self._of_types(particles)
        of_elements = {n: mass for n, mass in declared.items() if n in self.species_names}
        in_file = first_of(MASSES, particles) is not None
        return Stated(
            str(self.path), tuple(sorted(self._cached[1].counts)), dict(self.species_names),
            (declared | self.masses) if in_file else {}, {} if in_file else of_elements, self.units,
        )  # fmt: skip


def edges(text: str | None) -> tuple[float, ...] | None:
    """Edges of a box as typed, "10,10,12", with LAMMPS's tilts xy, xz, yz behind them where it has some.

    Raises InputError for anything but three positive lengths, or these and three numbers.
    """
    if text is None:
        return None
    try:
        numbers = tuple(float(word) for word in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (3, 6) or not np.isfinite(numbers).all() or min(numbers[:3]) <= 0:
        raise InputError(f"--box {text!r} is not three lengths such as 10,10,12, nor these and three tilts")
    return numbers


def _given(numbers: Sequence[float]) -> Box:
    """The box of three edges, or of these and three tilts."""
    if len(numbers) == 3:
        return Box(np.asarray(numbers, dtype=np.float64))
    vectors = np.diag(numbers[:3])
    vectors[[1, 2, 2], [0, 0, 1]] = numbers[3:]
    return Box(vectors)


def time_per_step(first: tuple[int, float | None], last: tuple[int, float | None]) -> float | None:
    """Time of a step between two frames of which (step, time) are known; None where they are not, or time stands."""
    (a, start), (b, end) = first, last
    if start is None or end is None or b <= a or not 0 < end - start < np.inf:
        return None
    return (end - start) / (b - a)


def _require(path: Path) -> None:
    """Raise MissingFileError, FileError or InputError for a path that cannot be opened."""
    if not path.exists():
        raise MissingFileError(f"{path}: no such file")
    if not path.is_file():
        raise FileError(f"{path}: no file, but a folder, a pipe or a device")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty")
    if "*" in path.name:
        # OVITO would read it as a pattern and load other files.
        raise InputError(f"{path}: a name with * cannot be opened; rename the file")


def _import(path: Path, readable: Path, style: str | None, fitting: float, format: str | None) -> Any:
    """Return OVITO's file source for `path`, read from `readable`, or raise with one line.

    style: atom style of a LAMMPS data file that does not say it; fitting: bytes of memory that fit its size; format: as
    OVITO calls it where it is known, which saves it the loading of all its readers
    """
    require_ovito()
    from ovito.io import import_file

    if is_h5md(readable):
        return H5mdSource(readable)
    try:
        # An absolute path cannot be taken for a remote address.
        how = {"atom_style": style, "input_format": format}
        how = {name: value for name, value in how.items() if value is not None}
        with speechless(), bounded_memory(fitting):
            source: Any = import_file(str(readable.absolute()), **how).source
        if source.num_frames < 1:
            raise FileError(f"{path.name} holds no frames")
        return source
    except (RuntimeError, KeyError, ValueError, MemoryError) as error:
        raise FileError(f"{path.name}: {_why(error)} (glasscli reads {FORMATS})") from error


def _why(error: Exception) -> str:
    """What OVITO says, in one line."""
    if isinstance(error, MemoryError) or str(error).startswith("Not enough memory"):
        return "it claims more memory than a file of its size takes; if it is meant so: --allow memory=BYTES"
    return " ".join(str(error).split()).rstrip(".")
