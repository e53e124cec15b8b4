"""What share of a run goes into keeping it: checkpoints, flushing, and the set-up that follows each checkpoint?

A default anneal of 500 atoms without inherent structures, in this process; the calls that only keep what was computed
are timed where they are made, and so is the longer first step after each checkpoint.

    python benchmarks/checkpoint_cost.py [--steps 100000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept, seconds

from glasscli.engine.library import LibraryEngine
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.parts.checkpoints import Checkpoints
from glasscli.simulation.plan import plan
from glasscli.simulation.run import run as make
from glasscli.store.reader import open_run
from glasscli.store.recorder import Recorder


class Clock:
    """Adds up the wall time of the functions it wraps."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.calls = 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def timed(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.spent += time.perf_counter() - began
                self.calls += 1

        return timed


def setup_seconds(engine: LibraryEngine, repeats: int = 20) -> float:
    """How much longer a run of one step takes with set-up than without."""
    times = []
    for setup in (True, False):
        began = time.perf_counter()
        for _ in range(repeats):
            engine.advance(1, (0, 10**9), setup)
        times.append((time.perf_counter() - began) / repeats)
    return times[0] - times[1]


def main() -> None:
    """Measure once and keep the row."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=100_000)
    wish = parser.parse_args()
    checkpoints, frames, advance = Clock(), Clock(), Clock()
    Checkpoints.after = checkpoints.around(Checkpoints.after)  # type: ignore[method-assign]
    for name in ("frame", "row"):
        setattr(Recorder, name, frames.around(getattr(Recorder, name)))
    LibraryEngine.advance = advance.around(LibraryEngine.advance)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        quench = Path(folder) / "quench.h5"
        seconds([*GLASSCLI, "quench", "--steps", 20000, "--inherent-every", 0], Path(folder))
        run = open_run(quench)
        asked = AnnealWish(0.52, steps=wish.steps, sampling=SamplingWish(inherent_every=0))
        job = plan(run.manifest.system, asked, Path(folder) / "anneal.h5", "benchmark", run)
        began = time.perf_counter()
        make(job)
        total = time.perf_counter() - began
        engine = LibraryEngine(run.manifest.system)
        engine.provide("start.restart", run.state(-1).restart)
        engine.commands([*job.deck.entered, *job.deck.legs[-1].fixes])
        setups = checkpoints.calls * setup_seconds(engine)
        engine.close()
    row = {
        "steps": wish.steps,
        "total_s": round(total, 3),
        "checkpoints": checkpoints.calls,
        "checkpoints_s": round(checkpoints.spent, 4),
        "setups_s": round(setups, 4),
        "flushing_s": round(frames.spent, 4),
        "share": (checkpoints.spent + setups + frames.spent) / total,
    }
    kept = Kept("checkpoint_cost")
    kept.add(row)
    kept.write(median_share=kept.median("share"))
    print(row)


if __name__ == "__main__":
    main()
