"""What `glasscli eos` answers: curves of all phases, mixtures and tangents on them, as plain data."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.eos.curves import EnergyCurve, PhaseCurve, phase_curve
from glasscli.eos.free_energy import POINTS, Vibrations, quasi_harmonic, vibrations
from glasscli.eos.local import crystal_means
from glasscli.eos.mixture import fractions, mixture, tangent
from glasscli.errors import InputError, MissingPackageError
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.structures.phases import Phase, default_phases, phase_named


@dataclass(frozen=True)
class Question:
    """What is asked.

    phases       names; none means all of the system
    at           volumes per atom at which energies are wanted
    mix          two phases that share `volume` at `composition` (share of species 2)
    temperature  quasi-harmonic free energies besides
    points       of each curve
    """

    phases: tuple[str, ...] = ()
    at: tuple[float, ...] = ()
    mix: tuple[str, str] | None = None
    composition: float | None = None
    volume: float | None = None
    temperature: float | None = None
    large: int | None = None
    small: int | None = None
    points: int = 41


@dataclass
class Answer:
    """`data` is the contract's object; `curves` (T = 0) and `free` (at the temperature) are behind it."""

    data: dict[str, Any]
    notes: list[str]
    curves: dict[str, PhaseCurve]
    free: dict[str, EnergyCurve]


def answer(system: System, question: Question) -> Answer:
    """Compute everything asked for. Raises InputError for phases, mixtures and volumes that cannot be."""
    q = question
    phases = _phases(system, q)
    for v in (*q.at, *([] if q.volume is None else [q.volume])):
        if not (np.isfinite(v) and v > 0):
            raise InputError(f"volume per atom {v:g} is not positive")
    mix = _checked_mix(system, q)
    notes: list[str] = []
    curves: dict[str, PhaseCurve] = {}
    free: dict[str, EnergyCurve] = {}
    data: dict[str, Any] = {"system": system.name, "phases": {}, "mix": None, "tangent": None}
    usual = system.defaults.volume_per_atom
    include = tuple(v for v in (*q.at, q.volume) if v is not None)
    per_phase = 1 + (POINTS if q.temperature else 0)
    with (
        ExitStack() as open_instances,
        progress("equations of state", per_phase * len(phases), "steps") as advance,
    ):
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            advance(done, phase.name)

        for phase in phases:
            # A curve's exact energies are asked for again by the mixture: its LAMMPS stays until the end.
            forces = open_instances.enter_context(Forces(system))
            found = phase_curve(phase, forces, usual, q.points, include)
            curves[phase.name] = found
            with Minimiser(system) as minimiser:
                entry = _describe(system, found, q.at) | _local(system, found, q.at, minimiser, notes)
            data["phases"][phase.name] = entry
            if found.curve.minimum is None:
                notes.append(f"{phase.name} has no energy minimum: its atoms only repel")
            step()
            if q.temperature:
                # The supercells have other numbers of atoms: an instance of their own.
                with Forces(system) as wide:
                    modes = vibrations(found, wide, usual, step)
                curve = quasi_harmonic(found, modes, system, q.temperature)
                entry["free_energy"] = _describe_free(system, phase.name, curve, modes, q, notes)
                if curve:
                    free[phase.name] = curve
        if mix:
            _mix(system, q, mix, curves, free, data, notes)
    return Answer(data, notes, curves, free)


def _phases(system: System, q: Question) -> list[Phase]:
    names = list(q.phases) or default_phases(system)
    names += [n for n in q.mix or () if q.phases]
    phases = {}
    for name in names:
        phase = phase_named(name, system, q.large, q.small)
        phases[phase.name] = phase
    return list(phases.values())


def _checked_mix(system: System, q: Question) -> tuple[Phase, Phase] | None:
    """The two phases of the mixture; what is impossible is refused before anything is computed."""
    if q.mix is None:
        if q.composition is not None:
            raise InputError("--composition belongs to --mix A,B")
        return None
    a, b = (phase_named(name, system, q.large, q.small) for name in q.mix)
    if a.name == b.name:
        raise InputError(f"--mix needs two different phases, not {a.name} twice")
    low, high = sorted((a.small_fraction, b.small_fraction))
    if q.composition is None and high - low > 1e-9:
        raise InputError(f"--mix {a.name},{b.name} needs --composition between {low:.4g} and {high:.4g}")
    if q.composition is not None:
        flat = np.array([1.0, 2.0])
        stand_ins = [
            EnergyCurve(p.name, p.small_fraction, flat, flat, flat, float, None, None) for p in (a, b)
        ]
        fractions(stand_ins[0], stand_ins[1], q.composition)
    return a, b


def _describe(system: System, found: PhaseCurve, at: tuple[float, ...]) -> dict[str, Any]:
    curve, unit = found.curve, system.unit_system.pressure_per_energy_density
    rest = found.crystal.relaxed(curve.minimum[0]) if curve.minimum else None
    return {
        "composition": curve.small_fraction,
        "volume": curve.minimum[0] if curve.minimum else None,
        "energy": curve.minimum[1] if curve.minimum else None,
        "bulk_modulus": None if curve.bulk_modulus is None else curve.bulk_modulus * unit,
        "parameters": rest.parameters if rest else {},
        "curve": np.column_stack([curve.volumes, curve.energies]).tolist(),
        "pressure": (curve.pressures * unit).tolist(),
        "curve_parameters": {
            n: [c.parameters[n] for c in found.cells] for n in found.phase.prototype.parameters
        },
        "at": {f"{v:g}": curve.energy(v) for v in at},
    }


def _local(
    system: System, found: PhaseCurve, at: tuple[float, ...], minimiser: Minimiser, notes: list[str]
) -> dict[str, Any]:
    """Mean local energy and Voronoi volume of each species, at the minimum and at the volumes asked for."""
    minimum = found.curve.minimum
    wanted = {f"{v:g}": v for v in at}
    try:
        local = {key: _means(system, found, v, minimiser) for key, v in wanted.items()}
        return {"local": _means(system, found, minimum[0], minimiser) if minimum else None, "local_at": local}
    except MissingPackageError as error:
        if not any("Voronoi" in n for n in notes):
            notes.append(f"no Voronoi volumes of the species: {error}")
        return {"local": None, "local_at": {}}


def _means(system: System, found: PhaseCurve, volume: float, minimiser: Minimiser) -> dict[str, Any]:
    means = crystal_means(found.crystal.relaxed(volume), minimiser)
    return {system.species[s - 1].name: asdict(m) for s, m in means.items()}


def _describe_free(
    system: System, name: str, curve: EnergyCurve | None, modes: Vibrations, q: Question, notes: list[str]
) -> dict[str, Any]:
    if curve is None:
        notes.append(
            f"{name} is mechanically unstable (imaginary frequencies): no quasi-harmonic free energy"
        )
        return {"temperature": q.temperature, "volume": None, "free_energy": None, "unstable": modes.unstable}
    if curve.minimum is None:
        notes.append(
            f"{name} has no free-energy minimum between V/N = {curve.volumes[0]:.4g} and {curve.volumes[-1]:.4g}"
        )
    inside = [v for v in q.at if curve.volumes[0] <= v <= curve.volumes[-1]]
    unit = system.unit_system.pressure_per_energy_density
    return {
        "temperature": q.temperature,
        "method": "quasi-harmonic, " + ("quantum" if system.units == "metal" else "classical, h-bar = 1"),
        "volume": curve.minimum[0] if curve.minimum else None,
        "free_energy": curve.minimum[1] if curve.minimum else None,
        "bulk_modulus": None if curve.bulk_modulus is None else curve.bulk_modulus * unit,
        "curve": np.column_stack([curve.volumes, curve.energies]).tolist(),
        "at": {f"{v:g}": curve.energy(v) for v in inside},
        "unstable": modes.unstable,
    }


def _mix(
    system: System, q: Question, pair: tuple[Phase, Phase], curves: dict[str, PhaseCurve],
    free: dict[str, EnergyCurve], data: dict[str, Any], notes: list[str],
) -> None:  # fmt: skip
    used = free if q.temperature else {name: c.curve for name, c in curves.items()}
    for phase in pair:
        if phase.name not in used:
            raise InputError(
                f"{phase.name} has no free energy at T = {q.temperature:g}: it is mechanically unstable"
            )
    a, b = (used[p.name] for p in pair)
    composition = a.small_fraction if q.composition is None else q.composition
    found = mixture(a, b, composition, q.volume)
    unit = system.unit_system.pressure_per_energy_density
    mixed = asdict(found) | {"phases": list(found.phases), "pressure": found.pressure * unit}
    line = tangent(a, b, found.pressure, list(used.values()))
    data["mix"] = mixed | {"temperature": q.temperature}
    if line is None:
        notes.append(f"{a.name} and {b.name} have no common tangent: one of them is lower at every pressure")
        return
    data["tangent"] = asdict(line) | {"pressure": line.pressure * unit, "slope": -line.pressure}
    below = [f"{name} by {-value:.2g}" for name, value in line.above.items() if value < 0]
    if below:
        notes.append(
            f"at this pressure the common tangent lies above {', '.join(below)} {system.energy_unit}/atom"
        )
