"""Parallel tempering: replicas at a ladder of temperatures, in processes of their own, that trade configurations.

Each temperature has its own run and file; what moves between them are configurations, their velocities rescaled. Trades
happen at checkpoints only, all replicas waiting for each other, so an interrupted ladder goes on from the newest
checkpoint that all of them have.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import GlassError, StoppedEarly
from glasscli.progress import progress
from glasscli.simulation.job import Job
from glasscli.simulation.parts.trading import Trades
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop, listening
from glasscli.store import checkpoint as checkpoints
from glasscli.store.finished import FileRun
from glasscli.store.recorder import partial_folder
from glasscli.store.so_far import only_unnamed
from glasscli.store.unfinished import last_checkpoint


@dataclass(frozen=True)
class Ladder:
    """What the trades of a finished ladder were.

    temperatures  [K] ascending
    acceptance    [K - 1] share of accepted trades between neighbours; None where none was tried
    round_trips   how often a walker went from the coldest to the hottest and back
    round_trip_steps  MD steps a round trip took, mean; None without one
    """

    temperatures: list[float]
    acceptance: list[float | None]
    round_trips: int
    round_trip_steps: float | None


def temper(jobs: Sequence[Job], stop: Stop, force: bool = False) -> list[FileRun]:
    """Run the jobs, which differ in temperature only, side by side, or go on with them; return their files.

    Raises what stopped the first replica that failed, after all have stopped; StoppedEarly when `stop` asked for it.
    """
    _rewind(jobs)
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    processes: list[BaseProcess] = []
    try:
        for number, job in enumerate(jobs):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(
                target=_replica, args=(job, theirs, number, stop, force), daemon=True
            )
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        with listening(stop):
            _Conductor(jobs, pipes, stop).conduct()
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(30)
            process.kill()
    return [FileRun(job.output) for job in jobs]


def ladder(runs: Sequence[FileRun]) -> Ladder:
    """What the trades were, from the files."""
    tables = [run.tempering_table for run in runs]
    acceptance: list[float | None] = []
    for table in tables[:-1]:
        tried = int(table["tempering_tried"].sum())
        acceptance.append(float(table["tempering_accepted"].sum()) / tried if tried else None)
    walkers = np.array([table["tempering_walker"] for table in tables])  # [K, rounds]
    trips = [t for walker in range(len(runs)) for t in _round_trips(walkers, walker)]
    every = int(tables[0]["step"][0]) if len(tables[0]["step"]) else 0
    return Ladder(
        [run.manifest.protocol.temperature_at(0) for run in runs], acceptance, len(trips),
        float(np.mean(trips)) * every if trips else None,
    )  # fmt: skip


def _round_trips(walkers: np.ndarray, walker: int) -> list[int]:
    """Rounds that each journey coldest - hottest - coldest of one walker took."""
    places = np.argmax(walkers == walker, axis=0)
    trips, began, been_up = [], None, False
    for time, place in enumerate(places):
        if place == 0:
            if began is not None and been_up:
                trips.append(time - began)
            if began is None or been_up:
                began = time
            been_up = False
        elif place == len(walkers) - 1:
            been_up = True
    return trips


def _rewind(jobs: Sequence[Job]) -> None:
    """Let all go on from the newest checkpoint that all have: they are never more than one apart."""
    reached = []
    for job in jobs:
        folder, last = partial_folder(job.output), len(job.deck.legs) - 1
        if only_unnamed(folder):
            continue
        found = last_checkpoint(folder)
        if found is not None and found.leg == last:
            reached.append(found.step)
        elif not job.output.exists():
            reached.append(0)  # before the leg in which they trade
    if not reached:
        return
    for job in jobs:
        checkpoints.rewind(partial_folder(job.output), len(job.deck.legs) - 1, min(reached))


@dataclass(frozen=True)
class At:
    """A replica at a meeting; energy: its potential energy over Boltzmann's constant."""

    step: int
    energy: float
    walker: int
    configuration: Configuration


@dataclass(frozen=True)
class Answer:
    """What a replica is told at a meeting.

    row            for its file: walker, tried, accepted
    configuration  another's, whose place it takes from now on, or None to go on with its own
    temperature    at which that one was
    stop           why to stop at this checkpoint, or ''
    """

    row: dict[str, int]
    configuration: Configuration | None
    temperature: float
    stop: str


# At the end a replica asks whether all have their last checkpoint, and says that its file is made; or what went wrong.
END, DONE = "end", "done"
Word = At | str | Exception


class _Pipe(Trades):
    """A replica's end: says where it is, is told what to do."""

    def __init__(self, pipe: Connection, number: int, temperature: float, stop: Stop) -> None:
        self._pipe, self._number, self._temperature, self._stop = pipe, number, temperature, stop

    def walker(self, table: Mapping[str, np.ndarray]) -> int:
        """The walker of the last trade, at the beginning its own."""
        found = table["tempering_walker"]
        return int(found[-1]) if len(found) else self._number

    def meet(self, engine: Engine, minimiser: Minimiser, step: int, walker: int) -> dict[str, int]:
        """Wait for all others at this step; perhaps take another's place."""
        configuration = engine.configuration()
        # Afresh: exchanges at this step have changed it since LAMMPS last computed it.
        energy = minimiser.evaluate(configuration).energy * configuration.n_atoms
        answer = self._ask(At(step, energy / engine.boltzmann, walker, configuration))
        assert isinstance(answer, Answer)
        self._stop.reason = self._stop.reason or answer.stop
        given = answer.configuration
        if given is not None:
            assert given.velocities is not None
            speed = np.sqrt(self._temperature / answer.temperature)
            engine.replace(replace(given, velocities=given.velocities * speed))
        return answer.row

    def end(self) -> None:
        """Wait until all have their last checkpoint."""
        self._ask(END)

    def _ask(self, word: Word) -> Answer | None:
        try:
            self._pipe.send(word)
            answer: Answer | None = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise StoppedEarly(
                "stopped with the other replicas; the ladder goes on from its checkpoints"
            ) from error
        return answer


def _replica(job: Job, pipe: Connection, number: int, stop: Stop, force: bool) -> None:
    try:
        trades = _Pipe(pipe, number, job.protocol.temperature_at(0), stop)
        run(job, force=force, stop=stop, trades=trades)
        pipe.send(DONE)
    except (GlassError, OSError) as error:
        with suppress(OSError):  # nobody listens any more
            pipe.send(error)


class _Conductor:
    """Waits for all replicas, decides the trades, passes configurations on."""

    def __init__(self, jobs: Sequence[Job], pipes: list[Connection], stop: Stop) -> None:
        self._jobs, self._pipes, self._stop = jobs, pipes, stop
        self._temperatures = [job.protocol.temperature_at(0) for job in jobs]
        self._done: set[int] = set()

    def conduct(self) -> None:
        """Until all are done. Raises the first failure."""
        steps = self._jobs[0].protocol.steps
        with progress("tempering", steps, "steps") as advance:
            while True:
                words = self._hear()
                meeting = [word for word in words if isinstance(word, At)]
                if len(meeting) == len(words):
                    self._trade(meeting)
                    advance(meeting[0].step)
                elif all(word == DONE for word in words):
                    return
                elif all(word in (END, DONE) for word in words):  # some were done in an earlier attempt
                    for pipe, word in zip(self._pipes, words, strict=True):
                        if word == END:
                            pipe.send(None)
                else:
                    raise GlassError(
                        "replicas of this ladder do not belong together: give --force to begin it anew"
                    )

    def _hear(self) -> list[Word]:
        """The next word of every replica; of one whose file is made, the last."""
        words: dict[int, Word] = dict.fromkeys(self._done, DONE)
        while len(words) < len(self._pipes):
            silent = [pipe for number, pipe in enumerate(self._pipes) if number not in words]
            for pipe in wait(silent):
                assert isinstance(pipe, Connection)
                try:
                    word = pipe.recv()
                except EOFError as error:
                    raise GlassError(
                        "a replica died without a word (out of memory?); run the command again"
                    ) from error
                if isinstance(word, Exception):
                    raise word
                words[self._pipes.index(pipe)] = word
        self._done = {number for number, word in words.items() if word == DONE}
        return [words[number] for number in range(len(self._pipes))]

    def _trade(self, words: list[At]) -> None:
        step, count = words[0].step, len(words)
        if any(word.step != step for word in words):
            raise GlassError(
                f"replicas of this ladder are at steps {sorted({w.step for w in words})}: --force begins it anew"
            )
        seed, every = self._jobs[0].protocol.seed, self._jobs[0].protocol.sampling.checkpoint_every
        beta = 1 / np.array(self._temperatures)
        rows = [{"walker": word.walker, "tried": 0, "accepted": 0} for word in words]
        given: list[Configuration | None] = [None] * count
        source = list(range(count))
        for k in range(step // every % 2, count - 1, 2):
            gain = (beta[k] - beta[k + 1]) * (words[k].energy - words[k + 1].energy)
            drawn = np.random.default_rng([seed, step, k]).random()
            accepted = bool(gain >= 0 or drawn < np.exp(gain))
            rows[k] |= {"tried": 1, "accepted": int(accepted)}
            if accepted:
                for here, there in ((k, k + 1), (k + 1, k)):
                    given[here], source[here] = words[there].configuration, there
                    rows[here]["walker"] = words[there].walker
        for k, pipe in enumerate(self._pipes):
            pipe.send(Answer(rows[k], given[k], self._temperatures[source[k]], self._stop.reason))
