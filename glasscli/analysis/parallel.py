"""A measure mapped over the frames of a file, on several cores, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from glasscli.analysis.workers import available_cores, workers
from glasscli.configuration import Configuration, Trajectory
from glasscli.errors import InputError
from glasscli.formats.foreign import open_source

Result = TypeVar("Result")
Progress = Callable[[int], None]
Opener = Callable[[Path], Trajectory]
_AHEAD = 4  # chunks a fast worker may run ahead of the slowest, per worker: what bounds the memory


def iterate_frames(
    measure: Callable[[Configuration], Result],
    path: str | Path,
    frames: Sequence[int] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    opener: Opener = open_source,
    source: Trajectory | None = None,
    then: Callable[[], object] | None = None,
) -> Iterator[tuple[int, Result]]:
    """Yield (frame, measure(configuration)) in the order of `frames`, as soon as the next one is there.

    frames: numbers of frames, negative from the end; None for all. jobs: processes, None for all cores; this process
    is one of them. progress: called with the number of frames done. opener: turns `path` into a Trajectory, once in
    every process; source: that of this one, where it is open already. then: what other processes do when no frame is
    left for them. With several jobs `measure`, `opener` and `then` must be functions that can be pickled, and a script
    must keep its own work under `if __name__ == "__main__"`, as for all of multiprocessing.

    A frame that fails raises its own error here. Stopping early, by an error, Ctrl-C or closing the iterator,
    ends all processes. No more than a few chunks per process wait in memory.
    Raises InputError for jobs below one or frames that are not there.
    """
    path = Path(path)
    if jobs is not None and jobs < 1:
        raise InputError(f"the number of jobs must be at least 1, not {jobs}")
    source = opener(path) if source is None else source
    chosen = _chosen(frames, len(source), path)
    jobs = min(available_cores() if jobs is None else jobs, max(1, len(chosen)))
    results = (
        _in_process(measure, source, chosen)
        if jobs == 1
        else _spread(measure, source, path, chosen, jobs, opener, then)
    )
    try:
        for done, (frame, result) in enumerate(results, start=1):
            yield frame, result
            if progress is not None:
                progress(done)
    finally:
        results.close()


def _chosen(frames: Sequence[int] | None, length: int, path: Path) -> list[int]:
    if frames is None:
        return list(range(length))
    for frame in frames:
        if not -length <= frame < length:
            raise InputError(f"{path.name} has frames 0 to {length - 1}, not {frame}")
    return [frame % length for frame in frames]


def _in_process(
    measure: Callable[[Configuration], Result], source: Trajectory, frames: list[int]
) -> Generator[tuple[int, Result], None, None]:
    for frame in frames:
        yield frame, measure(source[frame])


def _spread(
    measure: Callable[[Configuration], Result],
    source: Trajectory,
    path: Path,
    frames: list[int],
    jobs: int,
    opener: Opener,
    then: Callable[[], object] | None,
) -> Generator[tuple[int, Result], None, None]:
    """This process measures too, from the first moment on: others may take a second or two to start."""
    # Chunks make a message worth its cost, and are short enough that all processes end together.
    size = max(1, min(16, len(frames) // (16 * jobs)))
    chunks = [frames[k : k + size] for k in range(0, len(frames), size)]
    waiting: dict[int, list[Result]] = {}
    given = returned = 0
    with workers(min(jobs, len(chunks)) - 1) as others:
        busy: dict[Any, list[int]] = {worker: [] for worker in others}
        of = {worker.pipe: worker for worker in others}
        for worker in others:
            worker.tell(_begin, measure, path, opener)
        while returned < len(chunks):
            last = min(len(chunks), returned + _AHEAD * jobs)
            for worker, working_at in busy.items():
                # One chunk ahead, since we look only now and then; none when there is little left to share.
                while given < last and len(working_at) < (2 if len(chunks) - given > jobs else 1):
                    worker.call(_measured, chunks[given])
                    working_at.append(given)
                    given += 1
            ours = given
            given += given < last
            if given == len(chunks) and then is not None:
                for worker in others:
                    worker.tell(then)
                then = None
            if ours < given:
                waiting[ours] = [measure(source[frame]) for frame in chunks[ours]]
            ready: list[Any] = wait(
                [worker.pipe for worker in others if busy[worker]], 0 if ours < given else None
            )
            for pipe in ready:
                waiting[busy[of[pipe]].pop(0)] = of[pipe].answer()
            while returned in waiting:
                yield from zip(chunks[returned], waiting.pop(returned), strict=True)
                returned += 1


@dataclass
class _Task:
    """What a worker measures: its source is opened with the first frame, so that it is this which fails."""

    measure: Callable[[Configuration], Any]
    path: Path
    opener: Opener
    source: Trajectory | None = None


_task: _Task


def _begin(measure: Callable[[Configuration], Any], path: Path, opener: Opener) -> None:
    global _task
    _task = _Task(measure, path, opener)


def _measured(frames: list[int]) -> list[Any]:
    if _task.source is None:
        _task.source = _task.opener(_task.path)
    return [_task.measure(_task.source[frame]) for frame in frames]
