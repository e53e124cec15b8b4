"""Systems by name: what `glasscli systems` lists and shows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from glasscli.errors import GlassError, InputError
from glasscli.model.find import find
from glasscli.model.system import SYSTEMS, System, built_in_systems, load_system


@dataclass(frozen=True)
class Listed:
    """Systems, and notes on files of the user's folder that are none."""

    systems: tuple[System, ...]
    notes: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"systems": [_row(system) for system in self.systems]}

    def text(self) -> str:
        """A line each."""
        wide = max(len(system.name) for system in self.systems)
        return "\n".join(
            f"{s.name:{wide}}  {s.units:5}  {','.join(x.name for x in s.species):9}  {s.description}"
            for s in self.systems
        )


@dataclass(frozen=True)
class Shown:
    """One system with all that its file says."""

    system: System

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json: the row of the list, and the file."""
        return {"systems": [_row(self.system)], "file": self.system.model_dump(mode="json")}

    def text(self) -> str:
        """Lines for people."""
        s, d = self.system, self.system.defaults
        species = (
            f"{x.name} (mass {x.mass:g}, share {x.fraction:.4g}"
            + (f", charge {x.charge:+g}" if s.charged else "")
            + (f", diameter {x.diameter:g}" if x.diameter else "")
            + ")"
            for x in s.species
        )
        windows = (
            "none stated" if s.fictive is None else f"{s.fictive.glass_below:g} to {s.fictive.liquid_above:g}"
        )
        each = "A/N" if s.dimension == 2 else "V/N"
        rows = [
            ("description", s.description), ("source", s.source), ("units", s.units),
            ("dimensions", "2" if s.dimension == 2 else ""), ("species", ", ".join(species)),
            ("diameters", s.sizes.text() if s.sizes else ""),
            ("time step", f"{s.timestep:g} {s.unit_system.time_unit}"),
            ("cutoff", f"{s.cutoff:g} {s.length_unit}"),
            ("quench", f"{d.atoms} atoms, {d.ensemble}, {each} {d.volume_per_atom:g}, T {d.T_start:g} to {d.T_end:g}"),
            ("T_f between", windows), *(("", line) for line in s.commands),
        ]  # fmt: skip
        return "\n".join([s.name, *(f"  {name:13}{value}" for name, value in rows if value)])


def listed() -> Listed:
    """All systems that are known by name: those that come with glasscli and the user's own."""
    found, notes = [], []
    for name in SYSTEMS.names():
        try:
            found.append(load_system(name))
        except GlassError as error:
            notes.append(str(error))
    return Listed(tuple(found), notes)


def shown(name: str) -> Shown:
    """One system by its name or file. Raises InputError."""
    return Shown(load_system(name))


def _row(system: System) -> dict[str, Any]:
    return {
        "name": system.name,
        "units": system.units,
        "species": [s.name for s in system.species],
        "charged": system.charged,
        "dimension": system.dimension,
        "source": system.source,
    }


def copied(name: str, as_name: str) -> str:
    """The file of a system as it stands, comments and all, under another name: where a system of one's own begins.

    Raises InputError for a name that another system has.
    """
    if as_name in built_in_systems():
        raise InputError(f"{as_name} is a built-in system: give yours another name")
    text = find(SYSTEMS, name).content.decode()
    return re.sub(r"(?m)^name = .*$", lambda _: f"name = {json.dumps(as_name)}", text, count=1)
