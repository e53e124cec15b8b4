"""When to stop before the end: signals and the wall clock. Looked at between LAMMPS calls only."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

from glasscli.model.quantities import parse_walltime

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


@dataclass
class Stop:
    """What was asked for so far.

    deadline   monotonic seconds at which the process must be gone, or None
    reason     why to stop at the next checkpoint, or '' to go on
    at_once    stop now; what was flushed is kept, the rest is made again on resume
    patient    whether the first signal leaves time for the next checkpoint, else it is for now
    ahead      says where it will stop, and when, for whoever pressed Ctrl-C; None where nobody knows
    """

    deadline: float | None = None
    reason: str = ""
    at_once: bool = False
    patient: bool = True
    ahead: Callable[[], str] | None = None
    _started: float = field(default_factory=time.monotonic)

    def ask(self, number: int, frame: FrameType | None = None) -> None:
        """Signal handler: the first asks for the next checkpoint, a second Ctrl-C for now (see `patient`)."""
        self.at_once = not self.patient or (bool(self.reason) and number == signal.SIGINT)
        self.reason = signal.Signals(number).name

    def fits(self, seconds: float) -> bool:
        """Whether `seconds` more end before the deadline; sets the reason when not."""
        if self.deadline is not None and time.monotonic() + seconds > self.deadline:
            self.reason = self.reason or "walltime"
        return not self.reason


def batch_seconds_left(environment: Mapping[str, str], now: float) -> float | None:
    """Seconds until the batch system ends this job, or None outside of one.

    SLURM says when the job ends, PBS and OAR how long it may last (less the time since glasscli started: unknown, so
    the job script should start it first).
    """
    try:
        if "SLURM_JOB_END_TIME" in environment:
            return max(0.0, float(environment["SLURM_JOB_END_TIME"]) - now)
        for lasts in ("PBS_WALLTIME", "OAR_JOB_WALLTIME_SECONDS"):
            if lasts in environment:
                return float(environment[lasts])
    except ValueError:
        pass
    return None


def stop_for(walltime: str | None) -> Stop:
    """When to stop early: after the time given, else after what the batch system says is left."""
    left = parse_walltime(walltime) if walltime else batch_seconds_left(os.environ, time.time())
    return Stop(None if left is None else time.monotonic() + left)


@contextmanager
def listening(stop: Stop) -> Iterator[Stop]:
    """Route SIGTERM, SIGINT, SIGUSR1 and SIGHUP to `stop` while the block runs."""
    # A terminal that is closed asks as well, unless its user said that it should not (nohup).
    closed = () if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (signal.SIGHUP,)
    before = {number: signal.signal(number, stop.ask) for number in (*SIGNALS, *closed)}
    try:
        with _answering(stop):
            yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _answering(stop: Stop) -> Iterator[None]:
    """Answer Ctrl-C at once: handlers wait until LAMMPS comes back, a thread of our own hears of it before."""
    heard, told = os.pipe()
    os.set_blocking(told, False)
    try:
        before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    except ValueError:  # not the main thread, which has no signals
        os.close(heard)
        os.close(told)
        yield
        return

    def answer() -> None:
        asked = 0
        while numbers := os.read(heard, 64):
            for number in numbers:
                asked += number == signal.SIGINT
                if number == signal.SIGINT and asked <= 2:
                    where = stop.ahead() if stop.ahead else "at the next checkpoint"
                    said = f"stopping {where}; again: now" if asked == 1 else "stopping now"
                    print(said, file=sys.stderr, flush=True)

    thread = threading.Thread(target=answer, daemon=True)
    with suppress(RuntimeError):  # a shell's limits leave no room for one: the handlers answer, later
        thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(told)  # ends the thread
        if thread.ident:
            thread.join()
        os.close(heard)
