"""From a job to its finished file: begun, gone on with, or found done."""

from __future__ import annotations

import os
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

from glasscli import trust
from glasscli.engine.deck import FileStart
from glasscli.engine.start import chosen
from glasscli.errors import FileError
from glasscli.progress import progress
from glasscli.simulation.job import Job
from glasscli.simulation.loop import Loop
from glasscli.simulation.parts.trading import Trades
from glasscli.simulation.stopping import Stop, listening
from glasscli.store import checkpoint as checkpoints
from glasscli.store.closing import finish
from glasscli.store.files import replacing
from glasscli.store.finished import FileRun
from glasscli.store.outputs import check_run
from glasscli.store.reader import open_run
from glasscli.store.recorder import (
    MANIFEST,
    manifest_damaged,
    partial_folder,
    read_manifest,
    write_manifest,
)
from glasscli.store.so_far import only_unnamed
from glasscli.store.unfinished import JournalRun
from glasscli.store.working import clear, clear_scratch, remove_empty, working

_ANY = 2**63  # longer than any journal


class Standing(Enum):
    """What there is of a job: nothing, a working folder, the finished file."""

    NONE = auto()
    BEGUN = auto()
    DONE = auto()


def run(job: Job, *, force: bool = False, stop: Stop | None = None, trades: Trades | None = None) -> FileRun:
    """Make the run, or go on with it, or find it done; return the finished file.

    A folder without a checkpoint, of a start that was refused, holds nothing paid for and is in nobody's way.

    Raises FileError when another run is in the way, StoppedEarly when `stop` asked for it, EngineError when
    LAMMPS fails.
    """
    folder = partial_folder(job.output)
    mine, unfinished = job.manifest().identity, _identity(folder)
    if standing(job, force) is Standing.DONE:
        # The folder's removal, if it was begun, may have begun with the manifest.
        if folder.exists() and unfinished in (mine, ""):
            _remove(folder)
        return FileRun(job.output)
    folder.mkdir(parents=True, exist_ok=True)
    if unfinished != mine:
        with working(folder):
            clear(folder)
            begin(job, folder)
    return go_on(job, stop or Stop(), trades)


def standing(job: Job, force: bool = False) -> Standing:
    """What there is of a job. Raises FileError when another run is in the way, and is not to be replaced."""
    check_run(job.output, job.made_of)
    folder = partial_folder(job.output)
    mine, unfinished, finished = job.manifest().identity, _identity(folder), _identity(job.output)
    if finished == mine and not (force and unfinished != mine):
        return Standing.DONE
    if unfinished == mine:
        return Standing.BEGUN
    paid = bool(unfinished) and checkpoints.latest(folder, _ANY) is not None
    if (paid or finished) and not force:
        taken = folder if paid else job.output
        raise FileError(f"{taken} exists and holds another run: give --force to replace it, or another -o")
    return Standing.NONE


def done(output: Path) -> FileRun | None:
    """The finished file, where only the removal of its working folder is unfinished; the folder is gone then."""
    folder = partial_folder(output)
    identity = _identity(output)
    if identity in ("", "unknown") or identity != _identity(folder):
        return None
    _remove(folder)
    return FileRun(output)


def begin(job: Job, folder: Path) -> None:
    """Make an empty working folder hold the run; the manifest comes last, without it there is none."""
    if isinstance(job.start, FileStart):
        with replacing(folder / job.start.name, follow=False) as temporary:
            temporary.write_bytes(job.start.content)
    write_manifest(folder, job.manifest())


def go_on(job: Job, stop: Stop, trades: Trades | None = None) -> FileRun:
    """Run what lies in the job's working folder to its end, then make the finished file of it.

    Raises FileError when another process is at it.
    """
    folder = partial_folder(job.output)
    with working(folder), listening(stop):
        clear_scratch(folder)
        if not only_unnamed(folder):
            _mend(job, folder)
            job = _settled(job, folder)
            Loop(job, folder, stop, trades).run()
        _finish(folder, job.output)
        clear(folder)
    remove_empty(folder)
    return FileRun(job.output)


def _mend(job: Job, folder: Path) -> None:
    """Write again what the folder holds damaged and the job knows: the manifest, the file it starts from."""
    manifest, lost = read_manifest(folder), manifest_damaged(folder)
    if lost:
        write_manifest(folder, manifest)
    if isinstance(job.start, FileStart) and not JournalRun(folder).start_is_whole and job.start.content:
        with replacing(folder / job.start.name, follow=False) as temporary:
            temporary.write_bytes(job.start.content)


def _settled(job: Job, folder: Path) -> Job:
    """The job with its accelerator chosen, and the launch written down: `resume` keeps to it."""
    manifest = read_manifest(folder)
    if job.launch.lmp:  # the user's word, by now: `resume` need not ask for it again
        trust.remember(job.output, job.launch.lmp.encode(), folder)
    if job.launch.accelerator == "auto":
        before, same = manifest.launch, replace(job.launch, accelerator="auto")
        kept = before.accelerator not in ("auto", "")
        kept = kept and same == replace(before, accelerator="auto", skin=0.0, measured="")
        launch = before if kept else chosen(job.system, job.launch, job.deck, job.start, folder)
        job = replace(job, launch=launch)
    if job.launch != manifest.launch:
        write_manifest(folder, replace(manifest, launch=job.launch))
    return job


def _finish(folder: Path, output: Path) -> None:
    """Make the finished file of what lies in the folder."""
    target = Path(os.path.realpath(output))
    for leftover in target.parent.glob(f".{target.name}.*.tmp"):
        leftover.unlink()  # of a process that was killed in here; this run's lock is held
    unfinished = JournalRun(folder)
    total = len(unfinished.frames) + len(unfinished.inherent)
    with progress(f"writing {output.name}", total, "frames") as advance:
        finish(folder, output, advance)


def _remove(folder: Path) -> None:
    """Remove a working folder that nobody is at."""
    with working(folder):
        clear(folder)
    remove_empty(folder)


def _identity(path: Path) -> str:
    """The identity of the run at `path`, finished or not; '' when there is nothing, 'unknown' when it is damaged."""
    if not path.exists() or (path.is_dir() and not (path / MANIFEST).exists()):
        return ""
    try:
        return (read_manifest(path) if path.is_dir() else open_run(path).manifest).identity
    except FileError:
        return "unknown"
