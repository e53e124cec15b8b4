"""A cluster and its scheduler, read from TOML: data, not code."""

from __future__ import annotations

import os
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from glasscli.errors import InputError, MissingFileError, near
from glasscli.model.quantities import parse_walltime

SCHEDULERS = ("slurm", "pbs", "sge", "lsf")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Scheduler(_Strict):
    """How one batch system is spoken to. Patterns find `job`, `part` and `state` in a line of its answers."""

    submit: list[str]
    submitted: str
    depend: list[str]
    each: str = "{job}"
    between: str
    cancel: list[str]
    queue: list[str]
    queued: str
    running: list[str]
    stdin: bool = False
    index: str
    directives: list[str]
    # Left out for a single part, where the batch system has no array of one.
    array_directive: str | None = None
    queue_directive: str
    account_directive: str
    again: str


class Cluster(_Strict):
    """Where jobs go. `setup` and `modules` are lines of the user's own; `extra` are directives as they are.

    cores: of one job; pack: tasks of one job, side by side on its cores (default: as many as cores)
    """

    scheduler: str
    walltime: str = "24:00:00"
    cores: int = Field(default=1, ge=1)
    pack: int | None = Field(default=None, ge=1)
    queue: str | None = None
    account: str | None = None
    modules: list[str] = []
    setup: list[str] = []
    extra: list[str] = []
    glasscli: list[str] | None = None

    @field_validator("scheduler")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in SCHEDULERS:
            raise ValueError(f"no scheduler {value!r}{near(value, SCHEDULERS)}")
        return value

    @field_validator("queue", "account")
    @classmethod
    def _word(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[\w.@,:+-]+", value):
            raise ValueError(f"{value!r} is no name of a queue or account")
        return value

    @field_validator("walltime")
    @classmethod
    def _time(cls, value: str) -> str:
        parse_walltime(value)
        return value

    @property
    def tasks_a_job(self) -> int:
        """How many tasks share a job."""
        return self.pack or self.cores

    def speaks(self) -> Scheduler:
        """The scheduler's own data."""
        return load_scheduler(self.scheduler)


def load_scheduler(name: str) -> Scheduler:
    """A built-in scheduler."""
    text = (resources.files("glasscli.workflow") / "schedulers" / f"{name}.toml").read_text(encoding="utf-8")
    return Scheduler.model_validate(tomllib.loads(text))


def user_clusters() -> Path:
    """Folder of the user's cluster files."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "glasscli" / "clusters"


def load_cluster(name: str) -> Cluster:
    """A cluster by file, by name in the user's folder, or a bare scheduler by its name."""
    path = Path(name) if name.endswith(".toml") else user_clusters() / f"{name}.toml"
    if not path.exists():
        if name in SCHEDULERS:
            return Cluster(scheduler=name)
        known = [p.stem for p in user_clusters().glob("*.toml")] + [*SCHEDULERS]
        raise MissingFileError(f"no cluster {name!r} ({path} is not there){near(name, known)}")
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    for key in data:
        if key not in Cluster.model_fields:
            raise InputError(f"{path}: unknown key {key!r}{near(key, Cluster.model_fields)}")
    try:
        return Cluster.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
