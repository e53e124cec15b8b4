"""What would be run: the deck as text, the files that LAMMPS needs to run it alone, and what the run will take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glasscli.engine.deck import FileStart
from glasscli.engine.launch import OWN
from glasscli.errors import FileError, InputError
from glasscli.limits import POTENTIAL
from glasscli.simulation.cost import Estimate, estimate
from glasscli.simulation.job import Job
from glasscli.simulation.run import Standing, standing
from glasscli.store.files import read_plain, replacing
from glasscli.store.kind import ANYTHING, kind_of_bytes
from glasscli.store.outputs import Claims


@dataclass(frozen=True)
class DryRun:
    """A deck and what its run will take.

    files: what was written of it, the deck itself first; own: whether the run takes our own forces
    """

    deck: str
    cost: Estimate
    files: tuple[Path, ...] = ()
    own: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        written = {"files": [str(path) for path in self.files]} if self.files else {}
        return {"deck": self.deck} | written | self.cost.data

    def text(self) -> str:
        """The deck, what it takes as comments below it; or where it is, how to run it, and what it takes."""
        if not self.files:
            return "\n".join(
                [self.deck.rstrip(), "", *(f"# {line}" for line in self.cost.text().splitlines())]
            )
        deck = self.files[0]
        names = ", ".join(str(path) for path in self.files)
        own = "\nby LAMMPS's forces, which differ from --forces own in round-off" if self.own else ""
        return f"wrote {names}\nrun it with: cd {deck.parent} && lmp -in {deck.name}{own}\n{self.cost.text()}"


def dry_run(job: Job, folder: Path | None, force: bool = False, named: bool = False) -> DryRun:
    """The deck of a job, and what it will take; with a folder, deck, start file and potential files are written there.

    named: whether the job's output was asked for by name. Raises FileError where a named output is another run's, or
    where a file in the folder would replace one that was not made so, unless `force`; one of another kind, or behind a
    link, is left alone with it too. EngineError where the run cannot begin.
    """
    stands, notes = Standing.NONE, tuple[str, ...]()
    try:
        stands = standing(job, force)
    except (FileError, InputError) as error:
        if named:
            raise
        notes = (str(error),)  # a usual name, which the run itself may have another of
    cost = estimate(job, stands)
    cost = replace(cost, notes=(*cost.notes, *notes))
    deck = job.deck.text()
    if folder is None:
        return DryRun(deck, cost)
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file: with --dry-run -o names a folder")
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{job.protocol.kind}.in": deck.encode()}
    if isinstance(job.start, FileStart):
        contents[job.start.name] = job.start.content
    contents |= {
        name: read_plain(Path(path), POTENTIAL)
        for name, path in job.system.potential_files.items()
        if "/" not in name
    }
    claims = Claims(job.made_of, force, [Path(p) for p in job.system.potential_files.values()])
    there = {name for name in contents if (folder / name).is_file()}
    new = {k: v for k, v in contents.items() if k not in there or not _says(folder / k, v)}
    for name, content in new.items():
        if (folder / name).is_symlink():
            raise FileError(
                f"{folder / name} is a link, and what it leads to is left alone: choose another -o"
            )
        claims.check(folder / name, kind_of_bytes(content) if content else ANYTHING)
    for name, content in new.items():
        claims.file(folder / name)
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    return DryRun(deck, cost, tuple(folder / name for name in contents), job.launch.accelerator == OWN)


def _says(path: Path, content: bytes) -> bool:
    """Whether that is what stands in a file, which is read only where it is as long."""
    return path.stat().st_size == len(content) and path.read_bytes() == content
