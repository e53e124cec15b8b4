"""A measure mapped over the frames of a file, on several cores, in bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Protocol, TypeVar

from glasscli.configuration import Configuration, Trajectory
from glasscli.errors import GlassError, InputError
from glasscli.family import end_with_parent
from glasscli.formats.foreign import open_source

Result = TypeVar("Result")
Progress = Callable[[int], None]
Opener = Callable[[Path], Trajectory]
_AHEAD = 4  # chunks a fast worker may run ahead of the slowest, per worker: what bounds the memory


class _Process(Protocol):
    """What is used of multiprocessing's processes."""

    exitcode: int | None

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


def available_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def iterate_frames(
    measure: Callable[[Configuration], Result],
    path: str | Path,
    frames: Sequence[int] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    opener: Opener = open_source,
    source: Trajectory | None = None,
) -> Iterator[tuple[int, Result]]:
    """Yield (frame, measure(configuration)) in the order of `frames`, as soon as the next one is there.

    frames: numbers of frames, negative from the end; None for all. jobs: processes, None for all cores; this process
    is one of them. progress: called with the number of frames done. opener: turns `path` into a Trajectory, once in
    every process; source: that of this one, where it is open already. With several jobs `measure` and `opener` must
    be functions that can be pickled, and a script must keep its own work under `if __name__ == "__main__"`, as for
    all of multiprocessing.

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
        else _spread(measure, source, path, chosen, jobs, opener)
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
) -> Generator[tuple[int, Result], None, None]:
    """This process measures too, from the first moment on: others take a second or two to start."""
    # Chunks make a pipe message worth its cost, and are short enough that all processes end together.
    size = max(1, min(16, len(frames) // (16 * jobs)))
    chunks = [frames[k : k + size] for k in range(0, len(frames), size)]
    # fork hangs once the parent has used OVITO.
    context = multiprocessing.get_context("spawn")
    resource_tracker.ensure_running()  # starting it later would unblock what is blocked below
    workers: dict[Connection, Any] = {}
    busy: dict[Connection, list[int]] = {}
    waiting: dict[int, list[Result]] = {}
    given = returned = 0
    try:
        for _ in range(min(jobs, len(chunks)) - 1):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, measure, path, opener), daemon=True)
            # Ctrl-C reaches the whole group; the parent alone answers it, and ends the workers, which inherit
            # this mask and so print no traceback even while they start.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
            workers[ours], busy[ours] = process, []
        while returned < len(chunks):
            last = min(len(chunks), returned + _AHEAD * jobs)
            for pipe, working_at in busy.items():
                # One chunk ahead, since we look only now and then; none when there is little left to share.
                while given < last and len(working_at) < (2 if len(chunks) - given > jobs else 1):
                    _send(pipe, workers[pipe], chunks[given])
                    working_at.append(given)
                    given += 1
            if ours_too := given < last:
                waiting[given] = [measure(source[frame]) for frame in chunks[given]]
                given += 1
            ready: list[Any] = wait([pipe for pipe in busy if busy[pipe]], 0 if ours_too else None)
            for pipe in ready:
                waiting[busy[pipe].pop(0)] = _receive(pipe, workers[pipe])
            while returned in waiting:
                yield from zip(chunks[returned], waiting.pop(returned), strict=True)
                returned += 1
    finally:
        for process in workers.values():
            process.kill()
        for pipe, process in workers.items():
            process.join(5)
            pipe.close()


def _send(pipe: Connection, process: _Process, chunk: list[int]) -> None:
    try:
        pipe.send(chunk)
    except BrokenPipeError as error:
        raise _died(process) from error


def _receive(pipe: Connection, process: _Process) -> list[Any]:
    try:
        failed, content = pipe.recv()
    except (EOFError, ConnectionResetError) as error:
        raise _died(process) from error
    if failed:
        raise content
    return list(content)


def _died(process: _Process) -> GlassError:
    process.join(5)
    return GlassError(
        f"a process that measures frames was ended from outside (exit code {process.exitcode}); "
        "if memory ran out, use fewer --jobs"
    )


def _work(pipe: Connection, measure: Callable[[Configuration], Any], path: Path, opener: Opener) -> None:
    """A worker: opens the file itself, measures the frames it is sent, returns results or its error."""
    # One frame a core: threads inside a frame would only get in the way of the other workers.
    os.environ["OVITO_THREAD_COUNT"] = "1"
    end_with_parent()
    source: Trajectory | None = None
    while True:
        try:
            frames = pipe.recv()
        except (EOFError, ConnectionResetError):
            return
        try:
            if source is None:
                source = opener(path)
            answer: tuple[bool, Any] = (False, [measure(source[frame]) for frame in frames])
            message = pickle.dumps(answer)
        except BaseException as error:
            message = _pickled(error)
        try:
            pipe.send_bytes(message)
        except (BrokenPipeError, ConnectionResetError):
            return


def _pickled(error: BaseException) -> bytes:
    """The error with its traceback as a note; as text when it cannot be pickled or would not come back."""
    error.add_note("in a worker process:\n" + traceback.format_exc())
    try:
        message = pickle.dumps((True, error))
        pickle.loads(message)
        return message
    except Exception:
        return pickle.dumps((True, GlassError(f"{type(error).__name__}: {error}")))
