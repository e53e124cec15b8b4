"""tau_alpha of one F_s with its error, by 1/e and by a stretched exponential; whether both halves of a run agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.analysis.result import Json
from glasscli.observables.dynamics import E, Motion, falls_to
from glasscli.observables.first_passage import Kohlrausch, Passage, kohlrausch_or_reason

# A run that says what equilibrium is lasts so many relaxation times.
ENOUGH = 10.0
# Differences count from so many standard errors on: each run is tested twice, and most are in equilibrium.
SIGNIFICANT = 3.0


@dataclass(frozen=True)
class Tau:
    """Relaxation of F_s(q, t).

    passage    when F_s passed 1/e, in steps; a bound where it did not
    error      of that time: the error of F_s there over its slope
    stretched  the stretched exponential of F_s, or in one line why there is none
    """

    q: float
    passage: Passage
    error: float | None
    stretched: Kohlrausch | str

    @classmethod
    def of(cls, motion: Motion, k: int = 0) -> Tau:
        """At the k-th of a motion's wave numbers."""
        values, errors = motion.waves[k], motion.errors.scattering[k]
        passage = falls_to(motion.lag, values, E)
        error = None
        if passage.time is not None:
            after = int(np.searchsorted(motion.lag, passage.time))
            after = min(max(after, 1), len(values) - 1)
            slope = (values[after - 1] - values[after]) / np.log(motion.lag[after] / motion.lag[after - 1])
            doubt = np.interp(np.log(passage.time), np.log(motion.lag), errors)
            if np.isfinite(doubt) and slope > 0:
                error = float(doubt / slope * passage.time)
        return cls(float(motion.wave_numbers[k]), passage, error, kohlrausch_or_reason(motion.lag, values))

    def data(self, step: float) -> dict[str, Json]:
        """As JSON has it; a step is `step` of time."""
        bound = self.passage.bound
        law = self.stretched
        return {
            "q": self.q,
            "time": None if self.passage.time is None else self.passage.time * step,
            "error": None if self.error is None else self.error * step,
            "bound": None if bound is None else {word: steps * step for word, steps in bound.items()},
            "stretched": None if isinstance(law, str) else {
                "time": law.time * step, "time_error": law.errors[1] * step, "exponent": law.exponent,
                "exponent_error": law.errors[2], "amplitude": law.amplitude, "amplitude_error": law.errors[0],
            },
            "stretched_reason": law if isinstance(law, str) else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Equilibrium:
    """Whether a run says what equilibrium is: long enough, the same in both halves, nothing drifts.

    equilibrated  None where it cannot be judged; reason: the numbers
    times         length of the run over the longest tau_alpha
    """

    equilibrated: bool | None
    reason: str
    times: float | None


def equilibrium(
    span: int, motions: dict[str, Motion], taus: dict[str, Tau], drift: tuple[bool, str] | None
) -> Equilibrium:
    """Judge a run of `span` steps by the motion of its species, and by its energy: drift: (whether, in words)."""
    open_ones = [name for name, tau in taus.items() if tau.passage.time is None and not tau.passage.early]
    if open_ones:
        return Equilibrium(
            False, f"F_s of {', '.join(open_ones)} does not fall to 1/e: longer runs are needed", None
        )
    slowest = max(taus, key=lambda name: taus[name].passage.value)
    times = span / taus[slowest].passage.value
    said = f"{times:.3g} tau_alpha long"
    if times < ENOUGH:
        return Equilibrium(False, f"{said}, at least {ENOUGH:g} are needed", times)
    apart, difference, doubt = _halves(motions[slowest], taus[slowest].passage.value)
    if not np.isfinite(doubt):
        return Equilibrium(None, f"{said}; the halves hold too few origins to compare", times)
    said += f"; F_s of the halves differs by {difference:+.3f} ± {doubt:.3f} at tau_alpha"
    if drift is not None:
        said += f"; {drift[1]}"
    return Equilibrium(not apart and not (drift and drift[0]), said, times)


def _halves(motion: Motion, tau: float) -> tuple[bool, float, float]:
    """Whether F_s of the halves of a run differs at tau_alpha, by how much, and the error of that."""
    at = int(np.argmin(np.abs(np.log(motion.lag / tau))))
    difference = float(motion.halves[1, at] - motion.halves[0, at])
    # Each half is known by a factor of the root of two worse than the whole.
    doubt = 2 * float(motion.errors.scattering[0, at])
    return abs(difference) > SIGNIFICANT * doubt, difference, doubt


def chi4_peak(motion: Motion) -> tuple[float | None, float | None, float | None]:
    """(height, error, lag in steps) of the peak of chi_4; None where it lies at the end of what is known."""
    known = np.isfinite(motion.chi4) & np.isfinite(motion.errors.chi4)
    if known.sum() < 5:
        return None, None, None
    chi4, lag, error = motion.chi4[known], motion.lag[known], motion.errors.chi4[known]
    top = int(np.argmax(chi4))
    if top in (0, len(chi4) - 1):
        return None, None, None
    return float(chi4[top]), float(error[top]), float(lag[top])
