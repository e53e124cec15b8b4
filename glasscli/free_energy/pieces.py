"""Pieces of work, each kept the moment it is done: the same question goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from glasscli.engine.launch import OWN
from glasscli.engine.start import LaunchWish
from glasscli.landscape.catalogue import Catalogue
from glasscli.landscape.record import Flat
from glasscli.landscape.worker import each
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.cost import Estimate
from glasscli.simulation.pilot import measure
from glasscli.simulation.plan import plan
from glasscli.simulation.stopping import Stop, listening

KIND = "free energy"
# Seconds of an atom and step of Lennard-Jones atoms where the pieces' seconds were measured.
USUAL = 1.7e-7
# Bytes of an empty catalogue, and of a record and its share of tables; memory of a process of some thousand atoms.
EMPTY, RECORD, PROCESS = 8192, 2048, 250e6


class Piece(Protocol):
    """What can be worked on by itself.

    key: by which its record is known;  said: what it is, for people;  seconds: of one core, about; system
    """

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def said(self) -> str: ...  # noqa: D102
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def system(self) -> System: ...  # noqa: D102
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


def cost(pieces: Sequence[Piece], catalogue: Path) -> Estimate:
    """What pieces of work that are not in the catalogue will take: their steps, at the speed of each system here."""
    done: set[str] = set()
    if catalogue.exists():
        with Catalogue(catalogue, mend=False) as kept:
            done = {piece.key for piece in pieces if kept.get(KIND, piece.key) is not None}
    left = [piece for piece in pieces if piece.key not in done]
    slower: dict[str, float] = {}
    seconds = 0.0
    for piece in left:
        if piece.system.name not in slower:
            slower[piece.system.name] = _step(piece.system) / USUAL
        seconds += piece.seconds * slower[piece.system.name]
    notes = (f"{len(done)} of {len(pieces)} pieces of work are done",) if done else ()
    return Estimate(
        seconds / 3600, EMPTY + RECORD * len(pieces), PROCESS if left else 0.0, laws={"time": "N x trials"}, notes=notes
    )  # fmt: skip


def _step(system: System) -> float:
    """Seconds that an atom and step of dynamics take here, by our own forces in a melt of the system's usual size."""
    wish = QuenchWish(sampling=SamplingWish(inherent_every=0))
    job = plan(system, wish, Path("pilot.h5"), launch=LaunchWish(forces=OWN).of(system))
    return measure(job).kept
