"""When energy has fallen, icosahedra grown and crystals come in a file."""

from __future__ import annotations

import numpy as np

from glasscli.analysis.subject import Subject
from glasscli.observables.first_passage import Passage, crystallisation, first_passage

WINDOW = 5  # frames averaged before a first passage is looked for


def passages(subject: Subject) -> dict[str, Passage]:
    """First times of the energy drop, the icosahedral rise and crystallisation, in steps from the first frame."""
    course, choices = subject.course, subject.choices
    time = (subject.steps - subject.steps[0]).astype(np.float64)
    return {
        "drop": first_passage(time, course.energy, -choices.drop, WINDOW),
        "rise": first_passage(time, course.fraction, choices.rise, WINDOW),
        "crystal": crystallisation(time, course.crystalline, choices.crystal),
    }
