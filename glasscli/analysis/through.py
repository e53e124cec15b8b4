"""Frames as atoms are followed through them, by what a run's protocol does to its box, or by what a file states."""

from __future__ import annotations

from glasscli.configuration import Trajectory
from glasscli.observables.displacement import continuous
from glasscli.store.run import Run


def through(frames: Trajectory, run: Run | None) -> Trajectory:
    """The frames of a run, or of another program's file (None), which may be of any box; see `continuous`."""
    if run is None:
        return continuous(frames)
    protocol = run.manifest.protocol
    return continuous(frames, protocol.turns_over, not protocol.miscounts)
