"""The Monte Carlo part of a hybrid run: moves between its steps, counted and audited."""

from __future__ import annotations

import time
import typing
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.deck import Start, swaps
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.swaps import Swaps
from glasscli.engine.own.trials import Trials
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import EngineError
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol
from glasscli.simulation.kernel import Sites
from glasscli.simulation.partners import exchange_ready, shares_of
from glasscli.store.schema import Row

# Single moves that an audit recomputes, besides the sum of all that were accepted.
AUDITED = 3
# Relative to the energy per atom or the change itself, whichever is larger.
TOLERANCE = 1e-8


class Moves(typing.Protocol):
    """What the loop asks of either kind."""

    seconds: float

    def begin(self, engine: Engine) -> None:
        """A process enters the leg."""

    def make(self, engine: Engine, step: int, checkpoint: bool) -> bool:
        """Make what is due at `step`; return whether the engine was changed and needs `setup`."""

    def row(self, engine: Engine) -> Row:
        """What was done since the last row: tried, accepted [s, s], checked, error."""

    def counts(self, engine: Engine) -> tuple[np.ndarray, np.ndarray]:
        """[s, s] all that this process tried, and how many were accepted."""


class Frozen(typing.Protocol):
    """Sites at which atoms exchange: what an audit asks of them."""

    @property
    def occupant(self) -> np.ndarray:
        """[n] atom that sits on each site."""

    def total(self) -> float:
        """Potential energy of all."""

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms of sites i and j."""


@dataclass(frozen=True)
class Batch:
    """What an audit looks at: atoms before and after, and their sites then; `start`: potential energy of all before,
    `energy`: the sum of the accepted changes."""

    before: Configuration
    after: Configuration
    sites: Frozen
    start: float
    energy: float


class _Tally:
    """Counts of one row, and of the whole process."""

    def __init__(self, n_species: int) -> None:
        self._shape = (n_species, n_species)
        self._all_tried, self._all_accepted = np.zeros(self._shape, np.int64), np.zeros(self._shape, np.int64)
        self._clear()

    @property
    def all(self) -> tuple[np.ndarray, np.ndarray]:
        """[s, s] tried and accepted since the process began."""
        return self._all_tried + self.tried, self._all_accepted + self.accepted

    def _clear(self) -> None:
        self.tried, self.accepted = np.zeros(self._shape, np.int64), np.zeros(self._shape, np.int64)
        self.checked, self.error = 0, 0.0

    def compare(self, ours: float, reference: float, scale: float, what: str) -> None:
        """Compare an energy with LAMMPS's. Raises EngineError when they differ."""
        error = abs(ours - reference) / max(scale, abs(reference))
        self.checked, self.error = self.checked + 1, max(self.error, error)
        if not error <= TOLERANCE:
            raise EngineError(
                f"the audit of the exchanges failed: {what} is {ours:.12g} here, {reference:.12g} in LAMMPS; "
                "nothing after the last checkpoint is to be trusted (is the potential really pairwise? "
                "--engine-mc lammps makes no such assumption)"
            )

    def take(self) -> Row:
        """The row, and a new one is begun."""
        self._all_tried, self._all_accepted = self.all
        row = {name: getattr(self, name) for name in ("tried", "accepted", "checked", "error")}
        self._clear()
        return row


class LocalMoves:
    """Batches of exchanges by our own kernel. Each draws its random numbers from (seed, step): no state to keep."""

    def __init__(self, system: System, protocol: Protocol, minimiser: Minimiser) -> None:
        assert protocol.moves is not None
        self._system, self._protocol, self._minimiser = system, protocol, minimiser
        self._exchange, self._tally = protocol.moves, _Tally(system.n_species)
        self.seconds = 0.0
        self._prepare()

    def _prepare(self) -> None:
        """What the kernel works with."""
        self._table, self._weights = tabulate(self._system), self._pair_weights()

    def _pair_weights(self) -> np.ndarray | None:
        """[n_species, n_species], None where all pairs are alike."""
        numbers = range(1, self._system.n_species + 1)
        if self._exchange.pair_weights is None:
            return None
        return np.array([[self._exchange.weight(a, b) for b in numbers] for a in numbers])

    def begin(self, engine: Engine) -> None:
        """Nothing is remembered from step to step."""

    def make(self, engine: Engine, step: int, checkpoint: bool) -> bool:
        """Make one batch; atoms go to their new places and keep their velocities.

        The first batch is audited, and the first of each checkpoint interval.
        """
        protocol, exchange = self._protocol, self._exchange
        n, every = exchange.md_per_mc, protocol.sampling.checkpoint_every
        if step % n:
            return False
        began = time.perf_counter()
        rng = np.random.default_rng([protocol.seed, step])
        audited = step == n or step // every > (step - n) // every
        batch = self._batch(engine, rng, 1 / (engine.boltzmann * protocol.temperature_at(step)), audited)
        self.seconds += time.perf_counter() - began
        if batch:
            self._audit(batch, rng)
        return True

    def _batch(self, engine: Engine, rng: np.random.Generator, beta: float, audited: bool) -> Batch | None:
        """Make a batch; what an audit looks at, where there is one."""
        exchange = self._exchange
        before = _places(engine)
        known = engine.site_energies() if isinstance(engine, Trials) else None
        sites = Sites(before.positions, before.species - 1, before.box, self._table, known)
        start = sites.total()
        if exchange.chemical_potentials is None:
            draw = exchange_ready if exchange.partners == "ready" else Sites.exchange
            tried, accepted, energy = draw(sites, rng, exchange.attempts, beta, self._weights)
            engine.rearrange(sites.occupant)
            after = replace(before, positions=_moved(before.positions, sites.occupant))
        else:
            mu = np.array(exchange.chemical_potentials)
            tried, accepted, energy = sites.transmute(rng, exchange.attempts, beta, mu)
            after = replace(before, species=(sites.species + 1).astype(np.int32))
            masses = np.array([s.mass for s in self._system.species])
            engine.transmute(after.species, np.sqrt(masses[before.species - 1] / masses[sites.species]))
        self._tally.tried += tried
        self._tally.accepted += accepted
        return Batch(before, after, sites, start, energy) if audited else None

    def row(self, engine: Engine) -> Row:
        """What was done since the last row."""
        return self._tally.take()

    def counts(self, engine: Engine) -> tuple[np.ndarray, np.ndarray]:
        """[s, s] all that this process tried, and how many were accepted."""
        return self._tally.all

    def _audit(self, batch: Batch, rng: np.random.Generator) -> None:
        """Total energies before and after, the sum of the changes, and some single exchanges, against LAMMPS."""
        before, after, sites = batch.before, batch.after, batch.sites
        self._check_distances(before)
        first, last = self._energy(before), self._energy(after)
        scale, occupant = abs(last) / before.n_atoms, sites.occupant
        self._tally.compare(batch.start, first, abs(first), "the total energy before a batch")
        self._tally.compare(sites.total(), last, abs(last), "the total energy after a batch")
        self._tally.compare(batch.energy, last - first, scale, "the sum of a batch's energy changes")
        candidates = rng.integers(0, before.n_atoms, (16 * AUDITED, 2))
        kinds = after.species if after.diameters is None else after.diameters
        kinds = kinds[occupant]
        unlike = candidates[kinds[candidates[:, 0]] != kinds[candidates[:, 1]]]
        for i, j in unlike[:AUDITED]:
            a, b = occupant[[i, j]]
            positions = after.positions.copy()
            positions[[a, b]] = positions[[b, a]]
            change = self._energy(replace(after, positions=positions)) - last
            self._tally.compare(sites.change(i, j), change, scale, "the energy of an exchange")

    def _check_distances(self, configuration: Configuration) -> None:
        """Raise EngineError where atoms are so near each other that no table has their energy."""
        c = configuration
        nearest = float(c.box.tree(c.positions).nearest(c.positions, 2)[0][:, 1].min())
        if nearest < self._table.inner:
            raise EngineError(
                f"two atoms are {nearest:.3g} apart, and the tables of {self._system.name}'s pair energies begin at "
                f"{self._table.inner:.3g}: use --engine-mc lammps"
            )

    def _energy(self, configuration: Configuration) -> float:
        return self._minimiser.evaluate(configuration).energy * configuration.n_atoms


class ReadyMoves(LocalMoves):
    """The same of partners that are ready, where atoms go by trials: their sample's own energies, no tables."""

    def _prepare(self) -> None:
        self._shares = shares_of(self._protocol.counts, self._pair_weights())

    def _check_distances(self, configuration: Configuration) -> None:
        """A trial that ends with atoms nearer than their energies are known is none."""

    def _batch(self, engine: Engine, rng: np.random.Generator, beta: float, audited: bool) -> Batch | None:
        assert isinstance(engine, Trials)
        before, start = (engine.places(), engine.energy()) if audited else (None, 0.0)
        seated = engine.exchange(rng, self._exchange.attempts, beta, self._shares)
        found = seated.exchanged
        self._tally.tried += found.tried
        self._tally.accepted += found.accepted
        if before is None:
            return None
        after = replace(before, positions=_moved(before.positions, seated.occupant))
        return Batch(before, after, seated, start, found.energy)


class SizeMoves(LocalMoves):
    """The same of atoms whose diameters vary: two of any unlike ones, or of nearly the same, exchange places."""

    def _prepare(self) -> None:
        self._sites: Swaps | None = None

    def _check_distances(self, configuration: Configuration) -> None:
        """Their energies are no tables."""

    def _batch(self, engine: Engine, rng: np.random.Generator, beta: float, audited: bool) -> Batch | None:
        before = _places(engine)
        assert before.diameters is not None
        if self._sites is None:
            self._sites = Swaps(self._system, before.diameters)
        sites, exchange = self._sites, self._exchange
        sites.place(before.positions, before.box)
        start = sites.total()
        accepted, energy = sites.exchange(rng, exchange.attempts, beta, exchange.width or np.inf)
        engine.rearrange(sites.occupant)
        self._tally.tried += exchange.attempts
        self._tally.accepted += accepted
        if not audited:
            return None
        after = replace(before, positions=_moved(before.positions, sites.occupant))
        return Batch(before, after, sites, start, energy)


def local_moves(system: System, protocol: Protocol, minimiser: Minimiser) -> LocalMoves:
    """Exchanges by our own kernels: of species, of partners that are ready, or of atoms whose diameters vary."""
    if system.sizes:
        return SizeMoves(system, protocol, minimiser)
    ready = protocol.trials and protocol.moves is not None and protocol.moves.partners == "ready"
    return (ReadyMoves if ready else LocalMoves)(system, protocol, minimiser)


class SwapMoves:
    """LAMMPS's fix atom/swap makes the moves while it runs; here they are counted and its energies audited.

    Each pair of species has a fix of its own, so that LAMMPS's counters are those of the pair; changes of species have
    one for all, counted as of the first two.
    """

    def __init__(self, protocol: Protocol, start: Start, minimiser: Minimiser) -> None:
        assert protocol.moves is not None
        self._counts, self._exchange, self._minimiser = protocol.counts, protocol.moves, minimiser
        self._fixes = swaps(protocol.moves, protocol.counts, start)
        self._tally = _Tally(len(protocol.counts))
        self._before = np.zeros((len(self._fixes), 2), np.int64)
        self.seconds = 0.0

    def begin(self, engine: Engine) -> None:
        """Take the fixes' counters, which a restart brings, as where this process starts."""
        self._before = self._counters(engine)

    def make(self, engine: Engine, step: int, checkpoint: bool) -> bool:
        """At checkpoints, audit: the energy that LAMMPS goes on with is that of its atoms evaluated afresh."""
        if checkpoint:
            configuration = engine.configuration()
            if self._exchange.chemical_potentials is None:
                counts = np.bincount(configuration.species, minlength=len(self._counts) + 1)[1:]
                if tuple(counts) != self._counts:
                    raise EngineError(
                        f"exchanges changed the composition from {self._counts} to {tuple(counts)}"
                    )
            afresh = self._minimiser.evaluate(configuration).energy
            self._tally.compare(engine.thermo()["pe"], afresh, abs(afresh), "the energy per atom")
        return False

    def row(self, engine: Engine) -> Row:
        """What was done since the last row."""
        self._count(engine)
        return self._tally.take()

    def counts(self, engine: Engine) -> tuple[np.ndarray, np.ndarray]:
        """[s, s] all that this process tried, and how many were accepted."""
        self._count(engine)
        return self._tally.all

    def _count(self, engine: Engine) -> None:
        now = self._counters(engine)
        for (_, types), (tried, accepted) in zip(self._fixes, now - self._before, strict=True):
            a, b = types[0] - 1, types[1] - 1
            self._tally.tried[a, b] += tried
            self._tally.accepted[a, b] += accepted
        self._before = now

    def _counters(self, engine: Engine) -> np.ndarray:
        return np.array(
            [[engine.fix_value(name, k) for k in (0, 1)] for name, _ in self._fixes], dtype=np.int64
        )


def _places(engine: Engine) -> Configuration:
    """Where atoms are, and what sets them apart."""
    return engine.places() if isinstance(engine, Trials) else engine.configuration()


def _moved(values: np.ndarray, occupant: np.ndarray) -> np.ndarray:
    """Per-atom values after the atom occupant[i] went to where atom i was."""
    moved = np.empty_like(values)
    moved[occupant] = values
    return moved
