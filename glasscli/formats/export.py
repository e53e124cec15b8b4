"""Configurations of any file, written for another program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.configuration import Trajectory
from glasscli.errors import InputError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.source import check_by_hand, frames_in, remarks, system_of, whole
from glasscli.formats.species import labels_of
from glasscli.formats.trajectories import opened
from glasscli.formats.writers import Named
from glasscli.grid import Grid
from glasscli.model.system import System, load_system
from glasscli.progress import progress
from glasscli.store.files import replacing
from glasscli.store.kind import structure_kind
from glasscli.store.outputs import Claims
from glasscli.store.run import Frames, Run

KINDS = ("inherent", "frames", "states")
ALL = "all"


@dataclass(frozen=True)
class Exported:
    """What was written: how many frames, the last of them (from 0) of the file that it comes from; notes for people."""

    output: Path
    source: Path
    frame: int
    step: int
    atoms: int
    frames: int = 1
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json; frame and step are of the last one."""
        return {
            "file": str(self.output),
            "source": str(self.source),
            "frame": self.frame,
            "step": self.step,
            "frames": self.frames,
            "atoms": self.atoms,
        }

    def text(self) -> str:
        """One line for people."""
        which = (
            f"at step {self.step}" if self.frames == 1 else f"in {self.frames} frames up to step {self.step}"
        )
        return f"wrote {self.output}: {self.atoms} atoms {which} of {self.source}"


def export(
    path: Path,
    output: Path,
    frame: int | str = -1,
    kind: str | None = None,
    system: str | None = None,
    force: bool = False,
    species: Sequence[str] | None = None,
    box: Sequence[float] | None = None,
    precision: float | None = None,
) -> Exported:
    """Write configurations of `path` in the form that the ending of `output` says.

    frame: which, from 0, negative from the end; "all"; or a range "FIRST:BEYOND:EVERY" as Python's. kind: of a run
    "inherent" structures, "frames", or full "states" with velocities; None: the first of these that it has. system:
    whose species the atoms of another program's file are, by what it states or by `species`, names of its types 1, 2,
    ...; without, the file's own names and masses are kept. box: edges of a file that has none. precision: the largest
    error of a coordinate, in a file that rounds them. Raises InputError for frames that are not there or an unknown
    ending, FileError where `output` exists without force.
    """
    asked, several = kind, isinstance(frame, str) and not _number(frame)
    write = opened(output.suffix, several, precision)
    Claims([path], force).check(output, structure_kind(output.suffix), anew=False)
    frames: Trajectory
    model: Named
    named: System | None = None
    found = open_any(path, box)
    check_by_hand(found, species)
    if isinstance(found, Run):
        model = system_of(found, system)
        kind, frames = held(found, kind)
    elif system is None:
        model, frames = labels_of(found.stated), whole(found)
    else:
        model = named = load_system(system)
        frames = frames_in(found, named, species)
    numbers = chosen(frame, len(frames), f"{path} has {len(frames)} of these ({kind or 'frames'})")
    if precision is not None:
        first = frames[numbers[0]]
        Grid.checked(precision, first.box, first.n_atoms)
    clock = _clock(found)
    with (
        replacing(output) as temporary, write(temporary, model) as add,
        progress("writing", len(numbers), "frames") as advance,
    ):  # fmt: skip
        for done, k in enumerate(numbers, start=1):
            last = frames[k]
            add(last, clock(k, last.step))
            advance(done)
    notes: list[str] = []
    if isinstance(found, Run) and asked is None and kind != KINDS[0]:
        notes = [f"{path} has no inherent structures beside its {kind}: these are written"]
    if not isinstance(found, Run):  # without a system a layer is written as it is
        notes = [*found.asides, *(remarks(found, named, species) if named else found.assumed)]
    if output.suffix == ".xtc":
        notes.append(
            f"{output}: XTC holds neither species nor ids; a .gsd or .data of one frame beside it does"
        )
    if several and isinstance(found, Run) and time_of_step(found) is None:
        notes.append(f"{output}: no times, because steps {found.manifest.protocol.steps_are} are none")
    return Exported(output, path, numbers[-1], last.step, last.n_atoms, len(numbers), tuple(notes))


def _number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def chosen(frame: int | str, length: int, what: str) -> Sequence[int]:
    """Numbers from 0 of the frames that are meant. Raises InputError for none of them, or no such one."""
    if isinstance(frame, int) or _number(frame):
        if not -length <= int(frame) < length:
            raise InputError(f"{what}, not a number {frame}")
        return [int(frame) % length]
    words = ["", "", ""] if frame == ALL else frame.split(":")
    try:
        numbers = [int(word) if word else None for word in words]
        found = range(length)[slice(*numbers)] if len(numbers) in (2, 3) else None
    except ValueError:
        found = None
    if found is None:
        raise InputError(f"--frame {frame!r} is neither a number, {ALL} nor a range such as 0:100:10")
    if not found:
        raise InputError(f"{what}, none in {frame}")
    return found


def _clock(found: Run | ForeignTrajectory) -> Callable[[int, int], float | None]:
    """Time of a frame by its number and step, None where there is none."""
    if isinstance(found, ForeignTrajectory):
        return lambda number, _: found.time_of(number)[1]
    step = time_of_step(found)
    return lambda _, steps: None if step is None else steps * step


def time_of_step(run: Run) -> float | None:
    """Time of a step of a run, in its system's units; None where its steps are none."""
    protocol = run.manifest.protocol
    return protocol.timestep if protocol.timed else None


def _held(run: Run) -> str:
    """What else there is to be written, for people: "21 by --kind frames"."""
    counts = {kind: len(of_kind(run, kind)) for kind in KINDS}
    return (
        ", ".join(f"{n} by --kind {kind}" for kind, n in counts.items() if n)
        or "it has no configurations yet"
    )


def held(run: Run, kind: str | None) -> tuple[str, Frames]:
    """What is written of a run: of this kind, or of the first that it has. Raises InputError where there are none."""
    kind = kind or next((one for one in KINDS if len(of_kind(run, one))), KINDS[0])
    frames = of_kind(run, kind)
    if not len(frames):
        raise InputError(f"{run.path} holds none of these ({kind}): {_held(run)}")
    return kind, frames


def of_kind(run: Run, kind: str) -> Frames:
    """Configurations of a run, of one of KINDS."""
    if kind == "states":
        return Frames(run.state_steps, lambda i: run.state(i).configuration)
    return run.inherent if kind == "inherent" else run.frames


def frames_of(
    path: Path,
    kind: str | None,
    system: str | None,
    species: Sequence[str] | None,
    box: Sequence[float] | None,
) -> tuple[str, Trajectory]:
    """The configurations of a file that `export` writes some of, after their kind."""
    found = open_any(path, box)
    check_by_hand(found, species)
    if isinstance(found, Run):
        return held(found, kind)
    frames = whole(found) if system is None else frames_in(found, load_system(system), species)
    return kind or "frames", frames
