"""What `glasscli landscape events` answers: the inherent structures that a file visits, and what moves between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.engine.own.choice import whose
from glasscli.errors import MissingPackageError
from glasscli.landscape.events import Event, Events, find, way
from glasscli.landscape.sample import Sample, open_sample
from glasscli.landscape.surroundings import icosahedral_movers
from glasscli.model.system import System
from glasscli.report.beside import Outputs, finite, wrote
from glasscli.report.modes_figure import mode_as_arrows
from glasscli.simulation.harvest import ENERGY, PLACE
from glasscli.store.convergence import Convergence

# Above this share of frames in another minimum than the one before, transitions are likely to be several in one.
RESTLESS = 0.3
COLUMNS = ("i", "j", "dE", "atoms", "distance", "kind", "length", "string", "same_as", "icosahedral_movers")


@dataclass(frozen=True)
class Visits:
    """The events of a file.

    convergence  of the minima that the frames fell into
    ids          [n_atoms] of the atoms, as the file has them
    movers       share of each transition's movers that sit in icosahedra, None where it is not known
    icosahedral  of all atoms
    forces       whose minimised frames that were not at rest, "own" or "lammps"
    written      names of tables and figures
    """

    file: Path
    system: System
    events: Events
    ids: NDArray[np.int64]
    convergence: Convergence
    movers: list[float | None]
    icosahedral: float | None
    forces: str
    notes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def distinct(self) -> list[Event]:
        """Transitions whose displacement field was not met before."""
        return [self.events.transitions[k] for k in self.events.distinct]

    @property
    def mean_atoms(self) -> float | None:
        """Participation number, the mean over distinct transitions."""
        return finite(float(np.mean([e.atoms for e in self.distinct]))) if self.distinct else None

    @property
    def icosahedral_movers(self) -> float | None:
        """Share of the movers that sit in icosahedra, the mean over distinct transitions."""
        shares = [np.nan if (x := self.movers[k]) is None else x for k in self.events.distinct]
        return finite(float(np.mean(shares))) if shares else None

    @property
    def mean_waiting(self) -> float | None:
        """Steps from arrival to departure."""
        waits = [w for e in self.events.transitions for w in e.waiting]
        return sum(waits) / len(waits) if waits else None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One mapping a transition."""
        return [
            {
                "i": e.i, "j": e.j, "dE": e.dE, "atoms": e.atoms, "distance": e.distance, "kind": e.kind,
                "length": e.length, "string": e.string, "frames": list(e.frames), "waiting": e.waiting,
                "same_as": e.same_as, "movers": self.ids[e.movers].tolist(), "icosahedral_movers": share,
            }
            for e, share in zip(self.events.transitions, self.movers, strict=True)
        ]  # fmt: skip

    @property
    def results(self) -> dict[str, Any]:
        """What is kept in the run's own file."""
        found = self.events
        return {
            "file": str(self.file),
            "system": self.system.name,
            "forces": self.forces,
            "frames": len(found.visited),
            "minima": len(found.minima),
            "transitions": self.rows,
            "distinct": len(self.distinct),
            "string_share": finite(found.string_share),
            "mean_atoms": self.mean_atoms,
            "icosahedral_movers": self.icosahedral_movers,
            "icosahedral_fraction": self.icosahedral,
            "mean_waiting": self.mean_waiting,
            "waiting_unit": "steps",
            "seen_once": sum(m.visits == 1 for m in found.minima),
            "not_converged": self.convergence.not_converged,
            "energies": [m.energy for m in found.minima],  # of the whole sample, as dE
            "first_frames": [m.frame for m in found.minima],
        }

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return self.results | {"written": self.written}

    def text(self) -> str:
        """Lines for people, in the system's units."""
        found, distinct = self.events, self.distinct
        lines = [
            f"{self.file}: {len(found.visited)} frames, {len(found.minima)} minima, {len(found.transitions)} "
            f"transitions, {len(distinct)} distinct"
        ]
        if distinct:
            lines.append(
                f"  {self.mean_atoms:.1f} atoms take part, {100 * found.string_share:.0f} % string-like; largest "
                f"displacement {max(e.distance for e in distinct):.3g} {self.system.length_unit}; "
                f"mean wait {self.mean_waiting:.4g} steps"
            )
        if self.icosahedral_movers is not None and self.icosahedral is not None:
            lines.append(
                f"  {100 * self.icosahedral_movers:.1f} % of the movers sit in icosahedra, "
                f"{100 * self.icosahedral:.1f} % of all atoms"
            )
        return "\n".join(lines + wrote(self.written))


def visits(
    file: Path, outputs: Outputs, system_name: str | None = None, first: int = 0, last: int | None = None,
    place: float = PLACE, energy: float = ENERGY, species: Sequence[str] | None = None,
    forces: str | None = None,
) -> Visits:  # fmt: skip
    """Return the events of the frames first ... last - 1 of a file; write their table and the largest as arrows.

    A run's own inherent structures are taken as they are; frames of any other file are minimised first. What is found
    is kept in a finished run's own file. place, energy: see `events.find`; species: of a foreign file's types, by hand;
    forces: whose are wanted, see `engine.own.choice`. Raises InputError for a file without such frames.
    """
    sample = open_sample(file, system_name, first, last, species, forces)
    found = find(sample.inherent(), place, energy)
    movers: list[float | None] = [None] * len(found.transitions)
    everywhere, notes = None, []
    try:
        shares, fraction = icosahedral_movers(found, sample.minima(found))
        movers, everywhere = [finite(share) for share in shares], finite(fraction)
    except MissingPackageError as error:
        notes.append(f"where atoms move was left out: {error}")
    answer = Visits(
        file,
        sample.system,
        found,
        sample.identifiers,
        sample.convergence,
        movers,
        everywhere,
        whose(sample.system, forces, sample.box),
    )
    notes += sample.keep("events", answer.results)
    rows = [[*(row[c] for c in COLUMNS), len(row["waiting"])] for row in answer.rows]
    written = [outputs.table("events", (*COLUMNS, "met"), rows, sample.system.unit_system)]
    if outputs.figures and answer.distinct:
        written.append(_arrows(outputs, sample, found))
    return replace(answer, notes=notes + sample.notes + _restless(sample, found), written=written)


def _restless(sample: Sample, found: Events) -> list[str]:
    """A note where frames are so far apart in time that transitions are likely to be several in one."""
    harvested = sample.run is not None and sample.run.manifest.protocol.sampling.harvest
    if harvested or not found.transitions:
        return []
    changes = np.count_nonzero(np.diff(found.visited)) / max(1, len(found.visited) - 1)
    if changes <= RESTLESS:
        return []
    return [
        f"{100 * changes:.0f} % of the frames are another minimum than the one before: transitions are likely "
        "to be several in one; store inherent structures more often, or anneal with --harvest"
    ]


def _arrows(outputs: Outputs, sample: Sample, found: Events) -> str:
    """The largest event as arrows."""
    event = max((found.transitions[k] for k in found.distinct), key=lambda e: float(e.distance))
    minima = sample.minima(found)
    a, b = minima[event.i], minima[event.j]
    change = f"{event.dE:.3g} {sample.system.energy_unit}".replace("-", "−", 1)
    title = f"{event.i} to {event.j}: ΔE {change}, {event.atoms:.0f} atoms, {event.kind}"
    target = outputs.figure("event")
    mode_as_arrows(target, a, way(a.positions, b.positions, a.box), title)
    return str(target)
