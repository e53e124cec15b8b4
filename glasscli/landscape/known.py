"""A sample ready to be crossed, and what its catalogue knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import InputError
from glasscli.landscape.barriers import potential, tolerance_of, transition_key
from glasscli.landscape.catalogue import BARRIER, SEARCH, Catalogue, catalogue_path
from glasscli.landscape.events import Events
from glasscli.landscape.network import Network, network
from glasscli.landscape.record import Record
from glasscli.landscape.sample import Sample, open_sample, smooth
from glasscli.model.system import System


@dataclass(frozen=True)
class Ground:
    """A sample, its events and their minima, and the system in which it is crossed; notes: what is damaged of it."""

    sample: Sample
    events: Events
    minima: dict[int, Configuration]
    system: System
    notes: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Of the transitions, in their order."""
        return [
            transition_key(self.system, self.minima[e.i], self.minima[e.j]) for e in self.events.transitions
        ]

    def records(self, catalogue: Catalogue) -> dict[str, Record]:
        """What the catalogue holds of the transitions, by their keys."""
        keys = set(self.keys)
        return {key: Record.of(flat) for key, flat in catalogue.all(BARRIER) if key in keys}

    def network(self, records: Mapping[str, Record]) -> Network:
        """The network of what records, by their keys, say of the transitions."""
        transitions = enumerate(zip(self.events.transitions, self.keys, strict=True))
        ends = [(k, event.i, event.j, records[key]) for k, (event, key) in transitions if key in records]
        atoms = self.minima[0]
        return network(ends, len(self.events.minima), atoms.box, atoms.spacing, tolerance_of(self.system))


def ground(sample: Sample, as_is: bool = False) -> Ground:
    """Return a sample with its events; as_is: in its own system, be its force smooth or not."""
    events = sample.events()
    return Ground(sample, events, sample.minima(events), smooth(sample.system, as_is))


def known(
    file: Path,
    system_name: str | None = None,
    first: int = 0,
    last: int | None = None,
    as_is: bool = False,
    species: Sequence[str] | None = None,
    forces: str | None = None,
) -> tuple[Ground, Network]:
    """Return a sample and the network of what its catalogue holds, without computing anything new.

    Passes of transitions and of searches, in the same potential, count alike. Raises InputError without a catalogue.
    """
    path = catalogue_path(file)
    if file.exists() and not path.exists():
        raise nothing_known(file)
    sample = open_sample(file, system_name, first, last, species, forces)
    if not path.exists():
        raise nothing_known(file)
    found = ground(sample, as_is)
    same = potential(found.system)
    with Catalogue(path) as catalogue:
        records = found.records(catalogue)
        attempts = [flat for _, flat in catalogue.all(SEARCH) if flat.get("potential") == same]
    net = found.network(records)
    for attempt in attempts:
        for one in Record.of(attempt).passes:
            net.add(one)
    return replace(found, notes=tuple(catalogue.notes)), net


def nothing_known(file: Path) -> InputError:
    """Said where barriers are wanted and none are there."""
    return InputError(f"{file} has no barriers yet: glasscli landscape barriers {file}")


def slow(system: System) -> list[str]:
    """A note where LAMMPS computes every force."""
    why = no_pairs(system)
    return [f"{system.name} {why}: LAMMPS computes every force"] if why else []
