"""What `glasscli free-energy glass` answers, as data and as lines. Entropies are per atom, in k."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from glasscli.free_energy.kauzmann import AdamGibbs, Kauzmann
from glasscli.model.system import System
from glasscli.report.beside import number, wrote
from glasscli.report.canvas import with_error

COLUMNS = (
    "T", "energy", "energy_error", "inherent", "S_liquid", "S_liquid_error", "S_harmonic", "S_harmonic_error",
    "S_anharmonic", "S_anharmonic_error", "S_vibrational", "S_vibrational_error", "S_configurational",
    "S_configurational_error", "S_configurational_by_springs", "S_configurational_by_springs_error", "structures",
    "equilibrated", "tau", "tau_error", "F_basin", "F_basin_error", "F_liquid", "F_liquid_error",
)  # fmt: skip


# A number and its error.
Known = tuple[float, float]


@dataclass(frozen=True)
class Entropies:
    """One temperature; None where it is not known.

    energy, inherent             potential energy per atom of the run and of its inherent structures
    structures                   inherent structures that count
    S_vibrational                S_harmonic + S_anharmonic
    S_configurational_by_springs (F_basin - F_liquid)/kT
    F_basin, F_liquid            per atom, from the zero of all free energies; F_basin by springs
    common                       what S_liquid is uncertain by at all temperatures alike
    """

    T: float
    energy: float
    energy_error: float
    inherent: float | None
    equilibrated: bool
    reason: str
    structures: int
    tau: float | None = None
    tau_error: float | None = None
    S_harmonic: float | None = None
    S_harmonic_error: float | None = None
    S_anharmonic: float | None = None
    S_anharmonic_error: float | None = None
    S_vibrational: float | None = None
    S_vibrational_error: float | None = None
    S_liquid: float | None = None
    S_liquid_error: float | None = None
    S_configurational: float | None = None
    S_configurational_error: float | None = None
    S_configurational_by_springs: float | None = None
    S_configurational_by_springs_error: float | None = None
    F_basin: float | None = None
    F_basin_error: float | None = None
    F_liquid: float | None = None
    F_liquid_error: float | None = None
    common: float = 0.0

    def with_basins(self, harmonic: Known, soft: Known, inherent: float, free: Known) -> Entropies:
        """With what basins have: entropies of their modes and of what is anharmonic, and F of one by springs."""
        return replace(
            self, inherent=inherent, S_harmonic=harmonic[0], S_harmonic_error=harmonic[1], S_anharmonic=soft[0],
            S_anharmonic_error=soft[1], S_vibrational=harmonic[0] + soft[0],
            S_vibrational_error=float(np.hypot(harmonic[1], soft[1])), F_basin=free[0], F_basin_error=free[1],
        )  # fmt: skip

    def with_liquid(self, entropy: Known, free: Known, common: float, kT: float) -> Entropies:
        """With the liquid's entropy and free energy, each with an error of its own; common: that of S and of F/kT
        besides, which is the same at all temperatures."""
        found = replace(
            self, S_liquid=entropy[0], S_liquid_error=float(np.hypot(entropy[1], common)), F_liquid=free[0],
            F_liquid_error=float(np.hypot(free[1], common * kT)), common=common,
        )  # fmt: skip
        if found.S_vibrational is None or found.F_basin is None:
            return found
        own = float(np.hypot(entropy[1], found.S_vibrational_error or 0.0))
        by_springs = float(np.hypot(free[1], found.F_basin_error or 0.0)) / kT
        return replace(
            found, S_configurational=entropy[0] - found.S_vibrational,
            S_configurational_error=float(np.hypot(own, common)),
            S_configurational_by_springs=(found.F_basin - free[0]) / kT,
            S_configurational_by_springs_error=float(np.hypot(by_springs, common)),
        )  # fmt: skip

    def own(self, error: str) -> float:
        """One of the errors without what all temperatures have in common."""
        whole = getattr(self, error) or 0.0
        return float(np.sqrt(max(whole**2 - self.common**2, 0.0)))

    @property
    def data(self) -> dict[str, Any]:
        """As the contract object has it."""
        return asdict(self)


@dataclass(frozen=True)
class GlassAnswer:
    """Everything found. law: of S_configurational; by_springs: of the same by springs."""

    system: System
    atoms: int
    volume: float
    rows: list[Entropies]
    law: Kauzmann
    by_springs: Kauzmann
    relaxing: AdamGibbs
    time: str | None
    notes: list[str]
    missing: int = 0
    written: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return {
            "system": self.system.name, "atoms": self.atoms, "volume": self.volume,
            "temperatures": [row.data for row in self.rows],
            "T": [row.T for row in self.rows],
            "S_liquid": [row.S_liquid for row in self.rows],
            "S_vibrational": [row.S_vibrational for row in self.rows],
            "S_configurational": [row.S_configurational for row in self.rows],
            "T_K": self.law.T_K, "T_K_error": self.law.T_K_error, "T_K_reason": self.law.reason,
            "T_K_below": self.law.T_K_below,
            "fragility": asdict(self.law), "by_springs": asdict(self.by_springs),
            "adam_gibbs": asdict(self.relaxing), "time_unit": self.time, "missing": self.missing,
            "written": self.written,
        }  # fmt: skip

    def text(self) -> str:
        """Lines for people."""
        e, t = self.system.energy_unit, self.system.unit_system.temperature_unit
        lines = [
            f"{self.system.name}, {self.atoms} atoms, V/N = {self.volume:.4g}; entropies per atom in k",
            f"{'T/' + t:>8} {'U/' + e:>9} {'E_IS':>9} {'S_liquid':>9} {'S_vib':>8} {'of it anh.':>10} {'S_c':>16} "
            f"{'S_c by springs':>16}",
        ]
        for r in self.rows:
            lines.append(
                f"{r.T:>8.4g} {r.energy:>9.4f} {number(r.inherent, '.4f'):>9} {number(r.S_liquid, '.3f'):>9} "
                f"{number(r.S_vibrational, '.3f'):>8} {number(r.S_anharmonic, '+.3f'):>10} "
                f"{_said(r.S_configurational, r.S_configurational_error):>16} "
                f"{_said(r.S_configurational_by_springs, r.S_configurational_by_springs_error):>16}"
                + ("" if r.equilibrated else "  not in equilibrium")
            )
        for name, law in (("T_K", self.law), ("T_K by springs", self.by_springs)):
            known = f" = {_said(law.T_K, law.T_K_error)} {t}, K = {_said(law.K, law.K_error)} {e}"
            bound = "" if law.T_K_below is None else f" < {law.T_K_below:.4g} {t}, where S_c is above zero"
            lines.append(name + (known if law.T_K is not None else f"{bound}: {law.reason}"))
        a = self.relaxing
        lines.append(
            f"Adam and Gibbs: {a.reason}"
            if a.A is None
            else f"Adam and Gibbs: ln tau_alpha = {a.ln_tau0:.3g} + ({_said(a.A, a.A_error)} {e}) / T S_c"
        )
        if self.missing:
            lines.append(f"{self.missing} pieces of work are not done: the same command goes on")
        return "\n".join(lines + wrote(self.written))


def _said(value: float | None, error: float | None) -> str:
    return "-" if value is None else with_error(value, error)
