"""What pictures, animations and files of other formats will take: of some frames they are made, and thrown away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from glasscli.analysis.choices import Choices
from glasscli.analysis.files import open_frames
from glasscli.analysis.render import ANIMATIONS, render
from glasscli.formats.export import chosen, export, frames_of
from glasscli.model.system import System
from glasscli.report.views import SINCE
from glasscli.simulation.cost import Estimate
from glasscli.simulation.timed import Timed
from glasscli.store.kind import structure_kind
from glasscli.store.outputs import Claims

# Frames that are drawn or written to know what more of them take.
FEW, MORE = 2, 4
# Memory (measured): of a process that draws, of one that writes; of an atom of each.
DRAWS, WRITES, OF_DRAWN, OF_WRITTEN = 150e6, 70e6, 1500.0, 400.0


def render_cost(
    path: Path, output: Path, view: str, frame: int = -1, lag: int = 1, system: System | None = None,
    choices: Choices | None = None, width: int = 1200, renderer: str = "auto", fps: int = 10, every: int = 1,
) -> Estimate:  # fmt: skip
    """What `render` takes, in a process like this one that does nothing else; arguments and errors as its own."""
    timed, wish = Timed(), choices or Choices()

    def make(count: int, target: Path) -> object:
        step = every if count == whole else max(1, -(-(len(frames) - begin) // count))
        return render(path, target, view, frame, lag, system, wish, width, renderer, fps, step)

    frames = open_frames(path, wish.moving, system, wish.species, wish.box)
    begin = lag if view in SINCE else 0
    moving = output.suffix.lower() in ANIMATIONS
    whole = len(range(begin, len(frames), every)) if moving else 1
    atoms = frames[-1].n_atoms
    laws = {"time": "frames, and N", "disk": "frames", "memory": "N"}
    return _of(timed, make, max(1, whole), output, DRAWS + OF_DRAWN * atoms, atoms, laws, "pictures")


def export_cost(
    path: Path,
    output: Path,
    frame: int | str,
    kind: str | None,
    system: str | None,
    force: bool = False,
    **more: Any,
) -> Estimate:
    """What `export` takes, in a process like this one that does nothing else; arguments and errors as its own."""
    timed = Timed()
    Claims([path], force).check(output, structure_kind(output.suffix), anew=False)
    held, frames = frames_of(path, kind, system, more.get("species"), more.get("box"))
    numbers = chosen(frame, len(frames), f"{path} has {len(frames)} of these ({held})")
    first = min(numbers)

    def make(count: int, target: Path) -> object:
        some = frame if count == len(numbers) else f"{first}:{first + count}"
        return export(path, target, some, kind, system, True, **more)

    atoms = frames[numbers[-1]].n_atoms
    laws = {"time": "N x frames", "disk": "N x frames", "memory": "N"}
    memory = WRITES + OF_WRITTEN * atoms
    return _of(timed, make, len(numbers), output, memory, atoms, laws, "writing")


def _of(
    timed: Timed, make: Callable[[int, Path], object], whole: int, output: Path, memory: float, atoms: int,
    laws: dict[str, str], what: str,
) -> Estimate:  # fmt: skip
    """Of so many frames, by some: what grows with them apart from what does not."""
    took: list[tuple[int, float, int]] = []
    with TemporaryDirectory() as scratch:
        target = Path(scratch) / f"some{output.suffix}"
        for count in sorted({min(FEW, whole), min(MORE, whole)}):
            seconds = timed.each([partial(make, count, target)] * (1 if took else 2))
            took.append((count, seconds, target.stat().st_size))
    (least, first, small), (most, last, large) = took[0], took[-1]
    more = whole - most
    a_frame, a_size = last / most, large / most
    if most > least:
        a_frame = min(a_frame, max(0.0, (last - first) / (most - least)))
        a_size = max(0.0, (large - small) / (most - least))
    hours = {"to begin and to end": timed.overhead / 3600, what: (last + a_frame * more) / 3600}
    said, size = f"timed by {most} of {whole} frames", large + a_size * more
    return Estimate(sum(hours.values()), size, memory, 0, atoms, atoms, hours, laws, (said,))
