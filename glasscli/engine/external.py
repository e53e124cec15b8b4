"""LAMMPS in processes of its own: the user's build, or several ranks.

It reads commands from a pipe and answers on its screen; atoms and restarts pass through files in a folder that it works
in. Reading a command and sharing it among ranks is LAMMPS's own work, so nothing here knows of MPI, and a rank that
dies takes neither this process nor anything stored with it.
"""

from __future__ import annotations

import errno
import mmap
import os
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace as altered
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glasscli.box import Box
from glasscli.configuration import Configuration, Floats
from glasscli.engine.boxes import box_of, corner_of, dump_lines, uncovered
from glasscli.engine.contract import RECORDS
from glasscli.engine.deck import THERMO_COLUMNS, atom_properties
from glasscli.engine.installed import load_lammps
from glasscli.engine.launch import Launch, environment
from glasscli.engine.library import explain, potentials
from glasscli.engine.restart import RESTART_MAGIC
from glasscli.errors import EngineError, InputError
from glasscli.family import Guardian
from glasscli.model.protocol import Space
from glasscli.model.system import System

ROW, VALUE, DONE = "glasscli-row", "glasscli-value", "glasscli-done"
COLUMNS = ("id", "type", "x", "y", "z", "ix", "iy", "iz", "vx", "vy", "vz")
COLUMNS_OF = {fix: columns for columns, fix in RECORDS.items()}
PATIENCE_S = 20.0
CHUNK = 100_000  # atoms whose text is in memory at a time


class ExternalEngine:
    """One LAMMPS program at the other end of a pipe.

    folder: where files pass, seen by all of its ranks. beside: whether it shares cores with the run's own program.
    """

    def __init__(
        self, system: System, launch: Launch, folder: Path | None = None, beside: bool = False
    ) -> None:
        load_lammps()  # says where the potentials lie
        self._system, self._launch = system, launch
        command = [*launch.command(), *launch.switches, "-log", "none", "-nocite", "-nonbuf"]
        self._folder = tempfile.TemporaryDirectory(prefix="lammps-", dir=folder)
        self._at = Path(self._folder.name)
        self._names: dict[str, str] = {}
        self._rows: dict[str, list[tuple[int, dict[str, float]]]] = {fix: [] for fix in RECORDS.values()}
        self._step = self._asked = 0
        for number, (name, path) in enumerate(potentials(system).items()):
            self._names[name] = f"potential{number}"
            (self._at / self._names[name]).symlink_to(Path(path).absolute())
        # Errors are read only when it has died; a session of its own keeps Ctrl-C from its ranks.
        with (self._at / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                command, cwd=self._at, env=environment(beside), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True, bufsize=1, errors="replace", start_new_session=True,
            )  # fmt: skip
        self._guardian = Guardian(self._process.pid)
        try:
            self.version = int(self._value("version"))
            self.ranks = int(self._value("extract_setting(world_size)"))
        except BaseException:
            self.close()
            raise
        if launch.ranks > 1 and self.ranks != launch.ranks:
            self.close()
            raise InputError(
                f"asked for {launch.ranks} ranks, but LAMMPS has {self.ranks}: its MPI is not that of mpiexec; "
                "give both in one, as in --lmp 'mpirun -n 4 lmp'"
            )

    def commands(self, lines: Iterable[str]) -> None:
        """Issue LAMMPS commands."""
        self._say([self._resolve(tuned) for line in lines for tuned in self._launch.tuned(line)])

    def provide(self, name: str, content: bytes) -> None:
        """Make a file available under the name by which commands call it."""
        (self._at / name).write_bytes(content)

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Run `steps` of a ramp stretched between two steps."""
        pre = "yes" if setup else "no"
        self._say([f"run {steps} pre {pre} post no start {ramp[0]} stop {ramp[1]}"])

    def record(self, every: int, columns: tuple[str, ...] = THERMO_COLUMNS) -> None:
        """From now on LAMMPS prints columns at each multiple of `every` steps."""
        fix, values = RECORDS[columns], " ".join(f"$({name}:%.17g)" for name in columns)
        self.commands([f'fix {fix} all print {every} "{ROW} {fix} {values}" screen yes'])

    def recorded(
        self, after: int, columns: tuple[str, ...] = THERMO_COLUMNS
    ) -> list[tuple[int, dict[str, float]]]:
        """(step, {column: value}) of what was noted after a step, in order."""
        fix = RECORDS[columns]
        self._rows[fix] = [row for row in self._rows[fix] if row[0] > after]
        return list(self._rows[fix])

    def thermo(self, keywords: Sequence[str] = THERMO_COLUMNS) -> dict[str, float]:
        """Present values of thermo_style keywords; per atom where the deck normalises."""
        return dict(zip(keywords, self._values(*keywords), strict=True))

    @property
    def boltzmann(self) -> float:
        """Boltzmann's constant in the units of the deck."""
        return self._system.unit_system.lammps_boltzmann

    def configuration(self) -> Configuration:
        """Present state, ordered by atom id, wrapped into a box from the origin."""
        varied = self._system.sizes is not None
        columns = (*COLUMNS, "diameter") if varied else COLUMNS
        self._say([f"write_dump all custom atoms.bin {' '.join(columns)}"])
        # As large as all atoms, and read where it lies: nothing but what is returned is in memory.
        with (self._at / "atoms.bin").open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        step, low, box, pieces = read_dump(content, self._system.dimension)
        seats = _seats(np.concatenate([piece[:, 0] for piece in pieces]))
        gathered = partial(_gathered, pieces, seats)
        positions, crossed = box.folded(gathered(slice(2, 5)) - low)
        images = gathered(slice(5, 8), np.int32)
        images += crossed
        return Configuration(
            positions, gathered(1, np.int32), box, images, gathered(slice(8, 11)), step,
            diameters=gathered(11) if varied else None,
        )  # fmt: skip

    def rearrange(self, occupant: np.ndarray) -> None:
        """Atom occupant[i] goes where atom i was and keeps its velocity."""
        before = self.configuration()
        moved = np.flatnonzero(occupant != np.arange(len(occupant)))
        self._place(before, moved, occupant[moved])

    def replace(self, configuration: Configuration) -> None:
        """Take positions, images, species and velocities of a configuration of the same box and atoms."""
        self._retype(configuration.species, self.configuration())
        self._place(configuration)

    def transmute(self, species: np.ndarray, speeds: np.ndarray) -> None:
        """Set [n_atoms] species and multiply velocities by `speeds`, both in the order of ids."""
        before = self.configuration()
        assert before.velocities is not None
        self._retype(species, before)
        self._place(altered(before, velocities=before.velocities * speeds[:, None]))

    def fix_value(self, name: str, index: int) -> float:
        """One number of a fix's global vector."""
        return self._value(f"f_{name}[{index + 1}]")

    def state(self) -> bytes:
        """The present state as a restart file that this LAMMPS, on as many ranks, can read."""
        self._say(["write_restart state"])
        content = (self._at / "state").read_bytes()
        if not content.endswith(RESTART_MAGIC):
            raise OSError(errno.ENOSPC, "no space left", str(self._at))
        return content

    def close(self) -> None:
        """End LAMMPS: at the end of its input it stops by itself.

        Its screen is read to the last line: a closed one would kill it as it says how long it took, and mpiexec then
        ends all ranks with an error.
        """
        try:
            self._process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._kill()
            with suppress(subprocess.TimeoutExpired):  # something outside its session may hold the screen
                self._process.communicate(timeout=PATIENCE_S)
        self._guardian.release()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._folder.cleanup()

    def _kill(self) -> None:
        """End all of its processes now."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _place(
        self, at: Configuration, sites: np.ndarray | None = None, atoms: np.ndarray | None = None
    ) -> None:
        """Atoms (indices) go to sites of a configuration, with velocities of their own; all to theirs where none are
        named.
        """
        assert at.images is not None and at.velocities is not None
        sites = np.arange(at.n_atoms) if sites is None else sites
        atoms = sites if atoms is None else atoms
        values = (at.positions[sites], at.images[sites], at.velocities[atoms])
        self._overwrite(at, atoms, "x y z ix iy iz vx vy vz", 3 * " %.17g" + 3 * " %d" + 3 * " %.17g", values)

    def _retype(self, species: np.ndarray, at: Configuration) -> None:
        """Give atoms their species, as velocities, which must be given anew: what LAMMPS knows of each atom it takes by
        one command for all, and forces would not go along with atoms to another rank.
        """
        if np.array_equal(species, at.species):
            return
        self._overwrite(at, np.arange(at.n_atoms), "vx", " %d", (species,))
        given = ["variable species atom vx", "set group all type v_species", "variable species delete"]
        self._say([*given, *atom_properties(self._system)])

    def _overwrite(
        self, at: Configuration, atoms: np.ndarray, fields: str, form: str, values: Sequence[np.ndarray]
    ) -> None:
        """Set fields of atoms (indices), through a dump that LAMMPS reads; 17 digits are every bit."""
        if not len(atoms):
            return
        box = "\n".join(dump_lines(at.box, at.positions))
        with (self._at / "place.dump").open("w") as file:
            file.write(
                f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{len(atoms)}\n{box}\nITEM: ATOMS id {fields}\n"
            )
            for first in range(0, len(atoms), CHUNK):
                here = slice(first, first + CHUNK)
                table = np.column_stack([atoms[here] + 1, *(value[here] for value in values)])
                file.write(f"%d{form}\n" * len(table) % tuple(table.ravel().tolist()))
        self._say([f"read_dump place.dump 0 {fields} box no replace yes timestep no"])

    def _resolve(self, line: str) -> str:
        return " ".join(self._names.get(word, word) for word in line.split(" ")) if self._names else line

    def _value(self, formula: str) -> float:
        return self._values(formula)[0]

    def _values(self, *formulas: str) -> list[float]:
        printed = " ".join(f"$({formula}:%.17g)" for formula in formulas)
        answer = self._say([f'print "{VALUE} {printed}"'])
        return [float(word) for word in answer[-1].split()[1:]]

    def _say(self, lines: list[str]) -> list[str]:
        """Send commands and wait until they are done; return the values they printed.

        Raises EngineError with LAMMPS's own words, or with how it died.
        """
        self._asked += 1
        end = f"{DONE} {self._asked}"
        pipe, screen = self._process.stdin, self._process.stdout
        assert pipe is not None and screen is not None
        values: list[str] = []
        said: list[str] = []
        try:
            pipe.write("".join(f"{line}\n" for line in [*lines, f'print "{end}"']))
            pipe.flush()
        except (BrokenPipeError, ValueError):
            pass  # what it said before it died says why
        for line in screen:
            line = line.rstrip("\n")
            if line == end:
                return values
            if line.startswith(ROW):
                _, fix, *numbers = line.split()
                row = dict(zip(COLUMNS_OF[fix], map(float, numbers), strict=True))
                self._step = int(row["step"])
                self._rows[fix].append((self._step, row))
            elif line.startswith(VALUE):
                values.append(line)
            else:
                said = [*said[-200:], line]
        raise self._death(said, lines)

    def _death(self, said: list[str], lines: list[str]) -> EngineError:
        """The error to raise when LAMMPS has ended before its time."""
        try:
            code = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._kill()
            code = self._process.wait()
        errors = (self._at / "stderr").read_text(errors="replace").splitlines()
        for line in [*said, *errors]:
            if line.lstrip().startswith("ERROR"):
                near = [text.partition(": ")[2] for text in said if text.startswith("Last input line")]
                return explain(line, near[-1] if near else lines[-1] if lines else "")
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        words = [line.strip(" =|") for line in [*said, *errors] if line.strip(" =|")]
        hints = [word for word in words if "signal" in word.lower() or "rror" in word] or words[-1:]
        hint = f": {hints[0][:200]}" if hints else ""
        what = f"one of the {self._launch.ranks} ranks" if self._launch.ranks > 1 else "the LAMMPS program"
        return EngineError(
            f"{what} ended before its time ({how}{hint}) after step {self._step}; what is stored is whole, the same "
            "command goes on from the last checkpoint"
        )


def read_dump(
    content: bytes | mmap.mmap, dimension: Literal[2, 3] = 3
) -> tuple[int, np.ndarray, Box, list[Floats]]:
    """(step, lower corner [3], box, atoms [n, columns] of each rank) of a binary custom dump of one frame.

    The layout is that of LAMMPS's tools/binary2txt.cpp, revision 2.
    """
    at = 0

    def take(form: str) -> tuple[int | float, ...]:
        nonlocal at
        values = struct.unpack_from("=" + form, content, at)
        at += struct.calcsize("=" + form)
        return values

    def skip(length: int | float) -> None:
        nonlocal at
        at += int(length)

    length = -int(take("q")[0])
    skip(length + 4)  # the name of the format and a number that shows the byte order
    revision = take("i")[0]
    step, _, triclinic = take("qqi")
    sides = take("6i")  # 0 where it is periodic
    bounds = np.array(take("6d")).reshape(3, 2)
    tilt = take("3d") if triclinic == 1 else (0.0, 0.0, 0.0)
    if length <= 0 or revision < 2 or triclinic not in (0, 1):
        raise EngineError("this LAMMPS writes binary dumps of another kind: use one of 2021 or later")
    columns = int(take("i")[0])
    skip(take("i")[0])  # the units' name
    skip(8 if take("?")[0] else 0)  # the time
    skip(take("i")[0])  # the columns' names
    pieces = []
    for _ in range(int(take("i")[0])):
        count = int(take("i")[0])
        pieces.append(np.frombuffer(content, np.float64, count, at).reshape(-1, columns))
        skip(8 * count)
    boundary = " ".join("s" if side else "p" for side in sides[::2])
    space = Space(boundary=boundary, tilted=bool(triclinic), dimension=dimension)
    low, high = (uncovered(bounds, tilt) if triclinic else bounds).T
    return (
        int(step),
        corner_of(low, space),
        box_of(low, high, tilt, space),
        pieces,
    )


def _seats(ids: Floats) -> NDArray[np.int64]:
    """[n] where the atom of each id stands in the order of ids."""
    found = ids.astype(np.int64) - 1
    if found.max(initial=-1) >= len(ids):  # some are missing
        found[np.argsort(ids)] = np.arange(len(ids))
    return found


def _gathered(
    pieces: Sequence[Floats], seats: NDArray[np.int64], columns: int | slice, kind: type = np.float64
) -> NDArray[Any]:
    """Columns of all pieces, in the order of seats."""
    found, first = np.empty((len(seats), *pieces[0][:1, columns].shape[1:]), kind), 0
    for piece in pieces:
        found[seats[first : first + len(piece)]] = piece[:, columns]
        first += len(piece)
    return found
