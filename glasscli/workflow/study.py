"""Reads a protocol file. Options of a stage are those of its command line; a list of values is a grid."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from glasscli import trust
from glasscli.errors import InputError, MissingFileError, near
from glasscli.model.find import written
from glasscli.model.strict import Strict, checked, parse_toml

Value = str | int | float | bool


class StageFile(Strict):
    """One stage: its command (by default its name), the stage it follows, and in `options` the command's own."""

    command: str
    after: str | None = None
    start: str | None = None
    replicas: int | None = Field(default=None, ge=1, lt=10000)
    options: dict[str, Value | list[Value]] = Field(default_factory=dict)


class StudyFile(Strict):
    """A study: where its files go, its master seed, its stages in order."""

    folder: str
    seed: int = Field(default=1, gt=0)
    stages: dict[str, StageFile]


OWN_KEYS = ("command", "after", "start", "replicas")


def read_study(path: Path, scale: str | None = None) -> StudyFile:
    """Read a protocol file. Raises InputError (one line) for what is not TOML, or not a study.

    scale: a table [scales.NAME.STAGE] of the file, whose values replace those of the stage (false: the option is not
    given); the folder gets -NAME.
    """
    if not path.is_file():
        raise MissingFileError(f"{path}: no such file")
    content = written(path)
    data = parse_toml(content, str(path))
    scales = data.pop("scales", {})
    stages = data.get("stages")
    if not isinstance(stages, dict) or not stages:
        raise InputError(f"{path}: no stages: write [stages.quench] and under it the options of the command")
    if scale is not None:
        data["folder"] = f"{data.get('folder', path.stem)}-{scale}"
        _rescale(path, stages, scales, scale)
    for name, stage in stages.items():
        if not isinstance(stage, dict):
            raise InputError(f"{path}: stages.{name} must be a table")
        own = {key: stage.pop(key) for key in OWN_KEYS if key in stage}
        stages[name] = {"command": name} | own | {"options": stage}
        given = stage.get("lmp", "")
        for lmp in given if isinstance(given, list) else [given]:
            if lmp not in ("", trust.ON_PATH):
                trust.require(path, content, f"the program {lmp!r} (stages.{name}.lmp)")
    return checked(StudyFile, {"folder": path.stem} | data, str(path))


def within(folder: str, origin: Path) -> Path:
    """The folder that a protocol file names. Raises InputError where it lies, by links too, outside the present one."""
    here = Path().resolve()
    if "\0" in folder or not (here / folder).resolve().is_relative_to(here) or not folder:
        raise InputError(
            f"{origin}: folder {folder!r} lies outside this one: give --folder PATH if that is meant"
        )
    return Path(folder)


def _rescale(path: Path, stages: dict[str, object], scales: object, scale: str) -> None:
    """Replace what the tables of a scale say otherwise."""
    if not isinstance(scales, dict) or not isinstance(scales.get(scale), dict):
        known = near(scale, scales) if isinstance(scales, dict) and scales else ": it has none"
        raise InputError(f"{path}: no scale {scale!r}{known}")
    for name, changes in scales[scale].items():
        stage = stages.get(name)
        if not isinstance(stage, dict) or not isinstance(changes, dict):
            raise InputError(f"{path}: scales.{scale}.{name} is not a table of a stage{near(name, stages)}")
        left_out = [key for key, value in changes.items() if value is False]
        for key in left_out:
            if key not in stage:
                raise InputError(
                    f"{path}: scales.{scale}.{name}.{key} = false leaves out what the stage has not"
                    f"{near(key, stage)}"
                )
        stages[name] = {key: v for key, v in (stage | changes).items() if key not in left_out}
