"""Which protocols there are: the files in `kinds`. Imports none of them, nor anything heavy, until one is asked for."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from glasscli.errors import InputError, near
from glasscli.limits import parse_json

if TYPE_CHECKING:
    from glasscli.protocols.protocol import Protocol

KINDS = "glasscli.protocols.kinds"


@cache
def kinds() -> tuple[str, ...]:
    """Names of the protocols, which are also those of their commands, in alphabetical order."""
    folder = Path(__file__).with_name("kinds")
    names = (path.stem.replace("_", "-") for path in folder.glob("*.py") if path.stem != "__init__")
    return tuple(sorted(names))


def protocol_class(kind: str) -> type[Protocol]:
    """The class of a kind. Raises InputError with the near name where there is none."""
    if kind not in kinds():
        raise InputError(f"unknown protocol {kind!r}{near(kind, kinds())}")
    found: type[Protocol] = importlib.import_module(f"{KINDS}.{kind.replace('-', '_')}").PROTOCOL
    return found


def replica_words(kind: str) -> list[str]:
    """Options that make replicas of one START differ, beside their seeds. Raises InputError where nothing would."""
    protocol = protocol_class(kind)
    if not protocol.drawn:
        raise InputError(
            f"nothing of a {kind} is drawn by lot, so that replicas of one START are the same: give it several STARTs"
        )
    return [] if protocol.from_nothing else ["--new-velocities"]


def read_protocol(text: str) -> Protocol:
    """A protocol from its JSON. Raises InputError for an unknown kind, ValueError for what its kind does not allow."""
    kind = parse_json(text)["kind"]
    return protocol_class(str(kind)).model_validate_json(text)
