"""What people write is taken as it stands: no other keys, no conversions, no infinities; a refusal is one line.

The base of everything that is read from a file (systems, protocols, studies, clusters, schedulers), and the one place
that turns what pydantic says into a sentence with the place and the near key.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from glasscli.errors import InputError, near
from glasscli.limits import TOML, check_depth


class Strict(BaseModel):
    """Base of what a file may say. Instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Strict)
# What a text misses is often what it misspells, and a value that fits no type of several is told by the best reason.
_TELLING = ("extra_forbidden", "finite_number")


def parse_toml(content: bytes, origin: str) -> dict[str, object]:
    """The tables of a TOML file. Raises InputError that begins with `origin`, the file's name."""
    TOML.check(len(content), origin, InputError)
    try:
        found = tomllib.loads(content.decode("utf-8-sig"))  # some editors begin with a mark of byte order
        check_depth(found)
        return found
    except (ValueError, RecursionError) as error:
        raise InputError(f"{origin}: not TOML: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return "tables within tables without end" if isinstance(error, RecursionError) else str(error)


def checked(model: type[Model], values: Mapping[str, object], origin: str) -> Model:
    """The model of these values. Raises InputError that begins with `origin` for the first thing that is wrong."""
    try:
        # JSON mode of a strict model: TOML's arrays become tuples, numbers stay what they are.
        return model.model_validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise InputError(f"{origin}: {explain(error, model)}") from error


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """One line for what a strict model refused first: the place, the reason, the near key."""
    first = min(
        error.errors(), key=lambda e: _TELLING.index(e["type"]) if e["type"] in _TELLING else len(_TELLING)
    )
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"unknown key {place!r}{near(str(first['loc'][-1]), _keys_at(model, first['loc'][:-1]))}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Field names of the (nested) model at `location`; numbers of a list and names of a table lead no deeper."""
    current = model
    for part in location:
        if field := current.model_fields.get(str(part)):
            current = next(_models(field.annotation), current)
    return list(current.model_fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models within a type such as tuple[Species, ...] or dict[str, StageFile]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
