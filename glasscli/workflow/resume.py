"""Runs gone on with or lengthened, each reported like the command that began it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.analysis.outcome import Made, describe
from glasscli.engine.start import LaunchWish
from glasscli.errors import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_RESUMABLE,
    FileError,
    GlassError,
    InputError,
    StoppedEarly,
)
from glasscli.model.quantities import parse_steps, split
from glasscli.shown import shown
from glasscli.simulation.resume import (
    damages,
    extend,
    ladder_of,
    mend_start,
    resume,
    stored_launch,
    unfinished_in,
)
from glasscli.simulation.stopping import Stop
from glasscli.store.finished import FileRun
from glasscli.store.recorder import MANIFEST, partial_folder, renamed_run
from glasscli.store.unfinished import JournalRun
from glasscli.trust import UntrustedError


@dataclass(frozen=True)
class Resumed:
    """Runs, and a line about what was done to each.

    left: lines about unfinished runs that were left as they are; failed: about those of a folder that did not go on;
    mended: about what was damaged and is whole again, or done without.
    """

    made: tuple[Made, ...]
    lines: tuple[str, ...]
    left: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json: of a single run its own."""
        if len(self.made) == 1 and not self.failed:
            return self.made[0].data
        said = {"failed": list(self.failed), "error": "; ".join(self.failed)} if self.failed else {}
        return {"files": [one.data for one in self.made]} | said

    def text(self) -> str:
        """The lines, each with what the command that began the run would say of it."""
        said = [f"{shown(line)}\n{one.text()}" for line, one in zip(self.lines, self.made, strict=True)] + [
            shown(line) for line in self.failed
        ]
        return "\n".join(said) or ("" if self.left else "nothing unfinished here")

    @property
    def notes(self) -> list[str]:
        """Of all runs."""
        return [*(note for one in self.made for note in one.notes), *self.mended, *self.left]

    @property
    def exit_code(self) -> int:
        """Of the command: whether anything is left to go on with."""
        return EXIT_FAILED if self.failed else EXIT_RESUMABLE if self.left else EXIT_DONE


def resume_all(
    paths: Sequence[Path], steps: str | None, timestep: float | None, launch: LaunchWish, stop: Stop,
    keep_going: bool = False,
) -> Resumed:  # fmt: skip
    """Go on with the unfinished runs that paths name or, as folders, hold; lengthen finished ones by `steps` if given.

    Raises InputError where `steps` was given for a run that first had to be finished.
    """
    if steps:
        split(steps, "steps")  # refused before anything is run
    made: list[Made] = []
    lines: list[str] = []
    ladders: dict[str, list[str]] = {}
    renamed: list[str] = []
    failed: list[str] = []
    mended: list[str] = []
    for path in paths:
        waiting = unfinished_in(path)
        if path.is_dir() and not (path / MANIFEST).exists():
            renamed += [said for folder in sorted(path.iterdir()) if (said := renamed_run(folder))]
        for output in waiting:
            of_folder = path.is_dir() and path != partial_folder(output)
            try:
                if of_folder and (whole := ladder_of(output)):
                    ladders.setdefault(whole, []).append(str(output))
                    continue
                if of_folder and output.is_symlink():
                    raise FileError(
                        f"it is a link to {os.path.realpath(output)}: name it, if that is to be replaced"
                    )
                how = stored_launch(JournalRun(partial_folder(output)), launch)
                mends = [line for line in (mend_start(output), *damages(output)) if line]
                run = resume(output, timestep=timestep, launch=how, stop=stop, keep_going=keep_going)
            except StoppedEarly:
                raise
            except (GlassError, OSError) as error:
                asked = isinstance(error, InputError) and not isinstance(error, UntrustedError)
                if not of_folder or asked:  # what was asked for cannot be, of any run
                    raise
                failed.append(f"{output} did not go on: {error}")  # the others do
                continue
            made.append(describe(run))
            mended += [f"{output}: {line}" for line in mends]
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
    return Resumed(tuple(made), tuple(lines), (*together, *renamed), tuple(failed), tuple(mended))


def _length(made: Made) -> int:
    return made.run.manifest.protocol.steps
