"""From what a user asks to a complete, frozen job: defaults filled in, impossible requests refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.deck import FileStart, RandomStart, Start
from glasscli.engine.library import installed_version
from glasscli.engine.pair_tables import refuse_many_body
from glasscli.engine.pairwise import many_body
from glasscli.errors import InputError
from glasscli.formats.writers import lammps_data
from glasscli.model.protocol import (
    Anneal,
    Approach,
    Ensemble,
    Exchange,
    Hybrid,
    Quench,
    Sampling,
    checkpoint_interval,
)
from glasscli.model.schedule import Schedule
from glasscli.model.system import System
from glasscli.simulation.loop import Job
from glasscli.store.manifest import Parent
from glasscli.store.run import Run

MAX_INHERENT = 200
MAX_STATES = 200
# Steps between the states of a harvest: a fraction of a vibration, in which no rearrangement begins and ends.
HARVEST = 20
# What relaxes most in a second of one core (benchmarks/relaxation.py).
LOCAL_MD_STEPS = 10
LOCAL_ATTEMPTS_PER_ATOM = 20


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

    def plan(self, steps: int, atoms: int, frames: int, inherent: int, keep_states: bool) -> Sampling:
        """Fill in the defaults: about `frames` frames (at least 1000 steps apart), at most `inherent` minima.

        Raises InputError for a harvest without inherent structures.
        """
        if self.harvest and self.inherent_every == 0:
            raise InputError(
                "--harvest takes minima between inherent structures: leave --inherent-every 0 out"
            )
        every = self.every or max(1000, steps // frames)
        if self.inherent_every is None:
            minima: Schedule | None = Schedule(every=every * max(1, -(-steps // (every * inherent))))
        else:
            minima = Schedule(every=self.inherent_every) if self.inherent_every else None
        checkpoint = self.checkpoint_every or checkpoint_interval(atoms)
        states = checkpoint * max(1, -(-steps // (checkpoint * MAX_STATES))) if keep_states else None
        return Sampling(
            # At most some thousand rows, however long the run.
            thermo_every=self.thermo_every or 100 * max(1, steps // 200_000),
            frames=Schedule(every=every, log_spaced=self.log_spaced),
            inherent=minima,
            checkpoint_every=checkpoint,
            state_every=states,
            velocities=self.velocities,
            harvest=HARVEST if self.harvest else None,
        )


@dataclass(frozen=True)
class QuenchWish:
    """Options of a quench as asked for; None means the system's default."""

    atoms: int | None = None
    composition: float | None = None
    volume_per_atom: float | None = None
    species_volumes: tuple[float, ...] | None = None
    ensemble: str | None = None
    pressure: float | None = None
    T_start: float | None = None
    T_end: float | None = None
    steps: int | None = None
    rate: float | None = None
    equilibration: int | None = None
    timestep: float | None = None
    seed: int = 1
    sampling: SamplingWish = field(default_factory=SamplingWish)


def plan_quench(
    system: System,
    wish: QuenchWish,
    output: Path,
    command_line: str,
    start: tuple[Configuration, Parent] | None = None,
) -> Job:
    """Return the job of a quench, from random positions or from a configuration.

    Raises InputError for impossible compositions, volumes, boxes, temperatures.
    """
    d = system.defaults
    ensemble = _ensemble(
        wish.ensemble or ("npt" if wish.pressure is not None else d.ensemble), wish.pressure, system
    )
    T_start, T_end = wish.T_start or d.T_start, wish.T_end or d.T_end
    if T_end >= T_start:
        raise InputError(f"a quench cools: T-end {T_end:g} must lie below T-start {T_start:g}")
    timestep = wish.timestep or system.timestep
    if wish.steps and wish.rate:
        raise InputError("give --steps or --rate, not both: one follows from the other")
    steps = wish.steps or d.quench_steps
    if wish.rate is not None:
        if wish.rate <= 0:
            raise InputError(f"cooling rate {wish.rate:g} is not positive")
        steps = max(1, round((T_start - T_end) / (wish.rate * timestep)))
    deck_start: Start
    parents: tuple[Parent, ...] = ()
    if start is None:
        counts = system.counts(d.atoms if wish.atoms is None else wish.atoms, wish.composition)
        box = np.full(3, (sum(counts) * _volume_per_atom(system, wish, counts)) ** (1 / 3))
        deck_start = RandomStart()
    else:
        if (wish.atoms, wish.composition, wish.volume_per_atom, wish.species_volumes) != (None,) * 4:
            raise InputError(
                "atoms, composition and volume come from the file that the quench starts from: leave them out"
            )
        configuration, parent = start
        check_overlaps(configuration)
        counts, box = tuple(_counts(configuration, system)), configuration.box
        deck_start, parents = FileStart("start.data", lammps_data(configuration, system).encode()), (parent,)
    check_box(box, system)
    quench = Quench(
        counts=counts,
        box=(float(box[0]), float(box[1]), float(box[2])),
        ensemble=ensemble,
        timestep=timestep,
        seed=_seed(wish.seed),
        T_start=T_start,
        T_end=T_end,
        equilibration_steps=d.equilibration_steps if wish.equilibration is None else wish.equilibration,
        steps=steps,
        sampling=wish.sampling.plan(steps, sum(counts), frames=200, inherent=50, keep_states=True),
    )
    return Job(system, quench, output, deck_start, parents, command_line)


@dataclass(frozen=True)
class ExchangeWish:
    """Monte Carlo options of a hybrid as asked for; None means the default."""

    kernel: str | None = None
    md_per_mc: int | None = None
    attempts: int | None = None
    chemical_potentials: tuple[float, ...] | None = None

    def plan(self, system: System, counts: tuple[int, ...]) -> Exchange:
        """Fill in the defaults. Raises InputError for what cannot be exchanged."""
        mu = self.chemical_potentials
        if mu is None and sum(n > 0 for n in counts) < 2:
            raise InputError(
                "all atoms are of one species: there is nothing to exchange (--mu changes species instead)"
            )
        if mu is not None and len(mu) != system.n_species:
            raise InputError(f"--mu needs one number a species: {system.n_species} for {system.name}")
        if mu is not None and system.n_species < 2:
            raise InputError(f"{system.name} has one species: nothing to change into")
        kernel = self.kernel or ("lammps" if many_body(system) else "local")
        if kernel == "lammps":
            if mu is None and len(counts) != 2:
                raise InputError(
                    f"fix atom/swap exchanges two species, {system.name} has {len(counts)}: use local"
                )
            return Exchange(
                kernel="lammps",
                md_per_mc=self.md_per_mc or 100,
                attempts=self.attempts or 1,
                chemical_potentials=mu,
            )
        refuse_many_body(system)
        return Exchange(
            kernel="local",
            md_per_mc=self.md_per_mc or LOCAL_MD_STEPS,
            attempts=self.attempts or LOCAL_ATTEMPTS_PER_ATOM * sum(counts),
            chemical_potentials=mu,
        )


@dataclass(frozen=True)
class AnnealWish:
    """Options of an anneal, or with exchanges of a hybrid, as asked for."""

    temperature: float
    fictive: float | None = None
    steps: int = 100_000
    ensemble: str | None = None
    pressure: float | None = None
    timestep: float | None = None
    seed: int = 1
    from_final: bool = False
    new_velocities: bool = False
    sampling: SamplingWish = field(default_factory=SamplingWish)
    exchange: ExchangeWish | None = None


def plan_anneal(
    system: System, wish: AnnealWish, output: Path, command_line: str, parent: Run, lammps_version: int | None = None
) -> Job:  # fmt: skip
    """Return the job of an anneal (or hybrid) of a stored run.

    From a quench: its last full state at or above the temperature, the ramp repeated to exactly there. From anything
    else, or with `from_final`: its last state, with new velocities where the temperature changes. `lammps_version`:
    of the LAMMPS that will run it, where that is not the one of this process.
    """
    before = parent.manifest.protocol
    approach, new_velocities = None, False
    if isinstance(before, Quench) and not wish.from_final:
        if not before.T_end <= wish.temperature <= before.T_start:
            raise InputError(
                f"T = {wish.temperature:g} is outside the quench's range {before.T_end:g} ... {before.T_start:g}; "
                "choose one inside, or --from final to reheat the cold glass"
            )
        target = before.step_at(wish.temperature)
        index = int(np.searchsorted(parent.state_steps, target, side="right")) - 1
        if index < 0:
            raise InputError(f"{parent.path} has no stored state at or above T = {wish.temperature:g}")
        first = int(parent.state_steps[index])
        if first < target:
            approach = Approach(
                first_step=first,
                last_step=target,
                ramp_steps=before.steps,
                timestep=before.timestep,
                T_start=before.T_start,
                T_end=before.T_end,
            )
    else:
        if not len(parent.state_steps):
            raise InputError(
                f"{parent.path} has no stored state to start from; finish it first (glasscli resume)"
            )
        index = -1
        new_velocities = wish.from_final or getattr(before, "temperature", None) != wish.temperature
    new_velocities = new_velocities or wish.new_velocities
    state = parent.state(index)
    counts = tuple(_counts(state.configuration, system))
    exchange = wish.exchange.plan(system, counts) if wish.exchange else None
    timestep = wish.timestep or _exchange_timestep(system, exchange) or before.timestep
    if exchange is None and approach and timestep != before.timestep:
        raise InputError(
            "another --timestep cannot repeat the quench's ramp: quench with it, or use --from final"
        )
    ensemble = before.ensemble
    if wish.ensemble or wish.pressure is not None:
        ensemble = _ensemble(wish.ensemble or "npt", wish.pressure, system)
        if approach and ensemble != before.ensemble:
            raise InputError(
                "another ensemble cannot repeat the quench's ramp: quench with it, or use --from final"
            )
    anneal = _isotherm(wish, exchange, counts, ensemble, timestep, approach, new_velocities)
    parents = (Parent(str(parent.path), parent.manifest.identity),)
    if state.lammps_version == (lammps_version or installed_version()):
        start = FileStart("start.restart", state.restart)
    else:  # another LAMMPS cannot read the restart: positions and velocities, a thermostat without memory
        start = FileStart("start.data", lammps_data(state.configuration, system).encode())
    return Job(system, anneal, output, start, parents, command_line)


def plan_anneal_of(
    system: System, wish: AnnealWish, output: Path, command_line: str, start: tuple[Configuration, Parent]
) -> Job:
    """Return the job of an anneal that starts from a bare configuration (a crystal, another program's glass)."""
    configuration, parent = start
    check_box(configuration.box, system)
    check_overlaps(configuration)
    ensemble = _ensemble(
        wish.ensemble or ("npt" if wish.pressure is not None else "nvt"), wish.pressure, system
    )
    counts = tuple(_counts(configuration, system))
    exchange = wish.exchange.plan(system, counts) if wish.exchange else None
    timestep = wish.timestep or _exchange_timestep(system, exchange) or system.timestep
    anneal = _isotherm(wish, exchange, counts, ensemble, timestep, None, True)
    content = lammps_data(configuration, system).encode()
    return Job(system, anneal, output, FileStart("start.data", content), (parent,), command_line)


def _exchange_timestep(system: System, exchange: Exchange | None) -> float | None:
    """The longer step for our own exchanges; LAMMPS's are the paper's protocol, with its step."""
    return system.exchange_timestep if exchange and exchange.kernel == "local" else None


def _isotherm(
    wish: AnnealWish, exchange: Exchange | None, counts: tuple[int, ...], ensemble: Ensemble, timestep: float,
    approach: Approach | None, new_velocities: bool,
) -> Anneal | Hybrid:  # fmt: skip
    """The protocol: with exchanges if any are wished for.

    Raises InputError for a harvest where the box breathes: every state would have a minimum of its own.
    """
    if wish.sampling.harvest and ensemble.kind == "npt":
        raise InputError("--harvest compares minima of one box: npt changes it at every step; use nvt")
    common: dict[str, Any] = {
        "counts": counts,
        "ensemble": ensemble,
        "timestep": timestep,
        "seed": _seed(wish.seed),
        "temperature": wish.temperature,
        "fictive_temperature": wish.fictive,
        "approach": approach,
        "new_velocities": new_velocities,
        "steps": wish.steps,
        "sampling": wish.sampling.plan(
            wish.steps, sum(counts), frames=1000, inherent=MAX_INHERENT, keep_states=False
        ),
    }
    return Anneal(**common) if exchange is None else Hybrid(**common, exchange=exchange)


def check_box(box: np.ndarray, system: System) -> None:
    """Raise InputError when an edge is shorter than two cutoffs: an atom would see another twice."""
    if min(box) < 2 * system.cutoff:
        raise InputError(
            f"the box of edge {min(box):.4g} {system.length_unit} is smaller than two cutoffs "
            f"({2 * system.cutoff:g}): use more atoms"
        )


def check_overlaps(configuration: Configuration) -> None:
    """Raise InputError when two atoms are so close that no integrator could start: a third of the mean spacing."""
    from scipy.spatial import cKDTree

    c = configuration
    spacing = (c.volume / c.n_atoms) ** (1 / 3)
    pairs = cKDTree(c.positions % c.box, boxsize=c.box).query_pairs(spacing / 3, output_type="ndarray")
    if len(pairs):
        first, second = pairs[0] + 1
        raise InputError(
            f"atoms {first} and {second} overlap ({len(pairs)} such pairs): minimise it first, or check its box"
        )


def _counts(configuration: Configuration, system: System) -> list[int]:
    """Atoms of each species."""
    counts = configuration.counts
    if max(counts) > system.n_species:
        raise InputError(
            f"the file has species {max(counts)}, but {system.name} has {system.n_species}: wrong --system?"
        )
    return [counts.get(s, 0) for s in range(1, system.n_species + 1)]


def _volume_per_atom(system: System, wish: QuenchWish, counts: tuple[int, ...]) -> float:
    if wish.species_volumes is not None:
        if wish.volume_per_atom is not None:
            raise InputError("give --volume-per-atom or --species-volumes, not both")
        # Given small first, as people say "small:large"; species count the large one first.
        volumes = wish.species_volumes[::-1]
        if len(volumes) != len(counts):
            raise InputError(f"--species-volumes needs {len(counts)} numbers for {system.name}")
        if min(volumes) <= 0:
            raise InputError("--species-volumes must be positive")
        return sum(v * n for v, n in zip(volumes, counts, strict=True)) / sum(counts)
    volume = system.defaults.volume_per_atom if wish.volume_per_atom is None else wish.volume_per_atom
    if volume <= 0:
        raise InputError(f"volume per atom {volume:g} is not positive")
    return volume


def _ensemble(kind: str, pressure: float | None, system: System) -> Ensemble:
    if kind != "npt":
        if pressure is not None:
            raise InputError("a pressure needs --ensemble npt")
        return Ensemble(kind="langevin" if kind == "langevin" else "nvt")
    return Ensemble(kind="npt", pressure=system.defaults.pressure if pressure is None else pressure)


def _seed(seed: int) -> int:
    if not 0 < seed < 2**31 - 100:
        raise InputError(f"seed {seed} must be a positive 31-bit number (LAMMPS crashes on 0)")
    return seed
