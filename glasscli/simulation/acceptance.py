"""Exchanges of which none, or every one, is accepted: said after the first batches, at a step that decides no bit.

The question is put where the attempts pass a fixed number, which the protocol alone decides: at the first batch of our
own kernel, at the first row of LAMMPS's. A run that is stopped there goes on from its last checkpoint when told so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glasscli.errors import HaltedError
from glasscli.formats.names import pair_name
from glasscli.model.protocol import Exchange
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol

Counts = NDArray[np.int64]

# Attempts of which none was accepted: of our own kernel, a fraction of a second's; of LAMMPS's, which are dear and few.
NONE_OF = {"local": 100_000, "lammps": 1_000}
# Of partners that are drawn because they are ready for it, most of which are accepted where any do something: so few of
# so many are as good as none.
NONE_OF_READY, FEW_OF_READY = 2_000, 0.005
# Metropolis rejects some of so many moves, or something is wrong with it.
ALL_OF = 1_000


@dataclass(frozen=True)
class Question:
    """Whether a run's exchanges do anything, put once for each of the two answers that mean they do not.

    tried, accepted  [s, s] those of the processes before this one
    """

    system: System
    protocol: Protocol
    exchange: Exchange
    output: Path
    keep_going: bool
    tried: Counts
    accepted: Counts

    def put(self, step: int, before: int, tried: Counts, accepted: Counts) -> int:
        """Judge the counts [s, s] of this process at a step, `before` having been tried at the last; return the sum.

        Raises HaltedError with the acceptance of each pair and what would work, unless told to keep going.
        """
        tried, accepted = tried + self.tried, accepted + self.accepted
        now, good = int(tried.sum()), int(accepted.sum())
        ready = self.exchange.partners == "ready"
        enough = NONE_OF_READY if ready else NONE_OF[self.exchange.kernel]
        none = _as_good_as_none(self.exchange, now, good) and before < enough <= now
        # Of ready ones in a large sample nearly all are accepted.
        every = good == now and before < ALL_OF <= now and not ready
        if (none or every) and not self.keep_going:
            names = [species.name for species in self.system.species]
            said = verdict(self.exchange, names, tried, accepted)
            advice = _advice_for_none(self) if none else ADVICE_FOR_ALL
            raise HaltedError(
                f"{said} by step {step}: {advice}. To go on all the same: "
                f"glasscli resume {self.output} --keep-going",
                {
                    "acceptance": shares(self.exchange, names, tried, accepted),
                    "notes": notes(self.exchange, names, tried, accepted),
                },
            )
        return now


def counted(table: Mapping[str, Counts]) -> tuple[Counts, Counts]:
    """[s, s] attempts, and how many of them were accepted, in a run's table of exchanges."""
    return table["exchange_tried"].sum(axis=0), table["exchange_accepted"].sum(axis=0)


def verdict(exchange: Exchange, names: list[str], tried: Counts, accepted: Counts) -> str | None:
    """What to say of exchanges of which none, or every one, was accepted: by pair of species; None of any others.

    Of fewer attempts than would show it, nothing is said of every one.
    """
    what = "exchanges of unlike atoms" if exchange.chemical_potentials is None else "changes of species"
    now, good = int(tried.sum()), int(accepted.sum())
    called = dict(enumerate(names))
    pairs = ", ".join(
        f"{pair_name((a, b), called)} {accepted[a, b]} of {tried[a, b]}" for a, b in np.argwhere(tried > 0)
    )
    if now and good == 0:
        return f"none of {now} {what} was accepted ({pairs})"
    if now and _as_good_as_none(exchange, now, good):
        return f"only {good} of {now} {what} were accepted ({pairs})"
    if now >= ALL_OF and good == now and exchange.partners == "any":
        return f"all of {now} {what} were accepted ({pairs})"
    return None


def _as_good_as_none(exchange: Exchange, now: int, good: int) -> bool:
    """Whether exchanges of which so many were accepted of so many do nothing."""
    if exchange.partners == "ready":
        return now >= NONE_OF_READY and good <= FEW_OF_READY * now
    return good == 0


def shares(exchange: Exchange, names: list[str], tried: Counts, accepted: Counts) -> dict[str, float | None]:
    """{pair of species: share accepted} by counts [s, s]; None where none was tried, or nobody counts by pair."""
    called = dict(enumerate(names))
    directed = exchange.chemical_potentials is not None
    # Of one species atoms differ by their diameters.
    alone = len(names) == 1
    pairs = [
        (a, b)
        for a in range(len(names))
        for b in range(len(names))
        if a < b or (a != b and directed) or alone
    ]
    known = counted_by_pair(exchange, names)
    return {
        pair_name((a, b), called): float(accepted[a, b] / tried[a, b]) if known and tried[a, b] else None
        for a, b in pairs
    }


def counted_by_pair(exchange: Exchange, names: list[str]) -> bool:
    """Whether the counts of each pair are its own; LAMMPS counts changes among three species as of the first two."""
    return not (exchange.kernel == "lammps" and exchange.chemical_potentials and len(names) > 2)


def notes(exchange: Exchange, names: list[str], tried: Counts, accepted: Counts) -> list[str]:
    """What to say of a finished run's exchanges [s, s]: that they did nothing, or that those of some pairs did not."""
    said = verdict(exchange, names, tried, accepted)
    if said:
        return [said]
    idle = np.argwhere((tried > 0) & (accepted == 0))
    return [f"none of {tried[a, b]} exchanges of {names[a]} and {names[b]} was accepted" for a, b in idle]


ADVICE_FOR_ALL = (
    "no Metropolis rule does that, unless the species are the same; some accelerated pair styles of LAMMPS are known "
    "for it: use another --accelerator or another build"
)


def _advice_for_none(question: Question) -> str:
    temperature = f"{question.protocol.temperature_at(0):g} {question.system.temperature_unit}"
    if question.exchange.chemical_potentials is not None:
        return (
            f"at T = {temperature} no species fits where another is; what would work: other potentials (--mu), a "
            "higher temperature (--T), or molecular dynamics alone (glasscli anneal)"
        )
    if question.system.sizes:
        return (
            f"at T = {temperature} no atom fits where another is; what would work: a higher temperature (--T), "
            "diameters that differ less (--width), or molecular dynamics alone (glasscli anneal)"
        )
    return (
        f"at T = {temperature} neither fits where the other is; what would work: a higher temperature (--T), a third "
        "species in the system, halfway between the two, or molecular dynamics alone (glasscli anneal)"
    )
