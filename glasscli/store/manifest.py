"""Everything a run is: written before its first step, carried in its file for ever."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from glasscli import __version__
from glasscli.engine.launch import Launch
from glasscli.limits import parse_json
from glasscli.model.system import System
from glasscli.protocols.protocol import Protocol
from glasscli.protocols.registry import read_protocol

# What a run starts from: nothing, or a file of ours with its hash. The name becomes a file and a word of the deck.
_STARTS = re.compile(r"random|start\.(restart|data) [0-9a-f]{1,64}")


@dataclass(frozen=True)
class Parent:
    """A file that a run started from."""

    path: str
    identity: str


@dataclass
class Incarnation:
    """One process's share of a run; `reason` says how it ended. Not exact: another LAMMPS went on from positions."""

    start_step: int
    end_step: int | None
    host: str
    process: int
    began: str
    lammps: int
    reason: str = "running"
    exact: bool = True
    wall_seconds: float = 0.0
    exchange_seconds: float = 0.0
    ranks: int = 1
    accelerator: str = ""

    def check(self) -> None:
        """Raise TypeError or ValueError where a field is not what it is to be: a damaged line of a history."""
        datetime.fromisoformat(self.began)
        numbers = (self.start_step, self.process, self.lammps, self.ranks, self.end_step or 0)
        seconds, words = (
            (self.wall_seconds, self.exchange_seconds),
            (self.host, self.reason, self.accelerator),
        )
        for values, kind in ((numbers, int), (seconds, int | float), (words, str), ([self.exact], bool)):
            if not all(isinstance(value, kind) for value in values):
                raise TypeError(f"{values} are not all {kind}")


@dataclass
class Manifest:
    """What is run, from what, by which programs, and what became of it."""

    system: System
    protocol: Protocol
    deck: str
    start: str
    parents: list[Parent]
    command_line: str
    versions: dict[str, str]
    created: str
    history: list[Incarnation] = field(default_factory=list)
    launch: Launch = field(default_factory=Launch)

    @property
    def identity(self) -> str:
        """Hash of what decides the result: system, protocol, parents. The same inputs give the same identity.

        Without what has its default, so that an option added later leaves the identities of older files as they are.
        """
        silent = {"potential_files", "description", "source"}
        system = self.system.model_dump(mode="json", exclude=silent, exclude_defaults=True)
        protocol = self.protocol.model_dump(mode="json", exclude_defaults=True)
        parents = [p.identity for p in self.parents]
        what = [system, self.protocol.kind, protocol, parents, self.start]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

    @property
    def wall_seconds(self) -> float:
        """Seconds spent by all incarnations."""
        return sum(i.wall_seconds for i in self.history)

    def to_json(self) -> str:
        """The manifest as JSON."""
        data = asdict(self) | {
            "system": self.system.model_dump(mode="json"),
            "protocol": self.protocol.model_dump(mode="json"),
            "identity": self.identity,
        }
        return json.dumps(data, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest back; raises ValueError when it is not what its identity says."""
        data: dict[str, Any] = parse_json(text)
        identity = data.pop("identity")
        if not _STARTS.fullmatch(str(data["start"])) or not isinstance(data["command_line"], str):
            raise ValueError(f"no start of a run: {data['start']!r}")
        manifest = cls(
            system=System.model_validate_json(json.dumps(data.pop("system"))),
            protocol=read_protocol(json.dumps(data.pop("protocol"))),
            parents=[Parent(**p) for p in data.pop("parents")],
            history=[Incarnation(**i) for i in data.pop("history")],
            launch=Launch(**data.pop("launch", {})),
            **data,
        )
        if manifest.identity != identity:
            raise ValueError("its contents do not match its identity")
        return manifest


def library_versions() -> dict[str, str]:
    """Versions of what has a hand in a run; LAMMPS's own stands with each incarnation."""
    known = {"glasscli": __version__, "python": platform.python_version()}
    return known | {name: metadata.version(name) for name in ("numpy", "h5py")}


def now() -> str:
    """The present moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
