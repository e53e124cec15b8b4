"""A ladder of temperatures: each equilibrated until its certificate holds, then measured by dynamics alone.

A study like any other: its runs are tasks of a folder, side by side for several samples, found done when the same
command is given again. What follows a run depends on what it measured, so tasks are laid down round by round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.measured import Liquid, measure
from glasscli.dynamics.relaxation import ENOUGH
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import EXIT_DONE, InputError
from glasscli.model.system import System
from glasscli.simulation.stopping import Stop
from glasscli.workflow.seeds import derived_seed
from glasscli.workflow.task import Task
from glasscli.workflow.together import Together, side_by_side

MOST = 200  # temperatures of one ladder
BLOCKS = 64  # of frames spaced logarithmically, in one run
MINIMA = 4  # of these to an inherent structure
ABOVE = 1.5  # of the first temperature, where the melt begins
MELT = 5000  # steps at that temperature, and as many on the way down
SPARE = 1.5  # of the shortest run that may say what equilibrium is
ABOVE_LENGTH = 1.2  # of a length in tau_alpha, which the run before knows to ten per cent


@dataclass(frozen=True)
class LadderWish:
    """What is asked for.

    where         the system as --system takes it; atoms: None takes the system's number
    temperatures  descending
    samples       independent ones of each temperature
    steps         of the first run at each temperature; exchange_steps: of the hybrid before it, 0 for none;
                  most_steps: longer runs are not begun, and the ladder ends above the temperature that needs them
    lengths       tau_alpha that a run which is measured lasts at least
    stress_every  of the stress, None for no viscosity
    forces        whose: 'own' or 'lammps', None as each run has it
    q             as in `DynamicsChoices`
    """

    system: System
    where: str
    temperatures: tuple[float, ...]
    atoms: int | None = None
    samples: int = 1
    steps: int = 50_000
    exchange_steps: int = 5_000
    most_steps: int = 10_000_000
    lengths: float = ENOUGH
    stress_every: int | None = None
    q: tuple[float, ...] | None = None
    seed: int = 1
    forces: str | None = None

    @property
    def exchanges(self) -> bool:
        """Whether unlike atoms can exchange before dynamics goes on alone."""
        several = sum(s.fraction > 0 for s in self.system.species) > 1
        return self.exchange_steps > 0 and several and no_pairs(self.system) is None


@dataclass
class _Chain:
    """One sample on its way down: at which temperature, in which run of it, from which file."""

    wish: LadderWish
    number: int
    at: int = 0
    attempt: int = 0  # 0: the hybrid, if there is one
    start: str = ""
    steps: int = 0
    found: list[str] = field(default_factory=list)
    ended: str = ""
    short: list[str] = field(default_factory=list)

    @property
    def tail(self) -> str:
        """What the names of its files end with."""
        return f"-{self.number:04d}" if self.wish.samples > 1 else ""

    @property
    def going(self) -> bool:
        """Whether there is more to do."""
        return not self.ended and self.at < len(self.wish.temperatures)

    def task(self) -> Task:
        """The next run."""
        wish, T = self.wish, self.wish.temperatures[self.at]
        seed = ["--seed", str(derived_seed(wish.seed, self.number, self.at, self.attempt))]
        if not self.start:
            atoms = ["--atoms", str(wish.atoms)] if wish.atoms else []
            first = wish.temperatures[0]
            words = ["quench", "--system", wish.where, *atoms, "--T-start", repr(ABOVE * first), "--T-end", repr(first),
                     "--steps", str(MELT), "--equilibration", str(MELT), "--inherent-every", "0", *seed]  # fmt: skip
            return self._of(f"melt{self.tail}", "melt", words)
        begin = [self.start, "--T", repr(T), "--from", "final"]
        if self.attempt == 0:
            words = [
                "hybrid",
                *begin,
                "--steps",
                str(wish.exchange_steps),
                "--inherent-every",
                "0",
                "--keep-going",
                *seed,
            ]
            return self._of(f"T{T:g}{self.tail}-exchanged", f"T{T:g}", words)
        block = 1 << max(4, (self.steps // BLOCKS).bit_length() - 1)
        stress = ["--stress-every", str(wish.stress_every)] if wish.stress_every else []
        words = ["anneal", *begin, "--steps", str(self.steps), "--every", str(block), "--log-spaced",
                 "--inherent-every", str(MINIMA * block), *stress, *seed]  # fmt: skip
        # A hybrid leaves configurations, its velocities are those of trials.
        words += ["--new-velocities"] if self.start.endswith("-exchanged.h5") else []
        return self._of(f"T{T:g}{self.tail}-{self.attempt}", f"T{T:g}", words)

    def _of(self, name: str, stage: str, words: list[str]) -> Task:
        output = f"{name}.h5"
        forces = ("--forces", self.wish.forces) if self.wish.forces else ()
        return Task(name, stage, (*words, *forces, "-o", output), output, (self.start,) if self.start else ())

    def done(self, task: Task, folder: Path) -> None:
        """Go on from a run that is finished: measured, where it was one of dynamics alone."""
        melt, self.start = not self.start, task.output
        if melt:
            self._next_temperature(0)
            return
        if self.attempt == 0:
            self._run(self.wish.steps)
            return
        liquid = measure(folder / task.output, None, DynamicsChoices(q=self.wish.q, van_hove=False))
        if not liquid.equilibrium.equilibrated:
            self._longer(liquid)
        elif not self._lengthened(liquid):
            self.found.append(task.output)
            self._next_temperature(self.at + 1)

    def _next_temperature(self, at: int) -> None:
        self.at, self.attempt, self.steps = at, 0, 0
        if not self.wish.exchanges:
            self._run(self.wish.steps)

    def _longer(self, liquid: Liquid) -> None:
        """At least twice as long, and as many tau_alpha as a certificate needs, where tau_alpha is known."""
        steps = max(2 * self.steps, int(SPARE * ENOUGH * _slowest(liquid)))
        if steps > self.wish.most_steps:
            self.ended = (
                f"{self._here}: {liquid.equilibrium.reason}; the next run "
                f"would be of {steps} steps, more than --max-steps {self.wish.most_steps}: the ladder ends above"
            )
            return
        self._run(steps)

    def _lengthened(self, liquid: Liquid) -> bool:
        """Whether a certified run is shorter than asked for, and is followed by one that is not."""
        times, wanted = liquid.equilibrium.times, self.wish.lengths
        if times is None or times >= wanted:
            return False
        steps = int(ABOVE_LENGTH * wanted * _slowest(liquid))
        if steps > self.wish.most_steps:
            self.short.append(
                f"{self._here}: measured over {times:.3g} tau_alpha; {wanted:g} of them would be {steps} steps, more "
                f"than --max-steps {self.wish.most_steps}"
            )
            return False
        self._run(steps)
        return True

    @property
    def _here(self) -> str:
        T = self.wish.temperatures[self.at]
        return f"T = {T:g}{f', sample {self.number}' if self.tail else ''}"

    def _run(self, steps: int) -> None:
        self.attempt, self.steps = self.attempt + 1, steps


def first_runs(wish: LadderWish) -> list[Task]:
    """The runs of a ladder as far as they are known before it: at each temperature the exchanges and one run alone.

    Where that turns out too short for its relaxation time, longer ones follow.
    """
    found = []
    for number in range(1, wish.samples + 1):
        chain = _Chain(wish, number)
        while chain.going:
            task = chain.task()
            found.append(task)
            melt, chain.start = not chain.start, task.output
            if melt:
                chain._next_temperature(0)
            elif chain.attempt == 0:
                chain._run(wish.steps)
            else:
                chain._next_temperature(chain.at + 1)
    return found


def _slowest(liquid: Liquid) -> float:
    """Longest tau_alpha of a species in steps, or a bound of it."""
    return max(taus[0].passage.value for taus in liquid.taus.values())


@dataclass(frozen=True)
class Climbed:
    """A ladder as far as it came.

    files  in equilibrium, hottest first; notes: where it ended, and why; last: how the runs did that were stopped
    """

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]
    last: Together | None

    @property
    def exit_code(self) -> int:
        """Of the command that made it: resumable where it was stopped."""
        return EXIT_DONE if self.last is None else self.last.exit_code


def climb(wish: LadderWish, folder: Path, jobs: int | None, stop: Stop) -> Climbed:
    """Make a ladder in a folder, or go on with it. Raises InputError for a system that cannot be run so."""
    folder.mkdir(parents=True, exist_ok=True)
    chains = [_Chain(wish, number) for number in range(1, wish.samples + 1)]
    found: Together | None = None
    while going := [chain for chain in chains if chain.going]:
        tasks = [chain.task() for chain in going]
        found = side_by_side(folder, tasks, jobs, stop, alone=True)
        if found.exit_code != EXIT_DONE:
            break
        for chain, task in zip(going, tasks, strict=True):
            chain.done(task, folder)
    else:
        found = None
    files = sorted(
        (
            (T, chain.number, folder / file)
            for chain in chains
            for T, file in zip(wish.temperatures, chain.found, strict=False)
        ),
        key=lambda one: (-one[0], one[1]),
    )
    notes = tuple(note for chain in chains for note in [*chain.short, chain.ended] if note)
    return Climbed(folder, tuple(path for _, _, path in files), notes, found)


def temperatures(listed: Sequence[float] | None, ladder: str | None) -> tuple[float, ...]:
    """Of --T 2,1,0.8, or of --T-ladder HIGH:LOW:COUNT, evenly in 1/T; descending. Raises InputError."""
    if (listed is None) == (ladder is None):
        raise InputError("a study needs temperatures: --T 2.0,1.0,0.8 or --T-ladder 2.0:0.55:10, one of them")
    if listed is not None:
        found = sorted(set(listed), reverse=True)
    else:
        assert ladder is not None
        refusal = f"--T-ladder {ladder!r} is not HIGH:LOW:COUNT such as 2.0:0.55:10"
        try:
            high, low, count = (float(word) for word in ladder.split(":"))
        except ValueError as error:
            raise InputError(refusal) from error
        if not (0 < low < high < float("inf")) or count != int(count) or not 2 <= count <= MOST:
            raise InputError(refusal)
        n = int(count)
        found = [float(f"{1 / (1 / high + (1 / low - 1 / high) * k / (n - 1)):.4g}") for k in range(n)]
    if len(found) > MOST:
        raise InputError(f"{len(found)} temperatures are too many for one ladder: at most {MOST}")
    return tuple(found)
