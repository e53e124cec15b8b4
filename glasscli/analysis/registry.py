"""The measures by name: those that lie in `measures/`, in the order of their places."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from glasscli.analysis import measures
from glasscli.analysis.measure import Measure
from glasscli.analysis.result import Json
from glasscli.errors import InputError, near


def _found() -> dict[str, Measure[Any]]:
    modules = [
        import_module(f"{measures.__name__}.{found.name}") for found in iter_modules(measures.__path__)
    ]
    ordered = sorted(
        (module.MEASURE for module in modules), key=lambda measure: (measure.place, measure.name)
    )
    found = {measure.name: measure for measure in ordered}
    assert len(found) == len(modules), "two files in measures/ have one name"
    return found


MEASURES = _found()
DEFAULT = tuple(name for name, measure in MEASURES.items() if measure.default)


def resolve(text: str | None) -> tuple[str, ...]:
    """Names in "a,b", "all" or None for the default set; InputError with the nearest name for an unknown one."""
    if text is None:
        return DEFAULT
    words = [word.strip() for word in text.split(",") if word.strip()]
    if "all" in words:
        return tuple(MEASURES)
    for word in words:
        if word not in MEASURES:
            raise InputError(f"there is no measure {word!r}{near(word, MEASURES)}; see --list")
    if not words:
        raise InputError("--measure names no measure; see --list")
    return tuple(name for name in MEASURES if name in words)


def listing() -> tuple[dict[str, Json], str]:
    """What each measure is, for programs and for people."""
    rows = [
        f"  {name:17} {'*' if measure.default else ' '} {measure.explanation}"
        for name, measure in MEASURES.items()
    ]
    data: dict[str, Json] = {
        name: {"explanation": measure.explanation, "default": measure.default}
        for name, measure in MEASURES.items()
    }
    return {"measures": data}, "\n".join([*rows, "  * measured by default"])
