"""A run that goes on, or was interrupted: read from the file that grows and, behind that, from its journal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import FileError, InputError
from glasscli.gate import admit
from glasscli.limits import ATOMS, BYTES
from glasscli.store import checkpoint as checkpoints
from glasscli.store import journal
from glasscli.store.files import read_own
from glasscli.store.finished import FileRun
from glasscli.store.recorder import JOURNAL, MANIFEST, read_history, read_manifest
from glasscli.store.rows import block
from glasscli.store.run import Frames, Run, State
from glasscli.store.schema import SERIES, Series
from glasscli.store.so_far import SO_FAR_FILE, length_so_far, so_far


def last_checkpoint(folder: Path) -> checkpoints.Checkpoint | None:
    """The checkpoint that an unfinished run goes on from: the newest that what is stored reaches, or None."""
    path = folder / JOURNAL
    least = length_so_far(so_far(folder))
    return checkpoints.latest(folder, max(least, journal.whole_length(path) if path.is_file() else 0), least)


class JournalRun(Run):
    """A run that is still going on, or was interrupted."""

    finished = False

    def __init__(self, folder: Path, stop: int | None = None) -> None:
        """stop: how much of the journal is looked at, counted from the run's beginning."""
        self.path = folder
        self.manifest = read_manifest(folder)
        ATOMS.check(sum(self.manifest.protocol.counts), folder / MANIFEST)
        self.manifest.history = read_history(folder)
        self._index: dict[str, list[tuple[int, int]]] = {"frame": [], "state": []}
        self._blocks: dict[str, list[dict[str, np.ndarray]]] = {}
        self._species = np.zeros(0, dtype=np.int32)
        self._diameters: np.ndarray | None = None
        self._grown: FileRun | None = None
        path = folder / JOURNAL
        with journal.JournalReader(path) if path.is_file() else nullcontext() as opened:
            # The journal first: it is cut only when the file holds what is cut off.
            self.so_far = so_far(folder)
            start = length_so_far(self.so_far)
            if opened and opened.begins > start:
                raise FileError(f"{path}: begins where {SO_FAR_FILE}, which is shorter, does not end")
            self._read(opened.records(start, stop) if opened else iter(()), start)

    def _read(self, records: Iterator[journal.Record], start: int) -> None:
        """Note where the records lie, the first at an offset."""
        folder = self.path
        for record in records:
            try:
                self._take(record, start)
            except (KeyError, ValueError, TypeError, IndexError) as error:
                raise FileError(
                    f"{folder / JOURNAL}: the record at byte {start} is damaged ({error})"
                ) from error
            start = record.end

    def _take(self, record: journal.Record, start: int) -> None:
        """Note where a configuration lies; keep what is small."""
        series = SERIES.get(record.kind)
        if series:
            self._blocks.setdefault(series.kind, []).append(block(series, record))
        if record.kind in self._index or (series and series.structure):
            self._index.setdefault(record.kind, []).append((record.values["step"], start))
        elif record.kind == "species":
            self._species = np.array(record.arrays["species"])
            if self.manifest.system.sizes:
                self._diameters = np.array(record.arrays["diameters"])
        elif not series:
            raise FileError(
                f"{self.path / JOURNAL}: holds a {record.kind}, of which only a newer glasscli knows"
            )

    @property
    def start(self) -> tuple[str, bytes] | None:
        """Name and contents of the file that the deck starts from, or None.

        A damaged one is empty where a checkpoint goes on without it; else raises FileError.
        """
        name, *digest = self.manifest.start.split()
        if not digest:
            return None
        why = "damaged"
        try:
            content = read_own(self.path / name, BYTES)
            if hashlib.sha256(content).hexdigest() == digest[0]:
                return name, content
        except OSError as error:
            why = str(error) if isinstance(error, FileError) else f"{error.strerror}".lower()
            why = why.removeprefix(f"{self.path / name}: ")
        if last_checkpoint(self.path):
            return name, b""
        raise FileError(
            f"{self.path / name}: {why}; the run cannot start from it: remove {self.path} and run anew"
        )

    @property
    def start_is_whole(self) -> bool:
        """Whether the file that the deck starts from is what it was; so is none."""
        name, *digest = self.manifest.start.split()
        try:
            return not digest or hashlib.sha256(read_own(self.path / name, BYTES)).hexdigest() == digest[0]
        except OSError:
            return False

    @property
    def species(self) -> np.ndarray:
        """[N] species."""
        return self.so_far.species if self.so_far else self._species

    @property
    def diameters(self) -> np.ndarray | None:
        """[N] diameters where each atom has its own."""
        return self.so_far.diameters if self.so_far else self._diameters

    def table(self, series: Series) -> dict[str, np.ndarray]:
        """Columns of a series, as far as it goes."""
        blocks = self._blocks.get(series.kind, [])
        if self.so_far:
            stored = self.so_far.table(series)
            blocks = [{"step": stored["step"]} | {c.key: stored[c.name] for c in series.columns}, *blocks]
        if not blocks:
            return series.empty(self.manifest.system.n_species)
        try:
            return series.table(
                np.concatenate([rows["step"] for rows in blocks]),
                {c.key: np.concatenate([rows[c.key] for rows in blocks]) for c in series.columns},
            )
        except ValueError as error:
            raise FileError(f"{self.path / JOURNAL}: {series.title} of unlike shapes ({error})") from error

    def structures(self, series: Series) -> Frames:
        """The configurations of a series."""
        return self._frames(series.kind, self.so_far.structures(series) if self.so_far else None)

    @property
    def frame_bytes(self) -> int | None:
        """Unknown before the end: the journal is not packed."""
        return None

    @property
    def frames(self) -> Frames:
        """Configurations as they moved."""
        return self._frames("frame", self.so_far.frames if self.so_far else None)

    @property
    def state_steps(self) -> np.ndarray:
        """[S] steps of the stored full states."""
        tail = self._steps("state")
        return np.concatenate([self.so_far.state_steps, tail]) if self.so_far else tail

    @property
    def state_restarts(self) -> tuple[np.ndarray, np.ndarray]:
        """[S] LAMMPS versions and [S] ends of the restart files."""
        none = np.zeros(0, dtype="<i8")
        lammps, ends = self.so_far.state_restarts if self.so_far else (none, none)
        tail = [self._state_record(index) for index in range(len(self._index["state"]))]
        more = np.cumsum([len(record.arrays["restart"]) for record in tail], dtype="<i8")
        versions = np.array([record.values["lammps_version"] for record in tail], dtype="<i8")
        return (
            np.concatenate([lammps, versions]),
            np.concatenate([ends, more + (int(ends[-1]) if len(ends) else 0)]),
        )

    def state(self, index: int) -> State:
        """One stored full state."""
        index %= len(self.state_steps)
        before = len(self.state_steps) - len(self._index["state"])
        if self.so_far and index < before:
            return self.so_far.state(index)
        try:
            record = self._state_record(index - before)
        except FileError:
            if (newer := self._newer) is None or index >= len(newer.state_steps):
                raise
            return newer.state(index)
        configuration = self._configuration("state", index - before)
        return State(configuration, record.arrays["restart"].tobytes(), record.values["lammps_version"])

    def result(self, name: str) -> dict[str, Any] | None:
        """Nothing is measured on an unfinished run's folder."""
        return None

    def _state_record(self, index: int) -> journal.Record:
        record = self._record("state", index)
        if "restart" not in record.arrays or "lammps_version" not in record.values:
            raise FileError(
                f"{self.path / JOURNAL}: state, step {record.values.get('step')}: no restart file"
            )
        return record

    def _frames(self, kind: str, before: Frames | None) -> Frames:
        """Those of the file that grows, then those of the journal."""
        count = 0 if before is None else len(before)

        def read(index: int) -> Configuration:
            if before is not None and index < count:
                return before[index]
            try:
                return self._configuration(kind, index - count)
            except FileError:
                newer = self._newer
                if newer is None:
                    raise
                moved = newer.frames if kind == "frame" else newer.structures(SERIES[kind])
                if index >= len(moved):
                    raise
                return moved[index]

        steps = self._steps(kind)
        if before is None:
            return Frames(steps, read)
        tail = Frames(steps, lambda index: read(count + index))
        return Frames(np.concatenate([before.steps, steps]), read, lambda: before.digests() + tail.digests())

    @property
    def _newer(self) -> FileRun | None:
        """The file that grows as it is by now: what was in the journal may have gone there. None where it has not."""
        known = self._grown or self.so_far
        found = so_far(self.path)
        if length_so_far(found) > length_so_far(known):
            self._grown = found
        return self._grown

    def _steps(self, kind: str) -> np.ndarray:
        return np.array([step for step, _ in self._index.get(kind, [])], dtype=np.int64)

    def _record(self, kind: str, index: int) -> journal.Record:
        offset = self._index[kind][index][1]
        with journal.JournalReader(self.path / JOURNAL) as opened:
            record = opened.at(offset) if offset >= opened.begins else None
        if record is None:
            raise FileError(f"{self.path / JOURNAL}: changed while it was read; open it again")
        return record

    def _configuration(self, kind: str, index: int) -> Configuration:
        record = self._record(kind, index)
        arrays = record.arrays
        where = f"{self.path / JOURNAL}: {kind}, step {record.values.get('step')}"
        try:
            velocities = arrays["velocities"].astype(np.float64) if "velocities" in arrays else None
            box = Box.unpacked(np.array(arrays["box"]))
            if kind == "frame" and self.grid:
                positions, images = self.grid.places(arrays["grid"], box)
            else:
                positions, images = arrays["positions"].astype(np.float64), np.array(arrays["images"])
            configuration = Configuration(
                positions, np.array(arrays.get("species", self.species)), box, images, velocities,
                record.values["step"], diameters=self.diameters,
            )  # fmt: skip
        except (KeyError, ValueError, InputError) as error:
            raise FileError(f"{where}: damaged ({error})") from error
        system, counts = self.manifest.system, self.manifest.protocol.counts
        return admit(configuration, where, n_species=system.n_species, n_atoms=sum(counts))
