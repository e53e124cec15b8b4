"""Pieces of work, each kept the moment it is done: the same question goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from glasscli.landscape.catalogue import Catalogue
from glasscli.landscape.record import Flat
from glasscli.landscape.worker import each
from glasscli.progress import progress
from glasscli.simulation.stopping import Stop, listening

KIND = "free energy"


class Piece(Protocol):
    """What can be worked on by itself.

    key: by which its record is known;  said: what it is, for people;  seconds: of one core, about
    """

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def said(self) -> str: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    def do(self) -> Flat: ...  # noqa: D102


def do(piece: Piece) -> Flat:
    """Work on one."""
    return piece.do()


def worked(
    pieces: Sequence[Piece], catalogue: Path, jobs: int, stop: Stop
) -> tuple[dict[str, Flat], list[str]]:
    """Do what is not done yet; {key: record} of what is, and notes.

    catalogue: where records are kept. A record of what could not be done is {"failed": why}, and is not kept.
    """
    by_key = {piece.key: piece for piece in pieces}
    with Catalogue(catalogue, mend=True) as kept, listening(stop):
        done = {key: one for key in by_key if (one := kept.get(KIND, key)) is not None}
        with progress("free energies", len(by_key), "pieces of work") as advance:
            advance(len(done))

            def claimed() -> Iterator[tuple[str, Piece]]:
                for key, piece in by_key.items():
                    if key not in done and kept.claim(KIND, key):
                        yield key, piece

            for key, result in each(do, claimed(), jobs, stop):
                if "failed" not in result:
                    kept.add(KIND, key, result)
                done[key] = result
                kept.release(KIND, key)
                advance(len(done), by_key[key].said)
        return done, list(kept.notes)


def cost(pieces: Sequence[Piece]) -> float:
    """Seconds of one core that they take, about."""
    return sum(piece.seconds for piece in pieces)
