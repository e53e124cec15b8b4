"""Steps of strain: stress and energy after each, and the minima around what gave way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glasscli.configuration import Configuration
from glasscli.engine.contract import Engine
from glasscli.engine.forces import COMPONENTS
from glasscli.engine.resting import Minimum
from glasscli.engine.strained import Strained, Stretch
from glasscli.simulation.parts.part import Moment, Part
from glasscli.store.recorder import Recorder
from glasscli.store.schema import EVENT, SIDES, STRAIN

ROWS = {"xx": (0, 0), "yy": (1, 1), "zz": (2, 2), "xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}


class Strains(Part):
    """At every step. unit: pressure of an energy per volume."""

    def __init__(self, recorder: Recorder, unit: float) -> None:
        self._recorder, self._unit = recorder, unit

    def enter(self, engine: Engine, resumed: Configuration | None) -> None:
        """What was done before is kept already."""
        assert isinstance(engine, Strained)
        engine.stretches()

    def next_due(self, step: int) -> int:
        """The next."""
        return step + 1

    def after(self, moment: Moment) -> bool:
        """Keep what the step brought; of the first one where the atoms rest."""
        engine = moment.engine
        assert isinstance(engine, Strained)
        made = engine.stretches() or [Stretch(moment.step, engine.start(), 0.0, ())]
        atoms = moment.configuration
        for stretch in made:
            self._keep(stretch, atoms)
            if engine.held is not None:
                edges = np.diag(stretch.end.box.vectors)
                row = {"held": engine.held} | {f"l{a}": edges[k] for k, a in enumerate("xyz")}
                self._recorder.row(SIDES, stretch.step, row)
        return False

    def _keep(self, stretch: Stretch, atoms: Configuration) -> None:
        n, end = atoms.n_atoms, stretch.end
        for number, one in enumerate(stretch.rearrangements):
            for minimum, after in (*((before, 0) for before in one.before), (one.after, 1)):
                row = {
                    "number": number, "after": after, "strain": minimum.strain, "energy": minimum.energy / n,
                    "stress": minimum.stress * self._unit, "released": one.released / n,
                }  # fmt: skip
                self._recorder.row(EVENT, stretch.step, row, _at(minimum, atoms))
        six = {f"s{ab}": -end.pressure[ROWS[ab]] * self._unit for ab in COMPONENTS}
        released = sum(one.released for one in stretch.rearrangements)
        self._recorder.row(
            STRAIN, stretch.step,
            six | {
                "strain": end.strain, "stress": end.stress * self._unit, "energy": end.energy / n,
                "work": stretch.work / n, "released": released / n, "events": len(stretch.rearrangements),
                "max_force": end.max_force, "evaluations": end.evaluations,
            },
        )  # fmt: skip


def _at(minimum: Minimum, atoms: Configuration) -> Configuration:
    """The atoms of a sample at a minimum."""
    positions, crossed = minimum.box.folded(minimum.positions)
    return replace(atoms, positions=positions, images=crossed, box=minimum.box, velocities=None)
