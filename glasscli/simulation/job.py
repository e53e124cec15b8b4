"""A run to be made."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from glasscli.box import Box
from glasscli.engine.deck import Deck, FileStart, RandomStart, Start
from glasscli.engine.launch import IN_PROCESS, Launch
from glasscli.errors import GlassError, InputError
from glasscli.limits import RANKS, SAMPLE, STEPS
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol
from glasscli.store.manifest import Manifest, Parent, library_versions, now
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run


@dataclass(frozen=True)
class Job:
    """A run to be made: what, from which start, into which file.

    keep_going  also where its exchanges do nothing; it decides no bit of the run, so it is no part of what it is
    notes       for people, about the file it starts from
    box         that it starts in, where it was planned and not read
    """

    system: System
    protocol: Protocol
    output: Path
    start: Start
    parents: tuple[Parent, ...]
    command_line: str
    launch: Launch = IN_PROCESS
    keep_going: bool = False
    notes: tuple[str, ...] = ()
    box: Box | None = None

    def __post_init__(self) -> None:
        """Raises InputError for a run beyond the limits: it may be what a file asks for."""
        STEPS.check(self.protocol.steps, str(self.output), InputError)
        SAMPLE.check(sum(self.protocol.counts), str(self.output), InputError)
        if not self.launch.lmp:  # another launcher may have another machine
            RANKS.check(self.launch.ranks, str(self.output), InputError)

    @classmethod
    def of(cls, run: Run) -> Job:
        """The job that made a stored run, finished or not."""
        output = run.path.with_name(run.path.name.removesuffix(".partial"))
        m = run.manifest
        start: Start = RandomStart() if run.start is None else FileStart(*run.start)
        keep_going = "--keep-going" in m.command_line.split()
        return cls(
            m.system, m.protocol, output, start, tuple(m.parents), m.command_line, m.launch, keep_going
        )

    @property
    def deck(self) -> Deck:
        """The deck, with its start file beside it."""
        return self.protocol.deck(self.system, self.start)

    @property
    def made_of(self) -> list[Path]:
        """The files that it starts from, those that they started from, and so on: what it never replaces."""
        found: list[Path] = []
        waiting = [Path(parent.path) for parent in self.parents]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found.append(path)
            with suppress(GlassError, OSError):
                if path.is_file() and is_run(path):
                    waiting += [Path(parent.path) for parent in open_run(path).manifest.parents]
        return found

    def manifest(self) -> Manifest:
        """The manifest of a run that has not begun."""
        start = "random"
        if isinstance(self.start, FileStart):
            start = f"{self.start.name} {hashlib.sha256(self.start.content).hexdigest()}"
        return Manifest(
            self.system, self.protocol, self.deck.text(), start, list(self.parents), self.command_line,
            library_versions(), now(), launch=self.launch,
        )  # fmt: skip
