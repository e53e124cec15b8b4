"""What there is to say of a finished run, in sections: each has its part of the JSON object and its lines of text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any

from glasscli.model.quantities import describe_steps
from glasscli.model.system import System
from glasscli.observables.equilibration import Verdict
from glasscli.report.beside import number
from glasscli.report.canvas import with_error


class Section(ABC):
    """A part of what is said of a run."""

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return dict(vars(self))

    @abstractmethod
    def lines(self, system: System) -> list[str]:
        """Its lines for people, numbers with the system's units."""


@dataclass(frozen=True)
class Sample(Section):
    """A sample that was made of a melt, or out of another."""

    file: str
    system: str
    atoms: int
    seed: int
    steps: int

    def lines(self, system: System) -> list[str]:
        """What it is."""
        return [f"{self.file}: {self.atoms} atoms of {self.system}, {self.steps} steps, seed {self.seed}"]


@dataclass(frozen=True)
class Held(Section):
    """A glass held at a temperature; T_over_Tf is None where no T_f is known."""

    file: str
    parent: str
    temperature: float
    T_over_Tf: float | None

    def lines(self, system: System) -> list[str]:
        """What it is."""
        ratio = f" = {self.T_over_Tf:.3f} T_f" if self.T_over_Tf else ""
        return [
            f"{self.file}: {self.parent} held at T = {self.temperature:.4g} {system.temperature_unit}{ratio}"
        ]


@dataclass(frozen=True)
class Exchanging(Held):
    """A glass held at a temperature while its atoms exchange."""

    def lines(self, system: System) -> list[str]:
        """What it is."""
        return [
            f"{self.file}: {self.parent} at T = {self.temperature:.4g} {system.temperature_unit}, "
            "molecular dynamics and exchanges (steps are no time)"
        ]


@dataclass(frozen=True)
class Length(Section):
    """How long it took, in the sample's time."""

    steps: int
    frames: int
    timestep: float

    def lines(self, system: System) -> list[str]:
        """Steps, and the time they are."""
        time = describe_steps(self.steps, system, self.timestep)
        return [f"  {self.steps} steps ({time}), {self.frames} frames"]


@dataclass(frozen=True)
class FictiveTemperature(Section):
    """Where glass and liquid branches cross.

    T_f          None where there is none; T_f_reason: why, else None
    T_f_error    how much two samples made alike differ (standard deviation); None where that is not calibrated
    T_f_fit_error  of the fit to this sample
    """

    T_f: float | None
    T_f_error: float | None
    T_f_fit_error: float | None
    T_f_reason: str | None
    figures: list[str]

    def lines(self, system: System) -> list[str]:
        """T_f with its errors, and where it is drawn; or why there is none."""
        if self.T_f is None:
            return [f"  T_f    none: {self.T_f_reason}"]
        fit = f"fit ± {self.T_f_fit_error:.3f}"
        if self.T_f_error is None:
            said = f"{self.T_f:.3f} (sample to sample: not calibrated; {fit}) {system.temperature_unit}"
        else:
            said = (
                f"{self.T_f:.3f} ± {self.T_f_error:.2g} (sample to sample; {fit}) {system.temperature_unit}"
            )
        return [f"  T_f    {said}" + "".join(f"   (figure: {figure})" for figure in self.figures)]


@dataclass(frozen=True)
class Calorimetry(Section):
    """What heatings say. The numbers are those of the last one; all are in `cycles`.

    cycles: one a heating, as `analysis.calorimetry.Cycle.data`.
    """

    parent: str
    cycles: list[dict[str, Any]]
    figures: list[str]

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return {"parent": self.parent, **self.cycles[-1], "cycles": self.cycles, "figures": self.figures}

    def lines(self, system: System) -> list[str]:
        """The last heating's numbers, and what another said where there were several."""
        units, found = system.unit_system, self.cycles[-1]
        capacity = units.heat_capacity_unit
        said = {
            "T_f_area": ("T_f by areas", units.temperature_unit),
            "T_f_crossing": ("T_f of the cooling", units.temperature_unit),
            "T_onset": ("onset", units.temperature_unit),
            "overshoot": ("overshoot", capacity),
            "enthalpy_recovered": ("enthalpy recovered", f"{units.energy_unit}/atom"),
            "enthalpy_lost": ("lost by ageing", f"{units.energy_unit}/atom"),
        }
        lines = []
        for name, (words, unit) in said.items():
            if found[name] is not None:
                lines.append(f"  {words:20} {with_error(found[name], found[f'{name}_error'])} {unit}")
            elif name in found["reasons"]:
                lines.append(f"  {words:20} none: {found['reasons'][name]}")
        for name, words in (("T_x", "crystallises at"), ("T_m", "crystal gone at")):
            if found[name] is not None:
                lines.append(f"  {words:20} {found[name]:.4g} {units.temperature_unit}")
        return lines + [f"  figure: {figure}" for figure in self.figures]


@dataclass(frozen=True)
class InherentEnergy(Section):
    """Per atom, of the last inherent structure; None without any."""

    inherent_energy: float | None

    def lines(self, system: System) -> list[str]:
        """The energy."""
        return [f"  E_IS   {number(self.inherent_energy, '.4f')} {system.energy_unit}/atom"]


@dataclass(frozen=True)
class InherentEnergyAndPressure(InherentEnergy):
    """The same, and the pressure of that structure."""

    pressure: float | None

    def lines(self, system: System) -> list[str]:
        """Both on one line."""
        (line,) = super().lines(system)
        return [f"{line}   P {number(self.pressure, '.3f')} {system.pressure_unit}"]


@dataclass(frozen=True)
class Icosahedra(Section):
    """Share of icosahedral atoms of the last inherent structure; None without one, without OVITO, or in a plane."""

    icosahedral_fraction: float | None

    def lines(self, system: System) -> list[str]:
        """The share."""
        return [] if system.dimension == 2 else [f"  f_ico  {number(self.icosahedral_fraction, '.3f')}"]


@dataclass(frozen=True)
class Audit:
    """How many energies of exchanges were compared with LAMMPS's, and the worst of them."""

    checked: int
    worst_relative_error: float


@dataclass(frozen=True)
class Exchanges(Section):
    """What Monte Carlo did, how fast, and how well it agrees with LAMMPS.

    acceptance      {pair of species: share}, None where none was tried
    ns_per_attempt  of the exchanges alone; None where LAMMPS makes them inside its steps
    """

    engine_mc: str
    steps: int
    md_steps: int
    attempts: int
    accepted: int
    acceptance: dict[str, float | None]
    audit: Audit
    ns_per_attempt: float | None

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return asdict(self)

    def lines(self, system: System) -> list[str]:
        """Attempts by pair, and the audit."""
        pairs = ", ".join(
            f"{pair} {share:.2%}" for pair, share in self.acceptance.items() if share is not None
        )
        by_pair = f" ({pairs})" if pairs else ""
        return [
            f"  {self.md_steps} MD steps, {self.attempts} attempts, {self.accepted} accepted{by_pair}",
            f"  audit  {self.audit.checked} energies against LAMMPS, worst relative error "
            f"{self.audit.worst_relative_error:.1e}",
        ]


@dataclass(frozen=True)
class Sampler:
    """What moved the atoms between exchanges: its name, its time step, the share of its trials accepted."""

    name: str
    step: float
    acceptance: float | None


@dataclass(frozen=True)
class Sampled(Section):
    """Of which temperature the configurations are, by forces and Laplacian; None where that was not measured."""

    T_conf: float | None
    T_conf_error: float | None
    sampler: Sampler

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return asdict(self)

    def lines(self, system: System) -> list[str]:
        """The sampler, and the temperature with its error."""
        s, unit = self.sampler, system.temperature_unit
        trials = "" if s.acceptance is None else f", {s.acceptance:.0%} of its trials accepted"
        rows = [f"  sampler {s.name}, step {s.step:g}{trials}"]
        if self.T_conf is not None and self.T_conf_error is not None:
            rows.append(f"  T_conf {self.T_conf:.4g} ± {self.T_conf_error:.2g} {unit} (of positions alone)")
        return rows


@dataclass(frozen=True)
class Course:
    """A series in three numbers; None where it is empty."""

    first: float | None
    last: float | None
    mean_last_half: float | None

    def text(self, form: str) -> str:
        """For people."""
        first, last, half = (number(v, form) for v in (self.first, self.last, self.mean_last_half))
        return f"{first} -> {last} (last half {half})"


@dataclass(frozen=True)
class Relaxation(Section):
    """Courses of the inherent energy and of the icosahedral share, and what they say of equilibrium."""

    inherent_energy: Course
    icosahedral_fraction: Course
    verdict: Verdict

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        return {name: dict(vars(value)) for name, value in vars(self).items()}

    def lines(self, system: System) -> list[str]:
        """The courses, and the verdict where there is one."""
        rows = [f"  E_IS   {self.inherent_energy.text('.4f')} {system.energy_unit}/atom"]
        if system.dimension == 3:
            rows.append(f"  f_ico  {self.icosahedral_fraction.text('.3f')}")
        label, reason = self.verdict.label, self.verdict.reason
        return [*rows, f"  {label}: {reason}" if label else f"  {reason}"]


@dataclass(frozen=True)
class Converged(Section):
    """How many inherent structures have forces above the tolerance; None without any. The note is for people."""

    not_converged: int | None

    def lines(self, system: System) -> list[str]:
        """Nothing: where it is not none, a note says it."""
        return []


@dataclass(frozen=True)
class Took(Section):
    """The wall time, whose forces moved the atoms, and `rate` of what `of` counts a second, where it counts."""

    wall_seconds: float
    forces: str
    rate: float = 0.0
    of: str = ""
    form: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """Its keys of the JSON object."""
        found: dict[str, Any] = {"wall_seconds": self.wall_seconds, "forces": self.forces}
        return found | ({f"{self.of}_per_second": self.rate} if self.of else {})

    def lines(self, system: System) -> list[str]:
        """How long, and how fast."""
        speed = f" ({self.rate:{self.form}} {self.of}/s)" if self.of else ""
        return [f"  took {self.wall_seconds:.0f} s{speed}"]
