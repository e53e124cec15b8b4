"""What an analysis, or a page about it, will take: some frames, or blocks of them, are measured and stand for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.analysis.choices import Choices
from glasscli.analysis.contract import READS
from glasscli.analysis.driver import WORTH_A_PROCESS, missing_of, opened, possible_of, with_reads
from glasscli.analysis.files import stem_apart
from glasscli.analysis.kept import Stored, key, pack
from glasscli.analysis.measure import Measure
from glasscli.analysis.measures import displacements
from glasscli.analysis.minima import Minimising, jobs_for
from glasscli.analysis.missing import Missing, measure_missing
from glasscli.analysis.registry import DEFAULT, MEASURES
from glasscli.analysis.subject import Subject
from glasscli.analysis.workers import available_cores
from glasscli.configuration import Trajectory
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.observables.dynamics import choose_pairs, motions
from glasscli.progress import progress
from glasscli.report.sample_picture import sample_picture
from glasscli.simulation.cost import POWER, Estimate, total
from glasscli.simulation.pieces import First, piece
from glasscli.simulation.timed import Timed
from glasscli.store.outputs import Claims

# Atoms of a block of a frame that is measured, minimised, drawn; frames of each kind that are measured at most, of
# their first, of which motion is measured.
BLOCK, MINIMISED, DRAWN, FRAMES, MOVING = 10_000, 1000, 5000, 4, (12, 24, 48, 96)
# Seconds of motion of some frames after which more are not tried.
LONG = 1.0
# Memory (measured, benchmarks/results/big.json and estimates.json): of a process; of an atom, and by measures that keep
# more of it; of slices that they work in.
PROCESS, AN_ATOM, LARGEST, SLICES, OF_SLICES = 285e6, 1100.0, 7700.0, 300e6, 75e3
LARGE = {"local-order", "domains"}
# Bytes of a picture, of other tables of a measure, of tables with a line an atom, of an empty database; what of rows
# that are kept is packed into it; how many more a page has, which carries its pictures as text.
PICTURE, TABLE, EMPTY, PACKED, AS_TEXT = 80_000, 10_000, 20_000, 1.4, 4 / 3
OF_AN_ATOM = {"displacements": 156.0, "local-order": 174.0, "local-energy": 47.0}
# Pictures of atoms on a page.
VIEWS = {"icosahedra": 2, "topology": 1, "hexatic": 1}


def analysis_cost(
    paths: Sequence[Path], system: System | None, choices: Choices, measures: Sequence[str] = DEFAULT,
    trajectory: bool = False, stem: Path | None = None, claims: Claims | None = None, page: bool = False,
) -> Estimate:  # fmt: skip
    """What `analyze_all` of these will take, in a process like this one that does nothing else; page: or `report`.

    Raises what it would raise before it measures. Nothing is written.
    """
    asked = [measure for name, measure in MEASURES.items() if name in measures]
    timed, found, others = Timed(), list[tuple[Estimate, int]](), 0
    with TemporaryDirectory() as scratch, progress("pilot", len(paths), "files") as advance:
        for subject in opened(
            paths, system, choices, trajectory, stem, claims or Claims(paths), scratch=Path(scratch)
        ):
            try:
                one = _Subject(subject, possible_of(subject, asked), timed, page)
                found.append((one.estimate(), 1))
                others += one.others
            finally:
                subject.kept.close()
            advance(len(found))
        begin = timed.overhead
        drawn = [partial(sample_picture, Path(scratch) / f"{k}.{choices.format}") for k in range(3)]
        a_picture = timed.each(drawn)
    pictures = a_picture * sum(one.steps for one, _ in found) / 3600
    once = {"to begin and to end": (timed.overhead + others * begin) / 3600, "pictures": pictures}
    known = total((replace(one, steps=0), times) for one, times in found)
    hours = once | dict(known.parts)
    return replace(known, core_hours=sum(hours.values()), parts=hours)


def page_cost(
    paths: Sequence[Path], page: Path, system: System | None, choices: Choices, measures: Sequence[str],
    claims: Claims | None = None,
) -> Estimate:  # fmt: skip
    """What `report` of these will take, as `analysis_cost`."""
    stem = stem_apart(paths, page)
    return analysis_cost(paths, system, choices, measures, stem=stem, claims=claims, page=True)


@dataclass
class _Subject:
    """What one file takes; others: processes besides this one."""

    subject: Subject
    possible: list[Measure[Any]]
    timed: Timed
    page: bool
    others: int = 0

    def estimate(self) -> Estimate:
        """Of the file, but for what comes once; `steps` says how many pictures."""
        subject, notes = self.subject, list[str]()
        last, whole = subject.trajectory[-1], len(subject.trajectory)
        atoms = last.n_atoms
        names = {measure.name for measure in self.possible}
        every = with_reads((*self.possible, *READS[last.box.dimension]))
        missing, _ = missing_of(subject, every)
        if subject.unmade:
            notes.append(
                f"{len(subject.unmade)} of {whole} inherent structures of {subject.path} are to be made"
            )
        elif not missing:
            notes.append(f"all {whole} frames of {subject.path} are measured already")
        elif len(missing) < whole:
            notes.append(f"of {subject.path} {whole - len(missing)} of {whole} frames are measured already")
        minima, kept = self._minima()
        frames, rows = self._frames(missing)
        seconds = {
            "inherent structures": minima, "frames": frames, "energies": self._energies(names),
            "motion": self._motion() if "displacements" in names else 0.0,
        }  # fmt: skip
        pictures = sum(len(measure.captions) for measure in self.possible) - self._ramped
        if self.page and subject.choices.format not in ("png", "svg"):
            pictures *= 2  # the page shows others
        if self.page and atoms <= DRAWN:
            pictures += sum(count for name, count in VIEWS.items() if name in names)
        size = EMPTY + PACKED * rows + kept + PICTURE * pictures + TABLE * len(names)
        size += sum(each * atoms for name, each in OF_AN_ATOM.items() if name in names)
        size += AS_TEXT * PICTURE * pictures * self.page
        each = LARGEST if LARGE & names else AN_ATOM
        hours = {what: value / 3600 for what, value in seconds.items()}
        laws = {"time of frames": "N x frames", "memory": "N"}
        if seconds["motion"]:
            laws["time of motion"] = "N x pairs of frames, at most --origins at each lag"
        if minima:
            laws["time of inherent structures"] = "N^(4/3) x their number"
        laws["disk"] = "frames, and N for tables of atoms"
        memory = PROCESS + each * atoms + (min(SLICES, OF_SLICES * atoms) if LARGE & names else 0.0)
        return Estimate(
            sum(hours.values()), size, memory, pictures, atoms, min(atoms, BLOCK), hours, laws, tuple(notes)
        )  # fmt: skip

    @property
    def _ramped(self) -> bool:
        """Whether it is a run whose temperature changes: there are no averages over lags, and no picture of them."""
        run = self.subject.run
        return run is not None and run.manifest.protocol.constant_temperature is None

    def _frames(self, missing: Mapping[int, Sequence[str]]) -> tuple[float, float]:
        """Seconds of all frames that miss something, and bytes of their rows: frames that miss the same are alike."""
        subject, seconds, size = self.subject, 0.0, 0.0
        kinds: dict[tuple[str, ...], list[int]] = {}
        for k, names in missing.items():
            kinds.setdefault(tuple(names), []).append(k)
        needs = {need for names in kinds for name in names for need in MEASURES[name].needs}
        bonding = subject.bonding if "bonding" in needs else None
        whole = subject.trajectory[-1].n_atoms
        for names, frames in kinds.items():
            made: dict[int, list[list[tuple[str, Stored]]]] = {}

            def measure(k: int, most: int, names: tuple[str, ...] = names, made: Any = made) -> None:
                few = piece(subject.trajectory[k], most)
                rows = measure_missing(Missing(few, names), subject.choices, subject.radii_if_any, bonding)
                made.setdefault(few.n_atoms, []).append(rows)

            # Of a single frame, too, a second time: the first loads kernels.
            chosen = [frames[-1], *(frames[:: -(-len(frames) // FRAMES)])]
            one = self.timed.each(partial(measure, k, BLOCK) for k in chosen)
            (atoms, rows_of) = next(iter(made.items()))
            if atoms < whole:
                # What grows with the atoms apart from what does not.
                less = self.timed.each([partial(measure, frames[-1], BLOCK // 10)] * 2)
                one += max(0.0, one - less) / (atoms - min(made)) * (whole - atoms)
            seconds += one * len(frames)
            packed = np.mean([sum(len(pack(row, b"")) for _, row in rows) for rows in rows_of])
            size += float(packed) * len(frames)
        work = sum(map(len, missing.values())) * subject.trajectory[-1].n_atoms
        jobs = subject.choices.jobs or min(available_cores(), 1 + work // WORTH_A_PROCESS)
        self.others += max(0, min(jobs, len(missing)) - 1)
        return seconds, size

    def _minima(self) -> tuple[float, float]:
        """Seconds and bytes of the inherent structures that are to be made: of blocks, by the power of their size."""
        subject, found = self.subject, list[tuple[int, Stored]]()
        if not subject.unmade:
            return 0.0, 0.0
        assert subject.system is not None
        minimise, whole = Minimising(subject.system, subject.choices.forces), subject.trajectory[-1].n_atoms

        def make(k: int) -> None:
            few = piece(subject.trajectory[k], MINIMISED)
            found.append((few.n_atoms, minimise(few)))

        try:
            ends = (subject.unmade[0], subject.unmade[0], subject.unmade[-1])
            one = self.timed.each(partial(make, k) for k in ends)
        finally:
            minimise.close()
        atoms, row = found[-1]
        many = len(subject.unmade)
        self.others += max(0, min(jobs_for(many, whole, subject.choices.jobs), many) - 1)
        return one * many * (whole / atoms) ** POWER, PACKED * many * len(pack(row)) * whole / atoms

    def _energies(self, names: set[str]) -> float:
        """Seconds of energies that no file brings."""
        subject, system = self.subject, self.subject.system
        lacking = bool(subject.lacks_energies or subject.unmade)
        if system is None or not (lacking or "local-energy" in names):
            return 0.0
        from glasscli.engine.minimiser import Minimiser  # LAMMPS: only where energies are wanted

        last, every = subject.trajectory[-1], range(len(subject.trajectory))
        have = subject.kept.frames(subject.source, "energy", key({"system": system.model_dump(mode="json")}))
        few = piece(last, BLOCK)
        with Minimiser(system) as minimiser:
            one = self.timed.each(partial(minimiser.evaluate, few) for _ in range(3))
        many = len(every) - len(have) if lacking and not subject.unmade else 0
        return one * (many + ("local-energy" in names)) * last.n_atoms / few.n_atoms

    def _motion(self) -> float:
        """Seconds of motion over all lags."""
        subject = self.subject
        if self._ramped:
            return 0.0
        frames, steps = displacements.moving(subject) or (subject.trajectory, steps_of(subject.trajectory))
        atoms, spacing = frames[-1].n_atoms, frames[-1].spacing
        species = tuple(subject.species) if len(subject.species) > 1 else ()

        def measure(view: Trajectory) -> None:
            motions(
                view, steps[: len(view)], 2 * np.pi / spacing, displacements.OVERLAP * spacing, None,
                subject.choices.origins, species,
            )  # fmt: skip

        one = growing(self.timed, measure, frames, steps, subject.choices.origins, BLOCK)
        return one * max(1.0, atoms / BLOCK)


def steps_of(frames: Trajectory) -> NDArray[np.int64]:
    """[F] step of each frame, where a file says them; else their numbers."""
    return np.asarray(getattr(frames, "steps", range(len(frames))), dtype=np.int64)


def growing(
    timed: Timed, measure: Callable[[Trajectory], object], frames: Trajectory, steps: NDArray[np.int64], origins: int,
    atoms: int | None = None,
) -> float:  # fmt: skip
    """Seconds of what is made of all frames by pairs of them, by the first of them, more and more, and of so many of
    their atoms. Raises InputError where all of them are too few to say anything.
    """

    def work(count: int) -> float:
        """Frames that are read and pairs that are compared."""
        return float(count + sum(map(len, choose_pairs(steps[:count], origins).values())))

    whole = len(frames)
    took: list[tuple[float, float]] = []
    for count in (*(n for n in MOVING if n < whole), whole):
        works = [partial(measure, First(frames, count, atoms))] * (1 if took else 2)
        try:
            took.append((work(count), timed.each(works)))
        except InputError:
            if count == whole:
                raise
            continue
        if took[-1][1] > LONG or (count == MOVING[-1] and count < whole):
            break
    (least, first), (most, last) = took[-2:] if len(took) > 1 else ((0.0, 0.0), took[0])
    # Never more than in proportion: the difference of two short times is uncertain.
    more = min(max(0.0, (last - first) / (most - least)), last / most)
    return last + more * (work(whole) - most)
