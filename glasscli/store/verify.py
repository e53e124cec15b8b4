"""Is a file what it says it is? Order, gaps, shapes, finite numbers, checksums of all that is stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from glasscli.errors import FileError
from glasscli.model.protocol import Sampling
from glasscli.store import checkpoint as checkpoints
from glasscli.store import journal
from glasscli.store.assemble import attributes_digest, walk
from glasscli.store.convergence import Convergence, convergence
from glasscli.store.finished import FileRun
from glasscli.store.manifest import Incarnation
from glasscli.store.reader import open_run
from glasscli.store.recorder import JOURNAL
from glasscli.store.run import Run
from glasscli.store.schema import CHECKS, DTYPES, INHERENT, SERIES, THERMO, Series
from glasscli.store.unfinished import JournalRun


@dataclass(frozen=True)
class Verification:
    """What was found to be wrong with a file; steps of its frames where nothing was."""

    path: Path
    finished: bool
    steps: tuple[int, ...]
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
            "frames": len(self.steps),
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
        verdict = f"{len(self.problems)} problems" if self.problems else "all well"
        head = f"{self.path}: {state}, {len(self.steps)} frames, {verdict}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


def verify(path: Path) -> Verification:
    """Check a finished file or an unfinished run; nothing is changed. Errors as of `open_run`."""
    run = open_run(path)
    problems = check(run)
    steps = () if problems else tuple(int(s) for s in run.frames.steps)
    torn = torn_bytes(run.path) if isinstance(run, JournalRun) else 0
    minima = None if problems else convergence(run)
    return Verification(path, run.finished, steps, tuple(problems), torn, tuple(run.manifest.history), minima)


def check(run: Run) -> list[str]:
    """Return what is wrong with an opened run, one line a problem; [] when all is well.

    A torn last record of an unfinished run is no problem: it was never flushed, and resuming makes it again.
    """
    problems = (
        _file(run) if isinstance(run, FileRun) else _journal(run) if isinstance(run, JournalRun) else []
    )
    if not problems:
        try:
            problems = _contents(run)
        except FileError as error:
            problems = [str(error)]
    return problems


def torn_bytes(folder: Path) -> int:
    """Bytes behind the last whole record of a journal."""
    path = folder / JOURNAL
    return path.stat().st_size - journal.whole_length(path) if path.is_file() else 0


def _file(run: FileRun) -> list[str]:
    problems = []
    with h5py.File(run.path, "r") as file:
        try:
            names = {name: item for name, item in walk(file) if isinstance(item, h5py.Dataset)}
        except (OSError, RuntimeError, KeyError) as error:
            return [f"its structure cannot be read: {str(error).splitlines()[0][:160]}"]
        for name, dataset in names.items():
            try:
                for rows in _blocks(dataset):
                    dataset[rows]
            except (OSError, RuntimeError, KeyError):
                problems.append(f"dataset {name}: stored numbers do not match their checksum")
        needed = {path for path in DTYPES if path.startswith("particles/all/position")}
        for series in SERIES.values():
            if series.expected(run.manifest.protocol) or series.owner in file:
                needed |= {field.path for field in series.fields}
        problems += [f"dataset {name}: missing" for name in sorted(needed - set(names))]
        if not problems:
            stored = bytes(file[CHECKS][...]).decode() if CHECKS in file else ""
            if stored != attributes_digest(file):
                problems.append("attributes were changed since the file was written")
    return problems


def _blocks(dataset: h5py.Dataset) -> list[Any]:
    rows = (dataset.chunks or dataset.shape or (1,))[0] or 1
    return (
        [np.s_[start : start + rows] for start in range(0, dataset.shape[0], rows)] if dataset.shape else [()]
    )


def _journal(run: JournalRun) -> list[str]:
    path = run.path / JOURNAL
    if not path.is_file():
        return []
    problems = [f"{p.name}: damaged; the one before is used" for p in checkpoints.damaged(run.path)]
    whole = journal.whole_length(path)
    newest = checkpoints.newest_length(run.path)
    if newest > whole:
        problems.append(
            f"journal: damaged at byte {whole}, before its last checkpoint; resuming makes the rest again"
        )
    return problems


def _contents(run: Run) -> list[str]:
    """Order, gaps and finite numbers of what can be read."""
    protocol = run.manifest.protocol
    sampling, end = protocol.sampling, protocol.steps
    problems = []
    reached = end if run.finished else int(max([0, *run.thermo["step"][-1:], *run.frames.steps[-1:]]))
    problems += _gaps("frames", run.frames.steps, _sampled(sampling, reached), run)
    for series in SERIES.values():
        table = run.table(series)
        problems += _gaps(series.title, table["step"], _expected(series, sampling, reached), run)
        for name, values in table.items():
            if not np.isfinite(values).all():
                count = np.count_nonzero(~np.isfinite(values))
                problems.append(f"{name}: {count} values are not finite numbers")
    for kind, frames in (("frame", run.frames), ("inherent structure", run.inherent)):
        for configuration in frames:
            if not np.isfinite(configuration.positions).all():
                problems.append(f"{kind} at step {configuration.step}: positions are not finite numbers")
    return problems


def _expected(series: Series, sampling: Sampling, last: int) -> range:
    """Steps at which a series has a row for certain."""
    if series is THERMO:
        return range(sampling.thermo_every, last + 1, sampling.thermo_every)
    if series is INHERENT and sampling.inherent:
        return range(0, last + 1, sampling.inherent.every)
    return range(0)


def _sampled(sampling: Sampling, last: int) -> list[int]:
    steps, step = [], 0
    while step <= last:
        steps.append(step)
        step = sampling.frames.next_after(step)
    return steps


def _gaps(name: str, steps: np.ndarray, expected: Any, run: Run) -> list[str]:
    """Steps must ascend and hold all expected ones; ends of the run and of its earlier lengths may come in addition."""
    if (np.diff(steps) <= 0).any():
        return [f"{name}: steps repeat or go backwards"]
    missing = np.setdiff1d(np.array(expected, dtype=np.int64), steps)
    # What an unfinished run has not flushed yet is not missing.
    missing = missing[missing <= steps[-1]] if not run.finished and len(steps) else missing
    if not run.finished and not len(steps):
        missing = missing[:0]
    return [f"{name}: {len(missing)} missing, the first at step {missing[0]}"] if len(missing) else []
