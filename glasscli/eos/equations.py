"""From a question to its answer: curves of all phases, mixtures and tangents on them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.eos.answer import Answer, FreeEnergy, Local, Mixed, PhaseAnswer
from glasscli.eos.curves import EnergyCurve, PhaseCurve, phase_curve
from glasscli.eos.free_energy import POINTS, Vibrations, quasi_harmonic, vibrations
from glasscli.eos.local import crystal_means
from glasscli.eos.mixture import fractions, mixture, tangent
from glasscli.errors import InputError, MissingPackageError
from glasscli.formats.names import by_name
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


def answer(system: System, question: Question) -> Answer:
    """Compute everything asked for. Raises InputError for phases, mixtures and volumes that cannot be."""
    q = question
    phases, mix = checked(system, q)
    notes: list[str] = []
    answers: dict[str, PhaseAnswer] = {}
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
            with Minimiser(system) as minimiser:
                one = _described(system, found, q.at, minimiser, notes)
            if found.curve.minimum is None:
                notes.append(f"{phase.name} has no energy minimum: its atoms only repel")
            if lost := sum(not cell.converged for cell in found.cells):
                notes.append(
                    f"{phase.name}: the cell's shape has not converged at {lost} of {len(found.cells)} volumes: its "
                    "energies there are upper bounds"
                )
            step()
            if q.temperature:
                # The supercells have other numbers of atoms: an instance of their own.
                with Forces(system) as wide:
                    modes = vibrations(found, wide, usual, step)
                one = replace(one, free=_free(system, found, modes, q.temperature, q.at, notes))
            answers[phase.name] = one
        mixed = _mixed(system, q, mix, answers, notes) if mix else None
    return Answer(system, answers, mixed, notes)


def checked(system: System, q: Question) -> tuple[list[Phase], tuple[Phase, Phase] | None]:
    """The phases that are wanted, and the two of a mixture; errors as those of `answer`."""
    system.in_space("eos")
    phases = _phases(system, q)
    for v in (*q.at, *([] if q.volume is None else [q.volume])):
        if not (np.isfinite(v) and v > 0):
            raise InputError(f"volume per atom {v:g} is not positive")
    return phases, _checked_mix(system, q)


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
    if other := {*a.species, *b.species} - {1, 2}:
        strange = ", ".join(system.names[s] for s in sorted(other))
        raise InputError(f"--mix is of {system.names[1]} and {system.names[2]}, and {strange} is neither")
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


def _described(
    system: System, found: PhaseCurve, at: tuple[float, ...], minimiser: Minimiser, notes: list[str]
) -> PhaseAnswer:
    """A phase at rest and at the volumes asked for, with mean local energy and Voronoi volume of each species."""
    minimum = found.curve.minimum
    rest = found.crystal.relaxed(minimum[0]) if minimum else None
    energies = {v: found.curve.energy(v) for v in at}
    local: Local | None = None
    local_at: dict[float, Local] = {}
    try:
        local_at = {v: _means(system, found, v, minimiser) for v in at}
        local = _means(system, found, minimum[0], minimiser) if minimum else None
    except MissingPackageError as error:
        local_at = {}
        if not any("Voronoi" in n for n in notes):
            notes.append(f"no Voronoi volumes of the species: {error}")
    return PhaseAnswer(found, rest.parameters if rest else {}, energies, local, local_at)


def _means(system: System, found: PhaseCurve, volume: float, minimiser: Minimiser) -> Local:
    return by_name(crystal_means(found.crystal.relaxed(volume), minimiser), system.names)


def _free(
    system: System, found: PhaseCurve, modes: Vibrations, temperature: float, at: tuple[float, ...], notes: list[str]
) -> FreeEnergy:  # fmt: skip
    curve, name = quasi_harmonic(found, modes, system, temperature), found.curve.name
    quantum = system.units != "lj"
    reason = None
    if curve is None:
        reason = "is mechanically unstable (imaginary frequencies): no quasi-harmonic free energy"
    elif curve.minimum is None:
        low, high = curve.volumes[0], curve.volumes[-1]
        reason = f"has no free-energy minimum between V/N = {low:.4g} and {high:.4g}"
        if curve.energies[-1] < curve.energies[0]:
            reason += ": F only falls with volume there, so no pressure but a positive one holds this crystal"
    if reason:
        notes.append(f"{name} {reason}")
    if curve is None:
        return FreeEnergy(temperature, quantum, None, {}, modes.unstable, reason)
    inside = {v: curve.energy(v) for v in at if curve.volumes[0] <= v <= curve.volumes[-1]}
    return FreeEnergy(temperature, quantum, curve, inside, modes.unstable, reason)


def _mixed(
    system: System, q: Question, pair: tuple[Phase, Phase], answers: Mapping[str, PhaseAnswer], notes: list[str]
) -> Mixed:  # fmt: skip
    used = {name: curve for name, one in answers.items() if (curve := drawn(one, q.temperature))}
    for phase in pair:
        if phase.name not in used:
            raise InputError(
                f"{phase.name} has no free energy at T = {q.temperature:g}: it is mechanically unstable"
            )
    a, b = (used[p.name] for p in pair)
    composition = a.small_fraction if q.composition is None else q.composition
    found = mixture(a, b, composition, q.volume)
    line = tangent(a, b, found.pressure, list(used.values()))
    if line is None:
        notes.append(f"{a.name} and {b.name} have no common tangent: one of them is lower at every pressure")
    below = [f"{name} by {-value:.2g}" for name, value in line.above.items() if value < 0] if line else []
    if below:
        notes.append(
            f"at this pressure the common tangent lies above {', '.join(below)} {system.energy_unit}/atom"
        )
    return Mixed(found, line, q.temperature)


def drawn(phase: PhaseAnswer, temperature: float | None) -> EnergyCurve | None:
    """The curve that counts: E(V), at a temperature F(V), None of a crystal that is unstable there."""
    if not temperature:
        return phase.curve
    return phase.free.curve if phase.free else None
