"""What `glasscli landscape barriers` answers: saddles, barriers and attempt frequencies of a file's transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.workers import available_cores
from glasscli.engine.own.choice import whose
from glasscli.engine.pairwise import pair_style
from glasscli.landscape.barriers import cross
from glasscli.landscape.catalogue import Catalogue, catalogue_path
from glasscli.landscape.known import ground, slow
from glasscli.landscape.network import Network
from glasscli.landscape.record import Record
from glasscli.landscape.sample import jumps, open_sample
from glasscli.landscape.transition import BEYOND
from glasscli.model.system import System, smooth_companion
from glasscli.progress import progress
from glasscli.report import landscape_figure
from glasscli.report.beside import Outputs, finite, number, wrote
from glasscli.simulation.stopping import Stop, listening

COLUMNS = ("pass", "transitions", "i", "j", "forward", "backward", "negative_eigenvalues", "converged", "max_force",
           "nu_forward", "nu_backward", "path_length", "atoms", "distance", "kind", "end_error")  # fmt: skip


@dataclass(frozen=True)
class Barrier:
    """One pass between the minima i and j, as it is told; met: how often; transitions: that cross it, as `landscape
    events` numbers them.
    """

    number: int
    transitions: list[int]
    i: int
    j: int
    forward: float
    backward: float
    negative_eigenvalues: int
    converged: bool
    max_force: float
    nu_forward: float | None
    nu_backward: float | None
    path_length: float
    atoms: float
    distance: float
    kind: str
    end_error: float
    met: int

    def cells(self, columns: tuple[str, ...]) -> list[Any]:
        """Its values of these names, in a table."""
        return [joined(value) if isinstance(value := self.data[name], list) else value for name in columns]

    @property
    def data(self) -> dict[str, Any]:
        """Its values by the names of all tables."""
        values = vars(self).copy()
        return {"pass": values.pop("number")} | values


def joined(numbers: list[int]) -> str:
    """Several numbers in one cell."""
    return " ".join(map(str, numbers))


def barriers_of(net: Network) -> list[Barrier]:
    """Every pass of a network as it is told."""
    rows = []
    for one, met in zip(net.passes, net.seen, strict=True):
        s = one.step
        nu_forward, nu_backward = s.frequencies
        rows.append(
            Barrier(
                one.number, one.transitions, one.i, one.j,
                s.forward, s.backward, s.negative, s.converged, s.max_force, nu_forward, nu_backward,
                s.path_length, s.atoms, s.distance, s.shape, s.end_error, met,
            )
        )  # fmt: skip
    return rows


@dataclass(frozen=True)
class Passes:
    """The passes of a file's transitions or attempts.

    system       in which they were found; re_minimised: whether it is not the file's own
    transitions  how many are asked for, new of which were computed now
    records      of those that are there
    forces       whose they were, "own" or "lammps" (tables that LAMMPS wrote among them)
    unfinished   whether it was stopped before all were
    written      names of tables and figures
    """

    file: Path
    system: System
    re_minimised: bool
    transitions: int
    new: int
    records: list[Record]
    barriers: list[Barrier]
    forces: str
    unfinished: bool = False
    notes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Transitions without a record."""
        return self.transitions - len(self.records)

    @property
    def share_lost(self) -> float | None:
        """Share of the records without a way from end to end."""
        lost = sum(not (r.complete or r.merged) for r in self.records)
        return lost / len(self.records) if self.records else None

    @property
    def good(self) -> list[Barrier]:
        """Those that converged."""
        return [one for one in self.barriers if one.converged]

    @property
    def median_barrier(self) -> float | None:
        """Of both directions."""
        heights = [h for one in self.good for h in (one.forward, one.backward)]
        return float(np.median(heights)) if heights else None

    @property
    def string_share(self) -> float | None:
        """Share of string-like displacements."""
        kinds = [one.kind == "string-like" for one in self.good]
        return float(np.mean(kinds)) if kinds else None

    @property
    def mean_atoms(self) -> float | None:
        """How many atoms take part."""
        return finite(float(np.mean([one.atoms for one in self.good]))) if self.good else None

    @property
    def largest_end_error(self) -> float | None:
        """How well minima were met again."""
        return max((one.end_error for one in self.barriers), default=None)

    @property
    def results(self) -> dict[str, Any]:
        """What is kept in the run's own file."""
        records, rows, good = self.records, self.barriers, self.good
        return {
            "file": str(self.file), "system": self.system.name, "re_minimised": self.re_minimised,
            "transitions": self.transitions, "done": len(records), "missing": self.missing, "new": self.new,
            "failed": sum(bool(r.failed) for r in records), "merged": sum(r.merged for r in records),
            "complete": sum(r.complete for r in records), "split": sum(len(r.passes) > 1 for r in records),
            "share_lost": self.share_lost, "converged": len(good),
            "share_converged": len(good) / len(rows) if rows else None, "median_barrier": self.median_barrier,
            "string_share": self.string_share, "mean_atoms": self.mean_atoms,
            "largest_end_error": self.largest_end_error, "cpu_seconds": sum(r.cpu_seconds for r in records),
            "forces": self.forces, "barriers": [one.data for one in rows],
        }  # fmt: skip

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return self.results | {"written": self.written}

    def text(self) -> str:
        """Lines for people, in the system's units."""
        records, unit = self.records, self.system.energy_unit
        lines = [
            f"{self.file}: {len(records)} of {self.transitions} transitions, {self.new} new; "
            f"{sum(r.complete for r in records)} crossed from end to end, {sum(len(r.passes) > 1 for r in records)} in "
            f"several steps, {sum(r.merged for r in records)} have one minimum in {self.system.name}, "
            f"{sum(bool(r.failed) for r in records)} failed"
        ]
        if self.barriers:
            lines.append(
                f"  {len(self.good)} of {len(self.barriers)} saddles converged, median barrier "
                f"{number(self.median_barrier, '.3g')} {unit}; {number(self.mean_atoms, '.1f')} atoms take part, "
                f"{100 * (self.string_share or 0):.0f} % string-like; minima met again to "
                f"{self.largest_end_error:.1e} {unit}"
            )
        return "\n".join(lines + wrote(self.written))


def passes(
    file: Path, outputs: Outputs, system_name: str | None = None, first: int = 0, last: int | None = None, *,
    as_is: bool = False, every: bool = False, rates: bool = True, jobs: int | None = None, limit: int | None = None,
    stop: Stop | None = None, species: Sequence[str] | None = None, forces: str | None = None,
) -> Passes:  # fmt: skip
    """Cross the transitions of a file that its catalogue lacks; write the table and figures of all.

    as_is   in the file's own system, not in the variant without a jump of the force
    every   also transitions whose displacement field was met before
    rates   attempt frequencies too
    jobs    processes, all cores by default; limit: at most so many new ones
    species names of a foreign file's types 1, 2, ..., by hand
    forces  whose are wanted, see `engine.own.choice`
    """
    stop = stop or Stop()
    place = ground(open_sample(file, system_name, first, last, species, forces), as_is)
    events, system = place.events, place.system
    total = len(events.transitions if every else events.distinct)
    with (
        Catalogue(catalogue_path(file), mend=True) as catalogue,
        listening(stop),
        progress("barriers", total) as advance,
    ):
        found = cross(
            catalogue, events, place.minima, system, every=every, rates=rates, jobs=jobs or available_cores(),
            limit=limit, stop=stop, advance=advance, forces=forces,
        )  # fmt: skip
        # Of all that is known: passes keep their numbers from command to command.
        net = place.network(place.records(catalogue))
    records = list(found.records.values())
    answer = Passes(
        file,
        system,
        place.sample.differs(system),
        len(found.keys),
        found.computed,
        records,
        barriers_of(net),
        whose(system, forces, place.sample.box),
    )
    notes = place.sample.keep("barriers", answer.results) + place.sample.notes + _lost(answer)
    notes += _not_converged(answer)
    written = [
        outputs.table(
            "barriers", COLUMNS, [one.cells(COLUMNS) for one in answer.barriers], system.unit_system
        )
    ]
    if outputs.figures and answer.barriers:
        written += draw(outputs, net, system)
    if answer.missing and not stop.reason and limit is None:
        notes.append(
            f"{answer.missing} transitions are being computed by another process: give the command again for all"
        )
    unfinished = bool(answer.missing and stop.reason)
    if unfinished:
        notes.append(
            f"stopped ({stop.reason}), {answer.missing} transitions are left: the same command goes on"
        )
    return replace(
        answer, unfinished=unfinished, notes=[*notes, *catalogue.notes, *slow(system)], written=written
    )


def draw(outputs: Outputs, net: Network, system: System) -> list[str]:
    """Draw barriers, energies along the lowest paths and the tree of minima; nothing where none converged."""
    good = [one for one in net.passes if one.step.converged]
    if not good:
        return []
    heights = np.array([h for one in good for h in (one.forward, one.backward)])
    lowest = sorted(good, key=lambda one: min(one.forward, one.backward))
    between = slice(BEYOND, -BEYOND)  # beyond the minima energies rise out of the picture
    paths = [(one.step.mass_path[between], one.step.path_energy[between]) for one in lowest]
    edges = [(one.energy, one.i, one.j) for one in good]
    return [
        str(landscape_figure.barriers(outputs.figure("barriers"), heights, paths, system.unit_system)),
        str(landscape_figure.minima(outputs.figure("tree"), net.energies, edges, system.energy_unit)),
    ]


def _not_converged(answer: Passes) -> list[str]:
    """A note where saddles were not reached."""
    lost = len(answer.barriers) - len(answer.good)
    return (
        [f"{lost} of {len(answer.barriers)} saddles have not converged: they are in no mean"] if lost else []
    )


def _lost(answer: Passes) -> list[str]:
    """A note where a force that jumps lost transitions."""
    if not (jumps(answer.system) and answer.share_lost):
        return []
    companion = smooth_companion(answer.system)
    remedy = f"without --as-is {companion} is taken" if companion else "use a potential that is smooth there"
    return [
        f"{100 * answer.share_lost:.0f} % of the transitions were lost: {pair_style(answer.system)}'s force jumps "
        f"at the cutoff, where saddles do not converge; {remedy}"
    ]
