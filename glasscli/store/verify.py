"""Is a file what it says it is? Order, gaps, shapes, finite numbers, checksums of all that is stored."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.errors import FileError
from glasscli.gate import finite, first_fault
from glasscli.model.protocol import Sampling
from glasscli.model.schedule import Schedule
from glasscli.store import checkpoint as checkpoints
from glasscli.store import journal
from glasscli.store.convergence import Convergence, convergence
from glasscli.store.finished import FileRun
from glasscli.store.hdf5 import DAMAGE, address, first_line, walk
from glasscli.store.manifest import Incarnation
from glasscli.store.reader import open_run
from glasscli.store.recorder import JOURNAL
from glasscli.store.run import Run
from glasscli.store.schema import EDGES, GRID, INHERENT, SERIES, STRESS, THERMO, TILT, Series
from glasscli.store.so_far import SO_FAR_FILE, length_so_far
from glasscli.store.sums import structure_digest
from glasscli.store.unfinished import JournalRun


@dataclass(frozen=True)
class Verification:
    """What was found to be wrong with a file; steps of its frames, None where damage hides them."""

    path: Path
    finished: bool
    steps: tuple[int, ...] | None
    problems: tuple[str, ...]
    torn_bytes: int
    history: tuple[Incarnation, ...]
    minima: Convergence | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "file": str(self.path),
            "ok": not self.problems,
            "frames": None if self.steps is None else len(self.steps),
            "first_step": self.steps[0] if self.steps else None,
            "last_step": self.steps[-1] if self.steps else None,
            "problems": list(self.problems),
            "finished": self.finished,
            "torn_bytes": self.torn_bytes,
            "not_converged": self.minima.not_converged if self.minima else None,
            "history": [asdict(i) for i in self.history],
        }

    @property
    def notes(self) -> list[str]:
        """What is as it was made, and still to be known: minima that are none."""
        return self.minima.notes if self.minima else []

    def text(self) -> str:
        """Lines for people."""
        state = "finished" if self.finished else "unfinished"
        frames = "frames that cannot be read" if self.steps is None else f"{len(self.steps)} frames"
        many = len(self.problems)
        verdict = f"{many} problem{'s' if many > 1 else ''}" if many else "all well"
        head = f"{self.path}: {state}, {frames}, {verdict}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


def verify(path: Path) -> Verification:
    """Check a finished file or an unfinished run; nothing is changed. Errors as of `open_run`."""
    run = open_run(path)
    problems = check(run)
    try:
        steps = tuple(int(s) for s in run.frames.steps)
    except (FileError, *DAMAGE):
        steps = None
    torn = torn_bytes(run.path) if isinstance(run, JournalRun) else 0
    minima = None if problems else convergence(run)
    return Verification(path, run.finished, steps, tuple(problems), torn, tuple(run.manifest.history), minima)


def check(run: Run) -> list[str]:
    """Return what is wrong with an opened run, one line a problem; [] when all is well.

    A torn last record of an unfinished run is no problem: it was never flushed, and resuming makes it again.
    """
    try:
        if isinstance(run, FileRun):
            problems = _file(run) or _blocks(run)
        else:
            problems = (_journal(run) if isinstance(run, JournalRun) else []) or _one_by_one(run)
        problems += _states(run)
    except FileError as error:
        return [str(error)]
    return list(dict.fromkeys(problems)) or _contents(run)


def torn_bytes(folder: Path) -> int:
    """Bytes behind the last whole record of a journal."""
    path = folder / JOURNAL
    if not path.is_file():
        return 0
    with journal.JournalReader(path) as opened:
        return opened.torn


def _file(run: FileRun) -> list[str]:
    """Structure and sums of all datasets but those of configurations, which are read once, with the gate."""
    try:
        items = dict(walk(run.file))
        names = {name: address(item) for name, item in items.items() if isinstance(item, h5py.Dataset)}
        digest = structure_digest(run.file)
    except DAMAGE as error:
        return [f"its structure cannot be read: {first_line(error)}"]
    listed = {*(run.sums.rows or {}), *run.sums.results}
    once = {at: name for name, at in names.items()} | {at: n for n, at in names.items() if n in listed}
    alone = {name for name in {*once.values(), *(listed & set(names))} if not re.match(CONFIGURATIONS, name)}
    problems = [found for name in sorted(alone) if (found := run.problems_of(name))]
    needed = {f"particles/all/position/{name}" for name in ("step", "time")}
    needed.add(GRID if run.grid else "particles/all/position/value")
    if run.manifest.system.sizes:
        needed.add("particles/all/diameter")
    for series in SERIES.values():
        if series.expected(run.manifest.protocol) or series.owner in names:
            needed |= {field.path for field in series.fields}
    problems += [f"dataset {name}: missing" for name in sorted(needed - set(names))]
    problems += [f"dataset {name}: missing" for name in sorted(listed - set(names) - needed)]
    if not problems and digest != run.sums.structure:
        problems.append("attributes were changed since the file was written")
    return problems


# Read block by block and state by state.
CONFIGURATIONS = r"particles/\w+/(position|image|grid|velocity|species|box/edges)/value$|glasscli/states/"


def _blocks(run: FileRun) -> list[str]:
    """What the gate says of each configuration; the first that is broken is told."""
    for kind in ("all", *(series.kind for series in SERIES.values() if series.structure)):
        frames = run.frames if kind == "all" else run.structures(SERIES[kind])
        for start, arrays in run.blocks(kind) if len(frames) else ():
            found = first_fault(**arrays, n_species=run.manifest.system.n_species, n_atoms=len(run.species))
            if found:
                return [f"{_kind(kind)} at step {frames.steps[start + found[0]]}: {found[1]}"]
    return []


def _one_by_one(run: Run) -> list[str]:
    """The same of a run whose configurations pass the gate when they are read."""
    for frames in (run.frames, *(run.structures(s) for s in SERIES.values() if s.structure)):
        for _ in frames:
            pass
    return []


def _states(run: Run) -> list[str]:
    for index in range(len(run.state_steps)):
        run.state(index)
    return []


def _kind(kind: str) -> str:
    return "frame" if kind == "all" else "inherent structure" if kind == "inherent" else kind


def _journal(run: JournalRun) -> list[str]:
    path = run.path / JOURNAL
    before = [f"{SO_FAR_FILE}: {problem}" for problem in _file(run.so_far)] if run.so_far else []
    if before or not path.is_file():
        return before
    problems = [f"{p.name}: damaged; the one before is used" for p in checkpoints.damaged(run.path)]
    whole = max(journal.whole_length(path), length_so_far(run.so_far))
    newest = checkpoints.newest_length(run.path)
    if newest > whole:
        problems.append(
            f"journal: damaged at byte {whole}, before its last checkpoint; resuming makes the rest again"
        )
    return problems


def _contents(run: Run) -> list[str]:
    """Order, gaps and finite numbers of the tables."""
    protocol = run.manifest.protocol
    sampling, end = protocol.sampling, protocol.steps
    problems = []
    try:
        reached = (
            end if run.finished else int(max([0, *run.table(THERMO)["step"][-1:], *run.frames.steps[-1:]]))
        )
        problems += _gaps("frames", run.frames.steps, sampling.frames, reached, run)
        for series in SERIES.values():
            table = run.table(series)
            expected = _expected(series, sampling) if series.expected(protocol) else None
            if expected is not None:
                problems += _gaps(series.title, table["step"], expected, reached, run)
            elif (np.diff(table["step"]) < (0 if series.several else 1)).any():
                problems.append(f"{series.title}: steps repeat or go backwards")
            problems += [found for name, values in table.items() if (found := finite(name, values))]
        if (np.diff(run.state_steps) <= 0).any():
            problems.append("states: steps repeat or go backwards")
    except FileError as error:
        problems.append(str(error).removeprefix(f"{run.path}: "))
    return problems


def _expected(series: Series, sampling: Sampling) -> Schedule | None:
    """When a series has a row for certain."""
    if series is THERMO:
        return Schedule(every=sampling.thermo_every)
    if series in (STRESS, TILT, EDGES) and sampling.stress_every:
        return Schedule(every=sampling.stress_every)
    if series is INHERENT and sampling.inherent:
        return Schedule(every=sampling.inherent.every)
    return None


def _gaps(name: str, steps: np.ndarray, expected: Schedule, reached: int, run: Run) -> list[str]:
    """Steps must ascend and hold all expected ones; ends of the run and of its earlier lengths may come in addition.

    Expected ones are counted, never listed: a protocol may speak of 1e12 steps.
    """
    if (np.diff(steps) <= 0).any():
        return [f"{name}: steps repeat or go backwards"]
    if not run.finished:
        # What an unfinished run has not flushed yet is not missing.
        if not len(steps):
            return []
        reached = min(reached, int(steps[-1]))
    known = {int(step) for step in steps}
    first = expected.next_after(0) if name in {one.title for one in (THERMO, STRESS, TILT, EDGES)} else 0
    there = sum(expected.includes(step) for step in known if first <= step <= reached)
    missing = expected.count(reached) - (0 if first == 0 else 1) - there
    if missing <= 0:
        return []
    while first in known:
        first = expected.next_after(first)
    return [f"{name}: {missing} missing, the first at step {first}"]
