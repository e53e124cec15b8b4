"""The one loop: the engine advances to where a part is next due, the parts due there do their work, and on.

Each leg of the deck has its parts: frames, inherent structures, exchanges, checkpoints (see parts.order).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.engine.contract import Engine
from glasscli.engine.deck import RESUME, FileStart, Leg
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.restart import checked_restart
from glasscli.engine.start import start_engine
from glasscli.errors import InputError, StoppedEarly
from glasscli.formats.writers import lammps_data
from glasscli.progress import Advance, progress
from glasscli.simulation.acceptance import Question, counted
from glasscli.simulation.job import Job
from glasscli.simulation.over_ranks import minimiser_of
from glasscli.simulation.parts.order import Means, Order, order_of
from glasscli.simulation.parts.part import Moment
from glasscli.simulation.parts.trading import Trades
from glasscli.simulation.sampled import sampled
from glasscli.simulation.stopping import Stop
from glasscli.store.closing import close_due
from glasscli.store.manifest import Incarnation, now
from glasscli.store.recorder import Recorder
from glasscli.store.schema import EXCHANGE, TEMPERING, Series
from glasscli.store.so_far import SO_FAR_FILE
from glasscli.store.unfinished import JournalRun, last_checkpoint

if TYPE_CHECKING:
    from glasscli.simulation.gauge import Gauge
    from glasscli.simulation.moves import Moves


class Loop:
    """One incarnation of a run."""

    def __init__(self, job: Job, folder: Path, stop: Stop, trades: Trades | None) -> None:
        self._job, self._stop, self._trades = job, stop, trades
        self._checkpoint = last_checkpoint(folder)
        if self._checkpoint is None:  # all is made again
            (folder / SO_FAR_FILE).unlink(missing_ok=True)
        self._deck = job.deck
        self._began = self._at = time.monotonic()  # at: when the present step was reached
        self._slowest = 0.0
        self._engine: Engine = start_engine(job.system, job.launch, folder)
        self._minimiser = minimiser_of(
            job.system, job.protocol.minimisation, job.launch, self._engine.ranks, folder
        )
        length = self._checkpoint.journal_length if self._checkpoint else 0
        self._recorder = Recorder(folder, length, job.protocol.species_vary, job.protocol.sampling.precision)
        close_due(self._recorder)
        self._rows = rows = JournalRun(folder, stop=length).table if length else _none(job)
        self._moves = _moves(job, self._minimiser)
        walker = trades.walker(rows(TEMPERING)) if trades else 0
        question = _question(job, rows)
        self._means = Means(
            job, self._recorder, self._minimiser, self._moves, trades, walker, question, _gauge(job)
        )  # fmt: skip
        self._step = self._checkpoint.step if self._checkpoint else 0

    def run(self) -> None:
        """Run all legs from the last checkpoint to the end."""
        first = self._checkpoint.leg if self._checkpoint else 0
        incarnation = Incarnation(
            self._step, None, socket.gethostname(), os.getpid(), now(), self._engine.version,
            ranks=self._engine.ranks, accelerator=self._job.launch.suffix,
        )  # fmt: skip
        total = sum(leg.steps for leg in self._deck.legs)
        try:
            with progress(self._job.output.name, total, "steps") as advance:
                incarnation.exact = self._set_up()
                self._recorder.note(incarnation)
                done = sum(leg.steps for leg in self._deck.legs[:first])
                for number, leg in enumerate(self._deck.legs[first:], start=first):
                    order = order_of(self._means, number, leg)
                    step = self._enter(number, leg, order)
                    self._run_leg(leg, order, step, advance, done - leg.first_step)
                    done += leg.steps
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

    def _set_up(self) -> bool:
        """Set the engine up, from the deck's start or the checkpoint; return whether bits will be the same.

        A restart file is for the LAMMPS version, the ranks and the accelerator that wrote it; others go on from
        positions and velocities.
        """
        checkpoint, deck, start = self._checkpoint, self._deck, self._job.start
        if checkpoint is None:
            if isinstance(start, FileStart):
                if start.name.endswith(".restart"):
                    checked_restart(start.content, f"{self._job.output}: {start.name}")
                self._engine.provide(start.name, start.content)
            self._engine.commands(deck.entered)
        elif (checkpoint.lammps_version, checkpoint.ranks, checkpoint.accelerator) == (
            self._engine.version, self._engine.ranks, self._job.launch.suffix,
        ):  # fmt: skip
            where = f"{self._job.output}: the checkpoint of step {checkpoint.step}"
            self._engine.provide(RESUME, checked_restart(checkpoint.restart, where))
            self._engine.commands(deck.resumed)
        else:
            text = lammps_data(checkpoint.configuration, self._job.system)
            self._engine.provide(RESUME, text.encode())
            self._engine.commands(deck.rebuilt(checkpoint.step))
            return False
        return True

    def _enter(self, number: int, leg: Leg, order: Order) -> int:
        """Enter a leg, at its beginning or at the checkpoint; return the step at which it goes on."""
        resumed = self._checkpoint if self._checkpoint and self._checkpoint.leg == number else None
        self._engine.commands(leg.fixes if resumed else [*leg.enter, *leg.fixes])
        if leg.kept:
            self._engine = sampled(self._engine, self._job, self._rows)
        goes_on = number > 0 and self._deck.legs[number - 1].kept  # what it begins with is stored already
        if leg.kept and not resumed and not goes_on:
            moment = Moment(self._engine, leg.first_step - 1, leg.first_step)
            atoms = moment.configuration
            self._recorder.species(atoms.species, atoms.diameters)
            for part in order.first:
                if part.next_due(moment.before) == moment.step:
                    part.after(moment)
        for part in order.parts:
            part.enter(self._engine, resumed.configuration if resumed else None)
        return resumed.step if resumed else leg.first_step

    def _run_leg(self, leg: Leg, order: Order, step: int, advance: Advance, done: int) -> None:
        """Go from stop to stop until the leg's last step. Raises StoppedEarly where it must end before."""
        setup = True
        since = began = time.monotonic()
        first = step
        self._stop.ahead = lambda: self._ahead(leg, order, first, began)
        # What a step of strain takes is not known ahead: where much gives way, the next checkpoint is minutes off.
        self._stop.patient = self._job.protocol.straining is None
        while step < leg.last_step:
            due = [part.next_due(step) for part in order.parts]
            moment = Moment(self._engine, step, min(due))
            self._engine.advance(moment.step - step, leg.ramp, setup)
            self._step, self._at = (step := moment.step), time.monotonic()
            setup = False
            for part, at in zip(order.parts, due, strict=True):
                if at == step:
                    setup = part.after(moment) or setup
            if order.checkpoints.next_due(moment.before) == step:
                self._slowest = max(self._slowest, time.monotonic() - since)
                since = time.monotonic()
                if step < leg.last_step and not self._stop.fits(1.5 * self._slowest):
                    raise StoppedEarly(f"stopped at step {step} of {leg.last_step} ({self._stop.reason})")
            if self._stop.at_once:
                raise StoppedEarly(f"stopped at step {step}; the run goes on from its last checkpoint")
            advance(done + step)

    def _ahead(self, leg: Leg, order: Order, first: int, began: float) -> str:
        """Where this leg will stop when it is asked to, and in how many seconds: "at step 30000 (4 s)"."""
        if not self._stop.patient:
            return "after this step of strain"
        step, passed = self._step, self._at - began
        target = min(order.checkpoints.next_due(step), leg.last_step)
        if step <= first or passed <= 0:
            return f"at step {target}"
        left = (target - step) * passed / (step - first) - (time.monotonic() - self._at)
        return f"at step {target} ({max(0.0, left):.0f} s)"


Table = dict[str, np.ndarray]


def _none(job: Job) -> Callable[[Series], Table]:
    """The tables of a run that has not begun."""
    return lambda series: series.empty(job.system.n_species)


def _question(job: Job, rows: Callable[[Series], Table]) -> Question | None:
    """Whether the Monte Carlo of a hybrid run does anything, after the rows that there are."""
    if job.protocol.moves is None:
        return None
    before = counted(rows(EXCHANGE))
    return Question(job.system, job.protocol, job.protocol.moves, job.output, job.keep_going, *before)


def _gauge(job: Job) -> Gauge | None:
    """What measures the configurational temperature of a hybrid run; None where it has no meaning, or had no name."""
    if not job.protocol.gauged:
        return None
    from glasscli.simulation.gauge import gauge_of  # numba takes its time to load

    try:
        return gauge_of(job.system)
    except InputError:  # why, is said of the finished run
        return None


def _moves(job: Job, minimiser: Minimiser) -> Moves | None:
    """The Monte Carlo of a hybrid run."""
    if job.protocol.moves is None:
        return None
    from glasscli.simulation.moves import SwapMoves, local_moves  # numba takes its time to load

    if job.protocol.moves.kernel == "lammps":
        return SwapMoves(job.protocol, job.start, minimiser)
    return local_moves(job.system, job.protocol, minimiser)
