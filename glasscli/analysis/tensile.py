"""What a finished tension or compression says: modulus, Poisson's ratio, where it yields, what it flows at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.yielding import Tension, tension
from glasscli.protocols.kinds.flow import Flow
from glasscli.protocols.uniaxial import Uniaxial
from glasscli.store.run import Run
from glasscli.store.schema import EDGES, STRESS

# Rows that --json and figures have, at most: means of so many neighbours.
SHOWN = 500


@dataclass(frozen=True)
class Tensile:
    """All that is said. time, strain, stress (pressure units) [n] as noted; sides: strain of each across, [n] by axis.

    Strains are ln(L/L0), the stress is that along less the mean across, positive where the sample is stretched: those
    of `shear --mode uniaxial`.
    """

    run: Run
    protocol: Flow
    how: Uniaxial
    time: Floats
    strain: Floats
    stress: Floats
    sides: dict[str, Floats]
    found: Tension

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        p, f, shown = self.protocol, self.found, self.series
        return {
            "drive": p.drive, "mode": p.mode, "protocol": p.mode, "axis": self.how.axis, "sides": self.how.sides,
            "pressure": p.ensemble.pressure, "rate": p.rate, "strain_max": p.strain_at(p.steps),
            "modulus": f.modulus.value, "modulus_error": f.modulus.error,
            "poisson": f.poisson and f.poisson.value, "poisson_error": f.poisson and f.poisson.error,
            "stress": {"strain": shown["strain"].tolist(), "value": shown["stress"].tolist()},
            "events": [], "yield": f.largest.data, "yield_reason": f.largest.reason,
            "offset_yield": f.offset.data, "offset_yield_reason": f.offset.reason,
            "flow_stress": f.flow and f.flow.value, "flow_stress_error": f.flow and f.flow.error,
            "steady": f.flow and f.flow.steady, "reversible": None,
            "series": {name: values.tolist() for name, values in shown.items()},
        }  # fmt: skip

    @property
    def row(self) -> dict[str, float | None]:
        """What `table` has columns for; its stress is that of the flow."""
        data, at = self.data, self.found.largest.at or (None, None)
        return {
            "modulus": data["modulus"], "modulus_error": data["modulus_error"], "poisson": data["poisson"],
            "yield_strain": at[0], "yield_stress": at[1],
            "stress": data["flow_stress"], "stress_error": data["flow_stress_error"],
        }  # fmt: skip

    @property
    def series(self) -> dict[str, Floats]:
        """time, strain, stress and the strains across; of many rows means of neighbours."""
        width = -(-len(self.time) // SHOWN)
        count = len(self.time) // width
        across = {f"strain_{axis}": values for axis, values in self.sides.items()}
        return {
            name: values[: count * width].reshape(count, width).mean(axis=1)
            for name, values in ({"time": self.time, "strain": self.strain, "stress": self.stress} | across).items()
        }  # fmt: skip

    def draw(self, path: Path) -> None:
        """Stress against strain, the first line and where it yields."""
        from glasscli.report import flow_figure  # matplotlib takes its time to load

        flow_figure.tensile(path, self.series, self.found, self.run.manifest.system.unit_system)


def tensile(run: Run) -> Tensile:
    """Return what a tension or a compression says. Raises InputError for one that is too short to say anything."""
    protocol = run.manifest.protocol
    assert isinstance(protocol, Flow) and protocol.uniaxial is not None and protocol.rate is not None
    how, table, edges, begun = (
        protocol.uniaxial,
        run.table(STRESS),
        run.table(EDGES),
        run.frames[0].box.lengths,
    )
    across = how.across(protocol.space.dimension)
    pressure = np.mean([table[f"pressure_{side * 2}"] for side in across], axis=0)
    time = table["step"] * protocol.timestep
    strain, stress = protocol.rate * time, pressure - table[f"pressure_{how.axis * 2}"]
    sides = {side: np.log(edges[f"edge_{side}"] / begun["xyz".index(side)]) for side in across}
    free = np.mean(list(sides.values()), axis=0) if how.sides == "pressure" else None
    return Tensile(run, protocol, how, time, strain, stress, sides, tension(strain, stress, free))
