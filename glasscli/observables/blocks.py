"""Means over frames of one run, whose neighbours are alike: their errors count independent blocks, not frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.equilibration import decorrelation_time


@dataclass(frozen=True)
class FrameMean:
    """A function [n_bins] averaged over frames in the order of time.

    error    [n_bins] standard error of the mean, the frames taken as `blocks` independent ones; None for one frame
    blocks   frames over the decorrelation time: how many blocks of that length there are; None for one frame
    """

    mean: Floats
    error: Floats | None
    blocks: float | None


def mean_of_frames(functions: Sequence[Floats]) -> FrameMean:
    """Return the mean of functions [n_bins] of frames evenly spaced in time, with its error by blocks.

    The variance of the mean is that of one frame over n/tau, tau being the integrated decorrelation time in frames,
    of all bins together: of each alone it would be noise. Frames that are independent have tau = 1.
    """
    stack = np.stack(functions)
    n = len(stack)
    if n < 2:
        return FrameMean(stack.mean(axis=0), None, None)
    spread = stack.std(axis=0, ddof=1)
    moving = spread > 1e-12 * np.abs(stack).max(axis=0)
    time = min(decorrelation_time(stack[:, moving] / spread[moving]), float(n)) if moving.any() else 1.0
    return FrameMean(stack.mean(axis=0), spread * np.sqrt(time) / np.sqrt(n), n / time)


def over_frames(frames: int, blocks: float | None) -> str:
    """What errors are: "standard errors over 10 frames, of which 4.2 are independent"; of one frame there are none."""
    if blocks is None:
        return "none: one frame"
    return f"standard errors over {frames} frames, of which {blocks:.3g} are independent"
