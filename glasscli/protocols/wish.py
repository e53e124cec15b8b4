"""A protocol as a user asks for it. Defaults are filled in and impossible requests refused when it is planned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from glasscli.configuration import Box
from glasscli.engine.launch import Launch
from glasscli.errors import InputError
from glasscli.grid import Grid
from glasscli.model.protocol import Approach, Density, Ensemble, Sampling, Space, checkpoint_interval
from glasscli.model.quantities import parse_steps, parse_temperature
from glasscli.model.schedule import Schedule
from glasscli.model.system import System
from glasscli.protocols.protocol import Continued, Protocol

MAX_STATES = 200
# Steps between the states of a harvest: a fraction of a vibration, in which no rearrangement begins and ends.
HARVEST = 20


@dataclass(frozen=True)
class SamplingWish:
    """Sampling options as asked for; None means the default."""

    every: int | None = None
    log_spaced: bool = False
    inherent_every: int | None = None  # 0 means none
    thermo_every: int | None = None
    checkpoint_every: int | None = None
    velocities: bool = False
    harvest: bool = False
    stress_every: int | None = None
    precision: float | None = None

    def plan(self, steps: int, atoms: int, kept: Density, turn: int = 1) -> Sampling:
        """Fill in the defaults: about so many frames as `kept` says (at least 1000 steps apart), at most its minima.

        turn: steps that are best taken at a stretch, of which defaults are multiples. Raises InputError for a harvest
        without inherent structures.
        """
        if self.harvest and self.inherent_every == 0:
            raise InputError(
                "--harvest takes minima between inherent structures: leave --inherent-every 0 out"
            )
        every = self.every or _turns(max(1000, steps // kept.frames), turn)
        if self.inherent_every is None:
            minima: Schedule | None = Schedule(every=every * max(1, -(-steps // (every * kept.minima))))
        else:
            minima = Schedule(every=self.inherent_every) if self.inherent_every else None
        checkpoint = self.checkpoint_every or _turns(checkpoint_interval(atoms), turn)
        states = checkpoint * max(1, -(-steps // (checkpoint * MAX_STATES))) if kept.states else None
        return Sampling(
            # At most some thousand rows, however long the run.
            thermo_every=self.thermo_every or _turns(kept.thermo * max(1, steps // 200_000), turn),
            frames=Schedule(every=every, log_spaced=self.log_spaced),
            inherent=minima,
            checkpoint_every=checkpoint,
            state_every=states,
            velocities=self.velocities,
            harvest=HARVEST if self.harvest else None,
            stress_every=self.stress_every,
            precision=self.precision,
        )


def _turns(steps: int, turn: int) -> int:
    """The multiple of `turn` that is nearest to so many steps."""
    return turn * max(1, round(steps / turn))


@dataclass(frozen=True)
class Sample:
    """The atoms that a protocol begins with.

    counts, box     atoms of each species; the space they are in
    temperature     at which it begins
    before          what was done to them; None for random positions and bare configurations
    approach        the piece of that ramp which is repeated to come to `temperature`
    new_velocities  whether they have none that could go on
    fictive         T_f of the glass, where it is known
    """

    counts: tuple[int, ...]
    box: Box
    temperature: float
    before: Protocol | None = None
    approach: Approach | None = None
    new_velocities: bool = True
    fictive: float | None = None


@dataclass(frozen=True, kw_only=True)
class Wish(ABC):
    """Options that all protocols share, as asked for; None means the default. Each kind adds its own.

    from_final      start from the last state with new velocities, instead of halting the parent's ramp
    new_velocities  Maxwellian ones of the seed in any case
    fictive         T_f, instead of the file's

    protocol        what it becomes
    keeps_state     whether it goes on from a run's stored state, not from its last positions alone
    in_a_file       options that say what a file to start from has
    own_fixes       whether it has an ensemble of its own, so that a ramp before it is repeated in the ramp's
    """

    protocol: ClassVar[type[Protocol]]
    keeps_state: ClassVar[bool] = True
    in_a_file: ClassVar[tuple[str, ...]] = ()
    own_fixes: ClassVar[bool] = False

    ensemble: str | None = None
    pressure: float | None = None
    timestep: float | None = None
    seed: int = 1
    from_final: bool = False
    new_velocities: bool = False
    fictive: float | None = None
    sampling: SamplingWish = field(default_factory=SamplingWish)

    @abstractmethod
    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """The temperature at which it begins, after what was done before. Raises InputError."""

    @abstractmethod
    def plan(self, system: System, sample: Sample) -> Protocol:
        """The protocol for a sample. Raises InputError for what cannot be."""

    def launched(self, launch: Launch) -> Self:
        """The same, knowing how LAMMPS will be run."""
        return self

    def exchanges_here(self, system: System) -> bool:
        """Whether glasscli itself exchanges atoms, between steps that serve nothing else."""
        return False

    def at_random(self, system: System) -> tuple[tuple[int, ...], Box]:
        """Atoms of each species and the box to start from where no file is named. Raises InputError."""
        raise InputError(f"{self.kind} needs a file to start from")

    def check_with_file(self) -> None:
        """Raise InputError for an option that says what the file to start from says already."""
        if any(getattr(self, name) is not None for name in self.in_a_file):
            raise InputError(
                f"atoms, composition and volume come from the file that the {self.kind} starts from: leave them out"
            )

    @property
    def kind(self) -> str:
        """The kind of protocol that is wished for."""
        return str(self.protocol.model_fields["kind"].default)

    def settings(
        self, system: System, sample: Sample, steps: int, timestep: float | None = None, ensemble: str = "nvt"
    ) -> dict[str, Any]:
        """What all protocols have, by name, and what those have that go on from a state.

        timestep: of this kind's own choice, None goes on with the one before; ensemble: where nothing says another.
        Raises InputError for what would not repeat the parent's ramp, and for a harvest where the box breathes: every
        state would have a minimum of its own.
        """
        before, approach = sample.before, sample.approach
        chosen = self._ensemble(system, before, ensemble)
        step = self.step_of(system, sample, timestep)
        if before and approach and timestep is None and step != before.timestep:
            raise InputError(
                f"another --timestep cannot repeat the {before.kind}'s ramp: {before.kind} with it, or use --from final"
            )
        if before and approach and chosen != before.ensemble:
            if self.own_fixes:
                approach = approach.model_copy(update={"ensemble": before.ensemble})
            else:
                other = "ensemble" if chosen.kind != before.ensemble.kind else "--pressure"
                raise InputError(
                    f"another {other} cannot repeat the {before.kind}'s ramp: {before.kind} with it, or use "
                    "--from final"
                )
        if chosen.kind == "npt" and sample.box.free:
            raise InputError(
                f"npt needs a box that is periodic everywhere; this one is {sample.box.words}: use nvt"
            )
        if self.sampling.harvest and chosen.kind == "npt":
            raise InputError("--harvest compares minima of one box: npt changes it at every step; use nvt")
        if self.sampling.precision is not None:
            Grid.checked(self.sampling.precision, sample.box, sum(sample.counts))
        if not 0 < self.seed < 2**31 - 100:
            raise InputError(f"seed {self.seed} must be a positive 31-bit number (LAMMPS crashes on 0)")
        found = {
            "counts": sample.counts,
            "ensemble": chosen,
            "timestep": step,
            "seed": self.seed,
            "steps": steps,
            "space": Space.of(sample.box),
            "sampling": self.sampling.plan(steps, sum(sample.counts), self.protocol.kept),
        }
        if issubclass(self.protocol, Continued):
            found |= {"approach": approach, "new_velocities": sample.new_velocities}
        return found

    def step_of(self, system: System, sample: Sample, timestep: float | None = None) -> float:
        """The time step: as asked for, else of this kind's own choice, else that of the run before or the system's."""
        before = sample.before
        return self.timestep or timestep or (before.timestep if before else system.timestep)

    def _ensemble(self, system: System, before: Protocol | None, default: str) -> Ensemble:
        """As asked for, else that of the run before, else the default; a pressure alone asks for npt."""
        if before and self.ensemble is None and self.pressure is None:
            return before.ensemble
        kind = self.ensemble or ("npt" if self.pressure is not None else default)
        if kind != "npt":
            if self.pressure is not None:
                raise InputError("a pressure needs --ensemble npt")
            return Ensemble(kind="langevin" if kind == "langevin" else "nvt")
        pressure = system.defaults.pressure if self.pressure is None else self.pressure
        return Ensemble(kind="npt", pressure=pressure)


def steps_of(value: int | str, system: System, what: str = "steps", timestep: float | None = None) -> int:
    """A number of steps, or one of a time such as "0.1us" at a time step. Raises InputError."""
    return parse_steps(str(value), system, what, timestep)


def temperature_of(value: float | str, system: System, fictive: float | None = None) -> float:
    """A temperature in the system's unit, or one of "300K" or "0.95Tf". Raises InputError."""
    return parse_temperature(value if isinstance(value, str) else repr(float(value)), system, fictive)
