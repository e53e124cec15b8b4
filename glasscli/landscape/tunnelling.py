"""What `glasscli landscape two-level` answers: two-level systems along the barriers of a file, and their heat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.summary import stored_fictive_temperature
from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.own.choice import whose
from glasscli.landscape.known import known, nothing_known
from glasscli.landscape.passes import joined
from glasscli.landscape.rates import LARGEST
from glasscli.landscape.sample import Sample
from glasscli.landscape.two_level import Density, Heat, TwoLevel, Well, density, heat, two_level
from glasscli.model.system import System
from glasscli.modes.density import heat_capacity
from glasscli.modes.hessian import Curvature
from glasscli.modes.minimum import settle
from glasscli.modes.spectrum import masses
from glasscli.progress import progress
from glasscli.report import landscape_figure
from glasscli.report.beside import Outputs, finite, number, wrote
from glasscli.units import Scale, scale

COLUMNS = ("pass", "transitions", "i", "j", "splitting", "asymmetry", "tunnelling", "lambda", "wkb", "splitting_K",
           "barrier", "mass", "A", "eta", "xi", "met")  # fmt: skip
# Kelvin: the coldest at which levels suffice, the warmest where all modes are classical.
COLDEST, WARMEST, TEMPERATURES = 0.02, 30.0, 80


@dataclass(frozen=True)
class Tunnelling:
    """Two-level systems of a file.

    unit        what the system's units stand for
    density     of splittings up to an energy, in the system's units; density_SI in kelvin and angstrom
    forces      whose made the minima that were not stored, "own" or "lammps"
    heat        heat capacities; its temperatures are in the system's unit of energy
    written     names of tables and figures
    """

    file: Path
    system: System
    unit: Scale
    found: TwoLevel
    density: Density
    density_SI: Density
    heat: Heat
    forces: str
    notes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def kelvins(self) -> Floats:
        """[n_T] temperatures of the heat capacities."""
        return np.asarray(self.heat.T * self.unit.kelvin)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One mapping a double well."""
        return [_row(well, self.unit.kelvin) for well in self.found.wells]

    @property
    def results(self) -> dict[str, Any]:
        """What is kept in the run's own file."""
        unit, found, C = self.unit, self.found, self.heat
        return {
            "file": str(self.file), "system": self.system.name, "forces": self.forces, "units": unit.name,
            "hbar": unit.hbar, "kelvin": unit.kelvin, "angstrom": unit.angstrom, "explored": found.explored,
            "shallow": found.shallow,
            "failed": found.failed, "met_once": found.once, "completeness": finite(found.completeness),
            "two_level": self.rows, "density": vars(self.density), "density_SI": vars(self.density_SI),
            "T_K": self.kelvins.tolist(), "C": C.wells.tolist(), "C_error": C.error.tolist(),
            "C_harmonic": C.harmonic.tolist() if C.harmonic is not None else None,
        }  # fmt: skip

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return self.results | {"written": self.written}

    def text(self) -> str:
        """Lines for people, in the system's units."""
        found, system, d = self.found, self.system, self.density
        lines = [
            f"{self.file}: {len(found.wells)} double wells in {found.explored} passes as {self.unit.name} "
            f"(ħ = {self.unit.hbar:.4g}), {found.shallow} too shallow to hold a state in both wells",
            f"  {d.count} with a splitting below {d.energy:.3g} {system.energy_unit}: {d.density:.3g} per "
            f"{system.length_unit}³ and {system.energy_unit} (at most {d.bound:.3g})",
        ]
        if found.wells:
            least = min((w.well for w in found.wells), key=lambda well: well.splitting)
            lines.append(
                f"  smallest splitting {least.splitting:.3g} {system.energy_unit} = "
                f"{least.splitting * self.unit.kelvin:.3g} K, λ {least.exponent:.3g}; "
                f"estimated completeness {number(finite(found.completeness), '.2f')}"
            )
        return "\n".join(lines + wrote(self.written))


def tunnelling(
    file: Path, outputs: Outputs, system_name: str | None = None, first: int = 0, last: int | None = None, *,
    as_is: bool = False, units: str | None = None, below: float | None = None, species: Sequence[str] | None = None,
    forces: str | None = None,
) -> Tunnelling:  # fmt: skip
    """Solve the double wells along the passes that a file's catalogue holds; write tables and a figure.

    units  what reduced units stand for, argon or cuzr
    species  names of a foreign file's types 1, 2, ..., by hand
    forces  whose are wanted for minima, see `engine.own.choice`
    below  splittings up to this energy are counted; 1 % of T_f, or of the run's temperature, by default

    Raises InputError without a catalogue, or one without converged passes.
    """
    place, net = known(file, system_name, first, last, as_is, species, forces)
    system, atoms = place.system, place.minima[0]
    unit = scale(system.unit_system, units, system.name)
    with progress("wells", len(net.passes)) as advance:
        found = two_level(net, unit.hbar, advance)
    if not found.explored:
        raise nothing_known(file)
    reference = below or 0.01 * _temperature(place.sample)
    T = np.geomspace(COLDEST, WARMEST, TEMPERATURES) / unit.kelvin
    C = heat(found, atoms.n_atoms, T, _harmonic(atoms, system, unit.hbar, T, forces))
    answer = Tunnelling(
        file, system, unit, found, density(found, reference, atoms.volume),
        density(found, reference * unit.kelvin, atoms.volume * unit.angstrom**3), C, whose(system, forces, atoms.box),
    )  # fmt: skip
    notes = [*place.sample.keep("two_level", answer.results), *place.notes]
    notes += place.sample.notes
    if found.failed:
        notes.append(
            f"{found.failed} of {found.explored} passes have no solution along their path: they are left out"
        )
    harmonic = C.harmonic if C.harmonic is not None else np.full(len(T), np.nan)
    heats = np.column_stack([answer.kelvins, C.wells, C.error, harmonic]).tolist()
    written = [
        outputs.table(
            "two-level",
            COLUMNS,
            [
                [joined(row[c]) if isinstance(row[c], list) else row[c] for c in COLUMNS]
                for row in answer.rows
            ],
            system.unit_system,
        ),
        outputs.table(
            "two-level-heat", ("T_K", "C_wells", "C_error", "C_harmonic"), heats, system.unit_system
        ),
    ]
    if outputs.figures:
        written.append(_draw(outputs, answer))
    return replace(answer, notes=notes, written=written)


def _row(w: Well, kelvin: float) -> dict[str, Any]:
    fit = {name: getattr(w.fit, name) if w.fit else None for name in ("A", "eta", "xi")}
    found = w.well
    return {
        "pass": w.number, "transitions": w.transitions, "i": w.i, "j": w.j,
        "splitting": found.splitting, "asymmetry": found.asymmetry, "tunnelling": found.tunnelling,
        "lambda": found.exponent, "wkb": found.wkb, "splitting_K": found.splitting * kelvin, "barrier": w.barrier,
        "mass": w.mass, **fit, "met": w.met,
    }  # fmt: skip


def _draw(outputs: Outputs, answer: Tunnelling) -> str:
    wells, T, C = [w.well for w in answer.found.wells], answer.kelvins, answer.heat
    return landscape_figure.two_level(
        outputs.figure("two-level"), np.array([w.asymmetry for w in wells]), np.array([w.exponent for w in wells]), T,
        C.wells / T**3, answer.system.energy_unit, "K", C.harmonic / T**3 if C.harmonic is not None else None,
    )  # fmt: skip


def _temperature(sample: Sample) -> float:
    """T_f where it was measured, else the mean temperature of the run; of a foreign file half a unit."""
    if sample.run is None:
        return 0.5
    measured = stored_fictive_temperature(sample.run)
    values = sample.run.thermo["temperature"]
    return measured[0] if measured else float(np.mean(values)) if len(values) else 0.5


def _harmonic(
    atoms: Configuration, system: System, hbar: float, T: Floats, whose: str | None
) -> Floats | None:
    """C per atom of the harmonic modes of the first inherent structure; None for a sample too large to have all."""
    if 3 * atoms.n_atoms > LARGEST:
        return None
    with Forces(system) as forces:
        settled = settle(atoms, forces, Curvature(forces), whose=whose)
    root = np.repeat(np.sqrt(masses(settled.configuration, system)), 3)
    squares = np.linalg.eigvalsh(settled.hessian.matrix.toarray() / root[:, None] / root)
    stable = np.sqrt(squares[squares > 1e-9 * squares[-1]])
    return heat_capacity(stable, T, hbar) * len(stable) / atoms.n_atoms
