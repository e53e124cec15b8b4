"""One frame and what measures share of it: tessellations and the bond network, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from glasscli.analysis.choices import Choices
from glasscli.configuration import Configuration
from glasscli.errors import GlassError, InputError
from glasscli.observables.network import Bonding
from glasscli.observables.topology import Topology, topology
from glasscli.observables.voronoi import Tessellation, tessellate

# What a measure may need of a frame, as a note names it where it cannot be had.
SHARED = {
    "cells": "Voronoi cells",
    "plain": "plain Voronoi cells",
    "radical": "radical tessellation",
    "network": "bond network",
    "bonding": "bonds",
}
BY_RADII = {"radical", "network"}
# The same of a file: `finish` reads them in `subject.course`, `subject.elements`; a volume need
# only be there.
OF_FILE = {"energies": "energies", "elements": "elements", "volume": "volume"}


class Shared:
    """A configuration with what several measures need of it.

    radii: of the radical tessellation, if there are any; bonding: which species are bonded, where a measure needs it
    """

    def __init__(
        self, configuration: Configuration, choices: Choices, radii: dict[int, float] | None,
        bonding: Bonding | None = None,
    ) -> None:  # fmt: skip
        self.configuration = configuration
        self.choices = choices
        self.radii = radii
        self.bonding = bonding

    @cached_property
    def plain(self) -> Tessellation:
        """The tessellation without radii and thresholds."""
        c = self.choices
        bare = c.radii is None and not (c.edge_threshold or c.face_threshold)
        return self.cells if bare else tessellate(self.configuration)

    @cached_property
    def cells(self) -> Tessellation:
        """The tessellation by the user's radii and thresholds; plain Voronoi by default."""
        c = self.choices
        return tessellate(self.configuration, c.radii, c.edge_threshold, c.face_threshold, bonds=True)

    @cached_property
    def radical(self) -> Tessellation:
        """The radical tessellation without thresholds, of the bond network."""
        if self.radii is None:
            raise InputError(
                "the radical tessellation needs --radii R1,R2,... or a --system whose species have some"
            )
        c = self.choices
        if c.radii is not None and c.radii == self.radii and not (c.edge_threshold or c.face_threshold):
            return self.cells
        return tessellate(self.configuration, self.radii, bonds=True)

    @cached_property
    def network(self) -> Topology:
        """The bonds of the radical tessellation, whole and pruned."""
        return topology(self.configuration, self.radical)


@dataclass(frozen=True)
class Frame:
    """What one measure sees of a frame: its configuration, the choices, and the shared things that it needs.

    needs: names in SHARED. Another one is refused: results are kept by what they were made from, so one that was
    read in silence would leave old numbers standing when a choice changes.
    """

    shared: Shared
    needs: frozenset[str] = frozenset(SHARED)

    @property
    def configuration(self) -> Configuration:
        """The atoms and their box."""
        return self.shared.configuration

    @property
    def choices(self) -> Choices:
        """What to measure with; what is read of it stands in the measure's `choices`."""
        return self.shared.choices

    @property
    def radii(self) -> dict[int, float] | None:
        """Radii of the radical tessellation, {species: length}; None where nobody knows any."""
        return self.shared.radii

    @property
    def cells(self) -> Tessellation:
        """The tessellation by the user's radii and thresholds; plain Voronoi by default; with bonds."""
        self._allow("cells")
        return self.shared.cells

    @property
    def plain(self) -> Tessellation:
        """The tessellation without radii and thresholds; with bonds where it is `cells` too."""
        self._allow("plain")
        return self.shared.plain

    @property
    def radical(self) -> Tessellation:
        """The radical tessellation of the bond network, without thresholds; with bonds."""
        self._allow("radical")
        return self.shared.radical

    @property
    def network(self) -> Topology:
        """The bonds of the radical tessellation, whole and pruned."""
        self._allow("network")
        return self.shared.network

    @property
    def bonding(self) -> Bonding:
        """Which species are bonded to which, up to where, and which of them make a network."""
        self._allow("bonding")
        assert self.shared.bonding is not None, "measured without what the file says of its species"
        return self.shared.bonding

    def _allow(self, name: str) -> None:
        if name not in self.needs:
            raise GlassError(f"a measure reads frame.{name}: its `needs` must name {name!r}")
