"""What an analysis will take: some of the frames that miss most are measured, and stand for all that miss as much."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from glasscli.analysis.choices import Choices
from glasscli.analysis.contract import READS
from glasscli.analysis.driver import missing_of, opened, possible_of, with_reads
from glasscli.analysis.kept import pack
from glasscli.analysis.missing import Missing, measure_missing
from glasscli.analysis.registry import DEFAULT, MEASURES
from glasscli.analysis.subject import Subject
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.simulation.cost import Estimate, total
from glasscli.store.outputs import Claims

# Frames that are measured, after one for which kernels are loaded; no more than this takes.
FRAMES, SECONDS = 3, 3.0
# Of a process that measures: seconds to begin, and to draw what a measure says; memory, and that of an atom (measured).
BEGIN, DRAW, PROCESS, AN_ATOM = 2.0, 0.7, 285e6, 1100.0
# Tables and figures of a measure, about; the rows that are kept, packed into a database.
WRITTEN, EMPTY, PACKED = 160_000, 20_000, 1.4


def analysis_cost(
    paths: Sequence[Path], system: System | None, choices: Choices, measures: Sequence[str] = DEFAULT,
    trajectory: bool = False, stem: Path | None = None, claims: Claims | None = None,
) -> Estimate:  # fmt: skip
    """What `analyze_all` of these will take. Raises what it would raise before it measures. Nothing is written."""
    asked = [measure for name, measure in MEASURES.items() if name in measures]
    found: list[tuple[Estimate, int]] = []
    with TemporaryDirectory() as scratch, progress("pilot", len(paths), "files") as advance:
        for subject in opened(
            paths, system, choices, trajectory, stem, claims or Claims(paths), scratch=Path(scratch)
        ):
            try:
                dimension = subject.trajectory[-1].box.dimension
                possible = with_reads((*possible_of(subject, asked), *READS[dimension]))
                missing, _ = missing_of(subject, possible)
                found.append((_of(subject, missing, len(possible)), 1))
            finally:
                subject.kept.close()
            advance(len(found))
    return total(found)


def _of(subject: Subject, missing: dict[int, list[str]], measures: int) -> Estimate:
    atoms, whole = subject.trajectory[-1].n_atoms, len(subject.trajectory)
    notes = (
        [f"of {subject.path} {whole - len(missing)} of {whole} frames are measured already"]
        if missing
        else []
    )
    notes = notes if len(missing) < whole else []
    if not missing:
        said = f"all {whole} frames of {subject.path} are measured already"
        return Estimate(
            BEGIN / 3600, WRITTEN * measures, PROCESS + AN_ATOM * atoms, atoms=atoms, notes=(said,)
        )
    bonding = subject.bonding if any("bonding" in MEASURES[name].needs for name in _all(missing)) else None
    seconds, size, done = 0.0, 0.0, 0
    frames = sorted(missing, key=lambda k: (-len(missing[k]), k))
    for number, k in enumerate(frames[: FRAMES + 1]):
        began = time.process_time()
        one = Missing(subject.trajectory[k], tuple(missing[k]))
        rows = measure_missing(one, subject.choices, subject.radii_if_any, bonding)
        took = time.process_time() - began
        if number == 0 and len(frames) > 1 and took < SECONDS:
            continue
        seconds, done = seconds + took, done + 1
        size += sum(len(pack(row, b"")) for _, row in rows)
        if seconds > SECONDS:
            break
    work = sum(map(len, missing.values())) / len(
        missing[frames[0]]
    )  # in frames that miss as much as those measured
    hours = {"to begin and to end": (BEGIN + DRAW * measures) / 3600, "frames": work * seconds / done / 3600}
    laws = {"time": "N x frames", "memory": "N"}
    said = "what is of all frames together (motion, averages) is not in it"
    size = EMPTY + PACKED * work * size / done + WRITTEN * measures
    memory = PROCESS + AN_ATOM * atoms
    return Estimate(sum(hours.values()), size, memory, 0, atoms, atoms, hours, laws, (*notes, said))


def _all(missing: dict[int, list[str]]) -> set[str]:
    return {name for names in missing.values() for name in names}
