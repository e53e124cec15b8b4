"""LAMMPS in this process."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from io import FileIO
from pathlib import Path
from typing import Any, Self

import numpy as np

from glasscli.box import Box, Floats
from glasscli.configuration import Configuration
from glasscli.engine.boxes import box_of, change_commands, corner_of
from glasscli.engine.contract import RECORDED, RECORDS
from glasscli.engine.deck import THERMO_COLUMNS, atom_properties
from glasscli.engine.installed import instance, load_lammps
from glasscli.engine.launch import Launch, check_threads
from glasscli.engine.restart import RESTART_MAGIC, SMALLEST_ATOM, guarded
from glasscli.errors import (
    EngineError,
    InputError,
    LostAtomsError,
    MissingFileError,
)
from glasscli.limits import MEMORY_AN_ATOM, POTENTIAL, bounded_memory
from glasscli.model.commands import may_be_file
from glasscli.model.protocol import Space
from glasscli.model.system import System

STATE = "glasscli-state"  # no word of a deck


class LibraryEngine:
    """One LAMMPS instance. After a failed run it is not trustworthy: close it."""

    ranks = 1

    def __init__(self, system: System, launch: Launch | None = None) -> None:
        self._launch = launch or Launch()
        check_threads()
        self._lmp_constants = load_lammps()
        try:
            self._lmp = instance(self._launch.switches)
        except Exception as error:
            raise EngineError(f"LAMMPS does not start: {error}; see glasscli doctor") from error
        self.version: int = self._lmp.version()
        # LAMMPS would expand `$` and blanks in the user's paths; it only ever sees descriptors of this process. What
        # it reads and writes of ours lies in memory, so that a killed process leaves nothing behind.
        self._files = {name: FileIO(path) for name, path in potentials(system).items()}
        self._recording: dict[str, str] = {}  # {fix: the command that defines it}
        self._set_up = self._restored = False
        self._properties, self._varied = atom_properties(system), system.sizes is not None
        self._diameters_of = system.diameters_of

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def commands(self, lines: Iterable[str]) -> None:
        """Issue LAMMPS commands; potential files beside a user's system file are found."""
        for line in (tuned for plain in lines for tuned in self._launch.tuned(plain)):
            with self._bounded(line):
                self._call(lambda line=line: self._lmp.command(self._resolve(line)), line)

    def provide(self, name: str, content: bytes) -> None:
        """Make a file available under the name by which commands call it."""
        file = self._in_memory(name)
        file.truncate(0)
        file.seek(0)
        file.write(content)

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Run `steps` of a ramp stretched between two steps."""
        pre = "yes" if setup else "no"
        line = f"run {steps} pre {pre} post no start {ramp[0]} stop {ramp[1]}"
        with self._bounded(line):
            self._call(lambda: self._lmp.command(line), line)

    def record(self, every: int, columns: tuple[str, ...] = THERMO_COLUMNS) -> None:
        """From now on LAMMPS notes columns at each multiple of `every` steps: runs need not stop there."""
        fix = RECORDS[columns]
        self.commands([f"variable record_{name} equal {name}" for name in columns])
        values = " ".join(f"v_record_{name}" for name in columns)
        self._recording[fix] = f"fix {fix} all vector {every} {values} nmax {RECORDED}"
        self.commands([self._recording[fix]])

    def recorded(
        self, after: int, columns: tuple[str, ...] = THERMO_COLUMNS
    ) -> list[tuple[int, dict[str, float]]]:
        """(step, {column: value}) of what was noted after a step, in order."""
        constants, found, fix = self._lmp_constants, [], RECORDS[columns]
        count = self._lmp.extract_fix(fix, constants.LMP_STYLE_GLOBAL, constants.LMP_SIZE_ROWS)

        def value(row: int, column: int) -> float:
            return float(
                self._lmp.extract_fix(fix, constants.LMP_STYLE_GLOBAL, constants.LMP_TYPE_ARRAY, row, column)
            )

        for row in reversed(range(count)):
            step = int(value(row, columns.index("step")))
            if step <= after:
                break
            found.append((step, {name: value(row, k) for k, name in enumerate(columns)}))
        return found[::-1]

    def thermo(self, keywords: Iterable[str] = THERMO_COLUMNS) -> dict[str, float]:
        """Present values of thermo_style keywords; per atom where the deck normalises.

        They are those of the last set-up or step: LAMMPS computes each once a timestep.
        """
        return {name: self._lmp.get_thermo(name) for name in keywords}

    def configuration(self) -> Configuration:
        """Present state, ordered by atom id, wrapped into a box from the origin."""
        lmp = self._lmp
        box, low = self._box()
        n = lmp.get_natoms()
        x = np.array(lmp.gather_atoms("x", 1, 3), dtype=np.float64).reshape(n, 3) - low
        image = np.array(lmp.gather_atoms("image", 0, 3), dtype=np.int32).reshape(n, 3)
        v = np.array(lmp.gather_atoms("v", 1, 3), dtype=np.float64).reshape(n, 3)
        species = np.array(lmp.gather_atoms("type", 0, 1), dtype=np.int32)
        positions, crossed = box.folded(x)
        diameters = 2 * np.array(lmp.gather_atoms("radius", 1, 1), dtype=np.float64) if self._varied else None
        return Configuration(positions, species, box, image + crossed, v, self.step, diameters=diameters)

    def _box(self) -> tuple[Box, Floats]:
        """The box of this instance, and where it begins in its own coordinates."""
        low, high, xy, yz, xz, *_ = self._lmp.extract_box()
        return box_of(low, high, (xy, xz, yz), self._space), corner_of(low, self._space)

    @property
    def _space(self) -> Space:
        """Of the box as it is now: a deck may make it one that leans."""
        periodic = self._lmp.extract_box()[5]
        return Space(
            boundary=" ".join("p" if along else "s" for along in periodic),
            tilted=bool(self._lmp.extract_setting("triclinic")), dimension=self._lmp.extract_setting("dimension"),
        )  # fmt: skip

    @property
    def boltzmann(self) -> float:
        """Boltzmann's constant in the units of the deck."""
        return float(self._lmp.extract_global("boltz"))

    def rearrange(self, occupant: np.ndarray) -> None:
        """Atom occupant[i] goes where atom i was and keeps its velocity; ids count from 1, indices from 0."""
        rows = self._rows()
        for name in ("x", "image"):
            local = self._local(name)
            places = local[rows]
            places[occupant] = local[rows]
            local[rows] = places

    def replace(self, configuration: Configuration) -> None:
        """Take positions, images, species and velocities of a configuration of the same box and atoms."""
        assert configuration.images is not None and configuration.velocities is not None
        rows = self._rows()
        _, low = self._box()
        bits = 10 if self._lmp.extract_setting("imageint") == 4 else 20
        images = configuration.images.astype(np.int64) + 2 ** (bits - 1)
        self._local("x")[rows] = configuration.positions + low
        self._local("image")[rows] = images[:, 0] | images[:, 1] << bits | images[:, 2] << 2 * bits
        self._local("type")[rows] = configuration.species
        self._local("v")[rows] = configuration.velocities
        self._carry(configuration)

    def transmute(self, species: np.ndarray, speeds: np.ndarray) -> None:
        """Set [n_atoms] species and multiply velocities by `speeds`, both in the order of ids."""
        rows = self._rows()
        self._local("type")[rows] = species
        self._local("v")[rows] *= speeds[:, None]
        self.commands(self._properties)

    def fix_value(self, name: str, index: int) -> float:
        """One number of a fix's global vector."""
        return float(self._lmp.extract_fix(name, 0, 1, index))

    def _local(self, name: str) -> np.ndarray:
        """LAMMPS's own per-atom array, in its order."""
        n = self._lmp.extract_global("nlocal")
        return np.asarray(self._lmp.numpy.extract_atom(name, nelem=n))[:n]

    def _rows(self) -> np.ndarray:
        """Where in LAMMPS's arrays the atoms 1, 2, ... are."""
        return np.argsort(self._local("id"))

    @property
    def step(self) -> int:
        """Present timestep."""
        return int(self._lmp.extract_global("ntimestep"))

    def create(self, configuration: Configuration) -> None:
        """Create the atoms of a configuration in an empty box, with ids 1, 2, ..."""
        n = configuration.n_atoms
        created = self._lmp.create_atoms(
            n,
            list(range(1, n + 1)),
            self._types(configuration).tolist(),
            configuration.positions.ravel().tolist(),
            shrinkexceed=configuration.box.free,
        )
        if created != n:
            raise EngineError(f"only {created} of {n} atoms lie in the box")
        self._carry(configuration)

    def place(self, configuration: Configuration) -> None:
        """Set box, images, species and positions; needs an atom map, and a run with set-up next."""
        lmp, n = self._lmp, configuration.n_atoms
        if not configuration.box.matches(self._box()[0]):
            self.commands(change_commands(configuration.box))
        images = (
            configuration.images if configuration.images is not None else np.zeros((n, 3), dtype=np.int32)
        )
        # The image is scattered first: LAMMPS wraps what is scattered as "x" at its next set-up.
        for name, kind, width, values in (
            ("image", 0, 3, np.ascontiguousarray(images, dtype=np.int32)),
            ("type", 0, 1, self._types(configuration)),
            ("x", 1, 3, np.ascontiguousarray(configuration.positions, dtype=np.float64)),
        ):
            c_type = ctypes.c_double if kind else ctypes.c_int
            lmp.scatter_atoms(name, kind, width, values.ctypes.data_as(ctypes.POINTER(c_type)))
        self._carry(configuration)

    def _types(self, configuration: Configuration) -> np.ndarray:
        """[n_atoms] types; species may stand for thirds of the atoms where diameters vary (see `System.classes`)."""
        if self._varied:
            return np.ones(configuration.n_atoms, dtype=np.int32)
        return np.ascontiguousarray(configuration.species, dtype=np.int32)

    def _carry(self, configuration: Configuration) -> None:
        """Give the atoms what they carry, by their species or each its own."""
        diameters = self._diameters_of(configuration)
        if diameters is not None:
            self._local("radius")[self._rows()] = diameters / 2
        self.commands(self._properties)

    def gather_compute(self, name: str) -> np.ndarray:
        """[n_atoms] values of a per-atom compute, ordered by atom id."""
        n = self._lmp.get_natoms()
        return np.array(self._lmp.gather(f"c_{name}", 1, 1), dtype=np.float64)[:n]

    def state(self) -> bytes:
        """The present state as a restart file that this LAMMPS build can read."""
        file = self._in_memory(STATE)
        # Between runs LAMMPS would size the rows of `fix vector` by the end of a run that is over: they begin anew.
        pause = [f"unfix {fix}" for fix in self._recording]
        self.commands([*pause, f"write_restart {_path(file)}", *self._recording.values()])
        file.seek(0)
        content = file.read()
        # LAMMPS does not notice when its file cannot grow; a whole restart ends as it begins.
        if not content.endswith(RESTART_MAGIC):
            raise MemoryError("no memory left for a restart")
        return content

    def close(self) -> None:
        """End the instance, also one that holds half of a damaged restart."""
        with guarded(0.0) if self._restored and not self._set_up else nullcontext():
            self._lmp.close()
        for file in self._files.values():
            file.close()

    def _in_memory(self, name: str) -> FileIO:
        """The file without a place on any disk that commands call by this name."""
        if name not in self._files:
            self._files[name] = FileIO(os.memfd_create(name), "w+b")
        return self._files[name]

    def _resolve(self, line: str) -> str:
        """Put our own paths in place of the files that the deck names."""
        if not self._files:
            return line
        return " ".join(_path(self._files[word]) if word in self._files else word for word in line.split(" "))

    def _bounded(self, line: str) -> AbstractContextManager[None]:
        """The bound where a wild number of a file would take all memory there is.

        These are the counts in a restart, and the cutoffs of a system in the first set-up. Libraries of some
        accelerators reserve addresses that they never use.
        """
        word, *words = line.split(" ")
        first = not self._set_up and word in ("run", "minimize")
        self._set_up |= first
        if self._launch.accelerator in ("kk", "gpu"):
            return nullcontext()
        if word == "read_restart" and words[0] in self._files:
            self._restored = True
            size = os.fstat(self._files[words[0]].fileno()).st_size
            return guarded(MEMORY_AN_ATOM * size / SMALLEST_ATOM)
        if not first:
            return nullcontext()
        return (guarded if self._restored else bounded_memory)(MEMORY_AN_ATOM * self._lmp.get_natoms())

    def _call(self, action: Any, line: str) -> None:
        try:
            action()
        except Exception as error:
            raise explain(str(error), line) from error


def potentials(system: System) -> dict[str, str]:
    """{word of a command: path} of the files that a system's commands name: beside its own file, or with LAMMPS.

    LAMMPS itself would first look into the folder that one works in, which may be anybody's. Raises InputError for a
    pipe or a device, which would be read for ever; MissingFileError.
    """
    shipped = Path(os.environ.get("LAMMPS_POTENTIALS", "/nowhere").partition(":")[0])
    found = dict(system.potential_files)
    for word in filter(may_be_file, (word for line in system.commands for word in line.split()[1:])):
        name = word.strip("\"'")
        if "/" not in name and (shipped / name).is_file():
            found.setdefault(word, str(shipped / name))
        elif Path(name).exists() and not Path(name).is_dir():
            found.setdefault(word, str(Path(name).absolute()))
    for path in map(Path, found.values()):
        if not path.exists():
            raise MissingFileError(f"{path}: no such potential file")
        if not path.is_file():
            raise InputError(f"{path}: a pipe or device: no potential is read from it")
        POTENTIAL.check(path.stat().st_size, str(path))
    return found


def _path(file: FileIO) -> str:
    """How LAMMPS, in this process, opens a file that is open here."""
    return f"/proc/self/fd/{file.fileno()}"


def explain(message: str, line: str) -> EngineError:
    """Turn LAMMPS's words into one line that says what to do."""
    text = " ".join(
        re.sub(
            r"\(src/.*?\)|\([^()]*\.(cpp|h):\d+\)|For more information see.*|Last input line.*", "", message
        ).split()
    )
    text = re.sub(r"^(Exception: )?ERROR( on proc \d+)?: ", "", text)
    if (
        "Lost atoms" in text
        or "Non-numeric" in text
        or ("out of range" in text.lower() and line.startswith("run"))
    ):
        return LostAtomsError(
            f"the integration broke down ({text}): atoms came too close or flew off; use a smaller --timestep"
        )
    if "tilted box too far in one step" in text:
        return EngineError(
            f"the barostat leaned the box further in one step than it is long ({text}): use a smaller --stress, or a "
            "smaller --timestep"
        )
    package = re.search(r"Unrecognized (\w+) style '([^']*)' is part of the ([\w-]+) package", text)
    if package:
        kind, style, name = package.groups()
        return EngineError(
            f"this LAMMPS lacks the {name} package, which brings {kind} style {style}: use a build that has it ({line})"
        )
    if "requires atom attribute" in text or "requires atom attributes" in text:
        return EngineError(
            f"this pair style needs what the atoms do not carry ({text.rstrip('.')}): give each [[species]] of the "
            "system a charge, or a diameter"
        )
    if "Unrecognized pair style" in text:
        return EngineError(
            f"this LAMMPS has no such pair style ({line}): check its spelling or the build's packages"
        )
    if "Failed to allocate" in text or "Failed to reallocate" in text:
        return EngineError(
            f"LAMMPS: {text.rstrip('.')} (at: {line}): more memory than such a sample takes; look at the system's "
            "cutoffs, or raise it with --allow memory=BYTES"
        )
    return EngineError(f"LAMMPS: {text.rstrip('.')} (at: {line})")
