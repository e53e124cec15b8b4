"""What a finished run says of itself: T_f, and the icosahedra of its last inherent structure.

Kept in the file under /analysis, so that a second look costs nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import GlassError, MissingPackageError
from glasscli.model.fictive import FictiveWindows
from glasscli.model.system import System
from glasscli.observables.branch_guards import crystallised, evaporated, too_fast
from glasscli.observables.fictive import (
    FictiveTemperature,
    fictive_temperature,
    temperature_of_inherent_energy,
)
from glasscli.progress import progress
from glasscli.store.results import add_results, outside_gap
from glasscli.store.results import stored_fictive_temperature as stored_fictive_temperature
from glasscli.store.run import Run


@dataclass(frozen=True)
class Fictive:
    """The fictive temperature of a ramp.

    error                 of the fit; of what samples differ by, see `store.results.fictive_error`
    by_property           {property: [crossing, error]}
    from_inherent_energy  [T, error] at which the melt had the energy of the last minimum; None where it is not found
    windows               [glass below, liquid above] in which the branches were fitted
    """

    value: float
    error: float
    by_property: dict[str, list[float]]
    from_inherent_energy: list[float] | None
    windows: list[float]


@dataclass(frozen=True)
class Summary:
    """What cannot be had is None: no ramp or no crossing, no inherent structures, OVITO's libraries missing.

    fictive_reason  why a ramp has no T_f; None where it has one, or where there is no ramp
    """

    fictive_temperature: Fictive | None
    icosahedral_fraction: float | None
    fictive_reason: str | None = None

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Summary:
        """As kept in a file; a T_f that an earlier version kept although it is none is left out."""
        found = stored["fictive_temperature"]
        kept = Fictive(**found) if found else None
        reason = outside_gap(found) if found else stored.get("fictive_reason")
        return cls(None if reason else kept, stored["icosahedral_fraction"], reason)


def summary(run: Run) -> tuple[Summary, list[str]]:
    """Return T_f (of a ramp that has one) and the icosahedral share of the last inherent structure, with notes.

    An icosahedral share that is None has a note that says why, T_f a reason.
    """
    kept = run.result("summary")
    found = None if kept is None else Summary.of(kept)
    notes: list[str] = []
    has_one = "fictive_temperature" in run.manifest.protocol.outcome
    # Earlier versions kept no reason.
    unsaid = has_one and found is not None and not (found.fictive_temperature or found.fictive_reason)
    if found is None or unsaid or (found.icosahedral_fraction is None and len(run.inherent)):
        found = Summary(None, _icosahedra(run, notes))
        if has_one:
            try:
                found = replace(found, fictive_temperature=_fictive(run, notes))
            except GlassError as error:
                found = replace(found, fictive_reason=str(error).removeprefix("no fictive temperature: "))
        if run.finished:
            add_results(run, {"summary": asdict(found)})
    return found, notes


def course(run: Run) -> tuple[dict[str, np.ndarray], list[str]]:
    """Icosahedral and crystalline shares of every inherent structure [I], with notes; kept in a finished file.

    Empty where OVITO does not run, in a plane, or where there are no inherent structures.
    """
    stored, notes = run.result("course"), list[str]()
    if stored is None and len(run.inherent) and run.manifest.system.dimension == 3:
        from glasscli.observables.icosahedra import close_packed
        from glasscli.observables.laves import laves_test
        from glasscli.observables.voronoi import icosahedral_fraction, tessellate

        rows, sizes = [], run.manifest.system.two_sizes
        try:
            with progress("icosahedra", len(run.inherent), "structures") as advance:
                for done, frame in enumerate(run.inherent, start=1):
                    cells = tessellate(frame, bonds=True)
                    crystal = laves_test(cells, frame.species, sizes).laves | close_packed(frame)
                    rows.append((icosahedral_fraction(cells, frame.species).all, float(crystal.mean())))
                    advance(done)
        except MissingPackageError as error:
            notes.append(f"the icosahedral fraction waits for `glasscli analyze` where OVITO runs: {error}")
            return {}, notes
        except GlassError as error:
            return {}, [f"no icosahedral fraction: {error}"]
        stored = dict(
            zip(("icosahedral_fraction", "crystalline"), map(list, zip(*rows, strict=True)), strict=True)
        )
        if run.finished:
            add_results(run, {"course": stored})
    return {name: np.array(values) for name, values in (stored or {}).items()}, notes


def fictive_series(run: Run) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The temperature and the properties whose branches are to cross, in the order of trust.

    At constant volume (Nose-Hoover chains or Langevin's forces) energy and pressure; at constant pressure enthalpy and
    volume, per atom.
    """
    thermo, protocol = run.thermo, run.manifest.protocol
    target = _temperatures(run, thermo["step"])
    if protocol.ensemble.kind != "npt":
        return target, {"energy": thermo["potential_energy"], "pressure": thermo["pressure"]}
    volume = thermo["volume"] / sum(protocol.counts)
    # Configurational part only: the T^(3/5) law of the liquid is one of the potential energy.
    pressure = (protocol.ensemble.pressure or 0) / run.manifest.system.unit_system.pressure_per_energy_density
    enthalpy = thermo["potential_energy"] + pressure * volume
    return target, {"enthalpy": enthalpy, "volume": volume}


def _temperatures(run: Run, steps: np.ndarray) -> np.ndarray:
    """[n] of the thermostat at these steps."""
    return np.array([run.manifest.protocol.temperature_at(int(step)) for step in steps])


def construction(run: Run) -> tuple[np.ndarray, dict[str, np.ndarray], FictiveTemperature]:
    """The temperature, the series and the crossing branches of a ramp. Raises GlassError where there is no T_f."""
    windows = _windows(run)
    temperature, series = fictive_series(run)
    found = fictive_temperature(
        temperature, series, windows.glass_below, windows.liquid_above, exponent=windows.liquid_exponent
    )
    return temperature, series, found


def _windows(run: Run) -> FictiveWindows:
    """Where a run's system says that its branches are fitted. Raises GlassError where it does not."""
    system = run.manifest.system
    if system.fictive is None:
        raise GlassError(
            f"the system {system.name} states no windows to fit its branches in ([fictive] in its file)"
        )
    return system.fictive


def _fictive(run: Run, notes: list[str]) -> Fictive:
    """T_f of a ramp. Raises GlassError with the reason where there is none."""
    if reason := _spoiled(run):
        raise GlassError(reason)
    found = construction(run)[2]
    used = " and ".join(found.branches)
    notes += [
        f"T_f is that of the {used}, the {name} is left out: {why}" for name, why in found.failed.items()
    ]
    if found.error > 0.05 * found.value:
        notes.append(
            f"the fit leaves T_f uncertain by {found.error / found.value:.0%}: average several quenches before "
            "relying on it"
        )
    second = None
    table = run.inherent_table
    if len(table["step"]):
        at = _temperatures(run, table["step"])
        energies = table["inherent_energy"]
        # Just above T_f the melt still follows its equilibrium line; far above it E_IS no longer changes.
        with suppress(GlassError):
            second = list(
                temperature_of_inherent_energy(
                    at, energies, float(energies[-1]), 1.1 * found.value, 2 * found.value
                )
            )
    by_property = {name: [b.crossing, b.error] for name, b in found.branches.items()}
    return Fictive(found.value, found.error, by_property, second, list(found.windows))


def _spoiled(run: Run) -> str | None:
    """Why no branch of a ramp need be fitted."""
    windows, thermo = _windows(run), run.thermo
    target = _temperatures(run, thermo["step"])
    protocol, reason = run.manifest.protocol, None
    if protocol.ensemble.kind == "npt":  # first: a gas is no better for more steps
        volume, dense = thermo["volume"] / sum(protocol.counts), run.manifest.system.defaults.volume_per_atom
        reason = evaporated(target, volume, windows.glass_below, dense)
    if reason is None:
        reason = too_fast(target, thermo["temperature"], windows.glass_below, windows.liquid_above)
    if reason is None and len(run.inherent) and run.manifest.system.dimension == 3:
        with suppress(MissingPackageError):  # the fit of the branches still sees the heat of a crystal
            reason = crystallised(_crystalline(run.inherent[-1], run.manifest.system))
    return reason


def _crystalline(frame: Configuration, system: System) -> float:
    """Share of atoms in Laves, fcc, hcp or bcc surroundings."""
    from glasscli.observables.icosahedra import crystal_surroundings
    from glasscli.observables.laves import laves_test
    from glasscli.observables.voronoi import tessellate

    laves = laves_test(tessellate(frame, bonds=True), frame.species, system.two_sizes).laves
    return float(np.any([laves, *crystal_surroundings(frame)], axis=0).mean())


def _icosahedra(run: Run, notes: list[str]) -> float | None:
    if run.manifest.system.dimension == 2 or run.manifest.protocol.straining:
        return None
    if not len(run.inherent):
        notes.append("no inherent structures were asked for, so there is no icosahedral fraction")
        return None
    from glasscli.observables.voronoi import icosahedral_fraction, tessellate

    last = run.inherent[-1]
    try:
        return icosahedral_fraction(tessellate(last), last.species).all
    except MissingPackageError as error:
        notes.append(f"the icosahedral fraction waits for `glasscli analyze` where OVITO runs: {error}")
        return None
    except GlassError as error:
        notes.append(f"no icosahedral fraction: {error}")
        return None
