"""Go on with what is unfinished, lengthen what is finished."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from glasscli import trust
from glasscli.engine.launch import Launch
from glasscli.engine.start import LaunchWish
from glasscli.errors import GlassError, InputError, MissingFileError
from glasscli.simulation.job import Job
from glasscli.simulation.plan import check_timestep
from glasscli.simulation.run import begin, done, go_on
from glasscli.simulation.stopping import Stop
from glasscli.store import checkpoint as checkpoints
from glasscli.store.extend import reopen
from glasscli.store.files import replacing
from glasscli.store.finished import FileRun
from glasscli.store.outputs import check_run
from glasscli.store.reader import open_run
from glasscli.store.recorder import (
    MANIFEST,
    manifest_damaged,
    partial_folder,
    renamed_run,
    write_manifest,
)
from glasscli.store.run import Run
from glasscli.store.unfinished import JournalRun, last_checkpoint
from glasscli.store.working import check_working, clear, working


def unfinished_in(path: Path) -> list[Path]:
    """Outputs whose runs are unfinished: `path` itself, or those in the folder `path`.

    Raises InputError for the folder of a run that was renamed, MissingFileError for no run.
    """
    if said := renamed_run(path):
        raise InputError(said)
    if path.is_dir() and not (path / MANIFEST).exists():
        folders = [manifest.parent for manifest in path.glob(f"*.partial/{MANIFEST}")]
        return sorted(folder.with_name(folder.name.removesuffix(".partial")) for folder in folders)
    output = path.with_name(path.name.removesuffix(".partial"))
    if (partial_folder(output) / MANIFEST).exists():
        return [output]
    if output.exists():
        _check_whole(output, open_run(output))
        return []
    raise MissingFileError(f"{path}: no such run, finished or not")


def _check_whole(path: Path, run: Run) -> None:
    """Raise InputError for a copy of a file that was still growing: no state to go on from belongs to its end."""
    if not run.finished:
        raise InputError(
            f"{path} is a copy of a run that had not ended: go on with the run itself (NAME.h5.partial)"
        )


def stored_launch(run: Run, wish: LaunchWish | None = None) -> Launch:
    """How a stored run is launched: as it was, but for what is asked for.

    Raises UntrustedError where the program would be one that only the file names, and nobody has confirmed.
    """
    before, wish = run.manifest.launch, wish or LaunchWish()
    if before.lmp and wish.lmp is None and before.lmp != trust.ON_PATH:
        output = run.path.with_name(run.path.name.removesuffix(".partial"))
        trust.require(output, before.lmp.encode(), f"the program {before.lmp!r}", run.path)
    return wish.of(run.manifest.system, before)


def resume(
    output: Path, *, timestep: float | None = None, launch: Launch | None = None, stop: Stop | None = None,
    keep_going: bool = False,
) -> FileRun:  # fmt: skip
    """Go on with the unfinished run of `output` to its end, launched as it was unless `launch` says otherwise.

    A smaller `timestep` is for a run that lost atoms; it changes what is run, so its identity too. Raises InputError
    for one of a ladder of temperatures, which trades with the others.
    """
    folder = partial_folder(output)
    finished = done(output)
    if finished:
        return finished
    check_run(output, ())
    mend_start(output)
    run = JournalRun(folder)
    if whole := ladder_of(output):
        raise InputError(
            f"{output} is one of a ladder of temperatures: go on with all, by the command that began it: {whole}"
        )
    job = Job.of(run)
    job = replace(job, launch=launch or stored_launch(run), keep_going=keep_going or job.keep_going)
    if timestep is not None:
        check_timestep(timestep, job.system)
        job = replace(job, protocol=job.protocol.model_copy(update={"timestep": timestep}))
        with working(folder):
            write_manifest(folder, job.manifest())
    return go_on(job, stop or Stop())


def mend_start(output: Path) -> str | None:
    """Take a damaged start of an unfinished run again from the parent that has it; None where it is found nowhere."""
    run = JournalRun(partial_folder(output))
    name, *digest = run.manifest.start.split()
    if run.start_is_whole:
        return None
    for parent in run.manifest.parents:
        with suppress(GlassError, OSError):
            source = open_run(parent.path)
            for index in range(len(source.state_steps)):
                content = source.state(index).restart
                if hashlib.sha256(content).hexdigest() == digest[0]:
                    with working(run.path), replacing(run.path / name, follow=False) as temporary:
                        temporary.write_bytes(content)
                    return f"its {name} was damaged and is taken again from {parent.path}"
    return None


def damages(output: Path) -> list[str]:
    """What is damaged in the working folder of an unfinished run, and what goes on without it."""
    folder = partial_folder(output)
    found = [f"{MANIFEST} was damaged, its copy is whole"] if manifest_damaged(folder) else []
    if not JournalRun(folder).start_is_whole:
        found.append("its start is damaged, its checkpoint is whole")
    found += [f"{path.name} was damaged, the one before goes on" for path in checkpoints.damaged(folder)]
    newest = last_checkpoint(folder)
    if checkpoints.newest_length(folder) > (newest.journal_length if newest else 0):
        since = f"step {newest.step}" if newest else "the beginning"
        found.append(f"its journal was damaged: gone on with from {since}")
    return found


def ladder_of(output: Path) -> str | None:
    """The command that goes on with the ladder of temperatures to which an unfinished run belongs; None without."""
    run = JournalRun(partial_folder(output))
    return run.manifest.command_line if _in_a_ladder(run) else None


def extend(
    output: Path, steps: int, *, launch: Launch | None = None, stop: Stop | None = None, keep_going: bool = False
) -> FileRun:  # fmt: skip
    """Lengthen a finished anneal by `steps`; what is stored stays as it is, bit for bit.

    Where the old end is a multiple of the checkpoint interval the whole equals one long run. Raises InputError for a
    quench, whose ramp ends where it ends, and for one of a ladder of temperatures.
    """
    run = FileRun(output)
    _check_whole(output, run)
    before = run.manifest.protocol
    if not before.extendable:
        over = "its ramp has ended; anneal it instead"
        if before.driven:
            over = f"it was planned as a whole: go on from where it is with `glasscli flow {output}`"
        if before.straining:
            over = f"its path has ended: go on from where it is with `glasscli shear {output}`"
        raise InputError(f"{output} is a {before.kind}: {over}")
    if _in_a_ladder(run):
        raise InputError(f"{output} belongs to a ladder of temperatures: lengthen none of it alone")
    job = Job.of(run)
    longer = before.model_copy(update={"steps": before.steps + steps})
    keep_going = keep_going or job.keep_going
    job = replace(job, protocol=longer, launch=launch or stored_launch(run), keep_going=keep_going)
    folder = partial_folder(output)
    check_working(folder)
    folder.mkdir(exist_ok=True)
    with working(folder):
        clear(folder)  # of what a killed removal or another attempt left
        reopen(run, folder, len(job.deck.legs) - 1)
        begin(job, folder)
    return go_on(job, stop or Stop())


def _in_a_ladder(run: Run) -> bool:
    """Whether a run trades with others; one killed before the first trade says so by its command alone."""
    return bool(len(run.tempering_table["step"])) or "--exchange-replicas" in run.manifest.command_line
