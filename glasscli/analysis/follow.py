"""`analyze --follow`: measures a run again whenever it has new frames, until it is finished."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from glasscli.analysis.choices import Choices
from glasscli.analysis.driver import analyze_all
from glasscli.analysis.files import stems_of
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.store.outputs import Claims
from glasscli.store.reader import is_run, open_run

EVERY_SECONDS = 2.0


def until_finished(
    paths: Sequence[Path],
    system: System | None,
    choices: Choices,
    measures: Sequence[str],
    say: Callable[[str], None],
    stem: Path | None = None,
    claims: Claims | None = None,
    every: float = EVERY_SECONDS,
) -> None:
    """Return when all runs are finished; until then tables and figures follow their frames, and `say` gets a line.

    Raises InputError for a foreign file, which nobody is known to write.
    """
    foreign = [path for path in paths if not is_run(path)]
    if foreign:
        raise InputError(f"--follow waits for a glasscli run to finish; {foreign[0]} is not one")
    seen: dict[Path, int] = {}
    while True:
        going = [path for path in paths if not open_run(path).finished]
        if not going:
            return
        for path in going:
            run = open_run(path)
            frames = len(run.frames if choices.moving else run.inherent_or_frames())
            if frames and frames != seen.get(path):
                place = stem and stems_of(paths, stem)[path]
                (analysis,) = analyze_all([path], system, choices, measures, stem=place, claims=claims)
                course = analysis.course
                seen[path] = len(course.steps)
                energy, fraction = float(course.energy[-1]), course.fraction[-1]
                e = f"{energy:.4f}" if math.isfinite(energy) else "-"
                say(
                    f"{path}: {len(course.steps)} frames, step {course.steps[-1]}, {course.energy_name} {e}, "
                    f"f_ico {fraction:.4f}"
                )
        time.sleep(every)
