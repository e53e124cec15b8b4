"""`glasscli render`: a view of a frame as a picture, or of all frames as an animation."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from glasscli.analysis.choices import Choices, system_radii, topology_radii
from glasscli.analysis.files import open_frames
from glasscli.analysis.result import Json
from glasscli.analysis.subject import open_subject
from glasscli.analysis.through import through
from glasscli.configuration import Configuration, Floats, Trajectory
from glasscli.errors import FileError, InputError, near
from glasscli.formats.foreign import open_any
from glasscli.formats.names import labels
from glasscli.formats.source import masses_of, named_system, remarks
from glasscli.model.system import System
from glasscli.observables.displacement import displacements, drift, drift_note
from glasscli.progress import progress
from glasscli.report.scene import Scene, draw
from glasscli.report.views import SINCE, VIEWS, Look, view_of
from glasscli.store.files import replacing
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run
from glasscli.units import UnitNames, names_of

if TYPE_CHECKING:
    from glasscli.engine.minimiser import Minimiser

ANIMATIONS = (".gif", ".mp4")


@dataclass(frozen=True)
class Rendered:
    """A picture of a frame, or an animation of so many frames; notes: what people should know beside."""

    file: Path
    output: Path
    view: str
    frame: int | None
    frames: int | None
    notes: tuple[str, ...]

    @property
    def data(self) -> dict[str, Json]:
        """The contract object of --json."""
        what: dict[str, Json] = {"frames": self.frames} if self.frame is None else {"frame": self.frame}
        return {"file": str(self.file), "output": str(self.output), "view": self.view, **what}

    def text(self, units: UnitNames | None = None) -> str:
        """One line for people."""
        return f"wrote {self.output}"


def render(
    path: Path, output: Path, view: str, frame: int = -1, lag: int = 1, system: System | None = None,
    choices: Choices | None = None, width: int = 1200, renderer: str = "auto", fps: int = 10, every: int = 1,
    stem: Path | None = None,
) -> Rendered:  # fmt: skip
    """Draw `view` of one frame, or of every `every`-th frame when `output` is a .gif or .mp4.

    stem: of what was measured of the file, where that is not beside it. Raises InputError for an unknown view, a frame
    that is not there, or an ending that is no picture's.
    """
    choices = choices or Choices()
    if view not in VIEWS:
        raise InputError(f"there is no view {view!r}{near(view, VIEWS)}")
    ending = output.suffix.lower()
    if ending not in (".png", ".pdf", ".svg", *ANIMATIONS):
        raise InputError(f"{output}: pictures end in .png, .pdf or .svg, animations in .gif or .mp4")
    if ending == ".mp4" and shutil.which("ffmpeg") is None:
        raise InputError(
            f"{output}: an mp4 needs the program ffmpeg (Debian: apt-get install ffmpeg); or ask for a .gif"
        )
    run = open_run(path) if is_run(path) else None
    if system is None and run is not None:
        system = run.manifest.system
    system = system or named_system(path)
    frames: Trajectory
    if choices.minimise:
        subject = open_subject(path, system, choices, stem)
        subject.kept.close()
        frames = subject.trajectory
    else:
        frames = open_frames(path, choices.moving, system, choices.species, choices.box)
    taken = remarks(open_any(path, choices.box), system, choices.species)
    if not -len(frames) <= frame < len(frames):
        raise InputError(f"{path} has {len(frames)} frames, not a frame {frame}")
    painter = _Painter(frames, run, system, choices, view, lag)
    if ending in ANIMATIONS:
        numbers = list(range(lag if view in SINCE else 0, len(frames), every))
        if not numbers:
            raise InputError(f"{path} has {len(frames)} frames: too few for an animation")
        notes = _animate(painter, numbers, output, min(width, 800), renderer, fps)
        painter.close()
        return Rendered(path, output, view, None, len(numbers), (*taken, *notes, *painter.notes))
    index = frame % len(frames)
    if view in SINCE and index < lag:
        raise InputError(
            f"{path}: before frame {index} there is none by a lag of {lag}: at most {index} here"
        )
    notes = draw(painter.scene(index), output, width, renderer)
    painter.close()
    return Rendered(path, output, view, index, None, (*taken, *notes, *painter.notes))


class _Painter:
    """Makes the scene of any frame."""

    def __init__(
        self,
        frames: Trajectory,
        run: Run | None,
        system: System | None,
        choices: Choices,
        view: str,
        lag: int,
    ) -> None:
        units = system.unit_system if system else names_of(getattr(frames, "units", None))
        self._length_unit, self._units = units.length_unit, units
        # Atoms that went round the box are followed through it where the file does not say how often.
        if view in SINCE:
            frames = through(frames, run)
        self._frames, self._system, self._choices, self._view, self._lag = frames, system, choices, view, lag
        self._minimiser: Minimiser | None = None
        self._masses = masses_of(frames, system) if view in SINCE else None
        self._farthest = 0.0

    @property
    def notes(self) -> list[str]:
        """What people should know of the frames drawn so far."""
        note = drift_note(
            self._farthest, self._frames[-1].spacing, self._length_unit, self._masses is not None
        )
        return [note] if note else []

    def scene(self, index: int) -> Scene:
        """The scene of a frame, with its step as a title."""
        now: Configuration = self._frames[index]
        drawn = view_of(self._view, now.box.dimension)
        if self._view in ("network", "disclinations"):
            radii = topology_radii(self._choices, self._system, sorted(now.counts))
        else:
            radii = self._choices.radii or system_radii(self._system) or dict.fromkeys(now.counts, 0.5)
        before = self._frames[index - self._lag] if self._view in SINCE and index >= self._lag else None
        if before is not None and self._view == "displacements":  # a strain knows no place
            centre = drift(displacements(before, now), self._masses)
            self._farthest = max(self._farthest, float((centre @ centre) ** 0.5))
        own = self._system.classes if self._system else getattr(self._frames, "species_names", {})
        names = labels(now.counts, own)
        found = drawn(now, Look(radii, before, self._energies(now), names, self._masses, self._units))
        steps = f"step {now.step}" if before is None else f"steps {before.step} to {now.step}"
        return replace(found, title=f"{self._view}, {steps}")

    def _energies(self, now: Configuration) -> Floats | None:
        if self._view != "energy" or self._system is None:
            return None
        if self._minimiser is None:
            from glasscli.engine.minimiser import Minimiser  # LAMMPS: only this view needs it

            self._minimiser = Minimiser(self._system)
        return self._minimiser.energies(now)

    def close(self) -> None:
        """End what was started."""
        if self._minimiser is not None:
            self._minimiser.close()


def _animate(
    painter: _Painter, numbers: Sequence[int], output: Path, width: int, renderer: str, fps: int
) -> list[str]:
    from PIL import Image  # only animations need it

    notes: list[str] = []
    with tempfile.TemporaryDirectory() as name, progress("drawing", len(numbers), "frames") as advance:
        pictures = []
        for done, k in enumerate(numbers):
            picture = Path(name) / f"{done:06d}.png"
            notes = draw(painter.scene(k), picture, width, renderer)
            pictures.append(picture)
            advance(done + 1)
        scratch = Path(name) / f"whole{output.suffix.lower()}"
        if output.suffix.lower() == ".gif":
            first, *rest = (Image.open(p).convert("P", palette=Image.Palette.ADAPTIVE) for p in pictures)
            first.save(scratch, save_all=True, append_images=rest, duration=round(1000 / fps), loop=0)
        else:
            done_ = subprocess.run(
                ["ffmpeg", "-loglevel", "error", "-framerate", str(fps), "-i", str(Path(name) / "%06d.png"),
                 "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", str(scratch)],
                capture_output=True, text=True,
            )  # fmt: skip
            if done_.returncode:
                raise FileError(f"ffmpeg failed: {' '.join(done_.stderr.split())[:200]}")
        try:
            with replacing(output) as whole:
                shutil.copyfile(scratch, whole)
        except OSError as error:
            raise FileError(f"{output}: cannot be written: {error.strerror or error}") from error
    return notes
