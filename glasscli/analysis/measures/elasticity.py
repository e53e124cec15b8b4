"""The measure `elasticity`: elastic constants of a run that noted its stress, from how that fluctuates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glasscli.analysis.measure import Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.observables.green_kubo import evenly_spaced
from glasscli.progress import progress
from glasscli.report.canvas import with_error
from glasscli.store.run import Run
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from glasscli.modes.elastic_fluctuations import Fluctuating

# The part of a run from which on it counts, and frames whose Born part is taken: it hardly fluctuates.
SETTLED, MOST = 0.1, 100


@dataclass(frozen=True)
class Elasticity(Result):
    """Elastic constants at a temperature, in pressures; `elastic` as `modes.elastic_fluctuations.Fluctuating.data`."""

    temperature: float
    values: int
    frames: int
    elastic: dict[str, Any]

    def text(self, units: UnitNames) -> str:
        """One line."""
        return "; ".join(map(" ".join, self.table(units)))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Both moduli, as strains that are alike everywhere have them."""
        e, unit = self.elastic, units.pressure_unit
        return [
            (f"{name}, from fluctuations", f"{with_error(e[f'{name}_voigt'], e[f'{name}_error'])} {unit}")
            for name in ("G", "B")
        ]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Their means over files."""
        unit = units.pressure_unit
        return {f"{name}, from fluctuations ({unit})": self.elastic[f"{name}_voigt"] for name in ("G", "B")}


def finish(subject: Subject) -> Elasticity | None:
    """Of a run at one temperature and volume."""
    run, system = subject.run, subject.system
    try:
        if run is None or system is None or not len(run.stress["step"]):
            raise InputError("the file holds no stress in time (--stress-every)")
        found, frames = of_run(run)
    except InputError as error:
        subject.notes.append(f"no elastic constants from fluctuations: {error}")
        return None
    T = run.manifest.protocol.constant_temperature
    assert T is not None
    unit = system.unit_system.pressure_per_energy_density
    return Elasticity(T, len(run.stress["step"]), frames, found.data(unit))


def of_run(run: Run) -> tuple[Fluctuating, int]:
    """Elastic constants, and of how many frames their Born part is. Raises InputError."""
    # They take their time to load, and few runs have stress in time.
    from glasscli.modes.elastic_fluctuations import from_fluctuations, mean_born
    from glasscli.modes.elastic_tensor import VOIGT
    from glasscli.modes.hessian import Curvature

    protocol, system, stress = run.manifest.protocol, run.manifest.system, run.stress
    T, units = protocol.constant_temperature, system.unit_system
    if protocol.ensemble.kind == "npt" or T is None or not protocol.timed or protocol.driven:
        raise InputError("their formula is for dynamics at rest, at constant volume and one temperature")
    if evenly_spaced(stress["step"]) is None:
        raise InputError("the stress is not evenly spaced in time")
    begin = SETTLED * protocol.steps
    six = [f"pressure_{'xyz'[a]}{'xyz'[b]}" for a, b in ((min(p), max(p)) for p in VOIGT)]
    late = stress["step"] >= begin
    series = -np.stack([stress[name][late] for name in six], axis=1) / units.pressure_per_energy_density
    all_frames = run.frames
    late_frames = [k for k in range(len(all_frames)) if all_frames.steps[k] >= begin]
    chosen = [late_frames[k] for k in np.unique(np.linspace(0, len(late_frames) - 1, MOST).astype(int))]
    with (
        Forces(system) as forces,
        progress(f"elastic constants of {run.path.name}", len(chosen), "frames") as advance,
    ):
        curvature = Curvature(forces)
        curvature.method(all_frames[chosen[0]])
        born = mean_born([all_frames[k] for k in chosen], curvature, forces, advance)
    first = all_frames[chosen[0]]
    kT = units.lammps_boltzmann * T
    return from_fluctuations(series, born, kT, first.n_atoms, first.volume), len(chosen)


MEASURE: Measure[None] = Measure(
    name="elasticity",
    explanation="elastic constants from fluctuations of the stress (runs with --stress-every)",
    finish=finish,
)
