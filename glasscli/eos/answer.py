"""What `glasscli eos` answers: phases, mixture and tangent, and a structure among them, as data and as lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats, Ints
from glasscli.eos.curves import EnergyCurve, PhaseCurve
from glasscli.eos.mixture import Mixture, Tangent
from glasscli.model.system import System
from glasscli.observables.laves import LocalMeans
from glasscli.report.beside import number

# Means of each species, by its name.
Local = dict[str, LocalMeans]


@dataclass(frozen=True)
class FreeEnergy:
    """A quasi-harmonic free energy; curve: None of a crystal that is unstable, at the volumes `unstable`.

    at      {volume: free energy} of the volumes asked for that lie on the curve
    reason  why there is no curve, or no minimum on it; None where there are both
    """

    temperature: float
    quantum: bool
    curve: EnergyCurve | None
    at: dict[float, float]
    unstable: list[float]
    reason: str | None = None

    def data(self, unit: float) -> dict[str, Any]:
        """As the contract object has it; unit: of pressure, over energy per volume."""
        volume, energy = (self.curve and self.curve.minimum) or (None, None)
        if self.curve is None:
            return {
                "temperature": self.temperature, "volume": None, "free_energy": None, "unstable": self.unstable,
                "reason": self.reason,
            }  # fmt: skip
        return {
            "temperature": self.temperature,
            "method": "quasi-harmonic, " + ("quantum" if self.quantum else "classical, h-bar = 1"),
            "volume": volume,
            "free_energy": energy,
            "bulk_modulus": _times(self.curve.bulk_modulus, unit),
            "curve": _points(self.curve),
            "at": _by_text(self.at),
            "unstable": self.unstable,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class PhaseAnswer:
    """One phase at T = 0, and its free energy where a temperature was asked for.

    parameters  c/a and internal coordinates at rest, {} without a minimum
    at          {volume: energy} of the volumes asked for
    local       means of the species at rest, None where they are not known; local_at: {volume: means}
    """

    found: PhaseCurve
    parameters: dict[str, float]
    at: dict[float, float]
    local: Local | None
    local_at: dict[float, Local]
    free: FreeEnergy | None = None

    @property
    def curve(self) -> EnergyCurve:
        """E(V)."""
        return self.found.curve

    def data(self, unit: float) -> dict[str, Any]:
        """As the contract object has it; unit: of pressure, over energy per volume."""
        curve = self.curve
        volume, energy = curve.minimum or (None, None)
        names = self.found.phase.prototype.parameters
        return {
            "composition": curve.small_fraction,
            "volume": volume,
            "energy": energy,
            "bulk_modulus": _times(curve.bulk_modulus, unit),
            "parameters": self.parameters,
            "curve": _points(curve),
            "pressure": (curve.pressures * unit).tolist(),
            "curve_parameters": {n: [c.parameters[n] for c in self.found.cells] for n in names},
            "at": _by_text(self.at),
            "local": None if self.local is None else _plain(self.local),
            "local_at": {f"{v:g}": _plain(means) for v, means in self.local_at.items()},
        } | ({"free_energy": self.free.data(unit)} if self.free else {})


@dataclass(frozen=True)
class Mixed:
    """Two phases that share a volume, and their common tangent; temperature: of free energies."""

    mixture: Mixture
    tangent: Tangent | None
    temperature: float | None


@dataclass(frozen=True)
class Structure:
    """The atoms of a file among the curves: [n_atoms] local volumes, energies and species, and means of each."""

    file: Path
    volumes: Floats
    energies: Floats
    species: Ints
    volume: float
    local: Local

    @property
    def energy(self) -> float:
        """Per atom."""
        return float(self.energies.mean())

    @property
    def data(self) -> dict[str, Any]:
        """As the contract object has it."""
        return {
            "file": str(self.file),
            "atoms": len(self.species),
            "energy": self.energy,
            "volume": self.volume,
            "local": _plain(self.local),
        }


@dataclass(frozen=True)
class Answer:
    """Everything that was asked for, of one system; figures, tables: names of the files written."""

    system: System
    phases: dict[str, PhaseAnswer]
    mixed: Mixed | None
    notes: list[str]
    structure: Structure | None = None
    figures: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    @property
    def pressure_unit(self) -> float:
        """One unit of energy per volume, in the system's unit of pressure."""
        return self.system.unit_system.pressure_per_energy_density

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        unit = self.pressure_unit
        names = self.system.names
        phases = {
            name: one.data(unit) | {"species": [names[s] for s in one.found.phase.species]}
            for name, one in self.phases.items()
        }
        data: dict[str, Any] = {"system": self.system.name, "phases": phases, "mix": None, "tangent": None}
        if self.mixed:
            found, line = self.mixed.mixture, self.mixed.tangent
            data["mix"] = asdict(found) | {
                "phases": list(found.phases),
                "pressure": found.pressure * unit,
                "temperature": self.mixed.temperature,
            }
            if line:
                data["tangent"] = asdict(line) | {"pressure": line.pressure * unit, "slope": -line.pressure}
        if self.structure:
            data["with"] = self.structure.data
        return data | {"figures": self.figures, "tables": self.tables}

    def text(self) -> str:
        """Lines for people, in the system's units."""
        lines = self._phase_lines() + self._mixture_lines()
        if glass := self.structure:
            e, v = self.system.energy_unit, f"{self.system.length_unit}³"
            means = ", ".join(f"{n} {m.energy:.3f} {e} in {m.volume:.3f} {v}" for n, m in glass.local.items())
            lines.append(f"{glass.file}: {glass.energy:.4f} {e}/atom at {glass.volume:.4f} {v}; {means}")
        return "\n".join(lines + [f"wrote {path}" for path in (*self.figures, *self.tables)])

    def _phase_lines(self) -> list[str]:
        e, v, p = self.system.energy_unit, f"{self.system.length_unit}³", self.system.pressure_unit
        asked = [f"{volume:g}" for volume in next(iter(self.phases.values())).at]
        lines = [
            f"{'phase':<10} {'V/' + v:>9} {'E/' + e:>10} {'B/' + p:>11}"
            + "".join(f" {'E(' + a + ')':>10}" for a in asked)
        ]
        for name, phase in self.phases.items():
            bulk = _times(phase.curve.bulk_modulus, self.pressure_unit)
            cells = f"{_minimum(phase.curve)} {number(bulk, '.4g'):>11}"
            lines.append(f"{name:<10} {cells}" + "".join(f" {x:>10.4f}" for x in phase.at.values()))
            if phase.free:
                lines.append(f"{'  F(T)':<10} {_minimum(phase.free.curve)}")
        return lines

    def _mixture_lines(self) -> list[str]:
        if not self.mixed:
            return []
        e, v, p = self.system.energy_unit, f"{self.system.length_unit}³", self.system.pressure_unit
        mix, line, unit = self.mixed.mixture, self.mixed.tangent, self.pressure_unit
        shares = " + ".join(
            f"{mix.fractions[n]:.4g} {n} at {mix.volumes[n]:.4f} ({mix.energies[n]:.4f})" for n in mix.phases
        )
        lines = [
            f"mixture: {mix.energy:.4f} {e}/atom at {mix.volume:.4f} {v}, P = {mix.pressure * unit:.4g} {p}: {shares}"
        ]
        if line and line.chemical_potentials:
            one, two = line.chemical_potentials
            first, second, *_ = self.system.names.values()
            lines.append(
                f"common tangent: chemical potentials {one:.4f} {e} of {first} and {two:.4f} {e} of {second}"
            )
        elif line:
            touch = ", ".join(f"{n} at {x:.4f}" for n, x in line.volumes.items())
            lines.append(f"common tangent: P = {line.pressure * unit:.4g} {p}, {touch}")
        return lines


def _minimum(curve: EnergyCurve | None) -> str:
    """Volume and energy of a curve's minimum as cells."""
    volume, energy = (curve and curve.minimum) or (None, None)
    return f"{number(volume, '.4f'):>9} {number(energy, '.4f'):>10}"


def _points(curve: EnergyCurve) -> list[list[float]]:
    """[[volume, energy], ...] of a curve's table."""
    points: list[list[float]] = np.column_stack([curve.volumes, curve.energies]).tolist()
    return points


def _by_text(values: Mapping[float, float]) -> dict[str, float]:
    return {f"{volume:g}": value for volume, value in values.items()}


def _plain(local: Local) -> dict[str, dict[str, float]]:
    return {name: asdict(means) for name, means in local.items()}


def _times(value: float | None, unit: float) -> float | None:
    return None if value is None else value * unit
