"""Which phase of one composition is the most stable: by F at one volume, by G = F + PV at one pressure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from glasscli.free_energy.melting import volume_at
from glasscli.free_energy.surface import Surface, alike

VOLUME, PRESSURE = "volume", "pressure"
SAME = 1e-6  # volumes


@dataclass(frozen=True)
class Census:
    """Phases of one composition at a temperature, and one volume per atom or one pressure (energy per volume).

    at, value   VOLUME or PRESSURE, and which
    stable      the phase of lowest F or G
    above       {phase: (by how much an atom its F or G is higher, error)} of the others
    volumes     per atom, of all
    """

    T: float
    composition: float
    at: str
    value: float
    stable: str
    above: dict[str, tuple[float, float]]
    volumes: dict[str, float]


def census(surfaces: Sequence[Surface], pressure: float | None) -> list[Census]:
    """At each temperature at which two phases of one composition or more were measured: at each volume that one of
    them was measured at and all cover, and at `pressure` (energy per volume) if one is given."""
    found = []
    for group in _alike(surfaces):
        for T in sorted(set.intersection(*(set(s.temperatures) for s in group))):
            for volume in sorted({v for s in group for v in s.volumes}):
                if all(_covers(s, volume) for s in group):
                    found.append(
                        _ranked(group, T, VOLUME, volume, dict.fromkeys((s.name for s in group), volume))
                    )
            if pressure is not None:
                at = {s.name: volume_at(s, pressure, T) for s in group}
                volumes = {name: v for name, v in at.items() if v is not None}
                there = [s for s in group if s.name in volumes]
                if len(there) > 1:
                    found.append(_ranked(there, T, PRESSURE, pressure, volumes))
    return found


def _alike(surfaces: Sequence[Surface]) -> list[list[Surface]]:
    """Two or more of one composition."""
    groups: list[list[Surface]] = []
    for s in surfaces:
        for group in groups:
            if alike(group[0].shares, s.shares):
                group.append(s)
                break
        else:
            groups.append([s])
    return [group for group in groups if len(group) > 1]


def _covers(surface: Surface, volume: float) -> bool:
    return surface.volumes[0] * (1 - SAME) <= volume <= surface.volumes[-1] * (1 + SAME)


def _ranked(group: Sequence[Surface], T: float, at: str, value: float, volumes: dict[str, float]) -> Census:
    pressure = value if at == PRESSURE else 0.0
    of = {s.name: s.free(volumes[s.name], T) + pressure * volumes[s.name] for s in group}
    # Of G the error is that of F, as far as the volume is that of least F + PV.
    errors = {s.name: s.error(volumes[s.name], T) for s in group}
    best = min(of, key=lambda name: of[name])
    above = {
        name: (value - of[best], math.hypot(errors[name], errors[best]))
        for name, value in of.items()
        if name != best
    }
    return Census(T, group[0].small_fraction, at, value, best, above, volumes)
