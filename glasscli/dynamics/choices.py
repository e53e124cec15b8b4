"""What of a liquid's motion is measured: the options of `glasscli dynamics` as one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DynamicsChoices:
    """Options; None leaves the default.

    q             wave numbers, the first of which says tau_alpha; by default the first peak of S(q)
    reach         of the overlap; by default 0.3 of the mean spacing
    origins       time origins averaged over at each lag, at most
    temperatures  of files that do not say theirs, in their order
    species, box  of another program's files, as everywhere
    van_hove      whether the distributions of distances are made
    """

    q: tuple[float, ...] | None = None
    reach: float | None = None
    origins: int = 1000
    temperatures: tuple[float, ...] | None = None
    species: tuple[str, ...] | None = None
    box: tuple[float, ...] | None = None
    van_hove: bool = True
