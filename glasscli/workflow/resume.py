"""Runs gone on with or lengthened, each reported like the command that began it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.analysis.outcome import Made, describe
from glasscli.engine.start import LaunchWish
from glasscli.errors import EXIT_DONE, EXIT_RESUMABLE, InputError
from glasscli.model.quantities import parse_steps
from glasscli.shown import shown
from glasscli.simulation.resume import extend, ladder_of, resume, stored_launch, unfinished_in
from glasscli.simulation.stopping import Stop
from glasscli.store.finished import FileRun
from glasscli.store.recorder import MANIFEST, partial_folder, renamed_run
from glasscli.store.unfinished import JournalRun


@dataclass(frozen=True)
class Resumed:
    """Runs, and a line about what was done to each; left: lines about unfinished runs that were left as they are."""

    made: tuple[Made, ...]
    lines: tuple[str, ...]
    left: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json: of a single run its own."""
        if len(self.made) == 1:
            return self.made[0].data
        return {"files": [one.data for one in self.made]}

    def text(self) -> str:
        """The lines."""
        return "\n".join(map(shown, self.lines)) or ("" if self.left else "nothing unfinished here")

    @property
    def notes(self) -> list[str]:
        """Of all runs."""
        return [*(note for one in self.made for note in one.notes), *self.left]

    @property
    def exit_code(self) -> int:
        """Of the command: whether anything is left to go on with."""
        return EXIT_RESUMABLE if self.left else EXIT_DONE


def resume_all(
    paths: Sequence[Path], steps: str | None, timestep: float | None, launch: LaunchWish, stop: Stop,
    keep_going: bool = False,
) -> Resumed:  # fmt: skip
    """Go on with the unfinished runs that paths name or, as folders, hold; lengthen finished ones by `steps` if given.

    Raises InputError where `steps` was given for a run that first had to be finished.
    """
    made: list[Made] = []
    lines: list[str] = []
    ladders: dict[str, list[str]] = {}
    renamed: list[str] = []
    for path in paths:
        waiting = unfinished_in(path)
        if path.is_dir() and not (path / MANIFEST).exists():
            renamed += [said for folder in sorted(path.iterdir()) if (said := renamed_run(folder))]
        for output in waiting:
            if path.is_dir() and path != partial_folder(output) and (whole := ladder_of(output)):
                ladders.setdefault(whole, []).append(str(output))
                continue
            how = stored_launch(JournalRun(partial_folder(output)), launch)
            run = resume(output, timestep=timestep, launch=how, stop=stop, keep_going=keep_going)
            made.append(describe(run))
            lines.append(f"{output}: gone on with and finished, {_length(made[-1])} steps")
        if waiting and steps:
            raise InputError(f"{path} was unfinished and is finished now; give --steps again to lengthen it")
        if waiting or path.is_dir():
            continue
        if steps:
            finished = FileRun(path)
            manifest = finished.manifest
            more = parse_steps(steps, manifest.system, timestep=manifest.protocol.timestep)
            how = stored_launch(finished, launch)
            made.append(describe(extend(path, more, launch=how, stop=stop, keep_going=keep_going)))
            lines.append(f"{path}: now {_length(made[-1])} steps")
        else:
            made.append(describe(FileRun(path)))
            lines.append(f"{path}: finished, nothing to do (--steps N more lengthens it)")
    together = [
        f"{', '.join(rungs)}: a ladder of temperatures goes on as a whole: {whole}"
        for whole, rungs in ladders.items()
    ]
    return Resumed(tuple(made), tuple(lines), (*together, *renamed))


def _length(made: Made) -> int:
    return made.run.manifest.protocol.steps
