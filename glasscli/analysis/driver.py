"""`glasscli analyze`: the measures asked for over the frames of files; tables, figures and /analysis."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

from glasscli.analysis.choices import Choices
from glasscli.analysis.contract import READS, Analysis, Found, Shown, course_of
from glasscli.analysis.drawn import Drawn, get_ready
from glasscli.analysis.files import stem_beside, stems_of
from glasscli.analysis.frame import OF_FILE, SHARED
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures import displacements
from glasscli.analysis.minima import place_of
from glasscli.analysis.missing import AllMissing, measure_missing, open_missing
from glasscli.analysis.parallel import Opener, iterate_frames
from glasscli.analysis.parts import Measured, Part, kept_parts
from glasscli.analysis.registry import DEFAULT, MEASURES
from glasscli.analysis.result import plain
from glasscli.analysis.subject import Subject, open_subject
from glasscli.analysis.workers import available_cores, idle
from glasscli.errors import FileError, GlassError, InputError, NotApplicableError
from glasscli.formats.ovito import require_ovito
from glasscli.formats.snapshots import Snapshots, irregular, name_of
from glasscli.model.system import WORDS, System
from glasscli.observables.relaxation import energy_against_icosahedra
from glasscli.progress import progress
from glasscli.store.outputs import Claims, changeable, writable
from glasscli.store.reader import is_run
from glasscli.store.results import add_results

# A process costs about two seconds to start, as much as tessellating so many atoms.
WORTH_A_PROCESS = 150_000
WORTH_GETTING_READY = 2**20  # bytes of a file of which nothing is kept


def analyze_all(
    paths: Sequence[Path], system: System | None, choices: Choices, measures: Sequence[str] = DEFAULT,
    trajectory: bool = False, stem: Path | None = None, claims: Claims | None = None, one_q: bool = False,
) -> list[Analysis]:  # fmt: skip
    """Measure the frames of several files; measures that join files say the same of all of them.

    trajectory: the files are snapshots of one trajectory, measured as one. stem: how the names of tables and figures
    begin, by default beside each file with its name; claims: what may be written. one_q: F_s of all files at the q of
    the first, so that it can be averaged.

    `system` gives energies to files that have none; a glasscli file brings its own. Only frames without rows of
    earlier analyses are measured; an interrupted analysis keeps what it has. A measure that needs what a file cannot
    give is left out with a note. Raises InputError for an empty file, and where no measure is left.
    """
    asked = [measure for name, measure in MEASURES.items() if name in measures]
    by_name = tuple(measures) not in (tuple(MEASURES), DEFAULT)
    subjects: list[Subject] = []
    analyses: list[Analysis] = []
    for subject in opened(paths, system, choices, trajectory, stem, claims or Claims(paths)):
        subject.by_name = by_name
        if one_q and subjects and displacements.MEASURE in asked:
            subject.choices = replace(subject.choices, q=displacements.wave_number(subjects[0]))
        try:
            analyses.append(_measure(subject, asked))
        finally:
            subject.kept.close()
        subjects.append(subject)
    for measure in asked:
        analyses = _joined(measure, subjects, analyses)
    return analyses


def measure_part(
    paths: Sequence[Path], system: System | None, choices: Choices, part: Part, measures: Sequence[str] = DEFAULT,
    trajectory: bool = False, stem: Path | None = None, claims: Claims | None = None,
) -> list[Measured]:  # fmt: skip
    """Measure those frames of each file that belong to a part, and keep the rows for `analyze_all` to take in.

    Whatever is of all frames together is left to that. Raises InputError as it does, and where minima are to be made,
    FileError where rows cannot be kept.
    """
    if choices.minimise:
        raise InputError("--part measures frames as they are: leave --minimise out")
    asked = [measure for name, measure in MEASURES.items() if name in measures]
    answers = []
    for subject in opened(paths, system, choices, trajectory, stem, claims or Claims(paths), part):
        if not subject.kept.lasting:
            raise FileError("; ".join(subject.kept.notes))
        frames = part.frames(len(subject.trajectory))
        try:
            dimension = subject.trajectory[-1].box.dimension
            meant = _meant(subject, asked, dimension)
            possible = with_reads((*_possible(subject, meant, dimension), *READS[dimension]))
            done = _frames(subject, possible, frames)
            if subject.system and subject.lacks_energies:
                subject.evaluate(subject.system, frames)
            subject.kept.finish_part()
        finally:
            subject.kept.close()
        of_frames = [measure.name for measure in possible if measure.frame]
        answers.append(Measured(subject.path, part, len(frames), done, part.rows(subject.stem), of_frames))
    return answers


def opened(
    paths: Sequence[Path],
    system: System | None,
    choices: Choices,
    trajectory: bool,
    stem: Path | None,
    claims: Claims,
    part: Part | None = None,
    scratch: Path | None = None,
) -> Iterator[Subject]:
    """The files, or the one trajectory that they are, ready to be measured.

    scratch: a folder for what they keep, which then is not touched; inherent structures are not made
    """
    own = stem is None
    if not trajectory:
        stems = {path: _kept_at(writable(place), scratch) for path, place in stems_of(paths, stem).items()}
        for path in paths:
            mine = replace(claims, inputs=[path], reads=[*claims.reads, *paths])
            large = path.is_file() and path.stat().st_size > WORTH_GETTING_READY
            if large and not _kept(stems[path]).exists():
                for worker in idle():  # all that will be wanted there loads while this process opens the file
                    worker.tell(_get_ready, path)
            yield open_subject(path, system, choices, stems[path], None, mine, own, part, scratch is not None)
        return
    found = Snapshots(paths, choices.box)
    name = name_of(found.files)
    start = stem_beside(name).name.partition("*")[0].rstrip(".-_")
    beside = stems_of([name], stem)[name]
    place = writable(stem or beside.with_name(f"{start}-trajectory" if start else "trajectory"))
    subject = open_subject(
        name, system, choices, _kept_at(place, scratch), found, replace(claims, inputs=found.files), own, part,
        scratch is not None,
    )  # fmt: skip
    subject.notes += [f"{name}: {note}" for note in found.notes]
    yield subject


def _kept_at(stem: Path, scratch: Path | None) -> Path:
    """A stem; in another folder one with copies of what is kept."""
    if scratch is None:
        return stem
    elsewhere = Path(mkdtemp(dir=scratch)) / stem.name
    for path in (_kept(stem), place_of(stem), *kept_parts(stem)):
        if path.is_file():
            shutil.copyfile(path, elsewhere.with_name(path.name))
    return elsewhere


def _kept(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}-analysis.db")


def _get_ready(path: Path) -> None:
    """Load what reading a file and drawing take."""
    if not is_run(path):
        require_ovito()
    get_ready()


def possible_of(subject: Subject, asked: Sequence[Measure[Any]]) -> list[Measure[Any]]:
    """Measures that are meant and whose needs the file can meet. Raises InputError where there is none."""
    dimension = subject.trajectory[-1].box.dimension
    return _possible(subject, _meant(subject, asked, dimension), dimension)


def _measure(subject: Subject, asked: Sequence[Measure[Any]]) -> Analysis:
    dimension = subject.trajectory[-1].box.dimension
    asked = _meant(subject, asked, dimension)
    possible = _possible(subject, asked, dimension)
    try:
        _frames(subject, with_reads((*possible, *READS[dimension])))
    except GlassError as error:
        if subject.odd is None:
            raise
        raise InputError(subject.odd) from error
    subject.course = course = course_of(subject)
    found, figures = [], []
    for measure in asked:
        before = len(subject.figures)
        result = measure.finish(subject) if measure in possible else None
        found.append(Found(measure, result))
        figures += _shown(measure, subject.figures[before:])
    subject.finish_drawing()
    run = subject.run
    if run is None and not subject.joined:
        subject.notes += [f"{subject.path}: {note}" for note in irregular(course.steps, joined=False)]
    if run is not None and not run.finished:
        subject.notes.append(
            f"{subject.path} is unfinished: measured as far as it goes, nothing written into it"
        )
    at_rest = run is not None and (len(run.inherent) or run.manifest.protocol.straining)
    if run is not None and not at_rest and not subject.choices.moving and subject.minima is None:
        subject.notes.append(
            f"{subject.path} has no inherent structures: the moving frames were measured, heat included "
            "(--minimise makes inherent structures of them)"
        )
    subject.notes += subject.kept.notes
    analysis = Analysis(
        file=subject.path,
        course=course,
        line=energy_against_icosahedra(course.fraction, course.energy),
        units=subject.units,
        minimised=subject.minima is not None,
        forces=subject.minima.forces if subject.minima is not None else None,
        species=tuple(subject.labels.values()),
        found=tuple(found),
        tables=tuple(subject.tables),
        figures=tuple(figures),
        notes=tuple(dict.fromkeys(subject.notes)),
        clock=subject.clock,
        box=subject.trajectory[-1].box,
        not_converged=subject.convergence.not_converged if subject.convergence else None,
    )
    if subject.own is not None and subject.own.finished:
        analysis = _keep(subject, analysis)
    return analysis


def _meant(subject: Subject, asked: Sequence[Measure[Any]], dimension: int) -> Sequence[Measure[Any]]:
    """What is for planes alone is not missed in space, nor what is for runs of strain elsewhere, unless it is all that
    was asked for.
    """
    strained = subject.run is not None and subject.run.manifest.protocol.straining is not None
    return [
        m for m in asked if (dimension in m.dimensions or 3 in m.dimensions) and (strained or not m.strained)
    ] or asked


def _possible(subject: Subject, asked: Sequence[Measure[Any]], dimension: int) -> list[Measure[Any]]:
    """Those whose needs the file can meet; notes about the others, an error where there is no other.

    What has no meaning for the file is left out in silence where nobody asked for it by name.
    """
    possible: list[Measure[Any]] = []
    refused: list[str] = []
    if elsewhere := [measure for measure in asked if dimension not in measure.dimensions]:
        names = ", ".join(measure.name for measure in elsewhere)
        needed = WORDS[elsewhere[0].dimensions[0]]
        they = "they need" if len(elsewhere) > 1 else "it needs"
        refused.append(f"no {names}: {they} {needed} dimensions, {subject.path} has {WORDS[dimension]}")
        subject.notes.append(refused[-1])
    for measure in asked:
        if measure in elsewhere:
            continue
        try:
            for need in sorted(measure.whole_needs):
                subject.require(need)
            possible.append(measure)
        except InputError as error:
            refused.append(f"no {measure.name}: {error}")
            if subject.by_name or not isinstance(error, NotApplicableError):
                subject.notes.append(refused[-1])
    if refused and not possible:
        raise InputError(refused[0])
    for use in sorted(set[str]().union(*(measure.whole_uses for measure in possible))):
        try:
            subject.require(use)
        except InputError as error:
            subject.notes.append(f"no {(SHARED | OF_FILE)[use]}: {error}")
    return possible


def with_reads(measures: Iterable[Measure[Any]]) -> list[Measure[Any]]:
    """Measures and those that they read, each once, in their order."""
    names: set[str] = set()
    waiting = list(measures)
    while waiting:
        measure = waiting.pop()
        names.add(measure.name)
        waiting += measure.reads
    return [measure for name, measure in MEASURES.items() if name in names]


def _frames(subject: Subject, measures: Sequence[Measure[Any]], among: range | None = None) -> int:
    """Measure what is missing of single frames, several cores at a time, each frame read once; how many these were.

    among: which frames, None for all
    """
    missing, settings = missing_of(subject, measures, among)
    if not missing:
        return 0
    # Those with most to measure come first, lest all others wait for one of them at the end.
    frames = sorted(missing, key=lambda k: (-len(missing[k]), k))
    work = sum(map(len, missing.values())) * subject.trajectory[-1].n_atoms
    jobs = subject.choices.jobs or min(available_cores(), 1 + work // WORTH_A_PROCESS)
    # A process means a core: this one measures beside its workers, and several of these may run side by side.
    os.environ.setdefault("OVITO_THREAD_COUNT", "1")
    lacking = {k: tuple(v) for k, v in missing.items()}
    opener = partial(open_missing, opener=subject.opener, missing=lacking)
    here: Any = AllMissing(subject.trajectory, lacking)
    bonding = subject.bonding if any("bonding" in measure.needs for measure in measures) else None
    measure_one: Any = partial(
        measure_missing, choices=subject.choices, radii=subject.radii_if_any, bonding=bonding
    )
    with progress(f"measuring {subject.path.name}", len(frames), "frames") as advance:
        found = iterate_frames(
            measure_one, subject.path, frames, jobs, lambda done: advance(done), cast(Opener, opener), here,
            get_ready if idle() else None,
        )  # fmt: skip
        try:
            for k, rows in found:
                for name, row in rows:
                    subject.kept.add(subject.source, name, settings[name], k, row)
        finally:
            # Also after Ctrl-C: what is done stays done.
            subject.kept.commit()
    return len(frames)


def missing_of(
    subject: Subject, measures: Sequence[Measure[Any]], among: range | None = None
) -> tuple[dict[int, list[str]], dict[str, str]]:
    """{frame: measures of which no row is kept}, and {measure: settings under which rows are kept}."""
    missing: dict[int, list[str]] = {}
    settings: dict[str, str] = {}
    for measure in measures:
        if measure.frame is None:
            continue
        settings[measure.name] = measure.settings(subject)
        have = subject.kept.frames(subject.source, measure.name, settings[measure.name])
        for k in measure.frames(subject):
            if k not in have and (among is None or k in among):
                missing.setdefault(k, []).append(measure.name)
    return missing, settings


def _shown(measure: Measure[Any], drawn: Sequence[Drawn]) -> list[Shown]:
    plain_caption = Caption(f"{measure.name}: {measure.explanation}.")
    return [Shown(figure.path, measure.captions.get(figure.name, plain_caption)) for figure in drawn]


def _joined(
    measure: Measure[Any], subjects: Sequence[Subject], analyses: Sequence[Analysis]
) -> list[Analysis]:
    """The analyses with what a measure says of all files together."""
    if measure.join is None:
        return list(analyses)
    # A file that the measure is not for has no place for what it says.
    places = [next((k for k, f in enumerate(one.found) if f.measure is measure), None) for one in analyses]
    if all(at is None for at in places):
        return list(analyses)
    before = [len(subject.figures) for subject in subjects]
    results = measure.join(
        subjects, [None if at is None else one.found[at].result for one, at in zip(analyses, places, strict=True)]
    )  # fmt: skip
    for subject in subjects:
        subject.finish_drawing()
    return [
        replace(
            analysis,
            found=tuple(Found(measure, result) if k == at else one for k, one in enumerate(analysis.found)),
            tables=tuple(subject.tables),
            figures=(*analysis.figures, *_shown(measure, subject.figures[n:])),
        )
        for analysis, at, subject, result, n in zip(analyses, places, subjects, results, before, strict=True)
    ]


def _keep(subject: Subject, analysis: Analysis) -> Analysis:
    """Store what was measured in the file itself; what is said of several files belongs to none of them."""
    if not changeable(subject.path):
        note = f"{subject.path} cannot be written to: the numbers are not kept in it"
        return replace(analysis, notes=(*analysis.notes, note))
    choices = vars(subject.choices) | {"radii": subject.choices.radii or {}}
    frames = {"choices": plain(choices), **analysis.own, **analysis.written}
    groups = {found.measure.store_group: found.data for found in analysis.found if found.measure.join is None}
    assert subject.own is not None  # only what is measured of a run is kept
    add_results(subject.own, {"frames": frames, **groups}, subject.keep)
    return analysis
