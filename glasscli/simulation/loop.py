"""The one loop: a deck in an engine, sampled on schedule into a journal, checkpointed at fixed steps."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import socket
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from glasscli.configuration import Configuration
from glasscli.engine.contract import RECORDED, Engine
from glasscli.engine.deck import RESUME, Deck, FileStart, RandomStart, Stage, Start
from glasscli.engine.launch import IN_PROCESS, Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.start import chosen, start_engine
from glasscli.errors import FileError, LostAtomsError, StoppedEarly
from glasscli.formats.writers import lammps_data
from glasscli.model.system import System
from glasscli.progress import Advance, progress
from glasscli.protocols.protocol import Protocol
from glasscli.simulation.stopping import Stop, listening
from glasscli.store import checkpoint as checkpoints
from glasscli.store.assemble import assemble
from glasscli.store.files import replacing
from glasscli.store.finished import FileRun
from glasscli.store.journal import whole_length
from glasscli.store.lock import locked
from glasscli.store.manifest import Incarnation, Manifest, Parent, library_versions, now
from glasscli.store.reader import open_run
from glasscli.store.recorder import JOURNAL, MANIFEST, Recorder, partial_folder, read_manifest, write_manifest
from glasscli.store.run import Run
from glasscli.store.unfinished import JournalRun

if TYPE_CHECKING:
    from glasscli.simulation.harvest import Harvest
    from glasscli.simulation.moves import Moves

# Atoms times steps between two looks at signals: about half a second of one core.
LONGEST_CHUNK = 500_000


@dataclass(frozen=True)
class Job:
    """A run to be made: what, from which start, into which file."""

    system: System
    protocol: Protocol
    output: Path
    start: Start
    parents: tuple[Parent, ...]
    command_line: str
    launch: Launch = IN_PROCESS

    @classmethod
    def of(cls, run: Run) -> Job:
        """The job that made a stored run, finished or not."""
        output = run.path.with_name(run.path.name.removesuffix(".partial"))
        m = run.manifest
        start: Start = RandomStart() if run.start is None else FileStart(*run.start)
        return cls(m.system, m.protocol, output, start, tuple(m.parents), m.command_line, m.launch)

    @property
    def deck(self) -> Deck:
        """The deck, with its start file beside it."""
        return self.protocol.deck(self.system, self.start)

    def manifest(self) -> Manifest:
        """The manifest of a run that has not begun."""
        start = "random"
        if isinstance(self.start, FileStart):
            start = f"{self.start.name} {hashlib.sha256(self.start.content).hexdigest()}"
        return Manifest(
            self.system, self.protocol, self.deck.text(), start, list(self.parents), self.command_line,
            library_versions(), now(), launch=self.launch,
        )  # fmt: skip


class Trades(ABC):
    """Configurations traded with other runs, at checkpoints (parallel tempering)."""

    @abstractmethod
    def walker(self, journal: Path, length: int) -> int:
        """Which walker is in this run, after so much of its journal."""

    @abstractmethod
    def meet(self, engine: Engine, minimiser: Minimiser, step: int, walker: int) -> dict[str, int]:
        """Perhaps take another run's configuration, which needs `setup` next; return the row to note."""

    @abstractmethod
    def end(self) -> None:
        """The last checkpoint is durable: wait until it is for all."""


def run(job: Job, *, force: bool = False, stop: Stop | None = None, trades: Trades | None = None) -> FileRun:
    """Make the run, or go on with it, or find it done; return the finished file.

    Raises FileError when another run is in the way, StoppedEarly when `stop` asked for it, EngineError when
    LAMMPS fails.
    """
    folder = partial_folder(job.output)
    mine, unfinished, finished = job.manifest().identity, _identity(folder), _identity(job.output)
    if finished == mine and not (force and not unfinished):
        # Killed between the last rename and the end of the folder's removal, which may have begun with the manifest.
        if folder.exists() and unfinished in (mine, ""):
            with locked(folder):
                shutil.rmtree(folder)
        return FileRun(job.output)
    if unfinished != mine and (unfinished or finished) and not force:
        taken = folder if unfinished else job.output
        raise FileError(f"{taken} exists and holds another run: give --force to replace it, or another -o")
    folder.mkdir(parents=True, exist_ok=True)
    if unfinished != mine:
        with locked(folder):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "lock":
                    path.unlink()
            begin(job, folder)
    return go_on(job, stop or Stop(), trades)


def begin(job: Job, folder: Path) -> None:
    """Make an empty working folder hold the run; the manifest comes last, without it there is none."""
    if isinstance(job.start, FileStart):
        with replacing(folder / job.start.name) as temporary:
            temporary.write_bytes(job.start.content)
    write_manifest(folder, job.manifest())


def go_on(job: Job, stop: Stop, trades: Trades | None = None) -> FileRun:
    """Run what lies in the job's working folder to its end, then make the finished file of it.

    Raises FileError when another process is at it.
    """
    folder = partial_folder(job.output)
    with locked(folder), listening(stop):
        for leftover in folder.glob("lammps-*"):  # of a killed process whose LAMMPS ran outside
            shutil.rmtree(leftover, ignore_errors=True)
        job = _settled(job, folder)
        _Loop(job, folder, stop, trades).run()
        return _finish(folder, job.output)


def _settled(job: Job, folder: Path) -> Job:
    """The job with its accelerator chosen, and the launch written down: `resume` keeps to it."""
    manifest = read_manifest(folder)
    if job.launch.accelerator == "auto":
        before, same = manifest.launch, replace(job.launch, accelerator="auto")
        kept = before.accelerator not in ("auto", "")
        kept = kept and same == replace(before, accelerator="auto", skin=0.0, measured="")
        launch = before if kept else chosen(job.system, job.launch, job.deck, job.start, folder)
        job = replace(job, launch=launch)
    if job.launch != manifest.launch:
        write_manifest(folder, replace(manifest, launch=job.launch))
    return job


def _finish(folder: Path, output: Path) -> FileRun:
    for leftover in output.parent.glob(f".{output.name}.*.tmp"):
        leftover.unlink()  # of a process that was killed in here; this run's lock is held
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


def _moves(job: Job, minimiser: Minimiser) -> Moves | None:
    """What makes the protocol's Monte Carlo moves."""
    if job.protocol.moves is None:
        return None
    from glasscli.simulation.moves import LocalMoves, SwapMoves  # numba takes its time to load

    if job.protocol.moves.kernel == "lammps":
        return SwapMoves(job.protocol, job.start, minimiser)
    return LocalMoves(job.system, job.protocol, minimiser)


def _harvest(job: Job, minimiser: Minimiser) -> Harvest | None:
    """What finds the minima between those of the schedule."""
    if job.protocol.sampling.harvest is None:
        return None
    from glasscli.simulation.harvest import Harvest  # scipy takes its time to load

    return Harvest(minimiser)


class _Loop:
    """One incarnation of a run."""

    def __init__(self, job: Job, folder: Path, stop: Stop, trades: Trades | None) -> None:
        self._job, self._folder, self._stop, self._trades = job, folder, stop, trades
        self._sampling = job.protocol.sampling
        journal = folder / JOURNAL
        self._checkpoint = checkpoints.latest(folder, whole_length(journal) if journal.exists() else 0)
        self._deck = job.deck
        self._began = time.monotonic()
        self._slowest = 0.0
        self._minimiser = Minimiser(job.system, job.protocol.minimisation)
        self._engine: Engine = start_engine(job.system, job.launch, folder)
        length = self._checkpoint.journal_length if self._checkpoint else 0
        self._recorder = Recorder(folder, length, job.protocol.species_vary)
        self._moves = _moves(job, self._minimiser)
        self._harvest = _harvest(job, self._minimiser)
        self._walker = trades.walker(folder / JOURNAL, length) if trades else 0

    def run(self) -> None:
        """Run all stages from the last checkpoint to the end."""
        first = self._checkpoint.stage if self._checkpoint else 0
        step = self._checkpoint.step if self._checkpoint else 0
        self._step = step
        incarnation = Incarnation(
            step, None, socket.gethostname(), os.getpid(), now(), self._engine.version,
            ranks=self._engine.ranks, accelerator=self._job.launch.accelerator,
        )  # fmt: skip
        total = sum(stage.steps for stage in self._deck.stages)
        try:
            with progress(self._job.output.name, total, "steps") as advance:
                incarnation.exact = self._enter()
                self._recorder.note(incarnation)
                done = sum(stage.steps for stage in self._deck.stages[:first])
                for number, stage in enumerate(self._deck.stages[first:], start=first):
                    start = self._start_of(number, stage)
                    self._run_stage(number, stage, start, advance, done - stage.first_step)
                    done += stage.steps
                if self._trades:
                    self._trades.end()
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
            incarnation.exchange_seconds = self._moves.seconds if self._moves else 0.0
            self._recorder.close()
            self._recorder.note(incarnation)
            self._engine.close()
            self._minimiser.close()

    def _enter(self) -> bool:
        """Set the engine up, from the deck's start or the checkpoint; return whether bits will be the same.

        A restart file is for the LAMMPS version, the ranks and the accelerator that wrote it; others go on from
        positions and velocities.
        """
        checkpoint, deck, start = self._checkpoint, self._deck, self._job.start
        if checkpoint is None:
            if isinstance(start, FileStart):
                self._engine.provide(start.name, start.content)
            self._engine.commands(deck.entered)
        elif (checkpoint.lammps_version, checkpoint.ranks, checkpoint.accelerator) == (
            self._engine.version, self._engine.ranks, self._job.launch.accelerator,
        ):  # fmt: skip
            self._engine.provide(RESUME, checkpoint.restart)
            self._engine.commands(deck.resumed)
        else:
            text = lammps_data(checkpoint.configuration, self._job.system)
            self._engine.provide(RESUME, text.encode())
            self._engine.commands(deck.rebuilt(checkpoint.step))
            return False
        return True

    def _start_of(self, number: int, stage: Stage) -> int:
        """Enter a stage; return the step at which it goes on."""
        if self._checkpoint and self._checkpoint.stage == number:
            self._engine.commands(stage.fixes)
            if self._harvest and stage.kept:
                self._harvest.begin(self._minimiser.minimise(self._checkpoint.configuration))
            return self._checkpoint.step
        self._engine.commands([*stage.enter, *stage.fixes])
        if stage.kept:
            configuration = self._engine.configuration()
            self._recorder.species(configuration.species)
            self._sample(stage.first_step, stage, configuration)
            self._take_checkpoint(number, stage.first_step, stage)
        return stage.first_step

    def _run_stage(self, number: int, stage: Stage, step: int, advance: Advance, done: int) -> None:
        every = self._sampling.checkpoint_every
        setup = True
        since = time.monotonic()
        moves = self._moves if stage.kept else None
        batch = stage.moves.md_per_mc if stage.moves else stage.steps
        if moves:
            moves.begin(self._engine)
        if stage.kept:
            self._engine.record(self._sampling.thermo_every)
        while step < stage.last_step:
            checkpoint = step + every - (step - stage.first_step) % every
            target = min(checkpoint, stage.last_step, self._next_sample(step) if stage.kept else step + 1000)
            target = min(target, step - step % batch + batch)
            self._engine.advance(target - step, stage.ramp, setup)
            before, step, setup = step, target, False
            self._step = step
            if stage.kept:
                self._observe(before, step, stage)
            if moves:
                at_checkpoint = step in (checkpoint, stage.last_step)
                setup = moves.make(self._engine, step, at_checkpoint)
                if at_checkpoint or self._sampling.frames.includes(step):
                    self._recorder.exchange(step, moves.row(self._engine))
            if stage.kept and self._trades and step in (checkpoint, stage.last_step):
                row = self._trades.meet(self._engine, self._minimiser, step, self._walker)
                self._walker = row["walker"]
                self._recorder.tempering(step, row)
            if step in (checkpoint, stage.last_step):
                self._take_checkpoint(number, step, stage)
                self._engine.commands(stage.renewed)
                setup = True
                self._slowest = max(self._slowest, time.monotonic() - since)
                since = time.monotonic()
                if step < stage.last_step and not self._stop.fits(1.5 * self._slowest):
                    raise StoppedEarly(f"stopped at step {step} of {stage.last_step} ({self._stop.reason})")
            if self._stop.at_once:
                raise StoppedEarly(f"stopped at step {step}; the run goes on from its last checkpoint")
            advance(done + step)

    def _next_sample(self, step: int) -> int:
        """Where to stop for a frame, or after so many steps that a signal does not wait long."""
        sampling, atoms = self._sampling, sum(self._job.protocol.counts)
        longest = min(max(sampling.thermo_every, LONGEST_CHUNK // atoms), RECORDED * sampling.thermo_every)
        frame = sampling.frames.next_after(step)
        state = step - step % sampling.harvest + sampling.harvest if sampling.harvest else frame
        minimum = sampling.inherent.next_after(step) if sampling.inherent else frame
        return min(step + longest, frame, state, minimum)

    def _observe(self, before: int, step: int, stage: Stage) -> None:
        """Keep what was due since `before`, and the configuration if it is due now."""
        sampling = self._sampling
        for at, values in self._engine.recorded(before):
            if not all(map(math.isfinite, values.values())):
                raise LostAtomsError(f"energies are not finite at step {at}: use a smaller --timestep")
            self._recorder.thermo(at, values)
        state = sampling.harvest is not None and step % sampling.harvest == 0
        if step == stage.last_step or sampling.frames.includes(step) or state or self._minimum_due(step):
            self._sample(step, stage, self._engine.configuration())

    def _minimum_due(self, step: int) -> bool:
        """Whether an inherent structure is due; a harvest also takes those of checkpoints, from which it may go on."""
        sampling = self._sampling
        if sampling.inherent is None:
            return False
        return sampling.inherent.includes(step) or (
            sampling.harvest is not None and step % sampling.checkpoint_every == 0
        )

    def _sample(self, step: int, stage: Stage, configuration: Configuration) -> None:
        sampling, last = self._sampling, step == stage.last_step
        if last or sampling.frames.includes(step):
            self._recorder.frame(step, configuration, sampling.velocities)
        if sampling.inherent and (last or self._minimum_due(step)):
            end = self._minimiser.minimise(configuration)
            for found in [*self._harvest.reach(end), end] if self._harvest else [end]:
                values = {
                    "energy": found.energy,
                    "pressure": found.pressure,
                    "max_force": found.max_force,
                    "iterations": found.iterations,
                }
                self._recorder.inherent(found.configuration.step, found.configuration, values)
        elif self._harvest:
            self._harvest.keep(configuration)

    def _take_checkpoint(self, number: int, step: int, stage: Stage) -> None:
        configuration = self._engine.configuration()
        restart = self._engine.state()
        every = self._sampling.state_every
        if stage.kept and (step == stage.last_step or (every and step % every == 0)):
            self._recorder.state(step, configuration, restart, self._engine.version)
        self._recorder.checkpoint(
            number, step, restart, self._engine.version, configuration,
            self._engine.ranks, self._job.launch.accelerator,
        )  # fmt: skip
