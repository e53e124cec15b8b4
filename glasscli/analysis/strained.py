"""What a finished run of strain says: stress against strain, what gave way, where it yielded, whether it came back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.observables.plasticity import d2min, not_affine, participants
from glasscli.observables.yielding import Yield, largest
from glasscli.protocols.kinds.shear import OF_AXIS, OF_PLANE
from glasscli.store.run import Frames, Run
from glasscli.store.schema import EVENT, SIDES, STRAIN

# Two minima are the same: of the mean spacing, of frames kept in single precision.
SAME = 1e-4
ONE_WAY = "a path that turns back has no one place where it yields"


@dataclass(frozen=True)
class Event:
    """A rearrangement: strain after it, what stress (pressure units) and energy (of the whole sample) dropped by.

    before, after  numbers of its minima among the file's; step: the step of strain
    """

    step: int
    strain: float
    stress_drop: float
    energy_drop: float
    participants: float
    before: tuple[int, ...]
    after: int

    @property
    def data(self) -> dict[str, float]:
        """The contract object."""
        return {
            "strain": self.strain, "stress_drop": self.stress_drop, "energy_drop": self.energy_drop,
            "participants": self.participants,
        }  # fmt: skip


def minima(run: Run) -> Frames:
    """The minima around rearrangements."""
    return run.structures(EVENT)


def events(run: Run) -> list[Event]:
    """All of them, in their order."""
    table, frames = run.table(EVENT), minima(run)
    n = sum(run.manifest.protocol.counts)
    found, before = [], list[int]()
    for k, after in enumerate(table["event_after"]):
        if not after:
            before.append(k)
            continue
        last = before[-1]
        gone = table["event_strain"][k] - table["event_strain"][last]
        found.append(
            Event(
                int(table["step"][k]), float(table["event_strain"][k]),
                float(np.sign(gone) * (table["event_stress"][last] - table["event_stress"][k])),
                float(table["event_released"][k]) * n, participants(not_affine(frames[last], frames[k])),
                tuple(before), k,
            )
        )  # fmt: skip
        before = []
    return found


def imposed(run: Run) -> Floats:
    """[3, 3] how space goes with the strain: its generator, and what free sides did in the first step of it."""
    how, found = run.manifest.protocol.straining, np.zeros(3)
    assert how is not None
    sides, strain = run.table(SIDES), run.table(STRAIN)["strain"]
    for k in how.strain.giving:
        found[k] = np.log(sides[f"side_{'xyz'[k]}"][1] / sides[f"side_{'xyz'[k]}"][0]) / (
            strain[1] - strain[0]
        )
    return how.strain.generator + np.diag(found)


def same(one: Configuration, other: Configuration) -> bool:
    """Whether the atoms are where they were, but for the precision that is kept."""
    return bool(np.abs(not_affine(one, other)).max() < SAME * one.spacing)


@dataclass(frozen=True)
class Strained:
    """All that is said. balance: the worst difference, per atom and step, of work, energy and what was given off;
    balanced: the share of the steps in which it is below 1e-9 of the energy unit."""

    run: Run
    table: dict[str, np.ndarray]
    events: list[Event]
    yields: Yield
    reversible: bool | None
    balance: float
    balanced: float

    @property
    def modulus(self) -> float:
        """The slope of the stress in the first step of strain."""
        strain, stress = self.table["strain"], self.table["strain_stress"]
        return float((stress[1] - stress[0]) / (strain[1] - strain[0]))

    @property
    def across(self) -> dict[str, Floats] | None:
        """Strain of each side that gives way, by axis, since no strain; None where there is none."""
        how = self.run.manifest.protocol.straining
        assert how is not None
        if not how.strain.giving:
            return None
        sides = {"xyz"[k]: self.run.table(SIDES)[f"side_{'xyz'[k]}"] for k in how.strain.giving}
        return {axis: np.log(length / length[0]) for axis, length in sides.items()}

    @property
    def poisson(self) -> tuple[float | None, str | None]:
        """Poisson's ratio in the first step of strain, the mean of the sides, or why there is none."""
        if self.across is None:
            return None, "the sides are imposed"
        if self.table["strain_events"][1]:
            return None, "something gave way in the first step: take a smaller --strain-step"
        shrunk = np.mean([strain[1] for strain in self.across.values()])
        return -float(shrunk / self.table["strain"][1]), None

    @property
    def held(self) -> float | None:
        """The pressure that sides are kept at; None where they are imposed."""
        found = self.run.table(SIDES)["side_pressure"]
        return float(found[0]) if len(found) else None

    @property
    def restless(self) -> str | None:
        """A line on the steps that ended with forces above what was asked for; None where all came to rest."""
        how, left = self.run.manifest.protocol.straining, self.table["strain_max_force"]
        assert how is not None
        above = ~(left <= how.force)  # not a number is no rest either
        if not above.any():
            return None
        return (
            f"{above.sum()} of {len(left)} minima have forces up to {left.max():.1e}, above the tolerance of "
            f"{how.force:g}: what gives way is known the less"
        )

    @property
    def largest(self) -> Event | None:
        """The event that gave off most."""
        return max(self.events, key=lambda event: event.energy_drop, default=None)

    def map(self, event: Event) -> Floats:
        """[n] D2min of an event."""
        frames = minima(self.run)
        return d2min(frames[event.before[-1]], frames[event.after])

    @property
    def returns(self) -> list[int]:
        """Steps at which a path of cycles begins and comes back to no strain, as far as it was made."""
        turns = self.run.manifest.protocol.straining
        assert turns is not None
        ends = np.cumsum([n for _, _, n in turns.path.pieces])
        back = [0, *(int(end) for end, turn in zip(ends, turns.path.turns, strict=True) if turn == 0)]
        return [step for step in back if step < len(self.table["strain_energy"])]

    @property
    def strobe(self) -> list[float]:
        """Energy per atom at the beginning and at each return."""
        return [float(self.table["strain_energy"][step]) for step in self.returns]

    @property
    def mobility(self) -> list[float] | None:
        """How far atoms go from one return to the next, the root of the mean square, without what all of them go; None
        where there is no frame at each of them."""
        frames, back = self.run.frames, self.returns
        at = {int(step): k for k, step in enumerate(frames.steps)}
        if not all(step in at for step in back):
            return None
        moved = (not_affine(frames[at[one]], frames[at[other]]) for one, other in pairwise(back))
        return [float(np.sqrt((u**2).sum(axis=1).mean())) for u in moved]

    @property
    def row(self) -> dict[str, float | None]:
        """What `table` has columns for."""
        drops = np.array([(one.stress_drop, one.energy_drop) for one in self.events])
        means = drops.mean(axis=0).tolist() if len(drops) else (None, None)
        names = ("modulus", "yield_strain", "yield_stress", "rearrangements", "stress_drop", "energy_drop")
        found = zip(names, (self.modulus, *(self.yields.at or (None, None)), len(drops), *means), strict=True)
        return dict(found) | ({} if self.across is None else {"poisson": self.poisson[0]})

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        protocol = self.run.manifest.protocol
        how = protocol.straining
        assert how is not None
        strain, across, (poisson, reason) = how.strain, self.across, self.poisson
        return {
            "file": str(self.run.path), "protocol": strain.mode,
            "plane": strain.plane if strain.mode in OF_PLANE else None,
            "axis": strain.axis if strain.mode in OF_AXIS else None,
            "sides": strain.sides if strain.mode in OF_AXIS else None, "pressure": self.held,
            "strain_max": how.path.furthest, "steps": protocol.steps, "modulus": self.modulus,
            "poisson": poisson, "poisson_reason": reason,
            "across": None if across is None else {axis: one.tolist() for axis, one in across.items()},
            "stress": {"strain": self.table["strain"].tolist(), "value": self.table["strain_stress"].tolist()},
            "energy": self.table["strain_energy"].tolist(),
            "events": [event.data for event in self.events],
            "yield": self.yields.data, "yield_reason": self.yields.reason,
            "reversible": self.reversible, "balance": {"worst": self.balance, "share_below_1e-9": self.balanced},
            "stroboscopic_energy": self.strobe if how.path.closed else None,
            "stroboscopic_mobility": self.mobility if how.path.closed else None,
        }  # fmt: skip


def strained(run: Run) -> Strained:
    """Return what a run of strain says."""
    table, how = run.table(STRAIN), run.manifest.protocol.straining
    assert how is not None
    off = np.abs(np.diff(table["strain_energy"]) - table["strain_work"][1:] + table["strain_released"][1:])
    one_way = len(how.path.turns) == 1
    frames = run.frames
    return Strained(
        run, table, events(run), largest(table["strain"], table["strain_stress"]) if one_way else Yield(None, ONE_WAY),
        same(frames[0], frames[-1]) if how.path.closed else None, float(off.max()), float((off < 1e-9).mean()),
    )  # fmt: skip


def draw(path: Path, found: Strained) -> None:
    """Stress and energy against strain with the events, and where the largest of them was."""
    from glasscli.report import shear_figure  # matplotlib takes its time to load

    event = found.largest
    places = None
    if event is not None:
        atoms = minima(found.run)[event.before[-1]]
        places = atoms, found.map(event)
    units = found.run.manifest.system.unit_system
    shear_figure.shear(path, found.table, [(e.strain, e.energy_drop) for e in found.events], places, units)
