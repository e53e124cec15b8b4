"""Molecular dynamics and Monte Carlo exchanges in turns, at a constant temperature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

from glasscli.engine.deck import Start, swap
from glasscli.engine.launch import OWN, Launch
from glasscli.engine.own.choice import refusal
from glasscli.engine.pair_tables import refuse_others
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import InputError
from glasscli.model.composition import parse_pairs
from glasscli.model.protocol import Cooling, Exchange
from glasscli.model.system import System
from glasscli.protocols.kinds.anneal import Isotherm, IsothermWish
from glasscli.protocols.protocol import Protocol
from glasscli.protocols.samplers import TRIALS, SamplerName, sampler_of, step_of_trials
from glasscli.protocols.wish import Sample

# What relaxes most in a second of one core (benchmarks/relaxation.py).
LOCAL_MD_STEPS = 10
LOCAL_ATTEMPTS_PER_ATOM = 20
# Where diameters vary many exchanges are accepted, and atoms bring their velocities: batches that follow each other
# more closely hold the dynamics up (docs/exchanges.md). Width: in mean distances of neighbours.
SIZE_MD_STEPS, SIZE_ATTEMPTS_PER_ATOM, SIZE_WIDTH = 50, 10, 0.2
# Of partners that are ready for it, most of which are accepted. Trials of ten steps relax no more in a second, those of
# fifty no less (benchmarks/legs.py). A multiple of four, so that all are taken by twos (engine/own/source/legs.c).
READY_MD_STEPS, READY_ATTEMPTS_PER_ATOM = 24, 0.1
# A deep hybrid: where it begins, as a ratio to where it goes, and the share of its steps that it takes to get there.
DEEP_START, DEEP_SHARE = 1.1, 0.75


class Hybrid(Isotherm):
    """An isotherm of molecular dynamics and Monte Carlo in turns; its steps are no time."""

    outcome: ClassVar[tuple[str, ...]] = (
        "exchanging", "sampled", "exchanges", "relaxation", "attempts_per_second",
    )  # fmt: skip

    kind: Literal["hybrid"] = "hybrid"
    exchange: Exchange
    # What its dynamics are, a name in `samplers`; None in files from before they had names: what the ensemble says.
    sampler: SamplerName | None = None
    # How the temperature is come to; None holds it from the start.
    cooling: Cooling | None = None

    def temperature_at(self, step: int) -> float:
        """The one that is held, once it is reached."""
        if self.cooling is None or step >= self.cooling.steps:
            return self.temperature
        done = step / self.cooling.steps
        return self.cooling.T_start * (1 - done) + self.temperature * done

    @property
    def sampled_by(self) -> str:
        """Its sampler, or what it was called before."""
        return self.sampler or self.ensemble.kind

    @property
    def trials(self) -> bool:
        """Whether its dynamics are proposals."""
        return self.sampler == TRIALS

    @property
    def gauged(self) -> bool:
        """Always; but a run goes on as it began."""
        return self.sampler is not None

    @property
    def moves(self) -> Exchange:
        """The Monte Carlo moves between its steps."""
        return self.exchange

    def fixes(self, name: str, start: Start) -> tuple[str, ...]:
        """Those of its sampler, and LAMMPS's own exchanges where it makes them."""
        found = (f"fix {name} all nve",) if self.trials else super().fixes(name, start)
        if self.exchange.kernel != "lammps":
            return found
        return (*found, *swap(self.exchange, self.counts, self.seed, self.temperature, start))


@dataclass(frozen=True)
class HybridWish(IsothermWish):
    """Options of a hybrid as asked for; None means the default."""

    protocol: ClassVar[type[Protocol]] = Hybrid

    engine_mc: str | None = None
    md_per_mc: int | None = None
    attempts: int | None = None
    mu: tuple[float, ...] | None = None
    pair_weights: dict[str, float] | None = None
    width: float | None = None
    partners: str | None = None
    sampler: SamplerName | None = None
    deep: bool = False
    own_forces: bool = False

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """The temperature to hold, or from which it is come to."""
        held = super().first_temperature(system, before, fictive)
        return DEEP_START * held if self.deep else held

    def launched(self, launch: Launch) -> Self:
        """Trials need our own forces."""
        return replace(self, own_forces=launch.accelerator == OWN)

    def plan(self, system: System, sample: Sample) -> Hybrid:
        """The hybrid of a sample. Raises InputError for what cannot be exchanged."""
        if self.sampling.stress_every:
            raise InputError(
                "--stress-every is for a course in time, and steps between exchanges are none: anneal"
            )
        exchange = self._exchange(system, sample.counts)
        if self.own_forces and exchange.kernel == "lammps":
            raise InputError(
                "--engine-mc lammps exchanges atoms by LAMMPS's energies, --forces own leaves none: leave one out"
            )
        timestep = sample.before.timestep if sample.before else system.timestep
        settings = self.isotherm(system, sample, timestep)
        sampler = sampler_of(
            self.sampler, settings["ensemble"], self.own_forces and exchange.kernel == "local"
        )
        if sampler == TRIALS and self.timestep is None:
            settings["timestep"] = step_of_trials(system, sum(sample.counts), settings["temperature"])
        if sampler == TRIALS:  # which rows between would cut short
            settings["sampling"] = self.sampling.plan(
                settings["steps"], sum(sample.counts), self.protocol.kept, exchange.md_per_mc
            )
        cooling = None
        if self.deep:
            if sampler != TRIALS:
                raise InputError(
                    f"--deep changes the temperature as it goes, which {sampler} does not: use --sampler hmc"
                )
            cooling = Cooling(T_start=sample.temperature, steps=max(1, round(DEEP_SHARE * settings["steps"])))
            settings["temperature"] = super().first_temperature(system, sample.before, sample.fictive)
        return Hybrid(**settings, exchange=exchange, sampler=sampler, cooling=cooling)

    def exchanges_here(self, system: System) -> bool:
        """Whether the exchanges are glasscli's own."""
        return self._kernel(system) == "local"

    def _kernel(self, system: System) -> str:
        if system.sizes:
            return self.engine_mc or "local"
        return self.engine_mc or ("lammps" if no_pairs(system) else "local")

    def _weights(self, system: System, counts: tuple[int, ...]) -> tuple[tuple[int, int, float], ...] | None:
        """Those of the pairs that are exchanged. Raises InputError for pairs of no two species, and for none left."""
        if self.pair_weights is None:
            return None
        if self.mu is not None:
            raise InputError("--pair-weights are of exchanges; --mu changes species, one atom at a time")
        numbers = {s.name: i for i, s in enumerate(system.species, start=1)}
        kept = {}
        for pair, weight in self.pair_weights.items():
            one, _, other = pair.partition("-")
            if one == other or not {one, other} <= set(numbers):
                raise InputError(
                    f"--pair-weights: {pair!r} is no pair of two species of {system.name} ({', '.join(numbers)})"
                )
            a, b = sorted((numbers[one], numbers[other]))
            if (a, b) in kept:
                raise InputError(f"--pair-weights names {pair} twice")
            if weight > 0 and counts[a - 1] and counts[b - 1]:
                kept[a, b] = weight
        if not kept:
            raise InputError("--pair-weights leave no pair of species to exchange")
        return tuple((a, b, weight) for (a, b), weight in sorted(kept.items()))

    def _exchange(self, system: System, counts: tuple[int, ...]) -> Exchange:
        mu = self.mu
        if system.sizes:
            return self._of_sizes(system, sum(counts))
        if self.width is not None:
            raise InputError(
                f"--width is of diameters that vary from atom to atom; those of {system.name} do not"
            )
        if mu is None and sum(n > 0 for n in counts) < 2:
            raise InputError(
                "all atoms are of one species: there is nothing to exchange (--mu changes species instead)"
            )
        if mu is not None and len(mu) != system.n_species:
            raise InputError(f"--mu needs one number a species: {system.n_species} for {system.name}")
        if mu is not None and system.n_species < 2:
            raise InputError(f"{system.name} has one species: nothing to change into")
        carried(system, mu)
        weights = self._weights(system, counts)
        kernel = self._kernel(system)
        if self.partners == "ready" and (kernel == "lammps" or mu is not None):
            raise InputError(
                "--partners ready is of exchanges by our own kernel: leave it, or --engine-mc lammps and --mu, out"
            )
        if kernel == "lammps":
            return Exchange(
                kernel="lammps",
                md_per_mc=self.md_per_mc or 100,
                attempts=self.attempts or 1,
                chemical_potentials=mu,
                pair_weights=weights,
            )
        refuse_others(system)
        ready = mu is None and self.partners != "any"
        share = READY_ATTEMPTS_PER_ATOM if ready else LOCAL_ATTEMPTS_PER_ATOM
        return Exchange(
            kernel="local",
            md_per_mc=self.md_per_mc or (READY_MD_STEPS if ready else LOCAL_MD_STEPS),
            attempts=self.attempts or max(1, round(share * sum(counts))),
            chemical_potentials=mu,
            pair_weights=weights,
            partners="ready" if ready else "any",
        )

    def _of_sizes(self, system: System, atoms: int) -> Exchange:
        """Exchanges of atoms whose diameters vary. Raises InputError for options that are of species."""
        for option, asked in (
            ("--engine-mc lammps", self.engine_mc == "lammps"),
            ("--mu", self.mu),
            ("--pair-weights", self.pair_weights),
            ("--partners ready", self.partners == "ready"),
        ):
            if asked:
                raise InputError(
                    f"{option} is of species, atoms of {system.name} differ by diameter: leave it out"
                )
        if reason := refusal(system):
            raise InputError(f"no exchanges of atoms by diameter: {reason}")
        return Exchange(
            kernel="local", md_per_mc=self.md_per_mc or SIZE_MD_STEPS,
            attempts=self.attempts or SIZE_ATTEMPTS_PER_ATOM * atoms, width=self.width or SIZE_WIDTH * system.spacing,
        )  # fmt: skip


def parse_weights(text: str) -> dict[str, float]:
    """Weights of pairs of species as people write them: "Cu-Zr=1,Cu-Al=3". Raises InputError."""
    return parse_pairs(text, "--pair-weights", "pairs with positive numbers such as Cu-Zr=1,Cu-Al=3")


def carried(system: System, mu: tuple[float, ...] | None) -> None:
    """Raise InputError where atoms carry what an exchange cannot take along."""
    if mu is not None and len({s.charge for s in system.species}) > 1:
        raise InputError(
            f"--mu changes species, and with them the charge of {system.name}: leave it out, atoms then exchange places"
        )
    if system.sized and not system.sizes and len({s.diameter for s in system.species}) > 1:
        raise InputError(
            f"{system.name} has atoms of several diameters, which neither kernel exchanges: use glasscli anneal"
        )


PROTOCOL = Hybrid
