"""Whether stored inherent structures are minima: their largest forces against the tolerance they were to reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.model.protocol import Minimisation
from glasscli.store.run import Run


@dataclass(frozen=True)
class Convergence:
    """How near inherent structures came to where no force is.

    structures       how many there are
    not_converged    how many of them have a largest force component above `tolerance`, and the `worst` of all
    limited          how many minimisations ended at the limit of iterations
    """

    structures: int
    not_converged: int
    worst: float
    tolerance: float
    limited: int

    @property
    def notes(self) -> list[str]:
        """Lines for people; none where all converged."""
        said = []
        if self.not_converged:
            which = (
                "the inherent structure has"
                if self.structures == 1
                else f"{self.not_converged} of {self.structures} inherent structures have"
            )
            said.append(
                f"{which} not converged: largest force up to {self.worst:.1e}, above the tolerance of "
                f"{self.tolerance:g}"
            )
        if self.limited:
            which = "a minimisation" if self.limited == 1 else f"{self.limited} minimisations"
            said.append(f"{which} ended at the limit of iterations")
        return said


def judged(max_force: ArrayLike, iterations: ArrayLike, asked: Minimisation) -> Convergence:
    """The convergence of inherent structures of largest forces [n] after iterations [n]."""
    force, steps = np.asarray(max_force, dtype=np.float64), np.asarray(iterations)
    above = ~(force <= asked.force_tolerance)  # not a number has not converged either
    return Convergence(
        len(force), int(above.sum()), float(force.max(initial=0.0)), asked.force_tolerance,
        int((steps >= asked.max_iterations).sum()),
    )  # fmt: skip


def convergence(run: Run) -> Convergence | None:
    """That of the inherent structures of a run; None where it has none."""
    table = run.inherent_table
    if not len(table["step"]):
        return None
    return judged(
        table["inherent_max_force"], table["inherent_iterations"], run.manifest.protocol.minimisation
    )
