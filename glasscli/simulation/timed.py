"""Pieces of work timed to know what all of it takes: processor time, because machines are busy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

# No more of a piece of work is done once so many seconds are gone, if it was done once.
SECONDS = 2.0


class Timed:
    """Times pieces of work in this process, which is there for an estimate alone.

    Whatever it does beside - beginning, loading, opening, compiling kernels - the work itself does too.
    """

    def __init__(self) -> None:
        self._known = 0.0

    def each(self, works: Iterable[Callable[[], object]], most: float = SECONDS) -> float:
        """Seconds of one of several alike, by those after the first, for which things are loaded, as long as there is
        time for them.
        """
        took = list[float]()
        for work in works:
            began = time.process_time()
            work()
            took.append(time.process_time() - began)
            if sum(took) > most:
                break
        later = took[1:] or took
        one = min(sum(later) / len(later), took[0])
        self._known += one * len(took)
        return one

    @property
    def overhead(self) -> float:
        """Seconds of this process that no piece of work explains: what comes once, however much there is to do."""
        return max(0.0, time.process_time() - self._known)
