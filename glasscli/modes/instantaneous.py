"""Instantaneous normal modes: the Hessian of moving atoms, and how many of its modes are unstable."""

from __future__ import annotations

from dataclasses import dataclass

from glasscli.configuration import Configuration
from glasscli.modes.hessian import Curvature
from glasscli.modes.localisation import LOCALISED, participation
from glasscli.modes.spectrum import modes
from glasscli.progress import Advance, silent


@dataclass(frozen=True)
class Instant:
    """One frame: its step, temperature (None where the file does not tell), and shares of all modes.

    participation  mean N_k/N of the unstable modes, nan without any
    """

    step: int
    temperature: float | None
    unstable: float
    unstable_localised: float
    participation: float
    force_evaluations: int


def instant(
    configuration: Configuration, temperature: float | None, curvature: Curvature, memory: float | None = None,
    advance: Advance = silent,
) -> Instant:  # fmt: skip
    """Return the unstable modes of a configuration as it is; all modes are computed."""
    hessian = curvature.hessian(configuration, advance)
    found = modes(hessian.matrix, configuration, curvature.system, memory=memory)
    unstable = found.unstable
    shares = participation(found)[unstable] / configuration.n_atoms
    total = 3 * configuration.n_atoms - 3
    return Instant(
        configuration.step, temperature, float(unstable.sum()) / total, float((shares < LOCALISED).sum()) / total,
        float(shares.mean()) if len(shares) else float("nan"), hessian.force_evaluations,
    )  # fmt: skip
