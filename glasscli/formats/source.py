"""What a run can start from: a stored run, or the last configuration of another program's file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.model.system import System, load_system
from glasscli.store.manifest import Parent
from glasscli.store.run import Run

Source = Run | tuple[Configuration, Parent]


def open_start(path: Path) -> Source:
    """Return a stored Run, or (Configuration, Parent) of the last frame of any other file."""
    found = open_any(path)
    if isinstance(found, Run):
        return found
    return found[-1], Parent(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def system_of(run: Run, name: str | None) -> System:
    """The system of a stored run. Raises InputError when another one is asked for."""
    if name is None:
        return run.manifest.system
    system = load_system(name)
    if system.commands != run.manifest.system.commands:
        raise InputError(
            f"{run.path} was made with {run.manifest.system.name}; --system {name} does not fit it"
        )
    return system
