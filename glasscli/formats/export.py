"""One configuration of any file, written for another program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.configuration import Trajectory
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import check_by_hand, frames_in, remarks, system_of, whole
from glasscli.formats.species import labels_of
from glasscli.formats.writers import Named, writer
from glasscli.model.system import System, load_system
from glasscli.store.files import replacing
from glasscli.store.kind import structure_kind
from glasscli.store.outputs import Claims
from glasscli.store.run import Frames, Run

KINDS = ("inherent", "frames", "states")


@dataclass(frozen=True)
class Exported:
    """What was written, the frame (from 0) of the file that it comes from, and notes for people."""

    output: Path
    source: Path
    frame: int
    step: int
    atoms: int
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "file": str(self.output),
            "source": str(self.source),
            "frame": self.frame,
            "step": self.step,
            "atoms": self.atoms,
        }

    def text(self) -> str:
        """One line for people."""
        return f"wrote {self.output}: {self.atoms} atoms at step {self.step} of {self.source}"


def export(
    path: Path,
    output: Path,
    frame: int = -1,
    kind: str = "inherent",
    system: str | None = None,
    force: bool = False,
    species: Sequence[str] | None = None,
) -> Exported:
    """Write one configuration of `path` in the form that the ending of `output` says.

    kind: of a run "inherent" structures, moving "frames", or full "states" with velocities. system: whose species the
    atoms of another program's file are, by what it states or by `species`, names of its types 1, 2, ...; without, the
    file's own names and masses are kept.
    Raises InputError for a frame that is not there or an unknown ending, FileError where `output` exists without force.
    """
    write = writer(output.suffix)
    Claims([path], force).check(output, structure_kind(output.suffix), anew=False)
    frames: Trajectory
    model: Named
    named: System | None = None
    found = open_any(path)
    check_by_hand(found, species)
    if isinstance(found, Run):
        model = system_of(found, system)
        frames = _of_run(found, kind)
    elif system is None:
        model, frames = labels_of(found.stated), whole(found)
    else:
        model = named = load_system(system)
        frames = frames_in(found, named, species)
    if not -len(frames) <= frame < len(frames):
        raise InputError(f"{path} has {len(frames)} of these ({kind}), not a number {frame}")
    chosen = frames[frame]
    with replacing(output) as temporary:
        temporary.write_text(write(chosen, model))
    notes = [] if isinstance(found, Run) else [*found.asides, *remarks(found, named, species)]
    return Exported(output, path, frame % len(frames), chosen.step, chosen.n_atoms, tuple(notes))


def _of_run(run: Run, kind: str) -> Frames:
    if kind == "states":
        return Frames(run.state_steps, lambda i: run.state(i).configuration)
    return run.inherent if kind == "inherent" else run.frames
