"""Reads a protocol file. Options of a stage are those of its command line; a list of values is a grid."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glasscli.errors import InputError, MissingFileError, near

Value = str | int | float | bool


class StageFile(BaseModel):
    """One stage: its command (by default its name), the stage it follows, and in `options` the command's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    command: str
    after: str | None = None
    start: str | None = None
    replicas: int | None = Field(default=None, ge=1, lt=10000)
    options: dict[str, Value | list[Value]] = {}


class StudyFile(BaseModel):
    """A study: where its files go, its master seed, its stages in order."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    folder: str
    seed: int = Field(default=1, gt=0)
    stages: dict[str, StageFile]


OWN_KEYS = ("command", "after", "start", "replicas")


def read_study(path: Path) -> StudyFile:
    """Read a protocol file. Raises InputError (one line) for what is not TOML, or not a study."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingFileError(f"{path}: no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    for key in data:
        if key not in StudyFile.model_fields:
            raise InputError(f"{path}: unknown key {key!r}{near(key, StudyFile.model_fields)}")
    stages = data.get("stages")
    if not isinstance(stages, dict) or not stages:
        raise InputError(f"{path}: no stages: write [stages.quench] and under it the options of the command")
    for name, stage in stages.items():
        if not isinstance(stage, dict):
            raise InputError(f"{path}: stages.{name} must be a table")
        own = {key: stage.pop(key) for key in OWN_KEYS if key in stage}
        stages[name] = {"command": name} | own | {"options": stage}
    try:
        return StudyFile.model_validate({"folder": path.stem} | data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {where}: {first['msg'].lower()}") from error
