"""What `glasscli free-energy` answers, as data and as lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from glasscli.eos.answer import Mixed
from glasscli.free_energy.census import PRESSURE, Census
from glasscli.free_energy.deepest import Above
from glasscli.free_energy.liquidus import Freezing
from glasscli.free_energy.melting import Melting
from glasscli.free_energy.surface import Surface
from glasscli.model.system import System
from glasscli.report.beside import number, wrote

HELD = {
    "volume": "where both have V/N = {volume:.4g}",
    "liquid": "at the pressure of the liquid at V/N = {volume:.4g}",
    "crystal": "at the pressure of the crystal at V/N = {volume:.4g}",
}


@dataclass(frozen=True)
class Row:
    """One phase at one volume per atom and temperature, per atom; energy U with the kinetic one, pressure P in the
    system's unit.

    shares           of the atoms, by species; composition: the second of these

    sizes            {atoms: F} of each size before any correction
    size_correction  F at infinite size less F of the largest sample
    dissipation      kT that a switch of the largest sample wastes, None from the ideal gas
    drift            by how much the second half of the walk is higher in energy
    independent      how often the walk forgot its energy; of several along an isochore the least
    F_mixing         of a crystal whose sites are shared: F of all patterns less that of one
    S_mixing         the same as an entropy, -F_mixing / kT;  S_ideal: what it is where all patterns are alike
    exchanged        share of its exchanges that were accepted
    """

    phase: str
    method: str
    composition: float
    shares: tuple[float, ...]
    temperature: float
    volume: float
    F: float
    F_error: float
    U: float
    U_error: float
    P: float
    P_error: float
    dissipation: float | None
    size_correction: float
    sizes: dict[int, float]
    drift: float
    estimate: str | None
    independent: float
    F_mixing: float | None = None
    F_mixing_error: float | None = None
    S_mixing: float | None = None
    S_mixing_error: float | None = None
    S_ideal: float | None = None
    exchanged: float | None = None

    @property
    def S(self) -> float:
        """Entropy per atom."""
        return (self.U - self.F) / self.temperature

    @property
    def data(self) -> dict[str, Any]:
        """As the contract object has it."""
        found = asdict(self) | {"S": self.S, "T": self.temperature}
        found["sizes"] = {str(n): f for n, f in self.sizes.items()}
        del found["temperature"]
        return found


@dataclass(frozen=True)
class Mixture:
    """Two phases that share a volume at a temperature; liquid: F of the liquid at the same volume and composition, if
    it was asked for, and the error of the difference."""

    mixed: Mixed
    error: float
    liquid: float | None
    others: dict[str, float]


@dataclass(frozen=True)
class Answer:
    """Everything found; missing: how many pieces of work are not done yet."""

    system: System
    rows: list[Row]
    surfaces: list[Surface]
    melting: list[Melting]
    mixtures: list[Mixture]
    liquidus: list[Freezing]
    notes: list[str]
    missing: int = 0
    failed: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    glasses: list[Above] = field(default_factory=list)
    census: list[Census] = field(default_factory=list)

    @property
    def convention(self) -> dict[str, Any]:
        """What F counts from."""
        units = self.system.unit_system
        return {
            "F": "per atom, classical, all atoms of a species alike, kinetic part included",
            "wavelength": "(2 pi hbar^2 / m kT)^(1/2)",
            "hbar": units.hbar,
            "masses": {s.name: s.mass for s in self.system.species},
        }

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        unit = self.system.unit_system.pressure_per_energy_density
        return {
            "system": self.system.name,
            "phases": [row.data for row in self.rows],
            "convention": self.convention,
            "melting": [asdict(one) | {"pressure": one.pressure * unit} for one in self.melting],
            "mix": [self._mix(one, unit) for one in self.mixtures],
            "tangent": [
                None
                if one.mixed.tangent is None
                else asdict(one.mixed.tangent) | {"temperature": one.mixed.temperature}
                for one in self.mixtures
            ],
            "liquidus": [[one.x, one.T, one.error] for one in self.liquidus],
            "freezing": [asdict(one) | {"pressure": one.pressure * unit} for one in self.liquidus],
            "fits": {self._named(s): s.chi_squared for s in self.surfaces},
            "glass": [asdict(one) for one in self.glasses],
            "census": [
                asdict(one) | ({"value": one.value * unit} if one.at == PRESSURE else {})
                for one in self.census
            ],
            "missing": self.missing,
            "failed": self.failed,
            "written": self.written,
        }

    def _named(self, surface: Surface) -> str:
        """A phase by its name, of several liquids with the composition."""
        alone = sum(s.name == surface.name for s in self.surfaces) == 1
        return surface.name if alone else f"{surface.name} {surface.small_fraction:.4g}"

    def _mix(self, one: Mixture, unit: float) -> dict[str, Any]:
        found = one.mixed.mixture
        return asdict(found) | {
            "phases": list(found.phases),
            "pressure": found.pressure * unit,
            "temperature": one.mixed.temperature,
            "free_energy": found.energy,
            "error": one.error,
            "liquid": one.liquid,
            "others": one.others,
        }

    def text(self) -> str:
        """Lines for people, in the system's units."""
        e, v = self.system.energy_unit, f"{self.system.length_unit}³"
        head = (
            f"{'phase':<11} {'by':<15} {'T':>7} {'V/' + v:>8} {'F/' + e:>10} {'error':>8} {'U':>9} {'S':>8} {'P':>9} "
            f"{'wasted/kT':>9}"
        )
        lines = [head] if self.rows else []
        for r in self.rows:
            lines.append(
                f"{r.phase:<11} {r.method:<15} {r.temperature:>7.4g} {r.volume:>8.4f} {r.F:>10.4f} {r.F_error:>8.4f} "
                f"{r.U:>9.4f} {r.S:>8.3f} {r.P:>9.4g} {number(r.dissipation, '.1f'):>9}"
            )
        lines += [
            f"{r.phase} at V/N = {r.volume:g}, T = {r.temperature:g}: who sits where has the entropy {r.S_mixing:.3f} "
            f"+- {r.S_mixing_error:.3f} k an atom (ideal {r.S_ideal:.3f}): {r.F_mixing:.4f} +- {r.F_mixing_error:.4f} "
            "of F"
            for r in self.rows
            if r.S_mixing is not None
        ]
        lines += [
            f"{m.phase} melts at T = {m.T_m:.4f} +- {m.error:.4f} {HELD[m.at].format(volume=m.volume)}"
            for m in self.melting
        ]
        lines += [self._ranked(one, e) for one in self.census]
        for one in self.mixtures:
            lines += _said(one, e)
        lines += [one.text(e) for one in self.glasses]
        lines += [
            f"liquid, {f.x:.4g} of it {self.system.species[1].name}: freezes into {f.phase} at T = {f.T:.4f} +- "
            f"{f.error:.4f}, V/N = {f.liquid_volume:.4g} beside {f.crystal_volume:.4g}"
            for f in self.liquidus
        ]
        if self.missing:
            lines.append(f"{self.missing} pieces of work are not done: the same command goes on")
        return "\n".join(lines + wrote(self.written))

    def _ranked(self, one: Census, unit: str) -> str:
        of, at = ("G", "P") if one.at == PRESSURE else ("F", "V/N")
        value = one.value * (self.system.unit_system.pressure_per_energy_density if one.at == PRESSURE else 1)
        higher = ", ".join(f"{name} {d:+.4f} +- {error:.4f}" for name, (d, error) in one.above.items())
        return f"T = {one.T:g}, {at} = {value:.4g}: {one.stable} has the lowest {of}; from it {higher} {unit}/atom"


def _said(one: Mixture, unit: str) -> list[str]:
    mix = one.mixed.mixture
    shares = " + ".join(f"{mix.fractions[n]:.4g} {n} at {mix.volumes[n]:.4f}" for n in mix.phases)
    lines = [
        f"T = {one.mixed.temperature:g}: {shares}: F = {mix.energy:.4f} +- {one.error:.4f} {unit}/atom at "
        f"{mix.volume:.4f}"
    ]
    rivals: Mapping[str, float] = one.others | ({} if one.liquid is None else {"the liquid": one.liquid})
    lines += [
        f"  {name} lies {value - mix.energy:+.4f} {unit}/atom from it" for name, value in rivals.items()
    ]
    return lines
