"""What a run will cost, before it runs: processor time, bytes on disk, memory. The one home of all estimates.

Times are those of a pilot (pilot.py) times how often each thing is due (due.py), bytes those of the run's own
configurations as its file packs them (store/size.py), memory what was measured of runs like it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glasscli.engine.deck import FileStart
from glasscli.engine.random_atoms import APART, iterations_apart
from glasscli.progress import progress
from glasscli.simulation.due import Due, due, rows
from glasscli.simulation.job import Job
from glasscli.simulation.pilot import Speeds, measure
from glasscli.simulation.run import Standing
from glasscli.store.recorder import partial_folder
from glasscli.store.size import file_bytes
from glasscli.store.unfinished import last_checkpoint

# Of a minimum: iterations of conjugate gradients grow as the length of the box (measured: as N^0.27 from 500 to 4000
# atoms).
POWER = 4 / 3
# Processor seconds of a process that does nothing but begin and end; more where kernels are loaded, or T_f and heat
# capacities are fitted in the end.
BEGIN, KERNELS, FITS = 1.3, 2.5, 1.0
# Strain between rearrangements goes as N^(-2/3) (S. Karmakar, E. Lerner, I. Procaccia, Phys. Rev. E 82, 055103 (2010)).
REARRANGED = 2 / 3
# Putting atoms in at random takes the square of their number; a step of a minimiser so many of dynamics (measured).
INSERTION, EVALUATIONS = 2e-7, 1.5
# Memory (measured from 500 to 10^6 atoms, see docs/clusters.md): of a process; more with kernels compiled by numba,
# where minima are found, with fits of T_f to theirs beside so many rows of thermodynamics, with other fits.
PROCESS, WITH_KERNELS, WITH_MINIMA, WITH_FITS, FITTED, WITH_OTHERS = 105e6, 200e6, 15e6, 90e6, 50, 40e6
# Of an atom, and more where minima are found.
AN_ATOM, AN_ATOM_MINIMISED = 1450.0, 1000.0


@dataclass(frozen=True)
class Estimate:
    """What work will take; of runs that go on, what is left of them.

    core_hours    of one core of this machine, and of which work they are (`parts`)
    bytes         of the files that will be there in the end
    memory_bytes  the most that a process takes
    steps, atoms  of molecular dynamics or of strain that are to be made; of the largest sample
    timed         atoms of the sample that was timed, 0 where nothing was
    laws          {what: how it grows}
    notes         what is not in it, and what is there already
    """

    core_hours: float
    bytes: float
    memory_bytes: float
    steps: int = 0
    atoms: int = 0
    timed: int = 0
    parts: Mapping[str, float] = field(default_factory=dict)
    laws: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "core_hours": self.core_hours, "bytes": round(self.bytes), "memory_bytes": round(self.memory_bytes),
            "steps": self.steps, "atoms": self.atoms, "core_hours_of": dict(self.parts), "timed_atoms": self.timed,
            "scaling": dict(self.laws), "estimate_notes": list(self.notes),
        }  # fmt: skip

    def text(self) -> str:
        """Some lines for people."""
        parts = [
            f"{hours_said(hours)} {name}"
            for name, hours in self.parts.items()
            if hours > 0.005 * self.core_hours
        ]
        of = f": {', '.join(parts)}" if len(parts) > 1 else ""
        lines = [
            f"about {hours_said(self.core_hours)} of one core{of}",
            f"about {bytes_said(self.bytes)} on disk, {bytes_said(self.memory_bytes)} of memory",
        ]
        lines += [f"{what} grows as {law}" for what, law in self.laws.items()]
        if self.timed:
            lines.append(f"timed here with {self.timed} atoms")
        return "\n".join([*lines, *self.notes])


def total(estimates: Iterable[tuple[Estimate, int]]) -> Estimate:
    """All of several, each so many times: memory is that of the largest."""
    parts: dict[str, float] = {}
    found, laws, notes, steps = [], dict[str, str](), list[str](), 0
    for one, times in estimates:
        found.append((one, times))
        for name, hours in one.parts.items():
            parts[name] = parts.get(name, 0.0) + times * hours
        laws |= one.laws
        notes += [note for note in one.notes if note not in notes]
        steps += times * one.steps
    largest = max(
        (one for one, _ in found), key=lambda one: one.memory_bytes, default=Estimate(0.0, 0.0, 0.0)
    )
    return Estimate(
        sum(times * one.core_hours for one, times in found), sum(times * one.bytes for one, times in found),
        largest.memory_bytes, steps, largest.atoms, largest.timed, parts, laws, tuple(notes),
    )  # fmt: skip


def scaled(one: Estimate, times: float) -> Estimate:
    """So many times the work of one, by processes no larger."""
    parts = {name: times * hours for name, hours in one.parts.items()}
    return replace(
        one, core_hours=times * one.core_hours, bytes=times * one.bytes, steps=round(times * one.steps), parts=parts
    )  # fmt: skip


def estimate(job: Job, there: Standing, speeds: Speeds | None = None) -> Estimate:
    """What a job will take of which so much is there, by a pilot or by speeds that one of its like has measured.

    Raises EngineError where the job cannot begin.
    """
    if there is Standing.DONE:
        said = f"{job.output} is finished: nothing is left to do"
        return Estimate(0.0, job.output.stat().st_size, 0.0, atoms=sum(job.protocol.counts), notes=(said,))
    left, notes = due(job), list[str]()
    if there is Standing.BEGUN and (at := last_checkpoint(partial_folder(job.output))) is not None:
        whole, left = left, due(job, at.leg, at.step)
        notes.append(f"{job.output} is begun: {left.steps} of {whole.steps} steps are left")
    if speeds is None:
        with progress("pilot", 2) as advance:
            speeds = measure(job, advance)
    return _of(job, left, speeds, notes)


def _of(job: Job, left: Due, speeds: Speeds, notes: list[str]) -> Estimate:
    protocol, atoms, whole = job.protocol, sum(job.protocol.counts), due(job)
    kernels = protocol.gauged or protocol.straining is not None or protocol.sampling.harvest is not None
    set_up = 0.0 if left != whole and not left.before else _set_up(job, speeds.before)
    steps = atoms * (left.before * speeds.before + left.kept * speeds.kept)
    if protocol.straining:
        steps *= (atoms / speeds.atoms) ** (POWER - 1)
    kept = (left.checkpoints + left.states) * speeds.state + (left.frames + left.minima) * speeds.frame
    seconds = {
        "to begin and to end": BEGIN + KERNELS * kernels + FITS * any(_fits(job)) + set_up,
        "strain" if protocol.straining else "dynamics": steps,
        "inherent structures": left.minima * speeds.minimum * (atoms / speeds.minimised) ** POWER,
        "exchanges": atoms
        * (left.batches * speeds.batch + left.audits * speeds.audit + left.pulls * speeds.pull),
        "keeping": atoms * kept,
    }
    laws = {"time of strain": "N^(4/3) x steps"} if protocol.straining else {"time of dynamics": "N x steps"}
    if left.minima:
        laws["time of inherent structures"] = "N^(4/3) x their number"
    laws |= {"disk": "N x (frames + inherent structures + states)", "memory": "N"}
    if job.launch.external:
        notes.append("timed in this process on one core; what ranks lose to each other is not in it")
    if protocol.sampling.harvest is not None:
        notes.append("inherent structures between those that differ are not in it: how many, the run finds")
    hours = {name: value / 3600 for name, value in seconds.items()}
    around = (
        round(whole.kept * speeds.around * (atoms / speeds.atoms) ** REARRANGED) if protocol.straining else 0
    )
    if protocol.straining is not None:
        notes.append(f"with {around} minima around rearrangements, as many a step as in its first ones")
    size = file_bytes(protocol, speeds.sizes, whole.frames, whole.minima + around, whole.states, rows(job))
    return Estimate(
        sum(hours.values()), size, memory(job), left.steps, atoms, speeds.atoms, hours, laws, tuple(notes)
    )  # fmt: skip


def memory(job: Job) -> float:
    """Bytes that the process of a run takes at most, all its ranks together."""
    protocol = job.protocol
    atoms, minimised = sum(protocol.counts), protocol.sampling.inherent is not None
    kernels = protocol.moves is not None or protocol.straining is not None
    own = AN_ATOM + AN_ATOM_MINIMISED * minimised
    of_glass, others = _fits(job)
    more = WITH_KERNELS * kernels + WITH_MINIMA * minimised + WITH_FITS * of_glass + WITH_OTHERS * others
    return PROCESS + more + own * atoms


def _fits(job: Job) -> tuple[bool, bool]:
    """Whether T_f is fitted in the end, and whether heat capacities or what a flow says are."""
    protocol = job.protocol
    rows = protocol.steps // protocol.sampling.thermo_every
    windows = (
        protocol.ramp is not None
        and job.system.fictive is not None
        and protocol.sampling.inherent is not None
    )
    return windows and rows >= FITTED, bool({"calorimetry", "flowing"} & set(protocol.outcome))


def _set_up(job: Job, step: float) -> float:
    """Seconds to put atoms of a melt into their box and apart."""
    if isinstance(job.start, FileStart) or job.box is None:
        return 0.0
    counts, atoms = job.protocol.counts, sum(job.protocol.counts)
    iterations = iterations_apart(job.system, counts, job.box)
    return EVALUATIONS * iterations * atoms * step + (INSERTION * atoms**2 if iterations == APART else 0.0)


def hours_said(hours: float) -> str:
    """As people say it."""
    seconds = 3600 * hours
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} minutes" if seconds < 6000 else f"{hours:.3g} hours"


def bytes_said(size: float) -> str:
    """In the unit that fits."""
    power = 0 if size < 1000 else min(4, int(math.log10(size) // 3))
    return f"{size / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
