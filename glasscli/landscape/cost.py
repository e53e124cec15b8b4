"""What the landscape's commands will take: some of the very work is done, thrown away, and the rest counted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from glasscli.analysis.kept import pack
from glasscli.analysis.workers import available_cores
from glasscli.configuration import Configuration
from glasscli.errors import MissingPackageError
from glasscli.landscape.barriers import asked_of, record, tolerance_of
from glasscli.landscape.catalogue import BARRIER, SEARCH, Catalogue, catalogue_path
from glasscli.landscape.events import Events, find
from glasscli.landscape.known import Ground, nothing_known
from glasscli.landscape.rates import LARGEST
from glasscli.landscape.record import Flat
from glasscli.landscape.sample import Sample, open_sample, smooth
from glasscli.landscape.search import attempts_of
from glasscli.landscape.search import record as attempt
from glasscli.landscape.surroundings import icosahedral_movers
from glasscli.landscape.two_level import two_level
from glasscli.landscape.worker import close, guarded
from glasscli.modes.cost import dense_seconds
from glasscli.progress import progress
from glasscli.report.sample_picture import sample_picture
from glasscli.simulation.cost import Estimate
from glasscli.simulation.harvest import ENERGY, PLACE
from glasscli.simulation.timed import Timed
from glasscli.units import scale

# Processor seconds after which no more transitions are crossed, or frames looked at, to know what one takes.
CROSSING, LOOKING = 10.0, 3.0
# Memory (measured): of a process, more of one that crosses; of an atom, of an element of a matrix of curvatures.
PROCESS, CROSSES, AN_ATOM, AN_ELEMENT = 160e6, 140e6, 3000.0, 40.0
# Bytes of a picture, of a line of a table, of an empty catalogue, and how much more records take in it.
PICTURE, A_LINE, EMPTY, PACKED = 80_000, 220, 28_000, 1.2
ONCE = "to begin and to end"


@dataclass(frozen=True)
class _Looked:
    """The first frames of a sample: what lies between them; all: how many frames there are, seconds of all."""

    events: Events
    minima: dict[int, Configuration]
    frames: int
    all: int
    seconds: float

    @property
    def more(self) -> float:
        """How many times as much all of them are."""
        return self.all / self.frames


def events_cost(
    file: Path, system_name: str | None = None, first: int = 0, last: int | None = None, place: float = PLACE,
    energy: float = ENERGY, species: Sequence[str] | None = None, forces: str | None = None,
) -> Estimate:  # fmt: skip
    """What `visits` takes, in a process like this one that does nothing else; arguments and errors as its own."""
    timed = Timed()
    sample = open_sample(file, system_name, first, last, species, forces)
    looked = _look(sample, timed, place, energy)
    with suppress(MissingPackageError):
        icosahedral_movers(looked.events, looked.minima)
    size = A_LINE * len(looked.events.transitions) * looked.more
    return _answer(timed, sample, {"events": looked.seconds}, size, 1, {"time": "N x frames"}, _notes(looked))


def barriers_cost(
    file: Path, system_name: str | None = None, first: int = 0, last: int | None = None, *, as_is: bool = False,
    every: bool = False, rates: bool = True, jobs: int | None = None, limit: int | None = None,
    species: Sequence[str] | None = None, forces: str | None = None,
) -> Estimate:  # fmt: skip
    """What `passes` takes, of which so much is in its catalogue; arguments and errors as its own."""
    timed = Timed()
    sample = open_sample(file, system_name, first, last, species, forces)
    looked, system = _look(sample, timed), smooth(sample.system, as_is)
    tasks = asked_of(looked.events, looked.minima, system, every=every, rates=rates, forces=forces)
    with _copied(file) as catalogue:
        have = catalogue.keys(BARRIER)
    waiting = [task for key, task in tasks.items() if key not in have]
    many = round(len(waiting) * looked.more)
    notes = _notes(looked)
    if len(waiting) < len(tasks):
        notes.append(f"{len(tasks) - len(waiting)} of {len(tasks)} transitions are crossed already")
    many = many if limit is None else min(many, limit)
    return _crossed(timed, sample, looked, record, waiting, many, jobs, notes)


def search_cost(
    file: Path, system_name: str | None = None, *, frame: int = -1, attempts: int = 100, seed: int = 1,
    as_is: bool = False, rates: bool = True, jobs: int | None = None, species: Sequence[str] | None = None,
    forces: str | None = None,
) -> Estimate:  # fmt: skip
    """What `searched` takes, of which so much is in its catalogue; arguments and errors as its own."""
    timed = Timed()
    sample = open_sample(file, system_name, species=species, forces=forces)
    start, system = sample.frame(frame), smooth(sample.system, as_is)
    tasks = attempts_of(
        start, system, attempts, seed, rates=rates, tolerance=tolerance_of(system), forces=forces
    )
    with _copied(file) as catalogue:
        have = catalogue.keys(SEARCH)
    waiting = [task for key, task in tasks.items() if key not in have]
    notes = [f"{len(tasks) - len(waiting)} of {len(tasks)} attempts are made already"]
    notes = notes if len(waiting) < len(tasks) else []
    return _crossed(timed, sample, None, attempt, waiting, len(waiting), jobs, notes)


def two_level_cost(
    file: Path, system_name: str | None = None, first: int = 0, last: int | None = None, *, as_is: bool = False,
    units: str | None = None, species: Sequence[str] | None = None, forces: str | None = None,
) -> Estimate:  # fmt: skip
    """What `tunnelling` takes; arguments and errors as its own."""
    timed = Timed()
    if not catalogue_path(file).exists():
        open_sample(file, system_name, first, last, species, forces)
        raise nothing_known(file)
    sample = open_sample(file, system_name, first, last, species, forces)
    looked, system = _look(sample, timed), smooth(sample.system, as_is)
    here = Ground(sample, looked.events, looked.minima, system)
    with _copied(file) as catalogue:
        net = here.network(here.records(catalogue))
    hbar = scale(system.unit_system, units, system.name).hbar
    atoms = looked.minima[0].n_atoms
    wells, some = [one for one in net.passes if one.step.converged], 4
    one = timed.each(
        partial(two_level, replace(net, passes=[well], seen=[1]), hbar)
        for well in wells[:: max(1, len(wells) // some)]
    )
    seconds = {
        "events": looked.seconds, "wells": one * len(wells) * looked.more,
        "modes": dense_seconds(timed, 3 * atoms) if 3 * atoms <= LARGEST else 0.0,
    }  # fmt: skip
    laws = {"time": "number of passes, N^3 of all modes of one minimum", "memory": "N^2"}
    return _answer(timed, sample, seconds, A_LINE * len(wells) * looked.more, 1, laws, _notes(looked))


def _look(sample: Sample, timed: Timed, place: float = PLACE, energy: float = ENERGY) -> _Looked:
    """As many of the first frames as there is time for."""
    whole = len(range(*slice(sample.first, sample.last).indices(len(sample.frames))))
    frames: list[tuple[Configuration, float]] = []
    source = sample.inherent()

    def take() -> None:
        frames.append(next(source))

    one = timed.each([take] * whole, LOOKING)
    source.close()
    found: list[Events] = []
    finding = timed.each([lambda: found.append(find(frames, place, energy))])
    first = {m.frame: k for k, m in enumerate(found[0].minima)}
    minima = {first[k]: atoms for k, (atoms, _) in enumerate(frames) if k in first}
    # Minima are read, or made, once more from the frames that they were found in.
    return _Looked(found[0], minima, len(frames), whole, 2 * one * whole + finding * whole / len(frames))


def _crossed(
    timed: Timed, sample: Sample, looked: _Looked | None, work: Callable[[Any], Flat], waiting: Sequence[Any],
    many: int, jobs: int | None, notes: list[str],
) -> Estimate:  # fmt: skip
    """Of pieces of work of which some, evenly, are done."""
    begin, made = timed.overhead, list[Flat]()

    def do(task: Any) -> None:
        made.append(guarded(work, task))

    # The first loads kernels: it is done again.
    some = [waiting[0], *waiting[:: max(1, len(waiting) // 8)]] if waiting else []
    with progress("pilot", 1):
        one = timed.each((partial(do, task) for task in some), CROSSING) if some else 0.0
    close()
    size = float(np.mean([len(pack(flat)) for flat in made])) if made else 0.0
    what = "attempts" if looked is None else "transitions"
    seconds = ({"events": looked.seconds} if looked else {}) | {what: one * many}
    others = max(0, min(jobs or available_cores(), many) - 1)
    said = f"timed by {len(made)} of them: they differ from each other"
    n = "N^3 where rates are wanted, up to 2500 atoms, else N"
    laws = {"time": f"{what} x ({n})", "memory": "N^2 up to 2500 atoms, then N"}
    found = _answer(
        timed, sample, seconds, PACKED * many * (size + A_LINE), 2, laws, [*notes, said] if made else notes
    )
    more = others * begin / 3600
    return replace(
        found, core_hours=found.core_hours + more, parts=dict(found.parts) | {ONCE: found.parts[ONCE] + more}
    )


def _answer(
    timed: Timed, sample: Sample, seconds: dict[str, float], size: float, pictures: int, laws: dict[str, str],
    notes: Sequence[str],
) -> Estimate:  # fmt: skip
    with TemporaryDirectory() as scratch:
        a_picture = timed.each([partial(sample_picture, Path(scratch) / f"{k}.png") for k in range(3)])
    atoms = sample.frame(-1).n_atoms
    hours = {ONCE: timed.overhead / 3600, "pictures": pictures * a_picture / 3600}
    hours |= {what: value / 3600 for what, value in seconds.items()}
    memory = PROCESS + AN_ATOM * atoms
    if len(seconds) > 1 or "attempts" in seconds:
        memory += CROSSES + AN_ELEMENT * min(3 * atoms, LARGEST) ** 2
    size += EMPTY + PICTURE * pictures
    return Estimate(
        sum(hours.values()), size, memory, 0, atoms, atoms, hours, laws | {"disk": "what is found"}, tuple(notes)
    )  # fmt: skip


def _notes(looked: _Looked) -> list[str]:
    if looked.frames == looked.all:
        return []
    return [f"by the first {looked.frames} of {looked.all} frames, as if the others had as many events"]


@contextmanager
def _copied(file: Path) -> Iterator[Catalogue]:
    """A copy of a file's catalogue: nothing is written beside it."""
    path = catalogue_path(file)
    with TemporaryDirectory() as scratch:
        there = Path(scratch) / path.name
        if path.is_file():
            shutil.copyfile(path, there)
        with Catalogue(there, mend=True) as found:
            yield found
