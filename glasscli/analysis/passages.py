"""When energy has fallen, icosahedra grown and crystals come in a file."""

from __future__ import annotations

import numpy as np

from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.observables.first_passage import Passage, crystallisation, first_passage

WINDOW = 5  # frames averaged before a first passage is looked for


def passages(subject: Subject) -> dict[str, Passage | None]:
    """First times of the energy drop, the icosahedral rise and crystallisation, in steps from the first frame.

    None where nothing is known: without values, and of one frame that only shows what had not happened.
    """
    course, choices = subject.course, subject.choices
    time = (subject.steps - subject.steps[0]).astype(np.float64)
    return {
        "drop": _seen(first_passage(time, course.energy, -choices.drop, WINDOW), course.energy),
        "rise": _seen(first_passage(time, course.fraction, choices.rise, WINDOW), course.fraction),
        "crystal": _seen(crystallisation(time, course.crystalline, choices.crystal), course.crystalline),
    }


def _seen(passage: Passage, values: Floats) -> Passage | None:
    return None if passage.censored and np.isfinite(values).sum() < 2 else passage
