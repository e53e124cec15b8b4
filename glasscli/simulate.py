"""The one loop: a deck in an engine, sampled on schedule into a journal, checkpointed at fixed steps."""

from __future__ import annotations

import hashlib
import math
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.deck import RESUME, Deck, FileStart, Stage, Start, build_deck
from glasscli.engine.contract import Engine
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import FileError, LostAtomsError, StoppedEarly
from glasscli.progress import Advance, progress
from glasscli.protocol import Anneal, Quench
from glasscli.stopping import Stop, listening
from glasscli.store import checkpoint as checkpoints
from glasscli.store.assemble import assemble
from glasscli.store.files import replacing
from glasscli.store.lock import locked
from glasscli.store.manifest import Incarnation, Manifest, Parent, library_versions, now
from glasscli.store.reader import FileRun, JournalRun, open_run
from glasscli.store.recorder import MANIFEST, Recorder, partial_folder, write_manifest
from glasscli.system import System


@dataclass(frozen=True)
class Job:
    """A run to be made: what, from which start, into which file."""

    system: System
    protocol: Quench | Anneal
    output: Path
    start: Start
    parents: tuple[Parent, ...]
    command_line: str

    @property
    def deck(self) -> Deck:
        """The deck, with its start file beside it."""
        return build_deck(self.system, self.protocol, self.start)

    def manifest(self) -> Manifest:
        """The manifest of a run that has not begun."""
        start = (
            hashlib.sha256(self.start.content).hexdigest() if isinstance(self.start, FileStart) else "random"
        )
        return Manifest(
            self.system, self.protocol, self.deck.text(), start, list(self.parents), self.command_line,
            library_versions(), now(),
        )  # fmt: skip


def run(job: Job, *, force: bool = False, stop: Stop | None = None) -> FileRun:
    """Make the run, or go on with it, or find it done; return the finished file.

    Raises FileError when another run is in the way, StoppedEarly when `stop` asked for it, EngineError when
    LAMMPS fails.
    """
    folder = partial_folder(job.output)
    mine, unfinished, finished = job.manifest().identity, _identity(folder), _identity(job.output)
    if finished == mine and not (force and not unfinished):
        if unfinished == mine:  # killed between the last rename and the removal of the folder
            shutil.rmtree(folder)
        return FileRun(job.output)
    if unfinished != mine and (unfinished or finished) and not force:
        taken = folder if unfinished else job.output
        raise FileError(f"{taken} exists and holds another run: give --force to replace it, or another -o")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), listening(stop or Stop()) as stop:
        if unfinished != mine:
            _clear(folder)
            _begin(job, folder)
        _Loop(job, folder, stop).run()
        return finish(folder, job.output)


def finish(folder: Path, output: Path) -> FileRun:
    """Turn a complete journal into the finished file and remove the working folder."""
    unfinished = JournalRun(folder)
    total = len(unfinished.frames) + len(unfinished.inherent)
    with progress(f"writing {output.name}", total, "frames") as advance:
        assemble(unfinished, output, advance)
    shutil.rmtree(folder)
    return FileRun(output)


def _identity(path: Path) -> str:
    """The identity of the run at `path`, finished or not; '' when there is nothing, 'unknown' when it is damaged."""
    if not path.exists() or (path.is_dir() and not (path / MANIFEST).exists()):
        return ""
    try:
        return open_run(path).manifest.identity
    except FileError:
        return "unknown"


def _clear(folder: Path) -> None:
    """Remove another run from a working folder whose lock is held."""
    for path in folder.iterdir():
        if path.name != "lock":
            path.unlink()


def _begin(job: Job, folder: Path) -> None:
    if isinstance(job.start, FileStart):
        with replacing(folder / job.start.name) as temporary:
            temporary.write_bytes(job.start.content)
    write_manifest(folder, job.manifest())


class _Loop:
    """One incarnation of a run."""

    def __init__(self, job: Job, folder: Path, stop: Stop) -> None:
        self._job, self._folder, self._stop = job, folder, stop
        self._sampling = job.protocol.sampling
        self._checkpoint = checkpoints.latest(folder)
        self._deck = job.deck
        self._began = time.monotonic()
        self._slowest = 0.0
        self._minimiser = Minimiser(job.system, job.protocol.minimisation)
        self._engine: Engine = LibraryEngine(job.system, self._files())
        self._recorder = Recorder(folder, self._checkpoint.journal_length if self._checkpoint else 0)

    def run(self) -> None:
        """Run all stages from the last checkpoint to the end."""
        first = self._checkpoint.stage if self._checkpoint else 0
        step = self._checkpoint.step if self._checkpoint else 0
        self._step = step
        incarnation = Incarnation(step, None, socket.gethostname(), self._engine.version)
        total = sum(stage.steps for stage in self._deck.stages)
        try:
            with progress(self._job.output.name, total, "steps") as advance:
                self._engine.commands(self._deck.resumed if self._checkpoint else self._deck.entered)
                done = sum(stage.steps for stage in self._deck.stages[:first])
                for number, stage in enumerate(self._deck.stages[first:], start=first):
                    start = self._start_of(number, stage)
                    self._run_stage(number, stage, start, advance, done - stage.first_step)
                    done += stage.steps
            incarnation.reason = "done"
        except StoppedEarly as stopped:
            incarnation.reason = str(stopped)
            raise
        except Exception as error:
            incarnation.reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            incarnation.end_step = self._step
            incarnation.wall_seconds = time.monotonic() - self._began
            self._recorder.close(incarnation)
            self._engine.close()
            self._minimiser.close()

    def _files(self) -> dict[str, bytes]:
        """Files that the deck reads at its beginning."""
        if self._checkpoint:
            return {RESUME: self._checkpoint.restart}
        start = self._job.start
        return {start.name: start.content} if isinstance(start, FileStart) else {}

    def _start_of(self, number: int, stage: Stage) -> int:
        """Enter a stage; return the step at which it goes on."""
        if self._checkpoint and self._checkpoint.stage == number:
            self._engine.commands(stage.fixes)
            return self._checkpoint.step
        self._engine.commands([*stage.enter, *stage.fixes])
        if stage.kept:
            configuration = self._engine.configuration()
            self._recorder.species(configuration.species)
            self._sample(stage.first_step, stage, configuration)
            self._take_checkpoint(number, stage.first_step, stage)
        return stage.first_step

    def _run_stage(self, number: int, stage: Stage, step: int, advance: Advance, done: int) -> None:
        sampling, every = self._sampling, self._sampling.checkpoint_every
        setup = True
        since = time.monotonic()
        while step < stage.last_step:
            checkpoint = step + every - (step - stage.first_step) % every
            target = min(checkpoint, stage.last_step, self._next_sample(step) if stage.kept else step + 1000)
            self._engine.advance(target - step, stage.ramp, setup)
            step, setup = target, False
            self._step = step
            if stage.kept:
                self._observe(step, stage)
            if step in (checkpoint, stage.last_step):
                self._take_checkpoint(number, step, stage)
                setup = True
                self._slowest = max(self._slowest, time.monotonic() - since)
                since = time.monotonic()
                if step < stage.last_step and not self._stop.fits(1.5 * self._slowest):
                    raise StoppedEarly(f"stopped at step {step} of {stage.last_step} ({self._stop.reason})")
            if self._stop.at_once:
                raise StoppedEarly(f"stopped at step {step}; the run goes on from its last checkpoint")
            advance(done + step)

    def _next_sample(self, step: int) -> int:
        sampling = self._sampling
        thermo = (step // sampling.thermo_every + 1) * sampling.thermo_every
        frame = sampling.frames.next_after(step)
        return min(thermo, frame, sampling.inherent.next_after(step) if sampling.inherent else frame)

    def _observe(self, step: int, stage: Stage) -> None:
        """Keep what is due at this step."""
        sampling = self._sampling
        if step % sampling.thermo_every == 0:
            values = self._engine.thermo()
            if not all(map(math.isfinite, values.values())):
                raise LostAtomsError(f"energies are not finite at step {step}: use a smaller --timestep")
            self._recorder.thermo(step, values)
        inherent = sampling.inherent is not None and sampling.inherent.includes(step)
        if step == stage.last_step or sampling.frames.includes(step) or inherent:
            self._sample(step, stage, self._engine.configuration())

    def _sample(self, step: int, stage: Stage, configuration: Configuration) -> None:
        sampling, last = self._sampling, step == stage.last_step
        if last or sampling.frames.includes(step):
            self._recorder.frame(step, configuration, sampling.velocities)
        if sampling.inherent and (last or sampling.inherent.includes(step)):
            found = self._minimiser.minimise(configuration)
            values = {
                "energy": found.energy,
                "pressure": found.pressure,
                "max_force": found.max_force,
                "iterations": found.iterations,
            }
            self._recorder.inherent(step, found.configuration, values)

    def _take_checkpoint(self, number: int, step: int, stage: Stage) -> None:
        configuration = self._engine.configuration()
        restart = self._engine.state()
        every = self._sampling.state_every
        if stage.kept and (step == stage.last_step or (every and step % every == 0)):
            self._recorder.state(step, configuration, restart, self._engine.version)
        self._recorder.checkpoint(number, step, restart, self._engine.version)
