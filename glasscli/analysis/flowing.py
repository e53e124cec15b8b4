"""What a finished flow says: its stress at a rate, its moduli in oscillation, its compliance under a stress."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.rheology import Creep, Level, Moduli, creep, level, moduli
from glasscli.protocols.kinds.flow import Flow
from glasscli.store.run import Run
from glasscli.store.schema import STRESS, TILT

# Rows of the series that --json and figures have, at most: means of so many neighbours.
SHOWN = 500


@dataclass(frozen=True)
class Flowing:
    """All that is said. time [n], strain [n] and stress [n] (pressure units) as they were noted.

    normal  the first normal stress difference of a steady flow, P_bb - P_aa in the plane ab; of the others None
    """

    run: Run
    protocol: Flow
    time: Floats
    strain: Floats
    stress: Floats
    found: Level | Moduli | Creep
    normal: Level | None

    @property
    def viscosity(self) -> float | None:
        """Stress over rate; None where it is not known."""
        if isinstance(self.found, Level):
            assert self.protocol.rate is not None
            return self.found.value / self.protocol.rate
        return self.found.viscosity if isinstance(self.found, Creep) else None

    @property
    def viscosity_error(self) -> float | None:
        """The stress's error over the rate; None of a creep."""
        if not isinstance(self.found, Level):
            return None
        assert self.protocol.rate is not None
        return self.found.error / abs(self.protocol.rate)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        p, f = self.protocol, self.found
        said: dict[str, Any] = {
            "drive": p.drive, "mode": p.mode, "plane": p.plane, "rate": p.rate, "amplitude": p.amplitude,
            "period": p.period, "frequency": 2 * np.pi / (p.period * p.timestep) if p.period else None,
        }  # fmt: skip
        if isinstance(f, Level):
            assert self.normal is not None
            said |= {
                "stress": f.value, "stress_error": f.error, "steady": f.steady, "viscosity": self.viscosity,
                "viscosity_error": self.viscosity_error,
                "normal_stress_difference": self.normal.value, "normal_stress_difference_error": self.normal.error,
            }  # fmt: skip
        elif isinstance(f, Moduli):
            said |= {
                "storage_modulus": f.storage, "storage_modulus_error": f.storage_error, "loss_modulus": f.loss,
                "loss_modulus_error": f.loss_error, "third_harmonic": f.third, "periods": f.periods,
            }  # fmt: skip
        else:
            said |= {"stress": p.stress} | {name: v for name, v in asdict(f).items() if name != "strain"}
            said |= {"strain_end": f.strain}
        return said | {"series": {name: values.tolist() for name, values in self.series.items()}}

    @property
    def series(self) -> dict[str, Floats]:
        """time, strain, stress; of many rows means of neighbours."""
        width = -(-len(self.time) // SHOWN)
        count = len(self.time) // width
        return {
            name: values[: count * width].reshape(count, width).mean(axis=1)
            for name, values in (("time", self.time), ("strain", self.strain), ("stress", self.stress))
        }

    def draw(self, path: Path) -> None:
        """Stress against strain, of a creep strain in time."""
        from glasscli.report import flow_figure  # matplotlib takes its time to load

        units = self.run.manifest.system.unit_system
        flow_figure.flow(path, self.series, self.protocol.drive, units)


def flowing(run: Run) -> Flowing:
    """Return what a flow says. Raises InputError for one that is too short to say anything."""
    protocol = run.manifest.protocol
    assert isinstance(protocol, Flow)
    table, (a, b) = run.table(STRESS), protocol.plane
    steps = table["step"]
    stress = -table[f"pressure_{protocol.plane}"]
    time = steps * protocol.timestep
    if protocol.drive == "creep":
        vectors = run.frames[0].box.vectors
        along, across = (vectors["xyz".index(k), "xyz".index(k)] for k in (a, b))
        # A box that leans by an edge is the box that does not.
        tilts = np.unwrap(run.table(TILT)[f"tilt_{protocol.plane}"], period=along)
        strain = (tilts - vectors["xyz".index(b), "xyz".index(a)]) / across
        assert protocol.stress is not None
        ends = (protocol.steps - protocol.recovery) * protocol.timestep
        return Flowing(run, protocol, time, strain, stress, creep(time, strain, protocol.stress, ends), None)
    strain = np.array([protocol.strain_at(int(step)) for step in steps])
    if protocol.drive == "steady":
        normal = level(table[f"pressure_{b}{b}"] - table[f"pressure_{a}{a}"])
        return Flowing(run, protocol, time, strain, stress, level(stress), normal)
    assert protocol.period is not None and protocol.amplitude is not None
    late = steps >= protocol.period // 2
    angle = 2 * np.pi * (steps[late] - protocol.period // 2) / protocol.period
    return Flowing(run, protocol, time, strain, stress, moduli(angle, stress[late], protocol.amplitude), None)
