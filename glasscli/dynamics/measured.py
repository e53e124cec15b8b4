"""The dynamics of one file, which is of one temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glasscli.analysis.choices import Choices
from glasscli.analysis.measures.displacements import OVERLAP, followed
from glasscli.analysis.subject import Subject, open_subject
from glasscli.configuration import Floats, Trajectory
from glasscli.dynamics.choices import DynamicsChoices
from glasscli.dynamics.relaxation import SIGNIFICANT, Equilibrium, Tau, equilibrium
from glasscli.dynamics.viscosity import Viscosities, viscosities
from glasscli.errors import GlassError, InputError
from glasscli.model.system import System
from glasscli.observables.blocks import mean_of_frames
from glasscli.observables.collective import Collective, collective
from glasscli.observables.currents import Currents, currents
from glasscli.observables.diffusion import Diffusion, diffusion, yeh_hummer
from glasscli.observables.dynamics import ALL, Motion, choose_pairs, motions
from glasscli.observables.equilibration import verdict
from glasscli.observables.green_kubo import evenly_spaced, spectrum
from glasscli.observables.motion_sums import velocity_sums
from glasscli.observables.paths import passes, slices
from glasscli.observables.structure_factor import first_peak
from glasscli.observables.van_hove import VanHove, van_hove
from glasscli.progress import progress
from glasscli.store.run import Run
from glasscli.units import UnitNames, UnitSystem

WHOLE = "all"
SPECTRAL_LAGS, SPECTRAL_ORIGINS = 512, 200
FARTHEST = 3.0  # of the mean spacing, up to which distances gone are told


@dataclass(frozen=True)
class Velocities:
    """Velocity autocorrelation <v(0) v(t)>/<v^2>, by group of atoms.

    lag       [n] steps, 0 first; values {group: [n]}
    spectra   (angular frequency [m], {group: [m]}) where lags are evenly spaced; reason: why not
    currents  of all atoms at each q; [] in boxes that have no wave vectors
    """

    lag: NDArray[np.int64]
    values: dict[str, Floats]
    spectra: tuple[Floats, dict[str, Floats]] | None
    reason: str | None = None
    currents: tuple[Currents, ...] = ()


@dataclass(frozen=True)
class Liquid:
    """What was measured of one file; groups of atoms go by name: "all" and, where there are several, each species.

    T, said      temperature, None where nobody says; by whom
    step, unit   of time: a step and its name ("steps" and 1 where steps are no time, or nobody says)
    corrected    {group: what periodic copies take from D}, None where the viscosity or a cubic box is wanting
    inherent     mean E_IS and its error
    labels       {species: its name}; counts: {name: atoms}
    gap          steps between frames that are evenly spaced; None of others, which have no spectra
    """

    file: Path
    system: System | None
    units: UnitNames
    T: float | None
    said: str
    step: float
    unit: str
    atoms: int
    spacing: float
    span: int
    motions: dict[str, Motion]
    taus: dict[str, list[Tau]]
    diffusions: dict[str, Diffusion]
    equilibrium: Equilibrium
    collective: dict[str, list[Collective]]
    van_hove: VanHove | None
    velocities: Velocities | None
    viscosities: Viscosities
    corrected: float | None
    inherent: tuple[float, float | None] | None
    labels: dict[int, str]
    counts: dict[str, int]
    gap: int | None = None
    notes: list[str] = field(default_factory=list)


def measure(path: Path, system: System | None, choices: DynamicsChoices, number: int = 0) -> Liquid:
    """Measure a file; number: its place among those whose temperatures are given.

    Raises InputError for a ramp, for runs whose steps are no time, and for fewer than two frames.
    """
    options = Choices(moving=True, species=choices.species, box=choices.box)
    subject = open_subject(path, system, options)
    try:
        return measured(subject, choices, number)
    finally:
        subject.kept.close()


def measured(subject: Subject, choices: DynamicsChoices, number: int) -> Liquid:
    """The same of a file that is open."""
    frames = subject.trajectory
    steps = _steps(subject, frames)
    frames = followed(subject, frames)
    last = frames[len(frames) - 1]
    groups = {ALL: WHOLE} | (subject.labels if len(subject.labels) > 1 else {})
    kinds = [s for s in groups if s != ALL]
    q, reach = wave_numbers(subject, choices), choices.reach or OVERLAP * last.spacing
    masses = subject.masses
    with progress(f"motion in {subject.path.name}", passes(frames) * len(frames), "frames") as advance:
        found = motions(frames, steps, q, reach, masses, choices.origins, kinds, advance)
    if not found:
        raise InputError(f"{subject.path}: motion needs two frames at different steps")
    named = {groups[s]: motion for s, motion in found.items()}
    taus = {name: [Tau.of(motion, k) for k in range(len(q))] for name, motion in named.items()}
    clock = subject.clock
    step, unit = (clock.step, clock.unit) if clock else (1.0, "steps")
    T, said = _temperature(subject, choices, number)
    dimension, span = last.box.dimension, int(steps[-1] - steps[0])
    flows = viscosities(subject.run, subject.system, T)
    return Liquid(
        subject.path, subject.system, subject.units, T, said, step, unit, last.n_atoms, last.spacing, span, named, taus,
        {name: diffusion(motion, step, last.spacing, dimension) for name, motion in named.items()},
        equilibrium(span, named, {name: own[0] for name, own in taus.items()}, _drift(subject.run)),
        _collective(subject, frames, steps, q, choices.origins, groups),
        _van_hove(frames, steps, taus[WHOLE][0], masses, kinds) if choices.van_hove else None,
        _velocities(subject, frames, steps, q, groups),
        flows, _missing(flows, subject, T), _inherent(subject.run), subject.labels,
        {subject.labels[s]: n for s, n in last.counts.items()}, evenly_spaced(steps),
        subject.notes,
    )  # fmt: skip


def _steps(subject: Subject, frames: Trajectory) -> NDArray[np.int64]:
    protocol = None if subject.run is None else subject.run.manifest.protocol
    if protocol is not None and not protocol.timed:
        raise InputError(
            f"{subject.path}: steps {protocol.steps_are} are no time: go on from it with `glasscli anneal`, measure "
            "that"
        )
    if protocol is not None and protocol.driven:
        raise InputError(
            f"{subject.path}: its sample is deformed on the way, and no liquid in equilibrium; how atoms move beside "
            "the flow: `glasscli analyze --measure displacements`"
        )
    if protocol is not None and protocol.constant_temperature is None:
        raise InputError(
            f"{subject.path}: its temperature changes: hold one with `glasscli anneal`, and measure that"
        )
    if len(frames) < 2:
        raise InputError(f"{subject.path}: motion needs two frames at different steps")
    if subject.run is not None:
        return np.asarray(subject.run.frames.steps, dtype=np.int64)[: len(frames)]
    with progress(f"steps of {subject.path.name}", len(frames), "frames") as advance:
        steps = []
        for k, frame in enumerate(frames):
            steps.append(frame.step)
            advance(k + 1)
    found = np.array(steps, dtype=np.int64)
    if (np.diff(found) <= 0).any():
        raise InputError(
            f"{subject.path}: steps repeat or go backwards: frames must follow each other in time"
        )
    return found


def wave_numbers(subject: Subject, choices: DynamicsChoices) -> tuple[float, ...]:
    """Those chosen, else the first peak of S(q) of the last frame. Raises InputError where it has none."""
    if choices.q:
        return choices.q
    try:
        return (first_peak(subject.trajectory[-1]),)
    except GlassError as error:
        raise InputError(f"{subject.path}: no first peak of S(q): give --q ({error})") from error


def _temperature(subject: Subject, choices: DynamicsChoices, number: int) -> tuple[float | None, str]:
    if subject.run is not None:
        return subject.run.manifest.protocol.constant_temperature, "the run's thermostat"
    if choices.temperatures and number < len(choices.temperatures):
        return choices.temperatures[number], "--T"
    return None, "not known: give --T"


def _drift(run: Run | None) -> tuple[bool, str] | None:
    """Whether a run's potential energy drifts, and the numbers; None where they say nothing."""
    if run is None:
        return None
    found = verdict(run.thermo["potential_energy"], name="the potential energy")
    if found.drift is None or found.drift_error is None:
        return None
    drifts = abs(found.drift) > SIGNIFICANT * found.drift_error
    return (
        drifts,
        f"the potential energy changes by {found.drift:+.4f} ± {found.drift_error:.4f} over the last half",
    )


def _inherent(run: Run | None) -> tuple[float, float | None] | None:
    """Mean inherent energy of a run and its standard error."""
    energies = np.zeros(0) if run is None else run.inherent_table["inherent_energy"]
    if len(energies) < 4:
        return None
    found = mean_of_frames([np.array([e]) for e in energies])
    return float(found.mean[0]), None if found.error is None else float(found.error[0])


def _collective(
    subject: Subject, frames: Trajectory, steps: NDArray[np.int64], q: Sequence[float], origins: int,
    groups: Mapping[int, str],
) -> dict[str, list[Collective]]:  # fmt: skip
    try:
        with progress("collective F(q, t)", len(frames), "frames") as advance:
            found = collective(
                frames, steps, q, origins, [s for s in groups if s != ALL], advance, _even(steps)
            )
    except InputError as error:
        subject.notes.append(f"{subject.path}: no collective F(q, t): {error}")
        return {}
    return {groups[s]: curves for s, curves in found.items()}


def _van_hove(
    frames: Trajectory, steps: NDArray[np.int64], tau: Tau, masses: Floats | None, kinds: Sequence[int]
) -> VanHove | None:
    """After the shortest lag, a tenth of tau_alpha, tau_alpha, and ten of them, as far as frames have these."""
    pairs = choose_pairs(steps)
    lags = np.array(sorted(pairs))
    wanted = tau.passage.value * np.array([0.1, 1.0, 10.0])
    chosen = {int(lags[0]), *(int(lags[np.abs(np.log(lags / w)).argmin()]) for w in wanted)}
    reach = FARTHEST * frames[0].spacing
    with progress("van Hove functions", passes(frames) * len(frames), "frames") as advance:
        return van_hove(frames, steps, sorted(chosen), reach, masses, species=kinds, advance=advance)


def _even(steps: NDArray[np.int64]) -> list[int]:
    """Lags for spectra, of evenly spaced frames; of others none."""
    gap = evenly_spaced(steps)
    return [] if gap is None else [gap * k for k in range(1, min(SPECTRAL_LAGS, len(steps) // 4) + 1)]


def _velocities(
    subject: Subject,
    frames: Trajectory,
    steps: NDArray[np.int64],
    q: Sequence[float],
    groups: Mapping[int, str],
) -> Velocities | None:
    if frames[0].velocities is None or frames[len(frames) - 1].velocities is None:
        return None
    pairs = choose_pairs(steps, SPECTRAL_ORIGINS, _even(steps) or None)
    kinds = np.array([s for s in groups if s != ALL], dtype=np.int64)
    some = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), SPECTRAL_ORIGINS)).astype(int))
    pairs = {0: [(int(k), int(k)) for k in some]} | pairs
    table = np.array([pair for found in pairs.values() for pair in found], dtype=np.int64)
    sums = np.zeros((len(table), 1 + len(kinds)))
    with progress("velocities", passes(frames, velocities=True) * len(frames), "frames") as advance:
        for paths in slices(frames, subject.masses, velocities=True, advance=advance):
            if paths.velocities is None:
                return None
            sums += velocity_sums(paths, table, kinds)
    ends = np.cumsum([len(found) for found in pairs.values()])
    means = np.array([part.mean(axis=0) for part in np.split(sums, ends[:-1])])
    values = {name: np.asarray(means[:, g] / means[0, g]) for g, name in enumerate(groups.values())}
    lag = np.array(list(pairs), dtype=np.int64)
    found = Velocities(lag, values, None, currents=_currents(subject, frames, steps, q))
    gap, clock = evenly_spaced(steps), subject.clock
    if gap is None:
        return replace(found, reason="no spectrum of velocities: it needs evenly spaced frames")
    if clock is None:
        return replace(found, reason="no spectrum of velocities: nobody says what a step is in time")
    spectra = {name: spectrum(c, gap * clock.step) for name, c in values.items()}
    frequency = next(iter(spectra.values()))[0]
    return replace(found, spectra=(frequency, {name: s for name, (_, s) in spectra.items()}))


def _currents(
    subject: Subject, frames: Trajectory, steps: NDArray[np.int64], q: Sequence[float]
) -> tuple[Currents, ...]:
    try:
        with progress("currents", len(frames), "frames") as advance:
            return tuple(currents(frames, steps, q, SPECTRAL_ORIGINS, _even(steps), advance))
    except InputError as error:
        subject.notes.append(f"{subject.path}: no current correlations: {error}")
        return ()


def _missing(flows: Viscosities, subject: Subject, T: float | None) -> float | None:
    """What Yeh & Hummer add to D in a cubic box; None without a viscosity."""
    box, units = subject.trajectory[-1].box, subject.units
    shear = flows.shear
    if (
        shear is None
        or shear.value is None
        or T is None
        or not isinstance(units, UnitSystem)
        or not box.plain
    ):
        return None
    edges = box.edges
    if np.ptp(edges) > 1e-6 * edges[0]:
        return None
    density = shear.value / units.pressure_per_energy_density  # energy x time / volume
    return yeh_hummer(units.lammps_boltzmann * T, density, float(edges[0]))
